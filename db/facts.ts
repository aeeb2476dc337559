/** Dated facts about symbols. Days are EpochDays; null is open. A later batch (greater batchId) wins a tie of known_from. */
import type { BatchId, EpochDay, SymbolId } from '../main/contract/units.ts';
import { all, get, insertText, run, selectList } from './connection.ts';
import type { Workspace } from './connection.ts';
import { VISIBLE } from './visibility.ts';

interface Dated {
  readonly validFrom: EpochDay | null;
  /** Exclusive. */
  readonly validTo: EpochDay | null;
  readonly knownFrom: EpochDay | null;
  /** Line of the file, from 1. */
  readonly line: number;
}

export interface Classification extends Dated {
  readonly symbolId: SymbolId;
  readonly sector: string;
  readonly industry: string | null;
  readonly scheme: string;
}

export interface CorporateAction {
  readonly symbolId: SymbolId;
  readonly exDay: EpochDay;
  readonly type: 'split' | 'dividend' | 'special_dividend' | 'spinoff' | 'merger' | 'delisting';
  readonly value: number;
  readonly knownFrom: EpochDay | null;
  readonly line: number;
}

export interface SharesOutstanding extends Dated {
  readonly symbolId: SymbolId;
  readonly shares: number;
}

export interface EtfMapRow extends Dated {
  readonly level: 'market' | 'sector' | 'subsector';
  readonly code: string;
  readonly scheme: string;
  readonly symbolId: SymbolId;
  /** ETF whose returns serve before the first of this one. */
  readonly proxyId?: SymbolId | null;
}

/** A row as read, with the batch that brought it. */
export type Stored<Row> = Row & { readonly batchId: BatchId };

/** Which facts: visible at a revision, of all symbols or of some. */
export interface FactQuery {
  readonly revision: number;
  readonly symbolIds?: Int32Array | null;
}

const dated = ['validFrom', 'validTo', 'knownFrom', 'line'];
const COLUMNS = {
  classification: ['symbolId', 'sector', 'industry', 'scheme', ...dated],
  action: ['symbolId', 'exDay', 'type', 'value', 'knownFrom', 'line'],
  shares: ['symbolId', 'shares', ...dated],
  etf_map: ['level', 'code', 'scheme', 'symbolId', 'proxyId', ...dated],
} as const;
type FactTable = keyof typeof COLUMNS;

/** Stores rows of one fact table for a batch. */
export function insertFacts(ws: Workspace, table: FactTable, batchId: number, rows: readonly object[]): void {
  const text = insertText(table, ['batchId', ...COLUMNS[table]]);
  for (const row of rows) run(ws, text, { ...(table === 'etf_map' ? { proxyId: null } : {}), ...row, batchId });
}

function readFacts<Row>(ws: Workspace, table: FactTable, query: FactQuery, order: string): Stored<Row>[] {
  const some = query.symbolIds ? 'AND t.symbol_id IN (SELECT value FROM json_each(@symbols))' : '';
  const text = `SELECT ${selectList(['batchId', ...COLUMNS[table]], 't')} FROM ${table} t JOIN batch b ON b.batch_id = t.batch_id
    WHERE ${VISIBLE} ${some} ORDER BY ${order}, t.batch_id, t.line, t.rowid`;
  return all<Stored<Row>>(ws, text, {
    revision: query.revision,
    ...(query.symbolIds ? { symbols: JSON.stringify(Array.from(query.symbolIds)) } : {}),
  });
}

/** Classifications, by symbol, then batch, then line. */
export function readClassifications(ws: Workspace, query: FactQuery): Stored<Classification>[] {
  return readFacts(ws, 'classification', query, 't.symbol_id');
}

/** Corporate actions, by symbol, ex-date, then batch, then line. */
export function readActions(ws: Workspace, query: FactQuery): Stored<CorporateAction>[] {
  return readFacts(ws, 'action', query, 't.symbol_id, t.ex_day');
}

/** Shares outstanding, by symbol, then batch, then line. */
export function readShares(ws: Workspace, query: FactQuery): Stored<SharesOutstanding>[] {
  return readFacts(ws, 'shares', query, 't.symbol_id');
}

/** The ETF map in force: the rows of the latest visible batch that brought one, in file order; a map is never merged. */
export function readEtfMap(ws: Workspace, revision: number): Stored<EtfMapRow>[] {
  const latest = `SELECT max(t.batch_id) AS batchId FROM etf_map t JOIN batch b ON b.batch_id = t.batch_id WHERE ${VISIBLE}`;
  const batchId = get<{ batchId: number | null }>(ws, latest, { revision })?.batchId ?? null;
  return all(ws, `SELECT ${selectList(['batchId', ...COLUMNS.etf_map])} FROM etf_map WHERE batch_id = ? ORDER BY line, rowid`, batchId);
}

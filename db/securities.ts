/** The security master: permanent ids, and the dated identities that say which symbol meant which security when. */
import type { BatchId, EpochDay, SecurityId, SymbolId } from '../main/contract/units.ts';
import { all, insertText, run, selectList } from './connection.ts';
import type { Workspace } from './connection.ts';
import type { FactQuery } from './facts.ts';
import { symbolsWithSeries } from './series.ts';
import { VISIBLE } from './visibility.ts';

export interface NewSecurity {
  /** Made from a price file because no master row claimed the symbol. */
  readonly provisional: boolean;
  readonly name: string | null;
  readonly type: string | null;
}

export interface SecurityRow extends NewSecurity {
  readonly securityId: SecurityId;
  readonly createdBatch: BatchId;
}

/** One symbol of one security over one period, and the master row it came from as given. */
export interface NewIdentity {
  readonly securityId: number;
  readonly symbolId: number;
  readonly validFrom: EpochDay | null;
  /** Exclusive. */
  readonly validTo: EpochDay | null;
  readonly knownFrom: EpochDay | null;
  readonly provisional: boolean;
  readonly line: number;
  readonly figi: string | null;
  readonly isin: string | null;
  readonly cusip: string | null;
  readonly sedol: string | null;
  readonly exchange: string | null;
  readonly name: string | null;
  readonly type: string | null;
}

export interface IdentityRow extends NewIdentity {
  readonly identityId: number;
  readonly securityId: SecurityId;
  readonly symbolId: SymbolId;
  readonly batchId: BatchId;
}

interface Decided {
  readonly securityId: number;
  readonly knownFrom: EpochDay;
  /** Why, in the words of who decided. */
  readonly reason: string;
}

/** `merge`: the other security is this one. `assign`: on days [validFrom, validTo) the symbol is the security, whatever else says. */
export type NewDecision =
  | (Decided & { readonly kind: 'merge'; readonly otherId: number })
  | (Decided & {
      readonly kind: 'assign';
      readonly symbolId: number;
      readonly validFrom: EpochDay | null;
      /** Exclusive. */
      readonly validTo: EpochDay | null;
    });

export type DecisionRow = NewDecision & { readonly decisionId: number; readonly batchId: BatchId };

const DECISION = ['kind', 'securityId', 'otherId', 'symbolId', 'validFrom', 'validTo', 'knownFrom', 'reason'];
const SECURITY = ['provisional', 'name', 'type'];
const IDENTITY = [
  'securityId',
  'symbolId',
  'validFrom',
  'validTo',
  'knownFrom',
  'provisional',
  'line',
  'figi',
  'isin',
  'cusip',
  'sedol',
  'exchange',
  'name',
  'type',
];

/** Makes a security; its id is never used again, also when the batch is undone. */
export function insertSecurity(ws: Workspace, batchId: number, security: NewSecurity): SecurityId {
  const text = insertText('security', ['createdBatch', ...SECURITY]);
  return run(ws, text, { ...security, provisional: Number(security.provisional), createdBatch: batchId }).rowId as SecurityId;
}

/** Adds an identity; answers its id. */
export function insertIdentity(ws: Workspace, batchId: number, identity: NewIdentity): number {
  return run(ws, insertText('identity', ['batchId', ...IDENTITY]), { ...identity, provisional: Number(identity.provisional), batchId })
    .rowId;
}

/** Securities whose batch is visible at the revision, by id; `revision: null` answers every one ever made. */
export function readSecurities(ws: Workspace, query: { readonly revision: number | null }): SecurityRow[] {
  const text = `SELECT ${selectList(['securityId', 'createdBatch', ...SECURITY], 's')} FROM security s JOIN batch b ON b.batch_id = s.created_batch`;
  const rows =
    query.revision === null
      ? all<SecurityRow>(ws, `${text} ORDER BY s.security_id`)
      : all<SecurityRow>(ws, `${text} WHERE ${VISIBLE} ORDER BY s.security_id`, { revision: query.revision });
  return rows.map((row) => ({ ...row, provisional: Boolean(row.provisional) }));
}

/**
 * Identities visible at the revision, of all symbols or of some, in the order they were added. Of the provisional ones of a symbol the latest
 * counts. It outlives the batch that made it while other batches have series of the symbol: what is left of them is not to be of nobody.
 */
export function readIdentities(ws: Workspace, query: FactQuery): IdentityRow[] {
  const some = query.symbolIds ? 'AND i.symbol_id IN (SELECT value FROM json_each(@symbols))' : '';
  const parameters = { revision: query.revision, ...(query.symbolIds ? { symbols: JSON.stringify(Array.from(query.symbolIds)) } : {}) };
  const found = (where: string): IdentityRow[] =>
    all<IdentityRow>(
      ws,
      `SELECT ${selectList(['identityId', 'batchId', ...IDENTITY], 'i')} FROM identity i JOIN batch b ON b.batch_id = i.batch_id
       WHERE ${where} ${some} ORDER BY i.identity_id`,
      parameters,
    ).map((row) => ({ ...row, provisional: Boolean(row.provisional) }));
  const every = found(VISIBLE);
  const latest = new Map(every.flatMap((row) => (row.provisional ? [[row.symbolId, row] as const] : [])));
  const visible = every.filter((row) => !row.provisional || latest.get(row.symbolId) === row);
  const undone = found('i.provisional = 1 AND b.undone_revision <= @revision');
  const last = new Map(undone.flatMap((row) => (latest.has(row.symbolId) ? [] : [[row.symbolId, row] as const])));
  if (last.size === 0) return visible;
  const told = symbolsWithSeries(ws, last.keys(), query.revision);
  return [...visible, ...[...last.values()].filter(({ symbolId }) => told.has(symbolId))].sort((a, b) => a.identityId - b.identityId);
}

/** A number by which a file names a security: FIGI, ISIN, CUSIP or SEDOL. */
export interface NumberedName {
  readonly number: string;
  readonly symbolId: number;
  /** Null where only holdings have the number. */
  readonly securityId: number | null;
}

/** The names that go with numbers in master data visible at the revision and in some holdings; a CUSIP is found in a North American ISIN too. */
export function namesOfNumbers(
  ws: Workspace,
  query: { readonly revision: number; readonly numbers: readonly string[]; readonly snapshotIds: readonly number[] },
): NumberedName[] {
  const inIsin = "CASE WHEN substr(isin, 1, 2) IN ('US', 'CA') THEN substr(isin, 3, 9) END";
  const master = ['figi', 'isin', 'cusip', 'sedol', inIsin].map(
    (column) => `SELECT ${column} AS number, symbol_id, security_id FROM identity JOIN batch b USING (batch_id) WHERE ${VISIBLE}`,
  );
  const held = ['isin', 'cusip', inIsin].map(
    (column) =>
      `SELECT ${column}, symbol_id, NULL FROM holdings_line
        WHERE symbol_id IS NOT NULL AND snapshot_id IN (SELECT value FROM json_each(@snapshots))`,
  );
  const text = `SELECT DISTINCT number, symbol_id AS symbolId, security_id AS securityId FROM (${[...master, ...held].join(' UNION ALL ')})
    WHERE number IN (SELECT value FROM json_each(@numbers))`;
  const { revision, numbers, snapshotIds } = query;
  return all<NumberedName>(ws, text, { revision, numbers: JSON.stringify(numbers), snapshots: JSON.stringify(snapshotIds) });
}

/** Adds a decision about who is who; answers its id. */
export function insertDecision(ws: Workspace, batchId: number, decision: NewDecision): number {
  const none = { otherId: null, symbolId: null, validFrom: null, validTo: null };
  return run(ws, insertText('identity_decision', ['batchId', ...DECISION]), { ...none, ...decision, batchId }).rowId;
}

/** Decisions visible at the revision, in the order they were made. */
export function readDecisions(ws: Workspace, revision: number): DecisionRow[] {
  const text = `SELECT ${selectList(['decisionId', 'batchId', ...DECISION], 'd')} FROM identity_decision d
    JOIN batch b ON b.batch_id = d.batch_id WHERE ${VISIBLE} ORDER BY d.decision_id`;
  return all<DecisionRow>(ws, text, { revision });
}

/** The stored facts behind one row of one security: who it was, its chain, its prices in every version, its corporate actions. */
import { allSymbols, readIdentities, readLine, type EtfMapRow, type Stored, type Workspace } from '../../../db/index.ts';
import { chainSpans, classVersions, normalName, type ChainSpan, type ClassRow } from '../../quant/chains/index.ts';
import { inForce } from '../../quant/chains/versions.ts';
import { adjustedInForce, baseInForce, valueInForce } from '../../quant/returns/fields.ts';
import { buildFacts, delistingRow, returnAt, type Facts } from '../../quant/returns/facts.ts';
import { lowerBound, rowAxis, SOURCE, type DatedAction, type RowAxis, type SeriesBlock } from '../../quant/returns/index.ts';
import type { ActionFact, ClassFact, IdentityFact, MapFact, RowFacts, StoredValue } from '../../contract/results-explain.ts';
import type { Session } from '../../contract/units.ts';
import type { PanelSettings } from '../panel.ts';
import { ALWAYS, FOREVER } from './identity.ts';
import { readMaster, RETURN_FIELDS, type Era, type Master } from './master.ts';
import { isoOrNull, originsOf, type Origins } from './provenance.ts';
import { inputsOf, type Inputs, type StoredAction } from './security-inputs.ts';
import { seriesOfSome, symbolsOf } from './stored-series.ts';

export interface ExplainRequest {
  readonly revision: number;
  readonly knownAsOf: number;
  readonly settings: PanelSettings;
  readonly securityId: number;
  /** Row whose return, prices and actions are wanted. */
  readonly row: number;
  /** Row whose chain counts; differs from `row` for ex-ante fields. */
  readonly chainRow: number;
}

/** Everything stored behind a row. Reads only; forms nothing but the row's own return, by the functions of the run. */
export function explainRow(ws: Workspace, request: ExplainRequest): RowFacts {
  const { revision, knownAsOf, settings, securityId, row } = request;
  const master = readMaster(ws, revision, knownAsOf, settings.knowledge);
  const { axis } = master;
  const eras = master.erasOf(securityId);
  const eraAt = (at: number): Era => eras.find((era) => era.fromRow <= at && at < era.toRow)!;
  const origins = originsOf(ws);
  const symbols = new Map(allSymbols(ws).map((symbol) => [symbol.symbolId as number, symbol]));
  const symbolName = (id: number): string => symbols.get(id)?.code ?? `#${id}`;
  const symbolType = (id: number): string => symbols.get(id)?.type ?? '';

  const view = eraAt(row).view;
  const inputs = inputsOf(master, view, securityId, seriesOfSome(ws, revision, symbolsOf(view.pieces(securityId))));
  const facts = buildFacts(inputs, axis, knownAsOf, settings.knowledge, settings.returns);
  const k = Math.min(axis.days[row]!, knownAsOf);
  const value = returnAt(facts, row, k);
  const source = Object.entries(SOURCE).find(([, id]) => id === facts.lastSource)![0] as keyof typeof SOURCE;

  const chain = chainFacts(request, master, eraAt(request.chainRow), origins);
  return {
    identities: identityFacts(ws, request, master, origins, symbolName, symbolType),
    ...chain,
    value,
    source,
    prices: priceFacts(ws, inputs, facts, row, k, source, origins, symbolName),
    actions: actionFacts(inputs.actions, facts, row, k, source, origins, symbolName),
  };
}

function identityFacts(
  ws: Workspace,
  { revision, knownAsOf, securityId, row }: ExplainRequest,
  { axis }: Master,
  origins: Origins,
  symbolName: (id: number) => string,
  symbolType: (id: number) => string,
): IdentityFact[] {
  const day = axis.days[row]!;
  const rows = readIdentities(ws, { revision }).filter((one) => one.securityId === securityId && (one.knownFrom ?? ALWAYS) <= knownAsOf);
  const start = (one: (typeof rows)[number]): number => one.validFrom ?? ALWAYS;
  const master = rows.filter((one) => !one.provisional);
  // An open row lasts until the next one of its kind (ticker, FIGI, ISIN); a later version replaces the one of the same beginning.
  const end = (one: (typeof rows)[number]): number =>
    one.validTo ??
    Math.min(
      FOREVER,
      ...master.filter((next) => symbolType(next.symbolId) === symbolType(one.symbolId) && start(next) > start(one)).map(start),
    );
  const replaced = (one: (typeof rows)[number]): boolean =>
    master.some(
      (other) =>
        other.symbolId === one.symbolId &&
        start(other) === start(one) &&
        ((other.knownFrom ?? ALWAYS) - (one.knownFrom ?? ALWAYS) || other.identityId - one.identityId) > 0,
    );
  const dated = master.filter((one) => start(one) <= day && day < end(one) && !replaced(one));
  return (dated.length ? dated : rows.filter((one) => one.provisional)).map((one) => ({
    symbol: symbolName(one.symbolId),
    provisional: one.provisional,
    ...origins.dated(one),
  }));
}

/** The class row and the map rows that gave the chain, found by the same rules as the chain itself. */
function chainFacts(
  { knownAsOf, settings, chainRow }: ExplainRequest,
  { axis }: Master,
  { classRows, map }: Era,
  origins: Origins,
): { classification: ClassFact | null; map: MapFact[] } {
  const { schemes, knowledge } = settings;
  // Of the one row, so that the rows named are those in force on it.
  const only = rowAxis((axis.firstSession + chainRow) as Session, 1);
  const span = chainSpans(classRows, map.index, only, { knownAsOf, schemes, knowledge })[0];
  if (!span) return { classification: null, map: [] };
  const day = axis.days[chainRow]!;
  const own = classRowOf(classVersions(classRows, { knowledge, knownAsOf }), span, day, Math.min(day, knownAsOf));
  return {
    classification: own && { scheme: own.scheme, sector: own.sector, industry: own.industry, ...origins.dated(stated(own)) },
    map: span.etfs.map(({ level, etf, scheme, code, proxy = null, ...row }) => ({
      level,
      etf,
      scheme,
      code,
      proxy,
      ...origins.dated(stated(row)),
    })),
  };
}

/** Rows of the panel's master are the stored ones with more said about them. */
const stated = (row: object): Stored<EtfMapRow> => row as Stored<EtfMapRow>;

function classRowOf<T extends ClassRow>(classes: readonly T[], span: ChainSpan, day: number, k: number): T | null {
  if (span.scheme === null) return null;
  const scheme = normalName(span.scheme);
  const text = (row: ClassRow): string => `${row.sector}\u0000${row.industry ?? ''}`;
  const rows = classes
    .filter((row) => normalName(row.scheme) === scheme)
    .sort((a, b) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0));
  return inForce(rows, day, k);
}

/** Versions of a value on a row in the order of the field tables: later knowledge last, then later batches. */
function versionsAt(blocks: readonly SeriesBlock[], axis: RowAxis, row: number, anchors: boolean) {
  const day = axis.days[row]!;
  return blocks
    .flatMap((block) => {
      const at = axis.slots[row]! - block.firstSlot;
      const value = block.values[at];
      const anchor = block.anchored && at === 0;
      if (value === undefined || Number.isNaN(value) || day < block.fromDay || day >= block.toDay || (anchor && !anchors)) return [];
      return [{ value, known: block.known ? block.known[at]! : day, anchor, block }];
    })
    .sort(
      (a, b) =>
        a.known - b.known ||
        a.block.order - b.block.order ||
        a.block.batchId - b.block.batchId ||
        (a.block.symbolId ?? 0) - (b.block.symbolId ?? 0) ||
        a.value - b.value,
    );
}

/** Closes, adjusted closes and imported returns of the row and (closes) of the row before. */
function priceFacts(
  ws: Workspace,
  inputs: Inputs,
  facts: Facts,
  row: number,
  k: number,
  source: keyof typeof SOURCE,
  origins: Origins,
  symbolName: (id: number) => string,
): StoredValue[] {
  const { axis, close, adjClose, imported, corrected } = facts;
  const serving = adjustedInForce(adjClose, row, k, corrected);
  const adjusted = serving < 0 ? valueInForce(adjClose, row, k, corrected) : serving;
  const entry = {
    close: (at: number) => valueInForce(close, at, k, corrected) - close.offsets[at]!,
    return: (at: number) => valueInForce(imported, at, k, corrected) - imported.offsets[at]!,
    adj_close: (at: number) =>
      (at === row ? adjusted : adjusted < 0 ? -1 : baseInForce(adjClose, at, adjClose.group[adjusted]!, k, corrected)) -
      adjClose.offsets[at]!,
  };
  const usedField = { none: null, adjusted: 'adj_close', raw: 'close', imported: 'return' }[source];
  const out: StoredValue[] = [];
  for (const field of RETURN_FIELDS)
    for (const at of field === 'return' ? [row] : [row - 1, row]) {
      if (at < 0) continue;
      const blocks = field === 'close' ? inputs.close : field === 'adj_close' ? inputs.adjClose : inputs.returns;
      const chosen = entry[field](at);
      const versions = versionsAt(blocks, axis, at, field === 'adj_close').map(({ value, known, anchor, block }, i) => ({
        value,
        symbol: symbolName(block.symbolId ?? -1),
        anchor,
        inForce: i === chosen,
        ...origins.of({
          batchId: block.batchId,
          knownFrom: known,
          line: readLine(ws, block.batchId, block.symbolId ?? -1, axis.slots[at]!) ?? 0,
        }),
      }));
      if (versions.length === 0) continue;
      out.push({ field, date: isoOrNull(axis.days[at]!)!, used: field === usedField && chosen >= 0, versions });
    }
  return out;
}

/** Actions whose ex-date falls on the row, and delistings whose return belongs to it. */
function actionFacts(
  actions: readonly StoredAction[],
  facts: Facts,
  row: number,
  k: number,
  source: keyof typeof SOURCE,
  origins: Origins,
  symbolName: (id: number) => string,
): ActionFact[] {
  const { axis, close, corrected } = facts;
  const groups = [
    ...(facts.actions.byRow.get(row) ?? []),
    ...facts.actions.delistings.filter((group) => delistingRow(facts, group, k) === row),
  ];
  const winners = new Set<DatedAction>();
  for (const { exDay, versions } of groups) {
    const known = versions.filter((version) => version.known <= k);
    const last = exDay > k ? undefined : corrected && known.length ? versions.at(-1) : known.at(-1);
    for (const one of versions)
      if (last && one.known === last.known && one.order === last.order && one.batchId === last.batchId) winners.add(one);
  }
  const traded = valueInForce(close, row, k, corrected) >= 0;
  const enters = ({ type }: DatedAction): boolean => type === 'delisting' || (source === 'raw' && (type !== 'merger' || !traded));
  return actions
    .filter((action) => winners.has(action) || lowerBound(axis.days, action.exDay) === row)
    .sort((a, b) => a.exDay - b.exDay || a.known - b.known || a.order - b.order)
    .map((action) => ({
      type: action.type,
      exDate: isoOrNull(action.exDay)!,
      value: action.value,
      symbol: symbolName(action.stored.symbolId),
      inForce: winners.has(action),
      applied: winners.has(action) && enters(action),
      ...origins.of({ batchId: action.batchId, line: action.stored.line, knownFrom: action.known }),
    }));
}

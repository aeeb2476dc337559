/**
 * Master data of a revision, resolved to securities as known on any day up to K. What is known of identities changes little by
 * little: `erasOf` cuts the rows of a security where something about its past was learned, and one view serves each stretch.
 */
import type { Workspace } from '../../../db/index.ts';
import {
  allSymbols,
  readActions,
  readClassifications,
  readDecisions,
  readEtfMap,
  readIdentities,
  seriesExtents,
  type CorporateAction,
  type Stored,
} from '../../../db/index.ts';
import { sessionAtOrAfter, sessionAtOrBefore } from '../../calendar/index.ts';
import { HedgerowError } from '../../contract/errors.ts';
import { dayOfSlot, type EpochDay, type Slot } from '../../contract/units.ts';
import { indexMap, mapSecurities, type ClassRow, type MapIndex, type MapRow, type RowSpan } from '../../quant/chains/index.ts';
import { lowerBound, rowAxis, type RowAxis } from '../../quant/returns/index.ts';
import { ALWAYS, FOREVER, identityHistory, type Decision, type IdentityHistory, type IdentityIndex, type IdentityRow } from './identity.ts';

/** Series that returns are made from. */
export const RETURN_FIELDS = ['close', 'adj_close', 'return'] as const;

/** The ETF map as known on a stretch of days, its ETFs resolved to securities. */
interface MapView {
  readonly rows: readonly MapRow[];
  readonly index: MapIndex;
  /** Rows on which a security stands in the map. */
  readonly standing: ReadonlyMap<number, readonly RowSpan[]>;
}

/** Rows [fromRow, toRow), which see identities as `view` does. */
export interface Era {
  readonly fromRow: number;
  readonly toRow: number;
  readonly view: IdentityIndex;
  readonly map: MapView;
  readonly classRows: readonly ClassRow[];
}

/** Master data of a revision and K. Everything but `history`, `mapAt` and `erasOf` is as known on the last row. */
export interface Master {
  readonly history: IdentityHistory;
  readonly identities: IdentityIndex;
  readonly mapRows: readonly MapRow[];
  /** Security behind each ETF code of the map, null when it has none. */
  readonly etfSecurity: ReadonlyMap<string, number | null>;
  /** Securities that ever serve as an ETF of the map. */
  readonly etfs: ReadonlySet<number>;
  readonly classRows: ReadonlyMap<number, readonly ClassRow[]>;
  readonly axis: RowAxis;
  readonly marketCode: string;
  /** Corporate actions by symbol, whoever it is. */
  readonly actions: ReadonlyMap<number, readonly Stored<CorporateAction>[]>;
  /** First and last day with a price, return or action, by symbol. */
  readonly factDays: ReadonlyMap<number, { readonly first: number; readonly last: number }>;
  /** Symbols with prices or returns. */
  readonly priced: ReadonlySet<number>;
  /** Last day of any price or return, whether before K or not. */
  readonly lastStored: number;
  /** The map as known on a row. */
  mapAt(row: number): MapView;
  /** Consecutive stretches over all rows, each with one view of all identities: the eras of every security together. */
  views(): readonly Omit<Era, 'classRows'>[];
  /** Consecutive eras over all rows of the axis. */
  erasOf(securityId: number): readonly Era[];
}

export type Knowledge = 'strict' | 'corrected';

/** The masters read last, by revision and knowledge day: what a revision shows never changes, and every look-up starts from it. */
const masters = new WeakMap<Workspace, Map<string, Master>>();
const KEPT_MASTERS = 3;

/** Who is who, the ETF map, classifications and the row axis. Throws `data` when there is no market ETF with prices. */
export function readMaster(ws: Workspace, revision: number, knownAsOf: number, knowledge: Knowledge = 'strict'): Master {
  let kept = masters.get(ws);
  if (!kept) masters.set(ws, (kept = new Map()));
  const key = `${revision}/${knownAsOf}/${knowledge}`;
  const master = kept.get(key) ?? buildMaster(ws, revision, knownAsOf, knowledge);
  kept.delete(key);
  kept.set(key, master);
  if (kept.size > KEPT_MASTERS) kept.delete(kept.keys().next().value!);
  return master;
}

/** Identity rows and decisions of a revision, as the identity layer takes them. */
function identityFacts(ws: Workspace, revision: number): { rows: IdentityRow[]; decisions: Decision[] } {
  return {
    rows: readIdentities(ws, { revision }).map((row) => ({ ...row, known: row.knownFrom ?? ALWAYS, order: row.batchId })),
    decisions: readDecisions(ws, revision).map((row): Decision => {
      const { securityId, decisionId: order, knownFrom: known } = row;
      if (row.kind === 'merge') return { kind: 'merge', securityId, otherId: row.otherId, known, order };
      return {
        kind: 'assign',
        securityId,
        symbolId: row.symbolId,
        from: row.validFrom ?? ALWAYS,
        to: row.validTo ?? FOREVER,
        known,
        order,
      };
    }),
  };
}

/** Who is who as of a revision, for any knowledge day. */
export function readHistory(ws: Workspace, revision: number, knownAsOf: number, knowledge: Knowledge = 'strict'): IdentityHistory {
  const { rows, decisions } = identityFacts(ws, revision);
  return identityHistory(rows, allSymbols(ws), decisions, { knownAsOf, knowledge });
}

function buildMaster(ws: Workspace, revision: number, knownAsOf: number, knowledge: Knowledge): Master {
  const symbols = allSymbols(ws);
  const history = readHistory(ws, revision, knownAsOf, knowledge);
  const code = new Map(symbols.map((symbol) => [symbol.symbolId as number, symbol.code]));
  const map = readEtfMap(ws, revision);
  const markets = map.filter((row) => row.level === 'market');
  if (markets.length === 0) {
    throw new HedgerowError('data', 'The ETF map names no market ETF.', 'Import an etf-map file with a row "market,*,SPY".');
  }

  const factDays = new Map<number, { first: number; last: number }>();
  const extents = seriesExtents(ws, { fields: RETURN_FIELDS, revision });
  const widen = (symbolId: number, first: number, last: number): void => {
    const held = factDays.get(symbolId);
    factDays.set(symbolId, { first: Math.min(first, held?.first ?? first), last: Math.max(last, held?.last ?? last) });
  };
  let lastSlot = -Infinity;
  for (const [symbolId, { first, last }] of extents) {
    lastSlot = Math.max(lastSlot, last);
    widen(symbolId, dayOfSlot(first as Slot), dayOfSlot(last as Slot));
  }
  const lastDay = Math.min(knownAsOf, extents.size ? dayOfSlot(lastSlot as Slot) : -Infinity);
  const identities = history.at(lastDay);

  // The map, cut where something about the past of its ETFs' names was learned.
  const names = new Set(
    map.flatMap((row) => [row.symbolId as number, ...(typeof row.proxyId === 'number' ? [row.proxyId as number] : [])]),
  );
  const symbolOf = new Map(symbols.map((symbol) => [symbol.symbolId as number, symbol]));
  const mapDays = [...new Set([...names].flatMap((id) => history.lateName(symbolOf.get(id)!)))]
    .filter((day) => day <= lastDay)
    .sort((a, b) => a - b);
  const resolvedMap = (k: number): MapRow[] => {
    const view = history.at(k);
    return map.map((row) => ({
      ...row,
      etf: code.get(row.symbolId)!,
      known: row.knownFrom ?? ALWAYS,
      order: row.batchId,
      security: view.resolveFact(row.symbolId, row.validFrom ?? k),
      proxy: typeof row.proxyId === 'number' ? code.get(row.proxyId)! : null,
      proxySecurity: typeof row.proxyId === 'number' ? view.resolveFact(row.proxyId, row.validFrom ?? k) : null,
    }));
  };
  const mapEras = [...mapDays, lastDay + 1].map((day) => ({ until: day, rows: resolvedMap(day - 1) }));
  const mapRows = mapEras.at(-1)!.rows;
  const etfSecurity = new Map(mapRows.map((row) => [row.etf, row.security!]));
  const etfs = new Set(mapEras.flatMap(({ rows }) => rows.flatMap((row) => row.security ?? [])));

  const marketCode = code.get(markets[0]!.symbolId)!;
  const axis = axisOf(marketCode, lastDay, function* () {
    for (const { until, rows } of mapEras)
      for (const row of rows)
        if (row.level === 'market' && typeof row.security === 'number')
          for (const piece of history.at(until - 1).pieces(row.security)) {
            const extent = extents.get(piece.symbolId);
            if (extent) yield Math.max(dayOfSlot(extent.first), piece.fromDay);
          }
  });
  const { days, nRows } = axis;

  const actions = new Map<number, Stored<CorporateAction>[]>();
  for (const row of readActions(ws, { revision })) {
    const list = actions.get(row.symbolId);
    if (list) list.push(row);
    else actions.set(row.symbolId, [row]);
    widen(row.symbolId, row.exDay, row.exDay);
  }
  const classes = new Map<number, (ClassRow & { readonly symbolId: number })[]>();
  for (const row of readClassifications(ws, { revision })) {
    const entry = { ...row, known: row.knownFrom ?? ALWAYS, order: row.batchId as number };
    const list = classes.get(row.symbolId);
    if (list) list.push(entry);
    else classes.set(row.symbolId, [entry]);
  }
  const classRowsOf = (securityId: number, k: number): ClassRow[] => {
    const view = history.at(k);
    return history
      .symbolsOf(securityId)
      .flatMap((symbol) => classes.get(symbol.symbolId) ?? [])
      .filter((row) => view.resolveFact(row.symbolId, row.validFrom ?? k) === securityId);
  };

  const mapViews = mapEras.map(({ until, rows }): MapView & { until: number } => {
    const index = indexMap(rows, knowledge === 'corrected' ? { knownAsOf } : undefined);
    return { until, rows, index, standing: mapSecurities(index, axis, { knownAsOf }) };
  });
  const mapAt = (row: number): MapView => mapViews.find(({ until }) => days[row]! < until) ?? mapViews.at(-1)!;

  /** What the rows before `until` depend on, as known on k: a security's symbols on their days with facts, and its tickers. */
  const past = (securityId: number, k: number, until: number): string => {
    const view = history.at(k);
    const held = view.pieces(securityId).flatMap(({ symbolId, fromDay, toDay }) => {
      const extent = factDays.get(symbolId);
      const [from, to] = extent ? [Math.max(fromDay, extent.first), Math.min(toDay, extent.last + 1, until)] : [0, 0];
      return from < to ? [`${symbolId}/${from}/${to}`] : [];
    });
    const tickers = [days[0]!, ...view.renames(securityId).filter((day) => day > days[0]! && day < until)].map((day) =>
      view.tickerOn(securityId, day),
    );
    return [...held, ...tickers.filter((ticker, i) => ticker !== tickers[i - 1])].join();
  };

  const eras = new Map<number, readonly Era[]>();
  function erasOf(securityId: number): readonly Era[] {
    let found = eras.get(securityId);
    if (!found) eras.set(securityId, (found = cutEras(securityId)));
    return found;
  }

  function cutEras(securityId: number): Era[] {
    const cuts = [...new Set([...history.late(securityId), ...mapDays].map((day) => lowerBound(days, day)))];
    const starts = [0, ...cuts.filter((row) => row > 0 && row < nRows).sort((a, b) => a - b)];
    const out: Era[] = [];
    starts.forEach((fromRow, i) => {
      const toRow = starts[i + 1] ?? nRows;
      const k = days[toRow - 1]!;
      const era = { fromRow, toRow, view: history.at(k), map: mapAt(fromRow), classRows: classRowsOf(securityId, k) };
      const last = out.at(-1);
      // What was learned may not touch any row with facts: then one view serves both stretches.
      const same =
        last &&
        last.map === era.map &&
        last.classRows.length === era.classRows.length &&
        last.classRows.every((row, j) => row === era.classRows[j]) &&
        past(securityId, days[fromRow - 1]!, days[fromRow]!) === past(securityId, k, days[fromRow]!);
      if (same) out[out.length - 1] = { ...era, fromRow: last.fromRow };
      else out.push(era);
    });
    return out;
  }

  let together: readonly Omit<Era, 'classRows'>[] | null = null;
  function views(): readonly Omit<Era, 'classRows'>[] {
    if (together) return together;
    const cuts = new Set([0]);
    for (const securityId of history.securities()) for (const { fromRow } of erasOf(securityId)) cuts.add(fromRow);
    const starts = [...cuts].sort((a, b) => a - b);
    together = starts.map((fromRow, i) => {
      const toRow = starts[i + 1] ?? nRows;
      return { fromRow, toRow, view: history.at(days[toRow - 1]!), map: mapAt(fromRow) };
    });
    return together;
  }

  const classRows = new Map<number, readonly ClassRow[]>();
  for (const securityId of identities.securities()) {
    const rows = classRowsOf(securityId, lastDay);
    if (rows.length) classRows.set(securityId, rows);
  }
  return {
    history,
    identities,
    mapRows,
    etfSecurity,
    etfs,
    classRows,
    axis,
    marketCode,
    actions,
    factDays,
    priced: new Set(extents.keys()),
    lastStored: extents.size ? dayOfSlot(lastSlot as Slot) : -Infinity,
    mapAt,
    views,
    erasOf,
  };
}

/** The calendar from the market ETF's first price on. */
function axisOf(marketCode: string, lastDay: number, firstDays: () => Iterable<number>): RowAxis {
  let firstDay = Infinity;
  for (const day of firstDays()) firstDay = Math.min(firstDay, day);
  if (!(firstDay <= lastDay)) {
    throw new HedgerowError(
      'data',
      `The market ETF ${marketCode} has no prices.`,
      `Import prices of ${marketCode}, or an etf-map that names the market ETF you have.`,
    );
  }
  const first = sessionAtOrAfter(firstDay as EpochDay);
  return rowAxis(first, sessionAtOrBefore(lastDay as EpochDay) - first + 1);
}

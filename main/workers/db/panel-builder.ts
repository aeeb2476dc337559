/** Builds a panel: reads blocks and master data as of a revision, decides who is who per day, forms returns, resolves chains. */
import type { Workspace } from '../../../db/index.ts';
import { allSymbols, readActions, readBlocks, readClassifications, readEtfMap, readIdentities, seriesExtents } from '../../../db/index.ts';
import { CALENDAR_VERSION, sessionAtOrAfter, sessionAtOrBefore } from '../../calendar/index.ts';
import { HedgerowError } from '../../contract/errors.ts';
import { dayOfSlot, type EpochDay, type Slot } from '../../contract/units.ts';
import { chainSpans, indexMap, mapEtfs, type ClassRow, type MapRow } from '../../quant/chains/index.ts';
import {
  lowerBound,
  returnEpochs,
  rowAxis,
  type DatedAction,
  type ReturnEpoch,
  type RowAxis,
  type SecurityInputs,
  type SeriesBlock,
} from '../../quant/returns/index.ts';
import { NO_PRICES, SPAN, type ChainNames, type NameSpan, type Panel, type PanelSeries, type PanelSettings } from '../panel.ts';
import type { TaskContext } from '../rpc.ts';
import { ALWAYS, indexIdentities, type IdentityIndex, type Piece } from './identity.ts';
import { monthEndCaps, universeMask } from './universe.ts';
import { securityNames } from './names.ts';

export interface PanelRequest {
  readonly revision: number;
  /** EpochDay K. */
  readonly knownAsOf: number;
  readonly settings: PanelSettings;
  /** Securities wanted; the ETFs of their chains come along. null: all. */
  readonly securities: readonly number[] | null;
}

/** Series that returns are made from. */
export const RETURN_FIELDS = ['close', 'adj_close', 'return'] as const;

/** Master data of a revision, resolved to securities. */
export interface Master {
  readonly identities: IdentityIndex;
  readonly mapRows: readonly MapRow[];
  /** Security behind each ETF code of the map, null when it has none. */
  readonly etfSecurity: ReadonlyMap<string, number | null>;
  readonly classRows: ReadonlyMap<number, readonly ClassRow[]>;
  readonly axis: RowAxis;
  readonly marketCode: string;
}

/** The masters read last, by revision and knowledge day: what a revision shows never changes, and every look-up starts from it. */
const masters = new WeakMap<Workspace, Map<string, Master>>();
const KEPT_MASTERS = 3;

/** Who is who, the ETF map, classifications and the row axis. Throws `data` when there is no market ETF with prices. */
export function readMaster(ws: Workspace, revision: number, knownAsOf: number): Master {
  let kept = masters.get(ws);
  if (!kept) masters.set(ws, (kept = new Map()));
  const key = `${revision}/${knownAsOf}`;
  const master = kept.get(key) ?? buildMaster(ws, revision, knownAsOf);
  kept.delete(key);
  kept.set(key, master);
  if (kept.size > KEPT_MASTERS) kept.delete(kept.keys().next().value!);
  return master;
}

function buildMaster(ws: Workspace, revision: number, knownAsOf: number): Master {
  const symbols = allSymbols(ws);
  const identities = indexIdentities(
    readIdentities(ws, { revision }).map((row) => ({ ...row, known: row.knownFrom ?? ALWAYS, order: row.batchId })),
    symbols,
    knownAsOf,
  );
  const code = new Map(symbols.map((symbol) => [symbol.symbolId as number, symbol.code]));
  const map = readEtfMap(ws, revision);
  const mapRows: MapRow[] = map.map((row) => ({
    ...row,
    etf: code.get(row.symbolId)!,
    known: row.knownFrom ?? ALWAYS,
    order: row.batchId,
  }));
  const markets = map.filter((row) => row.level === 'market');
  if (markets.length === 0) {
    throw new HedgerowError('data', 'The ETF map names no market ETF.', 'Import an etf-map file with a row "market,*,SPY".');
  }

  const extents = seriesExtents(ws, { fields: RETURN_FIELDS, revision });
  let lastSlot = -Infinity;
  for (const extent of extents.values()) lastSlot = Math.max(lastSlot, extent.last);
  const lastDay = Math.min(knownAsOf, extents.size ? dayOfSlot(lastSlot as Slot) : -Infinity);
  const etfSecurity = new Map<string, number | null>();
  for (const row of map) etfSecurity.set(code.get(row.symbolId)!, identities.resolve(row.symbolId, lastDay));
  let firstDay = Infinity;
  for (const row of markets) {
    const security = etfSecurity.get(code.get(row.symbolId)!);
    if (security === null || security === undefined) continue;
    for (const piece of identities.pieces(security)) {
      const extent = extents.get(piece.symbolId);
      if (extent) firstDay = Math.min(firstDay, Math.max(dayOfSlot(extent.first), piece.fromDay));
    }
  }
  const marketCode = code.get(markets[0]!.symbolId)!;
  if (!(firstDay <= lastDay)) {
    throw new HedgerowError(
      'data',
      `The market ETF ${marketCode} has no prices.`,
      `Import prices of ${marketCode}, or an etf-map that names the market ETF you have.`,
    );
  }
  const first = sessionAtOrAfter(firstDay as EpochDay);
  const axis = rowAxis(first, sessionAtOrBefore(lastDay as EpochDay) - first + 1);

  const classRows = new Map<number, ClassRow[]>();
  for (const row of readClassifications(ws, { revision })) {
    const security = identities.resolve(row.symbolId, row.validFrom ?? lastDay);
    if (security === null) continue;
    const entry: ClassRow = { ...row, known: row.knownFrom ?? ALWAYS, order: row.batchId };
    const list = classRows.get(security);
    if (list) list.push(entry);
    else classRows.set(security, [entry]);
  }
  return { identities, mapRows, etfSecurity, classRows, axis, marketCode };
}

/** Blocks of the wanted symbols, by symbol and field. */
function readInputs(
  ws: Workspace,
  revision: number,
  symbolIds: Int32Array | null,
): Map<number, Record<(typeof RETURN_FIELDS)[number], SeriesBlock[]>> {
  const out = new Map<number, Record<(typeof RETURN_FIELDS)[number], SeriesBlock[]>>();
  readBlocks(ws, { fields: [...RETURN_FIELDS], symbolIds, revision }, (block) => {
    let entry = out.get(block.symbolId);
    if (!entry) out.set(block.symbolId, (entry = { close: [], adj_close: [], return: [] }));
    entry[block.field as (typeof RETURN_FIELDS)[number]].push({ ...block, fromDay: ALWAYS, toDay: -ALWAYS });
  });
  return out;
}

const clip = (blocks: readonly SeriesBlock[], piece: Piece): SeriesBlock[] =>
  blocks.map((block) => ({ ...block, fromDay: piece.fromDay, toDay: piece.toDay }));

/** Builds the panel of a request. */
export function buildPanel(ws: Workspace, request: PanelRequest, context: TaskContext): Panel {
  const { revision, knownAsOf, settings } = request;
  const master = readMaster(ws, revision, knownAsOf);
  const { identities, mapRows, axis } = master;
  const { nRows, days } = axis;
  const map = indexMap(mapRows);
  const inMap = mapEtfs(map, axis, { knownAsOf });

  const chainsOf = (security: number) =>
    chainSpans(master.classRows.get(security) ?? [], map, axis, { knownAsOf, schemes: settings.schemes });
  const extents = seriesExtents(ws, { fields: RETURN_FIELDS, revision });
  const candidates = request.securities ?? identities.securities();
  const chosen = new Set<number>();
  for (const security of candidates) if (identities.pieces(security).some((piece) => extents.has(piece.symbolId))) chosen.add(security);
  const spans = new Map([...chosen].map((security) => [security, chainsOf(security)]));
  for (const list of [...spans.values()])
    for (const span of list)
      for (const etf of [span.market, span.sector, span.subsector]) {
        const security = etf === null ? null : master.etfSecurity.get(etf);
        if (security !== null && security !== undefined) chosen.add(security);
      }
  const ids = [...chosen].sort((a, b) => a - b);
  const seriesOf = new Map(ids.map((security, i) => [security, i]));

  const pieces = new Map(ids.map((security) => [security, identities.pieces(security)]));
  const wanted =
    request.securities === null ? null : Int32Array.from(new Set([...pieces.values()].flat().map((piece) => piece.symbolId))).sort();
  context.progress(0.1, 'reading prices');
  const stored = readInputs(ws, revision, wanted);
  const actions = new Map<number, DatedAction[]>();
  for (const row of readActions(ws, { revision, symbolIds: wanted })) {
    const entry: DatedAction = {
      exDay: row.exDay,
      type: row.type,
      value: row.value,
      known: row.knownFrom ?? row.exDay,
      order: row.batchId,
      batchId: row.batchId,
    };
    const list = actions.get(row.symbolId);
    if (list) list.push(entry);
    else actions.set(row.symbolId, [entry]);
  }

  const returns = new Float64Array(new SharedArrayBuffer(Math.max(1, ids.length * nRows) * 8));
  const sources = new Uint8Array(new SharedArrayBuffer(Math.max(1, ids.length * nRows)));
  const lastRow = new Int32Array(new SharedArrayBuffer(Math.max(1, ids.length) * 4)).fill(nRows - 1);
  const epochs = new Map<number, readonly ReturnEpoch[]>();
  ids.forEach((security, i) => {
    if ((i & 127) === 0) {
      context.check();
      context.progress(0.2 + (0.7 * i) / ids.length, 'forming returns');
    }
    const inputs: { close: SeriesBlock[]; adjClose: SeriesBlock[]; returns: SeriesBlock[]; actions: DatedAction[] } = {
      close: [],
      adjClose: [],
      returns: [],
      actions: [],
    };
    for (const piece of pieces.get(security)!) {
      const blocks = stored.get(piece.symbolId);
      if (blocks) {
        inputs.close.push(...clip(blocks.close, piece));
        inputs.adjClose.push(...clip(blocks.adj_close, piece));
        inputs.returns.push(...clip(blocks.return, piece));
      }
      for (const action of actions.get(piece.symbolId) ?? []) {
        // An action on the day after a symbol's last day still belongs to the holder of that last day (delistings, mergers).
        if (action.exDay >= piece.fromDay && (action.exDay < piece.toDay || isTerminal(action))) inputs.actions.push(action);
      }
    }
    const formed = returnEpochs(inputs as SecurityInputs, axis, { knownAsOf, knowledge: settings.knowledge, mode: settings.returns });
    returns.set(formed.base, i * nRows);
    sources.set(formed.source, i * nRows);
    if (formed.epochs.length > 1) epochs.set(i, formed.epochs);
    for (const action of inputs.actions)
      if (isTerminal(action) && action.known <= knownAsOf) lastRow[i] = Math.min(lastRow[i]!, lastRowOf(action, days));
  });

  const { plan, planStart, chains } = planOf(ids, spans, inMap, seriesOf, master, request.securities);
  const names = securityNames(ws, revision);
  const etfs = new Set([...master.etfSecurity.values()]);
  const series: PanelSeries[] = ids.map((security) => ({
    securityId: security,
    names: nameSpans(identities, security, days),
    name: names.get(security) ?? null,
    isEtf: etfs.has(security),
  }));
  const { knowledge, universe } = settings;
  return {
    key: panelKey(request),
    firstSession: axis.firstSession,
    nRows,
    days,
    series,
    returns,
    sources,
    epochs,
    plan,
    planStart,
    lastRow,
    chains,
    ...(universe === undefined ? {} : { mask: universeMask(ws, master, { revision, knownAsOf, knowledge, name: universe }, ids) }),
    ...(settings.caps ? { caps: monthEndCaps(ws, master, { revision, knownAsOf, knowledge }, ids) } : {}),
    dataAsOf: days[nRows - 1]!,
    knownAsOf,
    revision,
  };
}

/** Names a panel: equal keys hold equal bytes. */
export function panelKey(request: PanelRequest): string {
  return JSON.stringify([request.revision, request.knownAsOf, request.settings, request.securities, CALENDAR_VERSION]);
}

const isTerminal = (action: DatedAction): boolean => action.type === 'delisting' || action.type === 'merger';

/** Last row that may exist under a delisting: its own row; rows after it exist only until it became known. */
function lastRowOf(action: DatedAction, days: Int32Array): number {
  const own = Math.min(lowerBound(days, action.exDay), days.length - 1);
  return action.known <= action.exDay ? own : Math.max(own, lowerBound(days, action.known) - 1);
}

/** Names from the first row on which anything is the security's: the rows before may be another owner's of the same ticker. */
function nameSpans(identities: IdentityIndex, security: number, days: Int32Array): NameSpan[] {
  const first = Math.min(...identities.pieces(security).map((piece) => piece.fromDay));
  const start = lowerBound(days, first);
  const renames = identities.renames(security).map((day) => lowerBound(days, day));
  const cuts = [start, ...renames.filter((row) => row > start), days.length];
  const out: NameSpan[] = [];
  for (let i = 0; i + 1 < cuts.length; i++) {
    const from = cuts[i]!;
    const to = cuts[i + 1]!;
    if (from >= to) continue;
    const ticker = identities.tickerOn(security, days[from]!);
    const last = out.at(-1);
    if (last?.ticker === ticker) out[out.length - 1] = { ...last, to };
    else out.push({ from, to, ticker });
  }
  return out;
}

/** Which rows of which security run on which ETF series. */
function planOf(
  ids: readonly number[],
  spans: ReadonlyMap<number, ReturnType<typeof chainSpans>>,
  inMap: ReturnType<typeof mapEtfs>,
  seriesOf: ReadonlyMap<number, number>,
  master: Master,
  wanted: readonly number[] | null,
): { plan: Int32Array; planStart: Int32Array; chains: ChainNames[] } {
  const rows: number[] = [];
  const planStart = new Int32Array(new SharedArrayBuffer((ids.length + 1) * 4));
  const chains: ChainNames[] = [];
  const chainIndex = new Map<string, number>();
  const etfOf = new Map([...master.etfSecurity].filter(([, security]) => security !== null).map(([code, security]) => [security!, code]));
  const series = (etf: string | null): number => {
    if (etf === null) return -1;
    const security = master.etfSecurity.get(etf);
    return security === null || security === undefined ? NO_PRICES : (seriesOf.get(security) ?? NO_PRICES);
  };
  const only = wanted === null ? null : new Set(wanted);
  ids.forEach((security, i) => {
    planStart[i] = rows.length / SPAN;
    // An ETF fetched only for somebody's chain has no output of its own.
    if (only && !only.has(security)) return;
    const code = etfOf.get(security);
    const masked = code === undefined ? [] : (inMap.get(code) ?? []);
    for (const span of spans.get(security) ?? []) {
      if (span.market === null) continue;
      const names: ChainNames = {
        market: span.market,
        sector: span.sector,
        subsector: span.subsector,
        scheme: span.scheme,
        sectorName: span.sectorName,
        industryName: span.industryName,
        undated: span.undated,
      };
      const key = JSON.stringify(names);
      let index = chainIndex.get(key);
      if (index === undefined) {
        chainIndex.set(key, (index = chains.length));
        chains.push(names);
      }
      for (const [from, to] of without(span.fromRow, span.toRow, masked))
        rows.push(from, to, series(span.market), series(span.sector), series(span.subsector), index);
    }
  });
  planStart[ids.length] = rows.length / SPAN;
  const plan = new Int32Array(new SharedArrayBuffer(Math.max(1, rows.length) * 4));
  plan.set(rows);
  return { plan, planStart, chains };
}

/** [from, to) without the rows of the given spans. */
function without(from: number, to: number, spans: readonly { fromRow: number; toRow: number }[]): [number, number][] {
  const out: [number, number][] = [];
  let at = from;
  for (const span of [...spans].sort((a, b) => a.fromRow - b.fromRow)) {
    if (span.toRow <= at || span.fromRow >= to) continue;
    if (span.fromRow > at) out.push([at, span.fromRow]);
    at = Math.max(at, span.toRow);
  }
  if (at < to) out.push([at, to]);
  return out;
}

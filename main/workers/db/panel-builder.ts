/** Builds a panel: reads blocks and master data as of a revision, decides who is who per day, forms returns, resolves chains. */
import type { Workspace } from '../../../db/index.ts';
import { readBlocks } from '../../../db/index.ts';
import { CALENDAR_VERSION } from '../../calendar/index.ts';
import { chainSpans, type ChainSpan } from '../../quant/chains/index.ts';
import { lowerBound, withProxy, type EpochReturns, type ReturnEpoch } from '../../quant/returns/index.ts';
import { NO_PRICES, SPAN, type ChainNames, type NameSpan, type Panel, type PanelSeries, type PanelSettings } from '../panel.ts';
import type { TaskContext } from '../rpc.ts';
import { readMaster, RETURN_FIELDS, type Era, type Master } from './master.ts';
import { formReturns, type StoredSeries } from './security-inputs.ts';
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

/** Blocks of the wanted symbols, by symbol and field. */
function readSeries(ws: Workspace, revision: number, symbolIds: Int32Array | null): Map<number, StoredSeries> {
  const out = new Map<number, StoredSeries>();
  readBlocks(ws, { fields: [...RETURN_FIELDS], symbolIds, revision }, (block) => {
    let entry = out.get(block.symbolId);
    if (!entry) out.set(block.symbolId, (entry = { close: [], adj_close: [], return: [] }));
    entry[block.field as (typeof RETURN_FIELDS)[number]].push(block);
  });
  return out;
}

/** A stretch of rows of a security on one chain, with the securities that serve as its ETFs. */
interface ChainStretch extends ChainSpan {
  readonly securities: readonly (number | null)[];
  /** Security that stands in for each before its first return. */
  readonly proxies: readonly (number | null)[];
}

/** Builds the panel of a request. */
export function buildPanel(ws: Workspace, request: PanelRequest, context: TaskContext): Panel {
  const { revision, knownAsOf, settings } = request;
  const { knowledge, universe } = settings;
  const master = readMaster(ws, revision, knownAsOf, knowledge);
  const { axis, priced } = master;
  const { nRows, days } = axis;

  const erasOf = new Map<number, readonly Era[]>();
  const hasPrices = (security: number): boolean => {
    const eras = master.erasOf(security);
    const found = eras.some(({ view }) => view.pieces(security).some((piece) => priced.has(piece.symbolId)));
    if (found) erasOf.set(security, eras);
    return found;
  };
  for (const security of request.securities ?? master.history.securities()) hasPrices(security);
  const stretches = new Map([...erasOf].map(([security, eras]) => [security, chainsOf(eras, master, request)]));
  for (const list of stretches.values())
    for (const { securities, proxies } of list)
      for (const etf of [...securities, ...proxies]) if (etf !== null && !erasOf.has(etf)) hasPrices(etf);
  const ids = [...erasOf.keys()].sort((a, b) => a - b);
  const seriesOf = new Map(ids.map((security, i) => [security, i]));
  const pairs = proxyPairs(stretches, seriesOf);
  const count = ids.length + pairs.length;

  const symbolsOf = (security: number) => erasOf.get(security)!.flatMap(({ view }) => view.pieces(security).map((piece) => piece.symbolId));
  const wanted = request.securities === null ? null : Int32Array.from(new Set(ids.flatMap(symbolsOf))).sort();
  context.progress(0.1, 'reading prices');
  const stored = readSeries(ws, revision, wanted);

  const returns = new Float64Array(new SharedArrayBuffer(Math.max(1, count * nRows) * 8));
  const sources = new Uint8Array(new SharedArrayBuffer(Math.max(1, count * nRows)));
  const lastRow = new Int32Array(new SharedArrayBuffer(Math.max(1, count) * 4)).fill(nRows - 1);
  const epochs = new Map<number, readonly ReturnEpoch[]>();
  const gone = new Map<number, readonly RowRange[]>();
  ids.forEach((security, i) => {
    if ((i & 127) === 0) {
      context.check();
      context.progress(0.2 + (0.7 * i) / ids.length, 'forming returns');
    }
    const formed = formReturns(master, security, erasOf.get(security)!, stored, { knownAsOf, knowledge, mode: settings.returns });
    returns.set(formed.returns.base, i * nRows);
    sources.set(formed.returns.source, i * nRows);
    if (formed.returns.epochs.length > 1) epochs.set(i, formed.returns.epochs);
    const last = formed.gone.at(-1);
    if (last?.toRow === nRows) lastRow[i] = last.fromRow - 1;
    if (formed.gone.length) gone.set(security, formed.gone);
  });
  const held = (i: number): EpochReturns => ({
    base: returns.subarray(i * nRows, (i + 1) * nRows),
    source: sources.subarray(i * nRows, (i + 1) * nRows),
    epochs: epochs.get(i) ?? [oneEpoch(nRows)],
  });
  const proxied = new Map<number, number>();
  pairs.forEach(({ etf, proxy }, p) => {
    const i = ids.length + p;
    const joined = withProxy(held(seriesOf.get(etf)!), held(seriesOf.get(proxy)!), nRows);
    returns.set(joined.returns.base, i * nRows);
    sources.set(joined.returns.source, i * nRows);
    if (joined.returns.epochs.length > 1) epochs.set(i, joined.returns.epochs);
    let until = joined.firstRow;
    while (until > 0 && Number.isNaN(joined.returns.base[until - 1]!)) until--;
    proxied.set(i, until);
  });

  const { plan, planStart, chains } = planOf(ids, stretches, gone, seriesOf, pairs, erasOf, request.securities);
  const names = securityNames(ws, revision);
  const series: PanelSeries[] = ids.map((security) => ({
    securityId: security,
    names: nameSpans(master, erasOf.get(security)!, security),
    name: names.get(security) ?? null,
    isEtf: master.etfs.has(security),
  }));
  // No securities of their own: they have no output, and numbers that no security has.
  pairs.forEach(({ etf }, p) => series.push({ ...series[seriesOf.get(etf)!]!, securityId: -1 - p }));
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
    ...(proxied.size > 0 ? { proxied } : {}),
    ...(universe === undefined ? {} : { mask: universeMask(ws, master, { revision, knownAsOf, knowledge, name: universe }, ids) }),
    ...(settings.caps ? { caps: monthEndCaps(ws, master, { revision, knownAsOf, knowledge }, ids) } : {}),
    dataAsOf: days[nRows - 1]!,
    knownAsOf,
    revision,
  };
}

const oneEpoch = (nRows: number): ReturnEpoch => ({
  fromRow: 0,
  toRow: nRows,
  patchRows: new Int32Array(),
  patchValues: new Float64Array(),
  patchSources: new Uint8Array(),
});

/** A fund of the map and the one that stands in for it before its first return. */
interface ProxyPair {
  readonly etf: number;
  readonly proxy: number;
}

/** Every pair that some chain names, both with prices. */
function proxyPairs(stretches: ReadonlyMap<number, readonly ChainStretch[]>, seriesOf: ReadonlyMap<number, number>): ProxyPair[] {
  const found = new Map<string, ProxyPair>();
  for (const list of stretches.values())
    for (const { securities, proxies } of list)
      securities.forEach((etf, level) => {
        const proxy = proxies[level] ?? null;
        if (etf !== null && proxy !== null && etf !== proxy && seriesOf.has(etf) && seriesOf.has(proxy))
          found.set(`${etf}/${proxy}`, { etf, proxy });
      });
  return [...found.values()].sort((a, b) => a.etf - b.etf || a.proxy - b.proxy);
}

interface RowRange {
  readonly fromRow: number;
  readonly toRow: number;
}

/** The chain of a security through its eras. */
function chainsOf(eras: readonly Era[], { axis }: Master, { knownAsOf, settings }: PanelRequest): ChainStretch[] {
  const { schemes, knowledge } = settings;
  return eras.flatMap(({ fromRow, toRow, map, classRows }) =>
    chainSpans(classRows, map.index, axis, { knownAsOf, schemes, knowledge }).flatMap((span) => {
      const cut = { fromRow: Math.max(fromRow, span.fromRow), toRow: Math.min(toRow, span.toRow) };
      return cut.fromRow < cut.toRow
        ? [
            {
              ...span,
              ...cut,
              securities: span.etfs.map((etf) => etf.security ?? null),
              proxies: span.etfs.map((etf) => etf.proxySecurity ?? null),
            },
          ]
        : [];
    }),
  );
}

/** Names a panel: equal keys hold equal bytes. */
export function panelKey(request: PanelRequest): string {
  return JSON.stringify([request.revision, request.knownAsOf, request.settings, request.securities, CALENDAR_VERSION]);
}

/** Names from the first row on which anything is the security's: the rows before may be another owner's of the same ticker. */
function nameSpans({ axis: { days }, priced }: Master, eras: readonly Era[], security: number): NameSpan[] {
  const out: NameSpan[] = [];
  for (const { fromRow, toRow, view } of eras) {
    const first = Math.min(...view.pieces(security).flatMap((piece) => (priced.has(piece.symbolId) ? [piece.fromDay] : [])));
    const start = Math.max(fromRow, lowerBound(days, first));
    const renames = view.renames(security).map((day) => lowerBound(days, day));
    const cuts = [start, ...renames.filter((row) => row > start && row < toRow), toRow];
    for (let i = 0; i + 1 < cuts.length; i++) {
      const from = cuts[i]!;
      const to = cuts[i + 1]!;
      if (from >= to) continue;
      const ticker = view.tickerOn(security, days[from]!);
      const last = out.at(-1);
      if (last?.ticker === ticker) out[out.length - 1] = { ...last, to };
      else out.push({ from, to, ticker });
    }
  }
  return out;
}

/** Which rows of which security run on which ETF series. */
function planOf(
  ids: readonly number[],
  stretches: ReadonlyMap<number, readonly ChainStretch[]>,
  gone: ReadonlyMap<number, readonly RowRange[]>,
  seriesOf: ReadonlyMap<number, number>,
  pairs: readonly ProxyPair[],
  erasOf: ReadonlyMap<number, readonly Era[]>,
  wanted: readonly number[] | null,
): { plan: Int32Array; planStart: Int32Array; chains: ChainNames[] } {
  const rows: number[] = [];
  const planStart = new Int32Array(new SharedArrayBuffer((ids.length + pairs.length + 1) * 4));
  const chains: ChainNames[] = [];
  const chainIndex = new Map<string, number>();
  const series = ({ etfs, securities, proxies }: ChainStretch, level: number): number => {
    if (level >= etfs.length) return -1;
    const security = securities[level] ?? null;
    const pair = pairs.findIndex((one) => one.etf === security && one.proxy === proxies[level]);
    if (pair >= 0) return ids.length + pair;
    return security === null ? NO_PRICES : (seriesOf.get(security) ?? NO_PRICES);
  };
  const only = wanted === null ? null : new Set(wanted);
  ids.forEach((security, i) => {
    planStart[i] = rows.length / SPAN;
    // An ETF fetched only for somebody's chain has no output of its own.
    if (only && !only.has(security)) return;
    const standing = erasOf.get(security)!.flatMap((era) =>
      (era.map.standing.get(security) ?? []).map((span) => ({
        fromRow: Math.max(era.fromRow, span.fromRow),
        toRow: Math.min(era.toRow, span.toRow),
      })),
    );
    const without = [...standing, ...(gone.get(security) ?? [])];
    for (const span of stretches.get(security) ?? []) {
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
      for (const [from, to] of outside(span.fromRow, span.toRow, without))
        rows.push(from, to, series(span, 0), series(span, 1), series(span, 2), index);
    }
  });
  planStart.fill(rows.length / SPAN, ids.length);
  const plan = new Int32Array(new SharedArrayBuffer(Math.max(1, rows.length) * 4));
  plan.set(rows);
  return { plan, planStart, chains };
}

/** [from, to) without the rows of the given spans. */
function outside(from: number, to: number, spans: readonly RowRange[]): [number, number][] {
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

/** The part of a panel that only the security master decides: what series are called, and which rows run on which ETFs. */
import { chainSpans, type ChainSpan } from '../../quant/chains/index.ts';
import { lowerBound } from '../../quant/returns/index.ts';
import { NO_PRICES, OPEN, SPAN, type ChainNames, type NameSpan } from '../panel.ts';
import type { Era, Master } from './master.ts';
import type { PanelRequest } from './panel-builder.ts';

/** A stretch of rows of a security on one chain, with the securities that serve as its ETFs. */
export interface ChainStretch extends ChainSpan {
  readonly securities: readonly (number | null)[];
  /** Security that stands in for each before its first return. */
  readonly proxies: readonly (number | null)[];
}

/** A fund of the map and the one that stands in for it before its first return. */
export interface ProxyPair {
  readonly etf: number;
  readonly proxy: number;
}

/** Every pair that some chain names, both with prices. */
export function proxyPairs(stretches: ReadonlyMap<number, readonly ChainStretch[]>, seriesOf: ReadonlyMap<number, number>): ProxyPair[] {
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

export interface RowRange {
  readonly fromRow: number;
  readonly toRow: number;
}

/** The chain of a security through its eras. */
export function chainsOf(eras: readonly Era[], { axis }: Master, { knownAsOf, settings }: PanelRequest): ChainStretch[] {
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

/** Names from the first row on which anything is the security's: the rows before may be another owner's of the same ticker. */
export function nameSpans({ axis: { days, nRows }, priced }: Master, eras: readonly Era[], security: number): NameSpan[] {
  const out: NameSpan[] = [];
  for (const { fromRow, toRow, view } of eras) {
    const first = Math.min(...view.pieces(security).flatMap((piece) => (priced.has(piece.symbolId) ? [piece.fromDay] : [])));
    const start = Math.max(fromRow, lowerBound(days, first));
    const renames = view.renames(security).map((day) => lowerBound(days, day));
    const cuts = [start, ...renames.filter((row) => row > start && row < toRow), toRow];
    for (let i = 0; i + 1 < cuts.length; i++) {
      const from = cuts[i]!;
      const to = cuts[i + 1] === nRows ? OPEN : cuts[i + 1]!;
      if (from >= Math.min(to, nRows)) continue;
      const ticker = view.tickerOn(security, days[from]!);
      const last = out.at(-1);
      if (last?.ticker === ticker) out[out.length - 1] = { ...last, to };
      else out.push({ from, to, ticker });
    }
  }
  return out;
}

/** Which rows of which security run on which ETF series. */
export function planOf(
  nRows: number,
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
        rows.push(from, to === nRows ? OPEN : to, series(span, 0), series(span, 1), series(span, 2), index);
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

/** A synthetic universe for benchmarks: one market ETF, sectors, subsectors, and stocks in groups of 25, as 3,000 stocks make in 120 groups. */
import { createNoise, createRandom, punch } from '../quant/cascade/testing/market.ts';

export const SECTORS = 11;
/** The C opponent has this number built in; small universes use the first few. */
export const SUBSECTORS = 120;
const PER_GROUP = 25;

export interface Universe {
  readonly dates: number;
  readonly market: Float64Array;
  readonly sectors: readonly Float64Array[];
  readonly subsectors: readonly Float64Array[];
  /** Subsector of each stock, ascending. */
  readonly group: Int32Array;
  readonly full: readonly Float64Array[];
  /** The same with 2 % of the returns missing. */
  readonly missing: readonly Float64Array[];
}

export function createUniverse(stocks: number, dates: number): Universe {
  const noise = createNoise(7);
  const random = createRandom(8);
  const series = (value: (t: number) => number) => Float64Array.from({ length: dates }, (_, t) => value(t));
  const market = series(() => 0.0003 + 0.01 * noise());
  const mix = (a: number, x: Float64Array, b: number, y: Float64Array, sd: number) => series((t) => a * x[t]! + b * y[t]! + sd * noise());
  const sectors = Array.from({ length: SECTORS }, () => mix(0.8 + 0.4 * random(), market, 0, market, 0.006));
  const subsectors = Array.from({ length: SUBSECTORS }, (_, k) =>
    mix(0.3 * random(), market, 0.7 + 0.5 * random(), sectors[k % SECTORS]!, 0.006),
  );
  const group = Int32Array.from({ length: stocks }, (_, i) => Math.floor(i / PER_GROUP) % SUBSECTORS).sort();
  const full = Array.from({ length: stocks }, (_, i) => {
    const u = group[i]!;
    const factor = mix(0.6 * random() + 0.3, market, 0.3, sectors[u % SECTORS]!, 0);
    return mix(1, factor, 0.5 * random(), subsectors[u]!, 0.015);
  });
  return { dates, market, sectors, subsectors, group, full, missing: full.map((r, i) => punch(r, i, 0.02)) };
}

/** The first stocks of a universe over its first dates. */
export function cutUniverse(universe: Universe, stocks: number, dates: number): Universe {
  const cut = (x: Float64Array) => x.slice(0, dates);
  return {
    dates,
    market: cut(universe.market),
    sectors: universe.sectors.map(cut),
    subsectors: universe.subsectors.map(cut),
    group: universe.group.slice(0, stocks),
    full: universe.full.slice(0, stocks).map(cut),
    missing: universe.missing.slice(0, stocks).map(cut),
  };
}

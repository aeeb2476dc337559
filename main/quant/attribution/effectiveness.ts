/**
 * What hedging would have done, from daily ex-ante parts: the returns that are left when layers are taken away, how much less they vary,
 * and how sure that is. Decimals; NaN = missing. Before costs: the ratios of the day before are held each day.
 */
import type { DailyParts } from './bridge.ts';

const YEAR = 252;
/** Sessions of the rolling ratio, and how many of them must be there. */
export const ROLLING = 63;
const ROLLING_MIN = 42;
/** Fewer days have no interval. */
const INTERVAL_MIN = 20;

export interface Fractions {
  /** 0 to 1 of each layer. */
  readonly market: number;
  readonly sector: number;
  readonly subsector: number;
}

export type HedgeKey = 'L1' | 'L2' | 'L3' | 'chosen';
export const HEDGES: readonly HedgeKey[] = ['L1', 'L2', 'L3', 'chosen'];

/** Returns left by each hedge; NaN on a day that lacks a part, for all of them alike. */
export function hedgedReturns(
  { market, sector, subsector, gross }: DailyParts,
  chosen: Fractions,
): Record<HedgeKey | 'unhedged', Float64Array> {
  const less = ({ market: m, sector: s, subsector: u }: Fractions): Float64Array =>
    gross.map((g, t) => {
      const parts = [market[t]!, sector[t]!, subsector[t]!] as const;
      return g - m * parts[0] - s * parts[1] - u * parts[2];
    });
  return {
    unhedged: less({ market: 0, sector: 0, subsector: 0 }),
    L1: less({ market: 1, sector: 0, subsector: 0 }),
    L2: less({ market: 1, sector: 1, subsector: 0 }),
    L3: less({ market: 1, sector: 1, subsector: 1 }),
    chosen: less(chosen),
  };
}

export interface Effect {
  readonly days: number;
  /** Annualised, of what is left; null with fewer than two days. */
  readonly volatility: number | null;
  /** Share of the unhedged variance that is gone: 1 - Var(hedged) / Var(unhedged); negative = the hedge added risk. */
  readonly saved: number | null;
  /** 95 % interval of `saved`; null with fewer than 20 days. */
  readonly low: number | null;
  readonly high: number | null;
}

/**
 * Compares two series over rows [from, to). The interval is of the logarithm of the ratio of variances: its influence on a day is
 * h²/Var(h) - u²/Var(u) (centred), and the variance of their mean is Newey-West's with floor(4 (n/100)^(2/9)) lags, so that calm and
 * stormy weeks count as what they are. It needs no normal distribution and minds that both series move together.
 */
export function effect(unhedged: Float64Array, hedged: Float64Array, from: number, to: number): Effect {
  const rows: number[] = [];
  for (let t = from; t < to; t++) if (!Number.isNaN(unhedged[t]! + hedged[t]!)) rows.push(t);
  const n = rows.length;
  if (n < 2) return { days: n, volatility: null, saved: null, low: null, high: null };
  const u = centred(unhedged, rows);
  const h = centred(hedged, rows);
  const varU = meanSquare(u);
  const varH = meanSquare(h);
  const volatility = Math.sqrt((YEAR * varH * n) / (n - 1));
  if (varU === 0) return { days: n, volatility, saved: null, low: null, high: null };
  const ratio = varH / varU;
  // A hedge that leaves nothing has no logarithm, and no doubt either.
  if (ratio === 0) return { days: n, volatility, saved: 1, low: 1, high: 1 };
  if (n < INTERVAL_MIN) return { days: n, volatility, saved: 1 - ratio, low: null, high: null };
  const influence = u.map((x, i) => (h[i]! * h[i]!) / varH - (x * x) / varU);
  const error = Math.sqrt(longRunVariance(influence) / n);
  return { days: n, volatility, saved: 1 - ratio, low: 1 - ratio * Math.exp(1.96 * error), high: 1 - ratio * Math.exp(-1.96 * error) };
}

function centred(series: Float64Array, rows: readonly number[]): Float64Array {
  const values = Float64Array.from(rows, (t) => series[t]!);
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return values.map((x) => x - mean);
}

const meanSquare = (values: Float64Array): number => values.reduce((sum, x) => sum + x * x, 0) / values.length;

/** Newey and West's (1987), of a series of mean 0; never negative. */
function longRunVariance(x: Float64Array): number {
  const n = x.length;
  const lags = Math.min(n - 1, Math.floor(4 * (n / 100) ** (2 / 9)));
  let sum = meanSquare(x);
  for (let lag = 1; lag <= lags; lag++) {
    let cov = 0;
    for (let t = lag; t < n; t++) cov += x[t]! * x[t - lag]!;
    sum += (2 * (1 - lag / (lags + 1)) * cov) / n;
  }
  return Math.max(0, sum);
}

/** Running sum of squared returns; a missing day repeats the one before. The gap between two of them is the variance saved so far. */
export function cumulativeSquares(returns: Float64Array): Float64Array {
  let sum = 0;
  return returns.map((r) => (Number.isNaN(r) ? sum : (sum += r * r)));
}

/** 1 - sum h² / sum u² over the last 63 sessions of each day; NaN with fewer than 42 of them. */
export function rollingSaved(unhedged: Float64Array, hedged: Float64Array): Float64Array {
  return unhedged.map((_, end) => {
    let [u, h, count] = [0, 0, 0];
    for (let t = Math.max(0, end - ROLLING + 1); t <= end; t++) {
      if (Number.isNaN(unhedged[t]! + hedged[t]!)) continue;
      count += 1;
      u += unhedged[t]! ** 2;
      h += hedged[t]! ** 2;
    }
    return count < ROLLING_MIN || u === 0 ? NaN : 1 - h / u;
  });
}

/** Returns of several days from their daily parts (MODEL.md 9). Decimals; NaN = missing. */

/** Daily parts of one stock or book, one value per day. */
export interface DailyParts {
  readonly market: Float64Array;
  readonly sector: Float64Array;
  readonly subsector: Float64Array;
  /** Total return. */
  readonly gross: Float64Array;
}

interface Parts {
  readonly market: number;
  readonly sector: number;
  readonly subsector: number;
  readonly residual: number;
  readonly total: number;
}

export interface Bridge {
  /** Null when a day lacks a part and such days are not skipped. */
  readonly geometric: Parts | null;
  /** Sums of the daily parts; the total is the sum of daily returns, not the compound return. */
  readonly arithmetic: Parts | null;
  /** Daily parts weighted so that they sum to the compound return (Carino 1999). */
  readonly logLinked: Parts | null;
  /** Days used, and days left out because a part is missing. */
  readonly days: number;
  readonly missing: number;
}

/** Weight of a day in the log-linked bridge: ln(1 + g) / g, 1 for g = 0. */
const weight = (g: number): number => (g === 0 ? 1 : Math.log1p(g) / g);

/**
 * Bars of a period. Geometric: P1 = prod(1 + market), P2 = prod(1 + market + sector), P3 with subsector, PG = prod(1 + gross);
 * the bars are P1 - 1, P2 - P1, P3 - P2 and PG - P3.
 */
export function bridge({ market, sector, subsector, gross }: DailyParts, skipMissing: boolean): Bridge {
  const used: number[] = [];
  for (let i = 0; i < gross.length; i++) if (!Number.isNaN(market[i]! + sector[i]! + subsector[i]! + gross[i]!)) used.push(i);
  const missing = gross.length - used.length;
  const days = used.length;
  if (days === 0 || (missing > 0 && !skipMissing)) return { geometric: null, arithmetic: null, logLinked: null, days, missing };
  let [p1, p2, p3, pg] = [1, 1, 1, 1];
  for (const i of used) {
    p1 *= 1 + market[i]!;
    p2 *= 1 + market[i]! + sector[i]!;
    p3 *= 1 + market[i]! + sector[i]! + subsector[i]!;
    pg *= 1 + gross[i]!;
  }
  const whole = weight(pg - 1);
  const sum = (of: (i: number) => number): Parts => {
    const out = { market: 0, sector: 0, subsector: 0, residual: 0, total: 0 };
    for (const i of used) {
      const k = of(i);
      out.market += k * market[i]!;
      out.sector += k * sector[i]!;
      out.subsector += k * subsector[i]!;
      out.residual += k * (gross[i]! - market[i]! - sector[i]! - subsector[i]!);
      out.total += k * gross[i]!;
    }
    return out;
  };
  return {
    geometric: { market: p1 - 1, sector: p2 - p1, subsector: p3 - p2, residual: pg - p3, total: pg - 1 },
    arithmetic: sum(() => 1),
    // A loss of everything has no logarithm.
    logLinked: pg > 0 ? sum((i) => weight(gross[i]!) / whole) : null,
    days,
    missing,
  };
}

/**
 * The geometric residual bar of the days so far, PG - P3, after each day: it ends at the bar of the period. A day with a missing part
 * repeats the one before when such days are skipped; otherwise nothing after it is known (NaN).
 */
export function residualPath({ market, sector, subsector, gross }: DailyParts, skipMissing: boolean): Float64Array {
  let [p3, pg] = [1, 1];
  return gross.map((g, i) => {
    const part = market[i]! + sector[i]! + subsector[i]!;
    if (!skipMissing || !Number.isNaN(part + g)) {
      p3 *= 1 + part;
      pg *= 1 + g;
    }
    return pg - p3;
  });
}

export interface Alpha {
  /** Sum of the daily residuals. */
  readonly sum: number;
  /** Of the sum: sd of the daily residuals x sqrt(days). Null with fewer than two days. */
  readonly standardError: number | null;
  readonly t: number | null;
  readonly days: number;
  /** Running sum per day; a missing day repeats the one before. */
  readonly path: Float64Array;
}

/** The cumulative residual ("alpha of this model") and how far it is from nothing, days taken as independent. */
export function alpha(residual: Float64Array): Alpha {
  const path = new Float64Array(residual.length);
  const present = residual.filter((value) => !Number.isNaN(value));
  let sum = 0;
  residual.forEach((value, i) => {
    if (!Number.isNaN(value)) sum += value;
    path[i] = sum;
  });
  const days = present.length;
  const mean = sum / days;
  const squares = present.reduce((all, value) => all + (value - mean) ** 2, 0);
  const standardError = days < 2 ? null : Math.sqrt(squares / (days - 1)) * Math.sqrt(days);
  return { sum, standardError, t: standardError ? sum / standardError : null, days, path };
}

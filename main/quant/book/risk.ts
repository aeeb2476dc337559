/** Covariance of ETFs, historical and model risk of a book (MODEL.md 10). All returns are daily decimals, NaN = missing. */

const YEAR = 252;

export interface Covariance {
  /** Names-by-names, row-major; all NaN with fewer than two complete rows. */
  readonly matrix: Float64Array;
  readonly size: number;
  /** Complete rows used. */
  readonly rows: number;
}

/** Sample covariance over the rows `rowFrom <= row < rowTo` on which every series has a return. */
export function covariance(returns: readonly Float64Array[], rowFrom: number, rowTo: number): Covariance {
  const size = returns.length;
  const used = completeRows(returns, rowFrom, rowTo);
  const matrix = new Float64Array(size * size).fill(NaN);
  if (used.length < 2) return { matrix, size, rows: used.length };
  // Two passes: centring first keeps small variances exact where sums of squares would cancel.
  const centred = returns.map((series) => centre(series, used));
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const value = dot(centred[i]!, centred[j]!) / (used.length - 1);
      matrix[i * size + j] = value;
      matrix[j * size + i] = value;
    }
  }
  return { matrix, size, rows: used.length };
}

export interface HistoricalRisk {
  /** Rows used: those on which every kept position has a return. */
  readonly rows: number;
  /** Annualised dollars, sqrt(252 Var(sum V_i r_i)); null with fewer than two rows. */
  readonly volatility: number | null;
  /** Annualised dollars per position, summing to `volatility`; null for dropped positions, or without a volatility. */
  readonly contributions: readonly (number | null)[];
  /** Indexes of positions left out because they have fewer than `minRows` returns in the window. */
  readonly dropped: readonly number[];
  /** Dollar P&L per row of the window (index 0 = rowFrom), NaN on rows not used; for contributions of other parts. */
  readonly series: Float64Array;
}

/**
 * Risk of today's holdings (`values`, dollars) on the past returns of the window `rowFrom <= row < rowTo`.
 * A young name would leave hardly any common row, so those with fewer than `minRows` returns are dropped, and said so.
 */
export function historicalRisk(
  values: readonly number[],
  returns: readonly Float64Array[],
  rowFrom: number,
  rowTo: number,
  minRows: number,
): HistoricalRisk {
  const dropped: number[] = [];
  const kept: number[] = [];
  returns.forEach((series, index) => (countReturns(series, rowFrom, rowTo) < minRows ? dropped : kept).push(index));
  const series = new Float64Array(Math.max(0, rowTo - rowFrom)).fill(NaN);
  const contributions: (number | null)[] = returns.map(() => null);
  const used = kept.length === 0 ? [] : completeRows(pick(returns, kept), rowFrom, rowTo);
  for (const row of used) {
    let sum = 0;
    for (const index of kept) sum += values[index]! * returns[index]![row]!;
    series[row - rowFrom] = sum;
  }
  if (used.length < 2) return { rows: used.length, volatility: null, contributions, dropped, series };
  const profit = centre(
    series,
    used.map((row) => row - rowFrom),
  );
  const daily = Math.sqrt(dot(profit, profit) / (used.length - 1));
  for (const index of kept) {
    const cov = (values[index]! * dot(centre(returns[index]!, used), profit)) / (used.length - 1);
    contributions[index] = daily === 0 ? 0 : (Math.sqrt(YEAR) * cov) / daily;
  }
  return { rows: used.length, volatility: Math.sqrt(YEAR) * daily, contributions, dropped, series };
}

/**
 * Contribution of any dollar series to a book's volatility: Cov(part, total) / sd(total), annualised dollars, on the
 * rows where both are present. Parts that add up to `total` have contributions that add up to its volatility.
 */
export function contribution(part: Float64Array, total: Float64Array): number | null {
  const used = completeRows([part, total], 0, total.length);
  if (used.length < 2) return null;
  const whole = centre(total, used);
  const daily = Math.sqrt(dot(whole, whole) / (used.length - 1));
  return daily === 0 ? 0 : (Math.sqrt(YEAR) * dot(centre(part, used), whole)) / (used.length - 1) / daily;
}

/** sqrt(252 v); null when v is missing. Rounding may leave a tiny negative v, which is 0. */
export function annual(variance: number): number | null {
  return Number.isNaN(variance) ? null : Math.sqrt(YEAR * Math.max(0, variance));
}

/** x'Mx for a row-major square matrix. */
export function quadratic(x: ArrayLike<number>, matrix: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    let row = 0;
    for (let j = 0; j < x.length; j++) row += matrix[i * x.length + j]! * x[j]!;
    sum += x[i]! * row;
  }
  return sum;
}

function completeRows(returns: readonly Float64Array[], rowFrom: number, rowTo: number): number[] {
  // Series by series: a book may hold ten thousand of them, and each is read in the order it lies in memory.
  const missing = new Uint8Array(Math.max(0, rowTo - rowFrom));
  for (const series of returns) {
    // A row beyond the end of a series is missing too.
    for (let i = 0; i < missing.length; i++) if (!(rowFrom + i < series.length) || Number.isNaN(series[rowFrom + i]!)) missing[i] = 1;
  }
  const used: number[] = [];
  for (let i = 0; i < missing.length; i++) if (missing[i] === 0) used.push(rowFrom + i);
  return used;
}

function countReturns(series: Float64Array, rowFrom: number, rowTo: number): number {
  let count = 0;
  for (let row = rowFrom; row < rowTo; row++) if (!Number.isNaN(series[row] ?? NaN)) count++;
  return count;
}

function pick(returns: readonly Float64Array[], indexes: readonly number[]): Float64Array[] {
  return indexes.map((index) => returns[index]!);
}

function centre(series: Float64Array, rows: readonly number[]): Float64Array {
  const values = new Float64Array(rows.length);
  let mean = 0;
  for (let i = 0; i < rows.length; i++) mean += values[i] = series[rows[i]!]!;
  mean /= rows.length;
  for (let i = 0; i < rows.length; i++) values[i]! -= mean;
  return values;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** What residuals have in common: a shrunk covariance, the average correlation, the first component. */
import { productsOf } from './products.ts';
import { dot } from './series.ts';

export interface ResidualStructure {
  /** Variance of the weighted sum of residuals per day: with the sample covariance, its diagonal alone, and shrunk between the two. */
  readonly full: number;
  readonly diagonal: number;
  readonly shrunk: number;
  /** Weight of the diagonal in the shrunk covariance, 0 to 1. */
  readonly intensity: number;
  /** Mean correlation over all pairs; null with fewer than two residuals that move. */
  readonly averageCorrelation: number | null;
  /** Share of the largest eigenvalue of the correlation matrix; null likewise. 1 / n would be no common factor at all. */
  readonly firstComponent: number | null;
}

/**
 * Structure of residual series `e[i]` (centred, equally long, at least two rows) held with dollars `values`.
 * Shrinkage is toward the diagonal with the intensity of Schäfer and Strimmer (2005) after Ledoit and Wolf:
 * sum of the variances of the off-diagonal covariances over the sum of their squares.
 */
export function residualStructure(values: readonly number[], e: readonly Float64Array[]): ResidualStructure {
  const rows = e[0]?.length ?? 0;
  const n = e.length;
  if (n === 0) return { full: 0, diagonal: 0, shrunk: 0, intensity: 0, averageCorrelation: null, firstComponent: null };
  const variance = e.map((series) => dot(series, series) / (rows - 1));
  const total = new Float64Array(rows);
  e.forEach((series, i) => {
    for (let t = 0; t < rows; t++) total[t]! += values[i]! * series[t]!;
  });
  const full = dot(total, total) / (rows - 1);
  const diagonal = variance.reduce((sum, v, i) => sum + values[i]! ** 2 * v, 0);
  const intensity = shrinkage(e, rows);
  const moving = e.filter((_, i) => variance[i]! > 0);
  const z = moving.map((series) => {
    const sd = Math.sqrt(dot(series, series) / (rows - 1));
    return series.map((x) => x / sd);
  });
  return {
    full,
    diagonal,
    shrunk: (1 - intensity) * full + intensity * diagonal,
    intensity,
    averageCorrelation: z.length < 2 ? null : averageCorrelation(z, rows),
    firstComponent: z.length < 2 ? null : firstEigenvalue(z, rows) / z.length,
  };
}

/** Covariances with divisor `rows`; sums over all pairs by way of the rows, so that the cost is rows² x n and never n² x rows. */
function shrinkage(e: readonly Float64Array[], rows: number): number {
  const n = e.length;
  if (n < 2) return 0;
  // sum_ij s_ij^2 = ||G||^2 / rows^2 with G_tu = sum_i x_ti x_ui.
  let squares = 0;
  let fourth = 0;
  productsOf(byRow(e, rows)).forEach((line, t) => {
    for (const g of line) squares += g * g;
    fourth += line[t]! * line[t]!;
  });
  squares /= rows * rows;
  // The diagonal's share of both sums.
  let squaresDiagonal = 0;
  let fourthDiagonal = 0;
  for (const series of e) {
    let s = 0;
    for (let t = 0; t < rows; t++) {
      const square = series[t]! * series[t]!;
      s += square;
      fourthDiagonal += square * square;
    }
    squaresDiagonal += (s / rows) ** 2;
  }
  const gamma = squares - squaresDiagonal;
  const pi = (fourth - fourthDiagonal - rows * gamma) / (rows * rows);
  return gamma <= 0 ? 1 : Math.min(1, Math.max(0, pi / gamma));
}

/** The same values by row, so that sums over all series read memory in order. */
function byRow(e: readonly Float64Array[], rows: number): Float64Array[] {
  const out = Array.from({ length: rows }, () => new Float64Array(e.length));
  // A few series at a time, so that what is written to a row lies side by side.
  for (let from = 0; from < e.length; from += 8) {
    const to = Math.min(e.length, from + 8);
    for (let t = 0; t < rows; t++) {
      const line = out[t]!;
      for (let i = from; i < to; i++) line[i] = e[i]![t]!;
    }
  }
  return out;
}

/** Of standardised series: the variance of their sum tells the mean of all pairs. */
function averageCorrelation(z: readonly Float64Array[], rows: number): number {
  let sum = 0;
  for (let t = 0; t < rows; t++) {
    let day = 0;
    for (const series of z) day += series[t]!;
    sum += day * day;
  }
  const n = z.length;
  return (sum / (rows - 1) - n) / (n * (n - 1));
}

/**
 * Largest eigenvalue of the correlation matrix Z Z' / (rows - 1) by power iteration from equal weights with a fixed tilt; the same bits
 * every time. With more series than rows Z' Z has the same one and is smaller.
 */
function firstEigenvalue(z: readonly Float64Array[], rows: number): number {
  const lines = z.length > rows ? byRow(z, rows) : z;
  const gram = productsOf(lines).map((line) => line.map((product) => product / (rows - 1)));
  const start = Float64Array.from(z, (_, i) => 1 + (i % 7) / 100);
  // Days sum to nothing, so that equal weights on them would be no start: those of the series are carried over.
  let v = lines === z ? start : Float64Array.from(lines, (day) => dot(day, start));
  let value = 0;
  for (let step = 0; step < 500; step++) {
    const length = Math.sqrt(dot(v, v));
    const next = Float64Array.from(gram, (row) => dot(row, v) / length);
    const grown = Math.sqrt(dot(next, next));
    if (Math.abs(grown - value) <= 1e-13 * grown) return grown;
    value = grown;
    v = next;
  }
  return value;
}

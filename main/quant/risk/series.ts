/** Sums over daily series: centred columns on common rows. Returns are daily decimals or dollars, NaN = missing. */

export const YEAR = 252;

/** Rows on which every series has a value. */
export function commonRows(series: readonly Float64Array[], rows: number): Int32Array {
  const missing = new Uint8Array(rows);
  for (const one of series) for (let row = 0; row < rows; row++) if (Number.isNaN(one[row] ?? NaN)) missing[row] = 1;
  return Int32Array.from(missing.keys()).filter((row) => missing[row] === 0);
}

/** Values on chosen rows less their mean: sums of squares of it do not cancel. */
export function centred(series: Float64Array, rows: Int32Array): Float64Array {
  const values = Float64Array.from(rows, (row) => series[row]!);
  let mean = 0;
  for (const value of values) mean += value;
  mean /= values.length;
  for (let i = 0; i < values.length; i++) values[i]! -= mean;
  return values;
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** `to += factor * series`. */
export function addTo(to: Float64Array, series: Float64Array, factor: number): void {
  for (let i = 0; i < to.length; i++) to[i]! += factor * series[i]!;
}

/** Correlation of two daily series on the days both have. */

export interface Correlation {
  /** Null with fewer than three common days, or when one of them does not move. */
  readonly pearson: number | null;
  readonly spearman: number | null;
  /** Common days. */
  readonly days: number;
}

export function correlation(a: Float64Array, b: Float64Array): Correlation {
  const x: number[] = [];
  const y: number[] = [];
  for (let i = 0; i < Math.min(a.length, b.length); i++)
    if (!Number.isNaN(a[i]!) && !Number.isNaN(b[i]!)) {
      x.push(a[i]!);
      y.push(b[i]!);
    }
  if (x.length < 3) return { pearson: null, spearman: null, days: x.length };
  return { pearson: pearson(x, y), spearman: pearson(ranks(x), ranks(y)), days: x.length };
}

function pearson(x: readonly number[], y: readonly number[]): number | null {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const mx = mean(x);
  const my = mean(y);
  let [xx, yy, xy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    xx += (x[i]! - mx) ** 2;
    yy += (y[i]! - my) ** 2;
    xy += (x[i]! - mx) * (y[i]! - my);
  }
  return xx === 0 || yy === 0 ? null : Math.min(1, Math.max(-1, xy / Math.sqrt(xx) / Math.sqrt(yy)));
}

/** Ranks from 1; equal values share the mean of theirs. */
function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((i, j) => values[i]! - values[j]!);
  const out = new Array<number>(values.length);
  for (let first = 0; first < order.length;) {
    let last = first;
    while (last + 1 < order.length && values[order[last + 1]!] === values[order[first]!]) last++;
    for (let k = first; k <= last; k++) out[order[k]!] = (first + last) / 2 + 1;
    first = last + 1;
  }
  return out;
}

/** Sample variances over every window, by the block-anchored sums of the cascade kernel (`../cascade/sums.ts`): nothing is ever subtracted. */
import { ZERO_VARIANCE } from '../cascade/factors.ts';
import type { Weights } from '../cascade/sums.ts';

export interface Windows {
  readonly window: number;
  /** Row of the first block's start, zero or negative. */
  readonly origin: number;
  readonly weights: Weights;
  readonly squared: Weights;
}

/** Sums of a suffix: count, w, ww, wx, wxx. */
const SUMS = 5;

/** Scratch for one block. */
export const createSuffix = (window: number): Float64Array => new Float64Array((window + 1) * SUMS);

/**
 * Writes the centred weighted sample variance of `x` over the window rows where `has` is set to `out[t]`, and the count of those rows to
 * `count[t]`, for rows [from, to); `has` set means x has a value. Under two rows: NaN. Rounding left over from a constant is 0.
 */
export function windowVariance(
  { window, origin, weights, squared }: Windows,
  x: Float64Array,
  has: Uint8Array,
  from: number,
  to: number,
  suffix: Float64Array,
  out: Float64Array,
  count: Int32Array,
): void {
  for (let a = from; a < to;) {
    const start = a - ((a - origin) % window);
    const b = Math.min(to, start + window);
    const oldest = Math.max(0, a - window + 1);
    let n = 0;
    let w = 0;
    let ww = 0;
    let s = 0;
    let q = 0;
    for (let i = start - 1; i >= oldest; i--) {
      if (has[i] === 1) {
        const wi = weights.power[start - 1 - i]!;
        const xi = x[i]!;
        n += 1;
        w += wi;
        ww += squared.power[start - 1 - i]!;
        s += wi * xi;
        q += wi * xi * xi;
      }
      const j = (i - oldest) * SUMS;
      suffix[j] = n;
      suffix[j + 1] = w;
      suffix[j + 2] = ww;
      suffix[j + 3] = s;
      suffix[j + 4] = q;
    }
    n = w = ww = s = q = 0;
    for (let t = Math.max(0, start); t < b; t++) {
      w *= weights.decay;
      ww *= squared.decay;
      s *= weights.decay;
      q *= weights.decay;
      if (has[t] === 1) {
        const xi = x[t]!;
        n += 1;
        w += 1;
        ww += 1;
        s += xi;
        q += xi * xi;
      }
      if (t < a) continue;
      const first = Math.max(0, t - window + 1);
      let rows = n;
      let sumW = w;
      let sumWW = ww;
      let sum = s;
      let squares = q;
      if (first < start) {
        const j = (first - oldest) * SUMS;
        const age = t - start + 1;
        const scale = weights.power[age]!;
        rows += suffix[j]!;
        sumW += scale * suffix[j + 1]!;
        sumWW += squared.power[age]! * suffix[j + 2]!;
        sum += scale * suffix[j + 3]!;
        squares += scale * suffix[j + 4]!;
      }
      const mean = sum / sumW;
      const centred = squares - sum * mean;
      const factor = 1 / (sumW * (1 - sumWW / (sumW * sumW)));
      count[t] = rows;
      out[t] = rows < 2 ? NaN : centred > ZERO_VARIANCE * squares ? centred * factor : 0;
    }
    a = b;
  }
}

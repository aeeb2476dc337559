/** Factor sums where the stock misses a few returns that all its ETFs have: the shared sums less those rows. */
import { FACTOR_SUMS, factorSums } from './sums.ts';
import type { Stretch, Weights } from './sums.ts';

/** A window with more holes has sums of its own. */
export const MOST_HOLES = 24;
/** Where less than this share of a sum of squares would stay, the row has sums of its own, too: the difference would lack digits. */
const LEAST_SHARE = 1 / 64;

// Local names: V8 folds a module's own constants into code but loads imported and exported ones at every use.
const NF = FACTOR_SUMS;

/** What `lessHoles` needs of a chain: presence of all ETFs, market returns and spreads, and the sums of every row of the stretch at row * FACTOR_SUMS. */
export interface SharedSums {
  readonly has: Uint8Array;
  readonly m: Float64Array;
  readonly p: Float64Array;
  readonly q: Float64Array;
  readonly sums: Float64Array;
}

/**
 * Sums of a stretch with equal weights over the rows where the stock and its ETFs have a return, FACTOR_SUMS values per row: the shared ones less
 * the rows of `holes` (ascending) in the window. Windows with the same holes lie together and share what is taken off. Which way a row goes
 * depends on its own window only.
 */
export function lessHoles(
  at: Stretch,
  weights: Weights,
  holes: Int32Array,
  count: number,
  shared: SharedSums,
  r: Float64Array,
  suffix: Float64Array,
  out: Float64Array,
): void {
  const { window, start, from, to } = at;
  const { has, m, p, q, sums } = shared;
  let gone = 0;
  let reached = 0;
  for (let t = from; t < to;) {
    while (gone < count && holes[gone]! <= t - window) gone++;
    while (reached < count && holes[reached]! <= t) reached++;
    let end = to;
    if (reached < count) end = Math.min(end, holes[reached]!);
    if (gone < reached) end = Math.min(end, holes[gone]! + window);
    const n = reached - gone;
    let a = 0;
    let b = 0;
    let c = 0;
    let aa = 0;
    let ab = 0;
    let ac = 0;
    let bb = 0;
    let bc = 0;
    let cc = 0;
    for (let i = gone; i < reached; i++) {
      const h = holes[i]!;
      const mi = m[h]!;
      const pi = p[h]!;
      const qi = q[h]!;
      a += mi;
      b += pi;
      c += qi;
      aa += mi * mi;
      ab += mi * pi;
      ac += mi * qi;
      bb += pi * pi;
      bc += pi * qi;
      cc += qi * qi;
    }
    for (; t < end; t++) {
      const x = t * NF;
      const o = (t - from) * NF;
      const leftM = sums[x + 5]! - aa;
      const leftP = sums[x + 8]! - bb;
      const leftQ = sums[x + 10]! - cc;
      if (leftM < sums[x + 5]! * LEAST_SHARE || leftP < sums[x + 8]! * LEAST_SHARE || leftQ < sums[x + 10]! * LEAST_SHARE) {
        factorSums({ window, start, from: t, to: t + 1 }, weights, has, r, m, p, q, suffix, out.subarray(o));
        continue;
      }
      out[o] = sums[x]! - n;
      out[o + 1] = sums[x + 1]! - n;
      out[o + 2] = sums[x + 2]! - a;
      out[o + 3] = sums[x + 3]! - b;
      out[o + 4] = sums[x + 4]! - c;
      out[o + 5] = leftM;
      out[o + 6] = sums[x + 6]! - ab;
      out[o + 7] = sums[x + 7]! - ac;
      out[o + 8] = leftP;
      out[o + 9] = sums[x + 9]! - bc;
      out[o + 10] = leftQ;
    }
  }
}

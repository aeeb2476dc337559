/**
 * Block-anchored window sums. The calendar is cut into blocks of W rows on a fixed index; the window ending at row t is
 * the suffix of the previous block from t-W+1 plus the prefix of t's own block up to t. Nothing is ever subtracted and no
 * row outside the window is read, so what has left the window leaves no trace and a row's sums do not depend on the range asked for.
 */

/** Weight of a row by age; equal weights are decay 1 and ones (multiplying by 1 changes no bit). */
export interface Weights {
  readonly decay: number;
  /** `power[a]` = weight at age a, 0 to W. */
  readonly power: Float64Array;
}

/** Factor sums per row: n, w, m, s, u, mm, ms, mu, ss, su, uu. */
export const FACTOR_SUMS = 11;
/** Stock sums per row: r, rr, rm, rs, ru. */
export const STOCK_SUMS = 5;

/** Weights `0.5^(age / halfLife)`, or their squares; null = equal weights. */
export function createWeights(window: number, halfLife: number | null, squared: boolean): Weights {
  const rate = halfLife === null ? 0 : (squared ? 2 : 1) / halfLife;
  const power = Float64Array.from({ length: window + 1 }, (_, age) => Math.pow(0.5, age * rate));
  return { decay: power[1]!, power };
}

/** Where a stretch of rows lies: `start` is the first row of its block (may be negative at the head of the axis). */
export interface Stretch {
  readonly window: number;
  readonly start: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Sums of the factor products over the window rows where `has` is set and `r` is finite, for rows [from, to) of one block.
 * Writes FACTOR_SUMS values per row to `out`; `suffix` is scratch of (W + 1) * FACTOR_SUMS.
 */
export function factorSums(
  at: Stretch,
  weights: Weights,
  has: Uint8Array,
  r: Float64Array,
  m: Float64Array,
  s: Float64Array,
  u: Float64Array,
  suffix: Float64Array,
  out: Float64Array,
): void {
  const { window, start, from, to } = at;
  const { decay, power } = weights;
  const oldest = Math.max(0, from - window + 1);
  let n = 0;
  let w = 0;
  let a = 0;
  let b = 0;
  let c = 0;
  let aa = 0;
  let ab = 0;
  let ac = 0;
  let bb = 0;
  let bc = 0;
  let cc = 0;
  for (let i = start - 1; i >= oldest; i--) {
    const x = r[i]!;
    if (has[i] === 1 && x - x === 0) {
      const wi = power[start - 1 - i]!;
      const mi = m[i]!;
      const si = s[i]!;
      const ui = u[i]!;
      const wm = mi * wi;
      const ws = si * wi;
      const wu = ui * wi;
      n += 1;
      w += wi;
      a += wm;
      b += ws;
      c += wu;
      aa += wm * mi;
      ab += wm * si;
      ac += wm * ui;
      bb += ws * si;
      bc += ws * ui;
      cc += wu * ui;
    }
    const q = (i - oldest) * FACTOR_SUMS;
    suffix[q] = n;
    suffix[q + 1] = w;
    suffix[q + 2] = a;
    suffix[q + 3] = b;
    suffix[q + 4] = c;
    suffix[q + 5] = aa;
    suffix[q + 6] = ab;
    suffix[q + 7] = ac;
    suffix[q + 8] = bb;
    suffix[q + 9] = bc;
    suffix[q + 10] = cc;
  }
  n = w = a = b = c = aa = ab = ac = bb = bc = cc = 0;
  for (let t = Math.max(0, start); t < to; t++) {
    const x = r[t]!;
    w *= decay;
    a *= decay;
    b *= decay;
    c *= decay;
    aa *= decay;
    ab *= decay;
    ac *= decay;
    bb *= decay;
    bc *= decay;
    cc *= decay;
    if (has[t] === 1 && x - x === 0) {
      const mi = m[t]!;
      const si = s[t]!;
      const ui = u[t]!;
      n += 1;
      w += 1;
      a += mi;
      b += si;
      c += ui;
      aa += mi * mi;
      ab += mi * si;
      ac += mi * ui;
      bb += si * si;
      bc += si * ui;
      cc += ui * ui;
    }
    if (t < from) continue;
    const o = (t - from) * FACTOR_SUMS;
    out[o] = n;
    out[o + 1] = w;
    out[o + 2] = a;
    out[o + 3] = b;
    out[o + 4] = c;
    out[o + 5] = aa;
    out[o + 6] = ab;
    out[o + 7] = ac;
    out[o + 8] = bb;
    out[o + 9] = bc;
    out[o + 10] = cc;
    const first = Math.max(0, t - window + 1);
    if (first >= start) continue;
    const f = power[t - start + 1]!;
    const q = (first - oldest) * FACTOR_SUMS;
    out[o] = n + suffix[q]!;
    for (let k = 1; k < FACTOR_SUMS; k++) out[o + k] = out[o + k]! + suffix[q + k]! * f;
  }
}

/**
 * Sums of the return and its products with the factors over the same rows as `factorSums`; STOCK_SUMS values per row.
 * `suffix` is scratch of (W + 1) * STOCK_SUMS.
 */
export function stockSums(
  at: Stretch,
  weights: Weights,
  has: Uint8Array,
  r: Float64Array,
  m: Float64Array,
  s: Float64Array,
  u: Float64Array,
  suffix: Float64Array,
  out: Float64Array,
): void {
  const { window, start, from, to } = at;
  const { decay, power } = weights;
  const oldest = Math.max(0, from - window + 1);
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let e = 0;
  for (let i = start - 1; i >= oldest; i--) {
    const x = r[i]!;
    if (has[i] === 1 && x - x === 0) {
      const wx = x * power[start - 1 - i]!;
      a += wx;
      b += wx * x;
      c += wx * m[i]!;
      d += wx * s[i]!;
      e += wx * u[i]!;
    }
    const q = (i - oldest) * STOCK_SUMS;
    suffix[q] = a;
    suffix[q + 1] = b;
    suffix[q + 2] = c;
    suffix[q + 3] = d;
    suffix[q + 4] = e;
  }
  a = b = c = d = e = 0;
  for (let t = Math.max(0, start); t < to; t++) {
    const x = r[t]!;
    a *= decay;
    b *= decay;
    c *= decay;
    d *= decay;
    e *= decay;
    if (has[t] === 1 && x - x === 0) {
      a += x;
      b += x * x;
      c += x * m[t]!;
      d += x * s[t]!;
      e += x * u[t]!;
    }
    if (t < from) continue;
    const o = (t - from) * STOCK_SUMS;
    const first = Math.max(0, t - window + 1);
    if (first < start) {
      const f = power[t - start + 1]!;
      const q = (first - oldest) * STOCK_SUMS;
      out[o] = a + suffix[q]! * f;
      out[o + 1] = b + suffix[q + 1]! * f;
      out[o + 2] = c + suffix[q + 2]! * f;
      out[o + 3] = d + suffix[q + 3]! * f;
      out[o + 4] = e + suffix[q + 4]! * f;
    } else {
      out[o] = a;
      out[o + 1] = b;
      out[o + 2] = c;
      out[o + 3] = d;
      out[o + 4] = e;
    }
  }
}

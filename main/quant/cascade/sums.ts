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

/** A return that is not below this in size (or not a number) is missing. */
export const RETURN_LIMIT = 1e30;

/** Factor sums per row: n, w, m, p, q, mm, mp, mq, pp, pq, qq. */
export const FACTOR_SUMS = 11;
/** Stock sums per row: r, rr, rm, rp, rq. */
export const STOCK_SUMS = 5;

// Local names: V8 folds a module's own constants into code but loads exported ones at every use.
const LIMIT = RETURN_LIMIT;
const NF = FACTOR_SUMS;
const NS = STOCK_SUMS;

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
 * Sums of the factor products over the window rows where `has` is set and `r` has a return, for rows [from, to) of one block.
 * Writes FACTOR_SUMS values per row to `out`; `suffix` is scratch of (W + 1) * FACTOR_SUMS.
 */
export function factorSums(
  at: Stretch,
  weights: Weights,
  has: Uint8Array,
  r: Float64Array,
  m: Float64Array,
  p: Float64Array,
  q: Float64Array,
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
    if (has[i] === 1 && Math.abs(x) < LIMIT) {
      const wi = power[start - 1 - i]!;
      const mi = m[i]!;
      const pi = p[i]!;
      const qi = q[i]!;
      const wm = mi * wi;
      const wp = pi * wi;
      const wq = qi * wi;
      n += 1;
      w += wi;
      a += wm;
      b += wp;
      c += wq;
      aa += wm * mi;
      ab += wm * pi;
      ac += wm * qi;
      bb += wp * pi;
      bc += wp * qi;
      cc += wq * qi;
    }
    const j = (i - oldest) * NF;
    suffix[j] = n;
    suffix[j + 1] = w;
    suffix[j + 2] = a;
    suffix[j + 3] = b;
    suffix[j + 4] = c;
    suffix[j + 5] = aa;
    suffix[j + 6] = ab;
    suffix[j + 7] = ac;
    suffix[j + 8] = bb;
    suffix[j + 9] = bc;
    suffix[j + 10] = cc;
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
    if (has[t] === 1 && Math.abs(x) < LIMIT) {
      const mi = m[t]!;
      const pi = p[t]!;
      const qi = q[t]!;
      n += 1;
      w += 1;
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
    if (t < from) continue;
    const o = (t - from) * NF;
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
    const j = (first - oldest) * NF;
    out[o] = n + suffix[j]!;
    out[o + 1] = w + suffix[j + 1]! * f;
    out[o + 2] = a + suffix[j + 2]! * f;
    out[o + 3] = b + suffix[j + 3]! * f;
    out[o + 4] = c + suffix[j + 4]! * f;
    out[o + 5] = aa + suffix[j + 5]! * f;
    out[o + 6] = ab + suffix[j + 6]! * f;
    out[o + 7] = ac + suffix[j + 7]! * f;
    out[o + 8] = bb + suffix[j + 8]! * f;
    out[o + 9] = bc + suffix[j + 9]! * f;
    out[o + 10] = cc + suffix[j + 10]! * f;
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
  p: Float64Array,
  q: Float64Array,
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
    if (has[i] === 1 && Math.abs(x) < LIMIT) {
      const wx = x * power[start - 1 - i]!;
      a += wx;
      b += wx * x;
      c += wx * m[i]!;
      d += wx * p[i]!;
      e += wx * q[i]!;
    }
    const j = (i - oldest) * NS;
    suffix[j] = a;
    suffix[j + 1] = b;
    suffix[j + 2] = c;
    suffix[j + 3] = d;
    suffix[j + 4] = e;
  }
  a = b = c = d = e = 0;
  for (let t = Math.max(0, start); t < to; t++) {
    const x = r[t]!;
    a *= decay;
    b *= decay;
    c *= decay;
    d *= decay;
    e *= decay;
    if (has[t] === 1 && Math.abs(x) < LIMIT) {
      a += x;
      b += x * x;
      c += x * m[t]!;
      d += x * p[t]!;
      e += x * q[t]!;
    }
    if (t < from) continue;
    const o = (t - from) * NS;
    const first = Math.max(0, t - window + 1);
    if (first < start) {
      const f = power[t - start + 1]!;
      const j = (first - oldest) * NS;
      out[o] = a + suffix[j]! * f;
      out[o + 1] = b + suffix[j + 1]! * f;
      out[o + 2] = c + suffix[j + 2]! * f;
      out[o + 3] = d + suffix[j + 3]! * f;
      out[o + 4] = e + suffix[j + 4]! * f;
    } else {
      // + 0 leaves no -0: as if a suffix of nothing were added.
      out[o] = a + 0;
      out[o + 1] = b + 0;
      out[o + 2] = c + 0;
      out[o + 3] = d + 0;
      out[o + 4] = e + 0;
    }
  }
}

/**
 * `stockSums` for equal weights where no row from the earlier of `start` and the oldest window on misses a return. Entry t - from of the
 * suffixes belongs to row t, whatever its window holds of the block before, so no row needs a branch.
 */
export function completeStockSums(
  at: Stretch,
  r: Float64Array,
  m: Float64Array,
  p: Float64Array,
  q: Float64Array,
  suffix: Float64Array,
  out: Float64Array,
): void {
  const { window, start, from, to } = at;
  const first = from - window + 1;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let e = 0;
  // A window that ends its block has nothing of the block before.
  for (let j = (start - first) * NS, k = 0; k < NS; k++) suffix[j + k] = 0;
  for (let i = start - 1; i >= first; i--) {
    // Windows that begin before the axis have all of it.
    if (i >= 0) {
      const x = r[i]!;
      a += x;
      b += x * x;
      c += x * m[i]!;
      d += x * p[i]!;
      e += x * q[i]!;
    }
    const j = ((i - first) * NS) | 0;
    suffix[j] = a;
    suffix[(j + 1) | 0] = b;
    suffix[(j + 2) | 0] = c;
    suffix[(j + 3) | 0] = d;
    suffix[(j + 4) | 0] = e;
  }
  a = b = c = d = e = 0;
  for (let t = Math.max(0, start); t < to; t++) {
    const x = r[t]!;
    a += x;
    b += x * x;
    c += x * m[t]!;
    d += x * p[t]!;
    e += x * q[t]!;
    if (t < from) continue;
    const o = ((t - from) * NS) | 0;
    out[o] = a + suffix[o]!;
    out[(o + 1) | 0] = b + suffix[(o + 1) | 0]!;
    out[(o + 2) | 0] = c + suffix[(o + 2) | 0]!;
    out[(o + 3) | 0] = d + suffix[(o + 3) | 0]!;
    out[(o + 4) | 0] = e + suffix[(o + 4) | 0]!;
  }
}

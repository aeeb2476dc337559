/** Block-anchored window sums: cascade/sums.ts with two sums per vector, each lane in the same order of operations. */
import { FACTOR_BYTES, LIMIT, RM, RP, RQ, SR, SRR, STOCK_BYTES, suffix, window } from './layout';

@inline
function splat(x: f64): v128 {
  return f64x2.splat(x);
}
@inline
function swapped(v: v128): v128 {
  return v128.shuffle<f64>(v, v, 1, 0);
}
@inline
function first(v: v128): v128 {
  return v128.shuffle<f64>(v, v, 0, 0);
}

/**
 * Sums of the factor products over the rows where `has` is set and `r` has a return, for rows [from, to) of the block at `start`.
 * `keep` clears the spreads of absent levels: p and q become +0.
 */
@inline
function factors(
  WEIGHTED: bool, start: i32, from: i32, to: i32, weights: usize, has: usize, r: usize, spreads: usize, keepP: v128, keepQ: v128, out: usize,
): void {
  const decay: f64 = WEIGHTED ? load<f64>(weights, 8) : 1;
  const oldest = max(0, from - window + 1);
  let n = splat(0);
  let b = splat(0);
  let c = splat(0);
  let d = splat(0);
  let e = splat(0);
  let f = splat(0);
  for (let i = start - 1; i >= oldest; i--) {
    if (load<u8>(has + i) === 1 && abs(load<f64>(r + (i << 3))) < LIMIT) {
      const x = v128.and(v128.load(spreads + (i << 5)), keepP);
      const z = v128.and(v128.load64_splat(spreads + (i << 5), 16), keepQ);
      const pq = v128.shuffle<f64>(x, z, 1, 2);
      if (WEIGHTED) {
        const w = v128.load64_splat(weights + ((start - 1 - i) << 3));
        const wx = f64x2.mul(x, w);
        const wz = f64x2.mul(z, w);
        n = f64x2.add(n, f64x2.replace_lane(w, 0, 1));
        b = f64x2.add(b, wx);
        c = f64x2.add(c, wz);
        d = f64x2.add(d, f64x2.mul(first(wx), x));
        e = f64x2.add(e, f64x2.mul(wx, z));
        f = f64x2.add(f, f64x2.mul(v128.shuffle<f64>(wx, wz, 1, 2), pq));
      } else {
        n = f64x2.add(n, splat(1));
        b = f64x2.add(b, x);
        c = f64x2.add(c, z);
        d = f64x2.add(d, f64x2.mul(first(x), x));
        e = f64x2.add(e, f64x2.mul(x, z));
        f = f64x2.add(f, f64x2.mul(pq, pq));
      }
    }
    const j = suffix + (i - oldest) * FACTOR_BYTES;
    v128.store(j, n);
    v128.store(j, b, 16);
    v128.store(j, c, 32);
    v128.store(j, d, 48);
    v128.store(j, e, 64);
    v128.store(j, f, 80);
  }
  n = splat(0);
  b = splat(0);
  c = splat(0);
  d = splat(0);
  e = splat(0);
  f = splat(0);
  const fade = splat(decay);
  const fadeWeight = f64x2.replace_lane(fade, 0, 1);
  for (let t = max(0, start); t < to; t++) {
    if (WEIGHTED) {
      n = f64x2.mul(n, fadeWeight);
      b = f64x2.mul(b, fade);
      c = f64x2.mul(c, fade);
      d = f64x2.mul(d, fade);
      e = f64x2.mul(e, fade);
      f = f64x2.mul(f, fade);
    }
    if (load<u8>(has + t) === 1 && abs(load<f64>(r + (t << 3))) < LIMIT) {
      const x = v128.and(v128.load(spreads + (t << 5)), keepP);
      const z = v128.and(v128.load64_splat(spreads + (t << 5), 16), keepQ);
      const pq = v128.shuffle<f64>(x, z, 1, 2);
      n = f64x2.add(n, splat(1));
      b = f64x2.add(b, x);
      c = f64x2.add(c, z);
      d = f64x2.add(d, f64x2.mul(first(x), x));
      e = f64x2.add(e, f64x2.mul(x, z));
      f = f64x2.add(f, f64x2.mul(pq, pq));
    }
    if (t < from) continue;
    const o = out + (t - from) * FACTOR_BYTES;
    const from0 = max(0, t - window + 1);
    if (from0 >= start) {
      v128.store(o, n);
      v128.store(o, b, 16);
      v128.store(o, c, 32);
      v128.store(o, d, 48);
      v128.store(o, e, 64);
      v128.store(o, f, 80);
    } else {
      const j = suffix + (from0 - oldest) * FACTOR_BYTES;
      if (WEIGHTED) {
        const w = v128.load64_splat(weights + ((t - start + 1) << 3));
        v128.store(o, f64x2.add(n, f64x2.mul(v128.load(j), f64x2.replace_lane(w, 0, 1))));
        v128.store(o, f64x2.add(b, f64x2.mul(v128.load(j, 16), w)), 16);
        v128.store(o, f64x2.add(c, f64x2.mul(v128.load(j, 32), w)), 32);
        v128.store(o, f64x2.add(d, f64x2.mul(v128.load(j, 48), w)), 48);
        v128.store(o, f64x2.add(e, f64x2.mul(v128.load(j, 64), w)), 64);
        v128.store(o, f64x2.add(f, f64x2.mul(v128.load(j, 80), w)), 80);
      } else {
        v128.store(o, f64x2.add(n, v128.load(j)));
        v128.store(o, f64x2.add(b, v128.load(j, 16)), 16);
        v128.store(o, f64x2.add(c, v128.load(j, 32)), 32);
        v128.store(o, f64x2.add(d, v128.load(j, 48)), 48);
        v128.store(o, f64x2.add(e, v128.load(j, 64)), 64);
        v128.store(o, f64x2.add(f, v128.load(j, 80)), 80);
      }
    }
  }
}

/** A row of stock sums goes into its lane of the pair: c = (rq, anything), b = (rm, rp), a = (r, rr). */
@inline
function put(out: usize, t: i32, a: v128, b: v128, c: v128): void {
  const o = out + (t >> 1) * STOCK_BYTES + ((t & 1) << 3);
  v128.store64_lane(o, a, 0, SR);
  v128.store64_lane(o, a, 1, SRR);
  v128.store64_lane(o, b, 0, RM);
  v128.store64_lane(o, b, 1, RP);
  v128.store64_lane(o, c, 0, RQ);
}

/** Bytes of a row's suffix: three vectors. */
const SUFFIX: i32 = 48;

/** Sums of the return and its products with the factors over the same rows. */
@inline
function stock(
  WEIGHTED: bool, start: i32, from: i32, to: i32, weights: usize, has: usize, r: usize, spreads: usize, keepP: v128, keepQ: v128, out: usize,
): void {
  const decay: f64 = WEIGHTED ? load<f64>(weights, 8) : 1;
  const oldest = max(0, from - window + 1);
  let a = splat(0);
  let b = splat(0);
  let c = splat(0);
  for (let i = start - 1; i >= oldest; i--) {
    const x = v128.load64_splat(r + (i << 3));
    if (load<u8>(has + i) === 1 && abs(f64x2.extract_lane(x, 0)) < LIMIT) {
      const wx = WEIGHTED ? f64x2.mul(x, v128.load64_splat(weights + ((start - 1 - i) << 3))) : x;
      a = f64x2.add(a, f64x2.mul(wx, f64x2.replace_lane(x, 0, 1)));
      b = f64x2.add(b, f64x2.mul(wx, v128.and(v128.load(spreads + (i << 5)), keepP)));
      c = f64x2.add(c, f64x2.mul(wx, v128.and(v128.load64_splat(spreads + (i << 5), 16), keepQ)));
    }
    const j = suffix + (i - oldest) * SUFFIX;
    v128.store(j, a);
    v128.store(j, b, 16);
    v128.store(j, c, 32);
  }
  a = splat(0);
  b = splat(0);
  c = splat(0);
  const fade = splat(decay);
  for (let t = max(0, start); t < to; t++) {
    const x = v128.load64_splat(r + (t << 3));
    if (WEIGHTED) {
      a = f64x2.mul(a, fade);
      b = f64x2.mul(b, fade);
      c = f64x2.mul(c, fade);
    }
    if (load<u8>(has + t) === 1 && abs(f64x2.extract_lane(x, 0)) < LIMIT) {
      a = f64x2.add(a, f64x2.mul(x, f64x2.replace_lane(x, 0, 1)));
      b = f64x2.add(b, f64x2.mul(x, v128.and(v128.load(spreads + (t << 5)), keepP)));
      c = f64x2.add(c, f64x2.mul(x, v128.and(v128.load64_splat(spreads + (t << 5), 16), keepQ)));
    }
    if (t < from) continue;
    const from0 = max(0, t - window + 1);
    if (from0 >= start) {
      // As in TypeScript: + 0 leaves no -0, as if a suffix of nothing were added.
      put(out, t, f64x2.add(a, splat(0)), f64x2.add(b, splat(0)), f64x2.add(c, splat(0)));
    } else {
      const j = suffix + (from0 - oldest) * SUFFIX;
      if (WEIGHTED) {
        const w = v128.load64_splat(weights + ((t - start + 1) << 3));
        put(
          out, t, f64x2.add(a, f64x2.mul(v128.load(j), w)), f64x2.add(b, f64x2.mul(v128.load(j, 16), w)),
          f64x2.add(c, f64x2.mul(v128.load(j, 32), w)),
        );
      } else put(out, t, f64x2.add(a, v128.load(j)), f64x2.add(b, v128.load(j, 16)), f64x2.add(c, v128.load(j, 32)));
    }
  }
}

/**
 * The same where nothing is missing: a = (rm, rp), b = (rq, r), c = rr. Entry t - from of the suffixes belongs to row t, whatever the window
 * holds of the block before; rr has a column of its own.
 */
@inline
function completeOf(WEIGHTED: bool, start: i32, from: i32, to: i32, weights: usize, r: usize, spreads: usize, out: usize): void {
  const first = from - window + 1;
  const end = to - window + 1;
  const squares = suffix + ((window + 1) << 5);
  let a = splat(0);
  let b = splat(0);
  let c: f64 = 0;
  // The window of a block's last row has nothing of the block before.
  if (end > start) {
    const j = suffix + ((start - first) << 5);
    v128.store(j, a);
    v128.store(j, b, 16);
    store<f64>(squares + ((start - first) << 3), c);
  }
  const oldest = max(first, 0);
  let i = start - 1;
  // Two rows a turn: rows i and i - 1.
  for (; i > oldest; i -= 2) {
    const j = suffix + ((i - 1 - first) << 5);
    const z = squares + ((i - 1 - first) << 3);
    const y = spreads + ((i - 1) << 5);
    const xx = v128.load(r + ((i - 1) << 3));
    const ww = WEIGHTED ? f64x2.mul(xx, swapped(v128.load(weights + ((start - 1 - i) << 3)))) : xx;
    const cc = f64x2.mul(ww, xx);
    const w1 = v128.shuffle<f64>(ww, ww, 1, 1);
    a = f64x2.add(a, f64x2.mul(w1, v128.load(y, 32)));
    b = f64x2.add(b, f64x2.mul(w1, v128.load(y, 48)));
    c += f64x2.extract_lane(cc, 1);
    v128.store(j, a, 32);
    v128.store(j, b, 48);
    store<f64>(z, c, 8);
    const w0 = v128.shuffle<f64>(ww, ww, 0, 0);
    a = f64x2.add(a, f64x2.mul(w0, v128.load(y)));
    b = f64x2.add(b, f64x2.mul(w0, v128.load(y, 16)));
    c += f64x2.extract_lane(cc, 0);
    v128.store(j, a);
    v128.store(j, b, 16);
    store<f64>(z, c);
  }
  if (i === oldest) {
    const j = suffix + ((i - first) << 5);
    const x = v128.load64_splat(r + (i << 3));
    const wx = WEIGHTED ? f64x2.mul(x, v128.load64_splat(weights + ((start - 1 - i) << 3))) : x;
    a = f64x2.add(a, f64x2.mul(wx, v128.load(spreads + (i << 5))));
    b = f64x2.add(b, f64x2.mul(wx, v128.load(spreads + (i << 5), 16)));
    c += f64x2.extract_lane(wx, 0) * f64x2.extract_lane(x, 0);
    v128.store(j, a);
    v128.store(j, b, 16);
    store<f64>(squares + ((i - first) << 3), c);
    i--;
  }
  // Windows that begin before the axis have all of it.
  for (; i >= first; i--) {
    const j = suffix + ((i - first) << 5);
    v128.store(j, a);
    v128.store(j, b, 16);
    store<f64>(squares + ((i - first) << 3), c);
  }

  a = splat(0);
  b = splat(0);
  c = 0;
  const fade: f64 = WEIGHTED ? load<f64>(weights, 8) : 1;
  let t = max(0, start);
  for (; t < from || (t < to && (t & 1) !== 0); t++) {
    const x = v128.load64_splat(r + (t << 3));
    if (WEIGHTED) {
      a = f64x2.mul(a, splat(fade));
      b = f64x2.mul(b, splat(fade));
      c *= fade;
    }
    a = f64x2.add(a, f64x2.mul(x, v128.load(spreads + (t << 5))));
    b = f64x2.add(b, f64x2.mul(x, v128.load(spreads + (t << 5), 16)));
    c += f64x2.extract_lane(x, 0) * f64x2.extract_lane(x, 0);
    if (t < from) continue;
    const j = suffix + ((t - from) << 5);
    const w = WEIGHTED ? load<f64>(weights + ((t - start + 1) << 3)) : 1;
    const a0 = f64x2.add(a, WEIGHTED ? f64x2.mul(v128.load(j), splat(w)) : v128.load(j));
    const b0 = f64x2.add(b, WEIGHTED ? f64x2.mul(v128.load(j, 16), splat(w)) : v128.load(j, 16));
    const c0 = load<f64>(squares + ((t - from) << 3));
    put(out, t, f64x2.replace_lane(v128.shuffle<f64>(b0, b0, 1, 1), 1, c + (WEIGHTED ? c0 * w : c0)), a0, b0);
  }
  let j = suffix + ((t - from) << 5);
  let z = squares + ((t - from) << 3);
  let o = out + (t >> 1) * STOCK_BYTES;
  for (; t < to; t += 2) {
    // The row after the stretch may not exist: its lane is nobody's, and its return is read inside the memory.
    const xx = v128.load(r + (t << 3));
    const x0 = v128.shuffle<f64>(xx, xx, 0, 0);
    const x1 = v128.shuffle<f64>(xx, xx, 1, 1);
    const rr = f64x2.mul(xx, xx);
    if (WEIGHTED) {
      a = f64x2.mul(a, splat(fade));
      b = f64x2.mul(b, splat(fade));
      c *= fade;
    }
    a = f64x2.add(a, f64x2.mul(x0, v128.load(spreads + (t << 5))));
    b = f64x2.add(b, f64x2.mul(x0, v128.load(spreads + (t << 5), 16)));
    c += f64x2.extract_lane(rr, 0);
    const ww = WEIGHTED ? v128.load(weights + ((t - start + 1) << 3)) : x0;
    const w0 = WEIGHTED ? v128.shuffle<f64>(ww, ww, 0, 0) : x0;
    const w1 = WEIGHTED ? v128.shuffle<f64>(ww, ww, 1, 1) : x0;
    const a0 = f64x2.add(a, WEIGHTED ? f64x2.mul(v128.load(j), w0) : v128.load(j));
    const b0 = f64x2.add(b, WEIGHTED ? f64x2.mul(v128.load(j, 16), w0) : v128.load(j, 16));
    const c0 = c;
    if (WEIGHTED) {
      a = f64x2.mul(a, splat(fade));
      b = f64x2.mul(b, splat(fade));
      c *= fade;
    }
    a = f64x2.add(a, f64x2.mul(x1, v128.load(spreads + (t << 5), 32)));
    b = f64x2.add(b, f64x2.mul(x1, v128.load(spreads + (t << 5), 48)));
    c += f64x2.extract_lane(rr, 1);
    const a1 = f64x2.add(a, WEIGHTED ? f64x2.mul(v128.load(j, 32), w1) : v128.load(j, 32));
    const b1 = f64x2.add(b, WEIGHTED ? f64x2.mul(v128.load(j, 48), w1) : v128.load(j, 48));
    const cc = f64x2.replace_lane(splat(c0), 1, c);
    v128.store(o, v128.shuffle<f64>(b0, b1, 1, 3), SR);
    v128.store(o, f64x2.add(cc, WEIGHTED ? f64x2.mul(v128.load(z), ww) : v128.load(z)), SRR);
    v128.store(o, v128.shuffle<f64>(a0, a1, 0, 2), RM);
    v128.store(o, v128.shuffle<f64>(a0, a1, 1, 3), RP);
    v128.store(o, v128.shuffle<f64>(b0, b1, 0, 2), RQ);
    j += 64;
    z += 16;
    o += STOCK_BYTES;
  }
}

@inline
function keepP(levels: i32): v128 {
  return levels > 1 ? i64x2(-1, -1) : i64x2(-1, 0);
}
@inline
function keepQ(levels: i32): v128 {
  return levels > 2 ? i64x2(-1, -1) : i64x2(0, 0);
}

export function factorSumsEqual(start: i32, from: i32, to: i32, levels: i32, has: usize, r: usize, spreads: usize, out: usize): void {
  factors(false, start, from, to, 0, has, r, spreads, keepP(levels), keepQ(levels), out);
}
export function factorSumsWeighted(
  start: i32, from: i32, to: i32, levels: i32, has: usize, r: usize, spreads: usize, out: usize, weights: usize,
): void {
  factors(true, start, from, to, weights, has, r, spreads, keepP(levels), keepQ(levels), out);
}
/** Sums of rows [from, to) of the block at `start`; `out` is the address that row 0 would have. */
export function stockSums(
  start: i32, from: i32, to: i32, levels: i32, has: usize, r: usize, spreads: usize, out: usize, weights: usize,
): void {
  if (weights !== 0) stock(true, start, from, to, weights, has, r, spreads, keepP(levels), keepQ(levels), out);
  else stock(false, start, from, to, 0, has, r, spreads, keepP(levels), keepQ(levels), out);
}
function completeEqual(start: i32, from: i32, to: i32, r: usize, spreads: usize, out: usize): void {
  completeOf(false, start, from, to, 0, r, spreads, out);
}
function completeWeighted(start: i32, from: i32, to: i32, r: usize, spreads: usize, out: usize, weights: usize): void {
  completeOf(true, start, from, to, weights, r, spreads, out);
}
export function completeSums(start: i32, from: i32, to: i32, r: usize, spreads: usize, out: usize, weights: usize): void {
  if (weights !== 0) completeWeighted(start, from, to, r, spreads, out, weights);
  else completeEqual(start, from, to, r, spreads, out);
}

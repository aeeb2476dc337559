/** Block-anchored window sums: cascade/sums.ts with two sums per vector, each lane in the same order of operations. */
import { FACTOR_BYTES, LIMIT, STOCK_BYTES, suffix, window } from './layout';

@inline
function splat(x: f64): v128 {
  return f64x2.splat(x);
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
  WEIGHTED: bool, start: i32, from: i32, to: i32, weights: usize, has: usize, r: usize, mp: usize, q: usize, keepP: v128, keepQ: v128, out: usize,
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
      const x = v128.and(v128.load(mp + (i << 4)), keepP);
      const z = v128.and(v128.load64_splat(q + (i << 3)), keepQ);
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
      const x = v128.and(v128.load(mp + (t << 4)), keepP);
      const z = v128.and(v128.load64_splat(q + (t << 3)), keepQ);
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

/** Sums of the return and its products with the factors over the same rows; `COMPLETE`: every row the stretch reads is one. */
@inline
function stock(
  WEIGHTED: bool, COMPLETE: bool, start: i32, from: i32, to: i32, weights: usize, has: usize, r: usize, mp: usize, q: usize, keepP: v128, keepQ: v128, out: usize,
): void {
  const decay: f64 = WEIGHTED ? load<f64>(weights, 8) : 1;
  const oldest = max(0, from - window + 1);
  let a = splat(0);
  let b = splat(0);
  let c = splat(0);
  for (let i = start - 1; i >= oldest; i--) {
    const x = v128.load64_splat(r + (i << 3));
    if (COMPLETE || (load<u8>(has + i) === 1 && abs(f64x2.extract_lane(x, 0)) < LIMIT)) {
      const wx = WEIGHTED ? f64x2.mul(x, v128.load64_splat(weights + ((start - 1 - i) << 3))) : x;
      a = f64x2.add(a, f64x2.mul(wx, f64x2.replace_lane(x, 0, 1)));
      b = f64x2.add(b, f64x2.mul(wx, v128.and(v128.load(mp + (i << 4)), keepP)));
      c = f64x2.add(c, f64x2.mul(wx, v128.and(v128.load64_splat(q + (i << 3)), keepQ)));
    }
    const j = suffix + (i - oldest) * STOCK_BYTES;
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
    if (COMPLETE || (load<u8>(has + t) === 1 && abs(f64x2.extract_lane(x, 0)) < LIMIT)) {
      a = f64x2.add(a, f64x2.mul(x, f64x2.replace_lane(x, 0, 1)));
      b = f64x2.add(b, f64x2.mul(x, v128.and(v128.load(mp + (t << 4)), keepP)));
      c = f64x2.add(c, f64x2.mul(x, v128.and(v128.load64_splat(q + (t << 3)), keepQ)));
    }
    if (t < from) continue;
    const o = out + (t - from) * STOCK_BYTES;
    const from0 = max(0, t - window + 1);
    if (from0 >= start) {
      v128.store(o, a);
      v128.store(o, b, 16);
      v128.store(o, c, 32);
    } else {
      const j = suffix + (from0 - oldest) * STOCK_BYTES;
      if (WEIGHTED) {
        const w = v128.load64_splat(weights + ((t - start + 1) << 3));
        v128.store(o, f64x2.add(a, f64x2.mul(v128.load(j), w)));
        v128.store(o, f64x2.add(b, f64x2.mul(v128.load(j, 16), w)), 16);
        v128.store(o, f64x2.add(c, f64x2.mul(v128.load(j, 32), w)), 32);
      } else {
        v128.store(o, f64x2.add(a, v128.load(j)));
        v128.store(o, f64x2.add(b, v128.load(j, 16)), 16);
        v128.store(o, f64x2.add(c, v128.load(j, 32)), 32);
      }
    }
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

export function factorSumsEqual(start: i32, from: i32, to: i32, levels: i32, has: usize, r: usize, mp: usize, q: usize, out: usize): void {
  factors(false, start, from, to, 0, has, r, mp, q, keepP(levels), keepQ(levels), out);
}
export function factorSumsWeighted(
  start: i32, from: i32, to: i32, levels: i32, has: usize, r: usize, mp: usize, q: usize, out: usize, weights: usize,
): void {
  factors(true, start, from, to, weights, has, r, mp, q, keepP(levels), keepQ(levels), out);
}
export function stockSums(
  start: i32, from: i32, to: i32, levels: i32, complete: bool, has: usize, r: usize, mp: usize, q: usize, out: usize, weights: usize,
): void {
  if (weights !== 0) {
    if (complete) stock(true, true, start, from, to, weights, has, r, mp, q, keepP(levels), keepQ(levels), out);
    else stock(true, false, start, from, to, weights, has, r, mp, q, keepP(levels), keepQ(levels), out);
  } else if (complete) stock(false, true, start, from, to, 0, has, r, mp, q, keepP(levels), keepQ(levels), out);
  else stock(false, false, start, from, to, 0, has, r, mp, q, keepP(levels), keepQ(levels), out);
}

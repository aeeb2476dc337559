/** From factor sums to a factor table: cascade/factors.ts, two rows at a time. */
import {
  COLLINEAR, core, ERROR_1M, ERROR_2M, ERROR_2S, ERROR_3M, ERROR_3S, ERROR_3U, FACTOR_BYTES, FLOOR, HALF_MM, HALF_PP, HALF_QQ, intercept, INVERSE_M,
  INVERSE_S, INVERSE_U, INVERSE_WEIGHT, LAM_PM, LAM_QM, LAM_QS, LEAST, MEAN_M, MEAN_P, MEAN_Q, minObs, MP, MQ, N, PAIR_BYTES, PQ, ROW_M, ROW_S, ROW_U,
  slotM, slotS, slotU, STATUS, VARIANCE_FACTOR, ZERO,
} from './layout';

@inline
function k(x: f64): v128 {
  return f64x2.splat(x);
}
@inline
function add(a: v128, b: v128): v128 {
  return f64x2.add(a, b);
}
@inline
function sub(a: v128, b: v128): v128 {
  return f64x2.sub(a, b);
}
@inline
function mul(a: v128, b: v128): v128 {
  return f64x2.mul(a, b);
}
@inline
function low(x: usize, at: usize): v128 {
  return v128.shuffle<f64>(v128.load(x + at), v128.load(x + at + FACTOR_BYTES), 0, 2);
}
@inline
function high(x: usize, at: usize): v128 {
  return v128.shuffle<f64>(v128.load(x + at), v128.load(x + at + FACTOR_BYTES), 1, 3);
}
// Constants are loaded where they are used, as in vectors.as; `bits` are those of STATUS.
const constants = memory.data<f64>([
  1, 1, 2, 2, ZERO, ZERO, FLOOR, FLOOR, COLLINEAR, COLLINEAR, 0.5, 0.5, Infinity, Infinity, NaN, NaN, -1, -1,
], 16);
const bits = memory.data<i64>([1, 1, 2, 2, 4, 4, 8, 8], 16);
@inline
function one(): v128 {
  return v128.load(constants);
}
@inline
function two(): v128 {
  return v128.load(constants, 16);
}
@inline
function bit(mask: v128, at: usize): v128 {
  return v128.and(mask, v128.load(bits + at));
}
@inline
function without(mask: v128, at: usize): v128 {
  return v128.andnot(v128.load(bits + at), mask);
}
@inline
function perFreedom(scale: v128, freedom: v128): v128 {
  return v128.bitselect(f64x2.div(scale, freedom), v128.load(constants, 112), f64x2.gt(freedom, k(0)));
}
/** sqrt(x), NaN in its one form. */
@inline
function root(x: v128, keep: v128): v128 {
  return v128.bitselect(f64x2.sqrt(x), v128.load(constants, 112), v128.and(keep, f64x2.eq(x, x)));
}

/** Two rows: sums at `x` (and `y` under squared weights, or 0), results at `o`. */
function solvePair(x: usize, y: usize, o: usize): void {
  const all = i64x2.splat(-1);
  const n = low(x, 0);
  const w = high(x, 0);
  const sumM = low(x, 16);
  const sumP = high(x, 16);
  const sumQ = low(x, 32);
  const rawMM = low(x, 48);
  const rawMP = high(x, 48);
  const rawMQ = low(x, 64);
  const rawPQ = high(x, 64);
  const rawPP = low(x, 80);
  const rawQQ = high(x, 80);
  const inverseWeight = f64x2.div(one(), w);
  const centring = intercept ? inverseWeight : k(0);
  const meanM = mul(sumM, centring);
  const meanP = mul(sumP, centring);
  const meanQ = mul(sumQ, centring);
  const mm = sub(rawMM, mul(sumM, meanM));
  const mp = sub(rawMP, mul(sumM, meanP));
  const mq = sub(rawMQ, mul(sumM, meanQ));
  const pp = sub(rawPP, mul(sumP, meanP));
  const pq = sub(rawPQ, mul(sumP, meanQ));
  const qq = sub(rawQQ, mul(sumQ, meanQ));
  const ss = add(add(mm, mul(two(), mp)), pp);
  const uu = add(add(ss, mul(two(), add(mq, pq))), qq);
  const zeroS = mul(v128.load(constants, 32), add(rawMM, rawPP));
  const zeroU = add(zeroS, mul(v128.load(constants, 32), rawQQ));

  const enough = f64x2.ge(n, k(minObs));
  const marketVaries = v128.and(f64x2.gt(mm, mul(v128.load(constants, 32), rawMM)), f64x2.gt(mm, v128.load(constants, 48)));
  const inverseM = v128.and(marketVaries, f64x2.div(one(), mm));
  const lamPm = mul(mp, inverseM);
  const lamQm = mul(mq, inverseM);
  const cleanS = sub(pp, mul(lamPm, mp));
  const keepS = v128.and(v128.and(f64x2.gt(ss, zeroS), f64x2.gt(ss, v128.load(constants, 48))), f64x2.ge(cleanS, mul(v128.load(constants, 64), ss)));
  const inverseS = v128.and(keepS, f64x2.div(one(), cleanS));
  const cross = sub(pq, mul(lamQm, mp));
  const lamQs = v128.bitselect(mul(cross, inverseS), v128.load(constants, 128), keepS);
  const cleanQ = sub(qq, mul(lamQm, mq));
  const cleanU = v128.bitselect(sub(cleanQ, mul(lamQs, cross)), add(add(cleanQ, mul(two(), cross)), cleanS), keepS);
  const keepU = v128.and(v128.and(f64x2.gt(uu, zeroU), f64x2.gt(uu, v128.load(constants, 48))), f64x2.ge(cleanU, mul(v128.load(constants, 64), uu)));
  const inverseU = v128.and(keepU, f64x2.div(one(), cleanU));

  v128.store(o, n, N);
  v128.store(o, inverseWeight, INVERSE_WEIGHT);
  v128.store(o, meanM, MEAN_M);
  v128.store(o, meanP, MEAN_P);
  v128.store(o, meanQ, MEAN_Q);
  v128.store(o, mul(v128.load(constants, 80), mm), HALF_MM);
  v128.store(o, mp, MP);
  v128.store(o, mq, MQ);
  v128.store(o, mul(v128.load(constants, 80), pp), HALF_PP);
  v128.store(o, pq, PQ);
  v128.store(o, mul(v128.load(constants, 80), qq), HALF_QQ);
  v128.store(o, inverseM, INVERSE_M);
  v128.store(o, inverseS, INVERSE_S);
  v128.store(o, inverseU, INVERSE_U);
  v128.store(o, v128.bitselect(v128.load(constants, 48), v128.load(constants, 96), v128.and(enough, marketVaries)), LEAST);
  v128.store(o, lamPm, LAM_PM);
  v128.store(o, lamQm, LAM_QM);
  v128.store(o, lamQs, LAM_QS);
  v128.store(o, v128.or(v128.or(bit(enough, 0), bit(marketVaries, 16)), v128.or(without(keepS, 32), without(keepU, 48))), STATUS);

  if (y === 0) {
    v128.store(o, f64x2.div(one(), sub(w, one())), VARIANCE_FACTOR);
    // Standard errors are no core fields.
    if (core) return;
  }
  let w2 = w;
  const lamSm = add(one(), lamPm);
  const lamUs = add(one(), lamQs);
  const g = sub(add(lamSm, lamQm), mul(lamUs, lamSm));
  let q1m: v128;
  let q2m: v128;
  let q2s: v128;
  let q3m: v128;
  let q3s: v128;
  let q3u: v128;
  if (y === 0) {
    q1m = inverseM;
    q2m = add(q1m, mul(mul(lamSm, lamSm), inverseS));
    q2s = inverseS;
    q3m = add(q2m, mul(mul(g, g), inverseU));
    q3s = add(q2s, mul(mul(lamUs, lamUs), inverseU));
    q3u = inverseU;
  } else {
    w2 = high(y, 0);
    v128.store(o, f64x2.div(inverseWeight, sub(k(1), mul(mul(w2, inverseWeight), inverseWeight))), VARIANCE_FACTOR);
    const a = low(y, 16);
    const b = high(y, 16);
    const c = low(y, 32);
    const dmm = add(sub(low(y, 48), mul(mul(two(), a), meanM)), mul(mul(w2, meanM), meanM));
    const dmp = add(sub(sub(high(y, 48), mul(a, meanP)), mul(b, meanM)), mul(mul(w2, meanM), meanP));
    const dmq = add(sub(sub(low(y, 64), mul(a, meanQ)), mul(c, meanM)), mul(mul(w2, meanM), meanQ));
    const dpp = add(sub(low(y, 80), mul(mul(two(), b), meanP)), mul(mul(w2, meanP), meanP));
    const dpq = add(sub(sub(high(y, 64), mul(b, meanQ)), mul(c, meanP)), mul(mul(w2, meanP), meanQ));
    const dqq = add(sub(high(y, 80), mul(mul(two(), c), meanQ)), mul(mul(w2, meanQ), meanQ));
    const spread = sub(lamQm, mul(lamQs, lamPm));
    const xm = sub(sub(dmq, mul(lamQs, dmp)), mul(spread, dmm));
    const xp = sub(sub(dpq, mul(lamQs, dpp)), mul(spread, dmp));
    const xq = sub(sub(dqq, mul(lamQs, dpq)), mul(spread, dmq));
    const dms = sub(dmp, mul(lamPm, dmm));
    const emm = mul(mul(dmm, inverseM), inverseM);
    const ems = mul(mul(dms, inverseM), inverseS);
    const ess = mul(mul(sub(sub(dpp, mul(lamPm, dmp)), mul(lamPm, dms)), inverseS), inverseS);
    const emu = mul(mul(xm, inverseM), inverseU);
    const esu = mul(mul(sub(xp, mul(lamPm, xm)), inverseS), inverseU);
    const euu = mul(mul(sub(sub(xq, mul(lamQs, xp)), mul(spread, xm)), inverseU), inverseU);
    q1m = emm;
    q2m = add(sub(emm, mul(mul(two(), lamSm), ems)), mul(mul(lamSm, lamSm), ess));
    q2s = ess;
    q3m = add(add(sub(q2m, mul(mul(two(), g), emu)), mul(mul(mul(two(), lamSm), g), esu)), mul(mul(g, g), euu));
    q3s = add(sub(ess, mul(mul(two(), lamUs), esu)), mul(mul(lamUs, lamUs), euu));
    q3u = euu;
  }

  // With equal weights w is a whole number, and the quotient is w to the bit.
  const effective = y === 0 ? w : f64x2.div(mul(w, w), w2);
  const base = sub(effective, k(intercept ? 1 : 0));
  const scale = mul(effective, inverseWeight);
  const slopes2 = v128.bitselect(k(2), k(1), keepS);
  const d1 = perFreedom(scale, sub(base, k(1)));
  const d2 = perFreedom(scale, sub(base, slopes2));
  const d3 = perFreedom(scale, sub(sub(base, slopes2), v128.and(keepU, k(1))));
  v128.store(o, root(mul(d1, q1m), all), ERROR_1M);
  v128.store(o, root(mul(d2, q2m), all), ERROR_2M);
  v128.store(o, root(mul(d2, q2s), keepS), ERROR_2S);
  v128.store(o, root(mul(d3, q3m), all), ERROR_3M);
  v128.store(o, root(mul(d3, q3s), keepS), ERROR_3S);
  v128.store(o, root(mul(d3, q3u), keepU), ERROR_3U);
}

const kept = memory.data(30 * 8, 8);

function copyLane(from: usize, fromStep: i32, to: usize, toStep: i32): void {
  for (let c = 0; c < 30; c++) store<f64>(to + c * toStep, load<f64>(from + c * fromStep));
}

/** Rows [from, to): `x` and `y` start at row `from`, `table` is the address that row 0 would have. Rows beside the range keep their values. */
export function solveFactors(slot: usize, from: i32, to: i32, x: usize, y: usize, table: usize): void {
  for (let t = from & ~1; t < to; t += 2) {
    const o = table + (t >> 1) * PAIR_BYTES;
    const at = (t - from) * FACTOR_BYTES;
    const other: usize = t < from ? o : t + 1 === to ? o + 8 : 0;
    if (other !== 0) copyLane(other, 16, kept, 8);
    solvePair(x + at, y === 0 ? 0 : y + at, o);
    v128.store(o, v128.load(slotM(slot) + (t << 3)), ROW_M);
    v128.store(o, v128.load(slotS(slot) + (t << 3)), ROW_S);
    v128.store(o, v128.load(slotU(slot) + (t << 3)), ROW_U);
    if (other !== 0) copyLane(kept, 8, other, 16);
  }
}

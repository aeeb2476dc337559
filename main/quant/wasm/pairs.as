/**
 * The algebra of two consecutive rows at once, for rows whose levels share one set of sums: each lane does the operations of
 * cascade/rows.ts in its order. A pair with a missing level or a NaN anywhere is left to `fillRow`.
 */
import {
  ADDITIVITY, BETA, CENTRING, CLEAN_S, CLEAN_U, COLLINEAR_FLAG, core, ER, ERROR_1M, ERROR_2M, ERROR_2S, ERROR_3M, ERROR_3S, ERROR_3U, EX_ANTE, EXP, FIELD_COUNT,
  EXTREME, FLOOR, HR_EXTREME, INVERSE_M, INVERSE_S, INVERSE_U, INVERSE_WEIGHT, LAM_PM, LAM_QM, LAM_QS, LEVEL, LIMIT, LINK, MEAN_M, MEAN_P, MEAN_Q, MM,
  MP, MQ, N, NO_SECTOR, NO_SUBSECTOR, OBSERVATIONS, PAIR_BYTES, PP, PQ, QQ, REPLICATION, RESIDUAL, SHORT_HISTORY, slotM, slotS, slotU, STATUS, STOCK_BYTES,
  stride, tile, TOLERANCE, VARIANCE, VARIANCE_FACTOR, ZERO,
} from './layout';
import { fillRow } from './rows';

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
function large(x: v128): v128 {
  return f64x2.gt(f64x2.abs(x), k(EXTREME));
}
@inline
function flag(mask: v128, value: f64): v128 {
  return v128.and(mask, k(value));
}
/** sqrt(left > 0 ? left : 0). */
@inline
function spreadOf(left: v128): v128 {
  return f64x2.sqrt(f64x2.pmax(k(0), left));
}
@inline
function allSet(mask: v128): bool {
  return i64x2.bitmask(mask) === 3;
}

/** One pair; answers false (and leaves the rows to `fillRow`) where a level or a value is missing. */
@inline
function fillPair(LEVELS: i32, CORE: bool, t: i32, slot: usize, r: usize, table: usize, stock: usize): bool {
  const o = table + (t >> 1) * PAIR_BYTES;
  const p = stock + t * STOCK_BYTES;
  const x = <usize>(t << 3);
  const s0 = v128.load(p);
  const s1 = v128.load(p, 48);
  const sr = v128.shuffle<f64>(s0, s1, 0, 2);
  const srr = v128.shuffle<f64>(s0, s1, 1, 3);
  const total = sub(srr, mul(sr, mul(sr, v128.load(o, CENTRING))));
  const status = v128.load(o, STATUS);
  const usable = v128.and(
    i64x2.eq(v128.and(status, i64x2.splat(3)), i64x2.splat(3)),
    v128.and(f64x2.gt(total, mul(k(ZERO), srr)), f64x2.gt(total, k(FLOOR))),
  );
  if (!allSet(usable)) return false;

  const m0 = v128.load(p, 16);
  const m1 = v128.load(p, 64);
  const rt = v128.load(r + x);
  const mt = v128.load(slotM(slot) + x);
  const inverse = f64x2.div(k(1), total);
  const rm = sub(v128.shuffle<f64>(m0, m1, 0, 2), mul(sr, v128.load(o, MEAN_M)));
  const mm = v128.load(o, MM);
  const bm = mul(rm, v128.load(o, INVERSE_M));
  const shareM = mul(mul(mul(bm, bm), mm), inverse);
  const centred = sub(srr, mul(sr, mul(sr, v128.load(o, INVERSE_WEIGHT))));
  const variance = v128.and(f64x2.gt(centred, mul(k(ZERO), srr)), mul(centred, v128.load(o, VARIANCE_FACTOR)));

  // Level 1.
  const left1 = sub(sub(total, mul(bm, rm)), mul(bm, sub(rm, mul(bm, mm))));
  const share1 = mul(left1, inverse);
  let fit = mul(bm, mt);
  let residual = sub(rt, fit);
  const alongM = sub(rt, mul(bm, mt));
  let additivity = f64x2.abs(sub(add(shareM, share1), k(1)));
  let replication = f64x2.pmax(k(-1), f64x2.abs(sub(add(fit, alongM), rt)));
  let extreme = large(bm);
  const error1M = mul(spreadOf(left1), v128.load(o, ERROR_1M));
  let check = error1M;
  let collinear = k(0);

  // Level 2.
  let st = k(0);
  let lamSm = k(NaN);
  let rp = k(0);
  let cleanRs = k(0);
  let mp = k(0);
  let pp = k(0);
  let bs = k(0);
  let h2m = k(0);
  let shareS = k(0);
  let share2 = k(0);
  let error2M = k(0);
  let error2S = k(0);
  let cleanS = k(0);
  if (LEVELS > 1) {
    st = v128.load(slotS(slot) + x);
    rp = sub(v128.shuffle<f64>(m0, m1, 1, 3), mul(sr, v128.load(o, MEAN_P)));
    mp = v128.load(o, MP);
    pp = v128.load(o, PP);
    const lamPm = v128.load(o, LAM_PM);
    lamSm = add(k(1), lamPm);
    cleanRs = sub(rp, mul(lamPm, rm));
    bs = mul(cleanRs, v128.load(o, INVERSE_S));
    shareS = mul(mul(mul(bs, bs), v128.load(o, CLEAN_S)), inverse);
    cleanS = sub(st, mul(lamSm, mt));
    if (LEVELS === 2 || !CORE) {
      h2m = sub(bm, mul(lamSm, bs));
      const km = add(h2m, bs);
      const left2 = sub(
        sub(sub(sub(total, mul(km, rm)), mul(bs, rp)), mul(km, sub(sub(rm, mul(km, mm)), mul(bs, mp)))),
        mul(bs, sub(sub(rp, mul(km, mp)), mul(bs, pp))),
      );
      share2 = mul(left2, inverse);
      additivity = f64x2.pmax(f64x2.abs(sub(add(add(shareM, shareS), share2), k(1))), additivity);
      fit = add(mul(h2m, mt), mul(bs, st));
      residual = sub(rt, fit);
      replication = f64x2.pmax(replication, f64x2.abs(sub(add(fit, sub(alongM, mul(bs, cleanS))), rt)));
      extreme = v128.or(extreme, v128.or(large(h2m), large(bs)));
      const spread = spreadOf(left2);
      error2M = mul(spread, v128.load(o, ERROR_2M));
      error2S = mul(spread, v128.load(o, ERROR_2S));
      check = add(check, add(error2M, error2S));
    }
    collinear = v128.and(status, i64x2.splat(LEVELS === 2 ? 4 : 12));
  }

  // Level 3.
  let lamUm = k(NaN);
  let lamUs = k(NaN);
  let hu = k(0);
  let h3s = bs;
  let h3m = h2m;
  let shareU = k(0);
  let share3 = share2;
  let error3M = error2M;
  let error3S = error2S;
  let error3U = k(NaN);
  if (LEVELS > 2) {
    const ut = v128.load(slotU(slot) + x);
    const rq = sub(v128.shuffle<f64>(v128.load(p, 32), v128.load(p, 80), 0, 2), mul(sr, v128.load(o, MEAN_Q)));
    const mq = v128.load(o, MQ);
    const pq = v128.load(o, PQ);
    const lamQm = v128.load(o, LAM_QM);
    const lamQs = v128.load(o, LAM_QS);
    lamUm = add(lamSm, lamQm);
    lamUs = add(k(1), lamQs);
    hu = mul(sub(sub(rq, mul(lamQm, rm)), mul(lamQs, cleanRs)), v128.load(o, INVERSE_U));
    h3s = sub(bs, mul(lamUs, hu));
    h3m = sub(sub(bm, mul(lamSm, h3s)), mul(lamUm, hu));
    const kp = add(h3s, hu);
    const km = add(h3m, kp);
    const left3 = sub(
      sub(
        sub(
          sub(sub(sub(total, mul(km, rm)), mul(kp, rp)), mul(hu, rq)),
          mul(km, sub(sub(sub(rm, mul(km, mm)), mul(kp, mp)), mul(hu, mq))),
        ),
        mul(kp, sub(sub(sub(rp, mul(km, mp)), mul(kp, pp)), mul(hu, pq))),
      ),
      mul(hu, sub(sub(sub(rq, mul(km, mq)), mul(kp, pq)), mul(hu, v128.load(o, QQ)))),
    );
    shareU = mul(mul(mul(hu, hu), v128.load(o, CLEAN_U)), inverse);
    share3 = mul(left3, inverse);
    fit = add(add(mul(h3m, mt), mul(h3s, st)), mul(hu, ut));
    residual = sub(rt, fit);
    if (!CORE) {
      additivity = f64x2.pmax(f64x2.abs(sub(add(add(add(shareM, shareS), shareU), share3), k(1))), additivity);
      const along = sub(sub(alongM, mul(bs, cleanS)), mul(hu, sub(sub(ut, mul(lamUm, mt)), mul(lamUs, cleanS))));
      replication = f64x2.pmax(replication, f64x2.abs(sub(add(fit, along), rt)));
      extreme = v128.or(extreme, v128.or(large(h3m), v128.or(large(h3s), large(hu))));
      const spread = spreadOf(left3);
      error3M = mul(spread, v128.load(o, ERROR_3M));
      error3S = mul(spread, v128.load(o, ERROR_3S));
      error3U = mul(spread, v128.load(o, ERROR_3U));
      check = add(check, add(add(error3M, error3S), error3U));
    }
  }

  // A NaN or an infinite return anywhere makes this sum one; a stock's return of impossible size is missing.
  check = CORE ? residual : add(check, residual);
  if (!allSet(v128.and(f64x2.lt(f64x2.abs(check), k(Infinity)), f64x2.lt(f64x2.abs(rt), k(LIMIT))))) return false;

  const none = k(NaN);
  let q = tile + x;
  if (!CORE) {
    v128.store(q, sub(k(0), bm));
    v128.store((q += stride), LEVELS > 1 ? sub(k(0), h2m) : none);
    v128.store((q += stride), LEVELS > 1 ? sub(k(0), bs) : none);
    v128.store((q += stride), LEVELS > 1 ? sub(k(0), h3m) : none);
    v128.store((q += stride), LEVELS > 1 ? sub(k(0), h3s) : none);
    v128.store((q += stride), LEVELS > 2 ? sub(k(0), hu) : LEVELS > 1 ? k(0) : none);
    v128.store((q += stride), bm);
    v128.store((q += stride), LEVELS > 1 ? h2m : none);
    v128.store((q += stride), LEVELS > 1 ? bs : none);
    q += stride;
  } else q += (EXP + 3) * stride;
  v128.store(q, LEVELS > 1 ? h3m : none);
  v128.store((q += stride), LEVELS > 1 ? h3s : none);
  if (!CORE) {
    v128.store((q += stride), LEVELS > 1 ? hu : none);
    v128.store((q += stride), error1M);
    v128.store((q += stride), LEVELS > 1 ? error2M : none);
    v128.store((q += stride), LEVELS > 1 ? error2S : none);
    v128.store((q += stride), LEVELS > 1 ? error3M : none);
    v128.store((q += stride), LEVELS > 1 ? error3S : none);
    v128.store((q += stride), error3U);
    v128.store((q += stride), shareM);
    v128.store((q += stride), share1);
    v128.store((q += stride), LEVELS > 1 ? shareM : none);
    v128.store((q += stride), LEVELS > 1 ? shareS : none);
    v128.store((q += stride), LEVELS > 1 ? share2 : none);
  } else q += (ER + 4 - EXP - 4) * stride;
  v128.store((q += stride), LEVELS > 1 ? shareM : none);
  v128.store((q += stride), LEVELS > 1 ? shareS : none);
  v128.store((q += stride), LEVELS > 1 ? shareU : none);
  v128.store((q += stride), LEVELS > 1 ? share3 : none);
  v128.store((q += stride), bm);
  v128.store((q += stride), LEVELS > 1 ? bs : none);
  v128.store((q += stride), LEVELS > 1 ? hu : none);
  v128.store((q += stride), lamSm);
  v128.store((q += stride), lamUm);
  v128.store((q += stride), lamUs);
  q += (EX_ANTE + 1) * stride;
  v128.store(q, residual);
  if (!CORE) {
    v128.store((q += stride), rt);
    v128.store((q += stride), variance);
    v128.store((q += stride), f64x2.sqrt(mul(k(252), variance)));
    v128.store((q += stride), v128.load(o, N));
    v128.store((q += stride), k(LEVELS));
    const flags = add(
      add(flag(i64x2.ne(collinear, i64x2.splat(0)), COLLINEAR_FLAG), k(LEVELS === 1 ? NO_SECTOR : LEVELS === 2 ? NO_SUBSECTOR : 0)),
      add(
        flag(v128.not(f64x2.le(additivity, k(TOLERANCE))), ADDITIVITY),
        add(flag(f64x2.gt(replication, k(TOLERANCE)), REPLICATION), flag(extreme, HR_EXTREME)),
      ),
    );
    v128.store((q += stride), flags);
    v128.store((q += stride), additivity);
    v128.store(q + stride, replication);
  } else {
    v128.store((q += stride * (VARIANCE - RESIDUAL)), variance);
    v128.store(q + stride * (OBSERVATIONS - VARIANCE), v128.load(o, N));
  }
  return true;
}

/** Two rows of too short a history have a return and flags; answers false when a row has more. Ex-ante fields are written later. */
@inline
function fillShort(LEVELS: i32, CORE: bool, t: i32, r: usize, table: usize): bool {
  const status = v128.load(table + (t >> 1) * PAIR_BYTES, STATUS);
  if (v128.any_true(v128.and(status, i64x2.splat(1)))) return false;
  const x = <usize>(t << 3);
  let q = tile + x;
  for (let f = 0; f < FIELD_COUNT; f++, q += stride) v128.store(q, k(NaN));
  if (!CORE) {
    const rt = v128.load(r + x);
    q = tile + x + (RESIDUAL + 1) * stride;
    v128.store(q, v128.bitselect(rt, k(NaN), f64x2.lt(f64x2.abs(rt), k(LIMIT))));
    v128.store((q += (LEVEL - RESIDUAL - 1) * stride), k(0));
    v128.store(q + stride, k(SHORT_HISTORY | (LEVELS === 1 ? NO_SECTOR : LEVELS === 2 ? NO_SUBSECTOR : 0)));
  }
  return true;
}

@inline
function fill(LEVELS: i32, CORE: bool, from: i32, to: i32, slot: usize, r: usize, table: usize, stock: usize): void {
  let t = from;
  if (t < to && (t & 1) !== 0) fillRow(t++, slot, LEVELS, r, table, table, table, stock, stock, stock);
  for (; t + 2 <= to; t += 2) {
    if (fillPair(LEVELS, CORE, t, slot, r, table, stock) || fillShort(LEVELS, CORE, t, r, table)) continue;
    fillRow(t, slot, LEVELS, r, table, table, table, stock, stock, stock);
    fillRow(t + 1, slot, LEVELS, r, table, table, table, stock, stock, stock);
  }
  if (t < to) fillRow(t, slot, LEVELS, r, table, table, table, stock, stock, stock);
}

// One function per case, so that each keeps its own few live vectors.
function fillOne(from: i32, to: i32, slot: usize, r: usize, table: usize, stock: usize): void {
  fill(1, false, from, to, slot, r, table, stock);
}
function fillTwo(from: i32, to: i32, slot: usize, r: usize, table: usize, stock: usize): void {
  fill(2, false, from, to, slot, r, table, stock);
}
function fillThree(from: i32, to: i32, slot: usize, r: usize, table: usize, stock: usize): void {
  fill(3, false, from, to, slot, r, table, stock);
}
function fillOneCore(from: i32, to: i32, slot: usize, r: usize, table: usize, stock: usize): void {
  fill(1, true, from, to, slot, r, table, stock);
}
function fillTwoCore(from: i32, to: i32, slot: usize, r: usize, table: usize, stock: usize): void {
  fill(2, true, from, to, slot, r, table, stock);
}
function fillThreeCore(from: i32, to: i32, slot: usize, r: usize, table: usize, stock: usize): void {
  fill(3, true, from, to, slot, r, table, stock);
}

/** Fills rows [from, to) but for the ex-ante fields; `table` and `stock` are the addresses that row 0 would have. */
export function fillRows(levels: i32, from: i32, to: i32, slot: usize, r: usize, table: usize, stock: usize): void {
  if (levels === 3) {
    if (core) fillThreeCore(from, to, slot, r, table, stock);
    else fillThree(from, to, slot, r, table, stock);
  } else if (levels === 2) {
    if (core) fillTwoCore(from, to, slot, r, table, stock);
    else fillTwo(from, to, slot, r, table, stock);
  } else if (core) fillOneCore(from, to, slot, r, table, stock);
  else fillOne(from, to, slot, r, table, stock);
}

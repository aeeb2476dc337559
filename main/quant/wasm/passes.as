/**
 * The algebra of rows whose levels share one set of sums, two rows per vector: each lane does the operations of cascade/rows.ts in its order.
 *
 * The work goes in passes over RUN pairs: `solve` from sums to slopes, shares and residual, which is all that core fields need; then what a full
 * cascade adds, from what the first pass left in the first-level cache. Pairs with a missing level or value are computed all the same, put on a
 * list, and written again, whole, by `fillRow`. LEVELS is a constant of the caller.
 */
import { checksOne, checksThree, checksTwo, levelsOne, levelsThree, levelsTwo } from './checks';
import {
  core, ER, EXP, FIELD_COUNT, HALF_MM, HALF_PP, HALF_QQ, intercept, INVERSE_M, INVERSE_S, INVERSE_U, INVERSE_WEIGHT, LAM_PM, LAM_QM,
  LAM_QS, LEAST, LEVEL, LIMIT, MEAN_M, MEAN_P, MEAN_Q, MP, MQ, N, NO_SECTOR, NO_SUBSECTOR, PAIR_BYTES, PQ, RESIDUAL, RM, ROW_M, ROW_S,
  ROW_U, RP, RQ, SHORT_HISTORY, SR, SRR, STATUS, STOCK_BYTES, stride, VARIANCE_FACTOR,
} from './layout';
import { fillRow } from './rows';
import {
  add, again, agains, allSet, CM, column, constants, CP, FIT, INVERSE, k, LEFT, mul, one, redo, RUN, startRun, sub, TOTAL, work,
  WORK_BYTES, ZERO_AT,
} from './vectors';

/**
 * Slopes, exposures, shares, links, variance, count, residual. With ALL it also hands on what the later passes need. COMPLETE: no return of
 * these rows is missing.
 */
@inline
function solve(LEVELS: i32, CENTRE: bool, COMPLETE: bool, ALL: bool, from: i32, to: i32, r: usize, o: usize, p: usize): void {
  const s = stride;
  let w = work;
  let share = column(ER + 5, from);
  let exposure = column(EXP + 3, from);
  let last = column(RESIDUAL, from);
  const end = r + (to << 3);
  for (let x = r + (from << 3); x < end; x += 16) {
    const sr = v128.load(p, SR);
    const srr = v128.load(p, SRR);
    const square = mul(sr, mul(sr, v128.load(o, INVERSE_WEIGHT)));
    const total = CENTRE ? sub(srr, square) : srr;
    const inverse = f64x2.div(one(), total);
    const zero = mul(v128.load(constants + 16 * ZERO_AT), srr);
    if (!allSet(f64x2.gt(total, f64x2.pmax(v128.load(o, LEAST), zero)))) redo((x - r) >> 3);
    const rm = sub(v128.load(p, RM), mul(sr, v128.load(o, MEAN_M)));
    const bm = mul(rm, v128.load(o, INVERSE_M));
    let half = k(0);
    let fit = k(0);
    // Shares and slopes lie in adjoining columns: e goes through the shares of level 3, then the slopes, then the links.
    let e = share;
    if (LEVELS === 1) {
      half = mul(bm, sub(rm, mul(bm, v128.load(o, HALF_MM))));
      fit = mul(bm, v128.load(o, ROW_M));
      for (let f = 0; f < 4; f++, e += s) v128.store(e, k(NaN));
      v128.store(e, bm);
      for (let f = 0; f < 5; f++) v128.store((e += s), k(NaN));
      v128.store(exposure, k(NaN));
      v128.store(exposure + s, k(NaN));
    } else {
      v128.store(e, mul(mul(bm, rm), inverse));
      const rp = sub(v128.load(p, RP), mul(sr, v128.load(o, MEAN_P)));
      const lamPm = v128.load(o, LAM_PM);
      const cleanRs = sub(rp, mul(lamPm, rm));
      const bs = mul(cleanRs, v128.load(o, INVERSE_S));
      v128.store((e += s), mul(mul(bs, cleanRs), inverse));
      const lamSm = add(one(), lamPm);
      if (ALL) v128.store(w, rp, CP);
      if (LEVELS === 2) {
        const hm = sub(bm, mul(lamSm, bs));
        const km = add(hm, bs);
        half = add(
          mul(km, sub(sub(rm, mul(km, v128.load(o, HALF_MM))), mul(bs, v128.load(o, MP)))),
          mul(bs, sub(rp, mul(bs, v128.load(o, HALF_PP)))),
        );
        fit = add(mul(hm, v128.load(o, ROW_M)), mul(bs, v128.load(o, ROW_S)));
        v128.store((e += s), k(0));
        v128.store((e += s), mul(sub(total, add(half, half)), inverse));
        v128.store((e += s), bm);
        v128.store((e += s), bs);
        v128.store((e += s), k(0));
        v128.store((e += s), lamSm);
        v128.store((e += s), k(NaN));
        v128.store(e + s, k(NaN));
        v128.store(exposure, hm);
        v128.store(exposure + s, bs);
      } else {
        const rq = sub(v128.load(p, RQ), mul(sr, v128.load(o, MEAN_Q)));
        const lamQm = v128.load(o, LAM_QM);
        const lamQs = v128.load(o, LAM_QS);
        const cleanRu = sub(sub(rq, mul(lamQm, rm)), mul(lamQs, cleanRs));
        const hu = mul(cleanRu, v128.load(o, INVERSE_U));
        v128.store((e += s), mul(mul(hu, cleanRu), inverse));
        const lamUm = add(lamSm, lamQm);
        const lamUs = add(one(), lamQs);
        const hs = sub(bs, mul(lamUs, hu));
        const hm = sub(sub(bm, mul(lamSm, hs)), mul(lamUm, hu));
        e += s;
        const slope = e + s;
        v128.store(slope, bm);
        v128.store(slope + s, bs);
        let f = slope + 2 * s;
        v128.store(f, hu);
        v128.store((f += s), lamSm);
        v128.store((f += s), lamUm);
        v128.store(f + s, lamUs);
        v128.store(exposure, hm);
        v128.store(exposure + s, hs);
        const kp = add(hs, hu);
        const km = add(hm, kp);
        half = add(
          add(
            mul(km, sub(sub(sub(rm, mul(km, v128.load(o, HALF_MM))), mul(kp, v128.load(o, MP))), mul(hu, v128.load(o, MQ)))),
            mul(kp, sub(sub(rp, mul(kp, v128.load(o, HALF_PP))), mul(hu, v128.load(o, PQ)))),
          ),
          mul(hu, sub(rq, mul(hu, v128.load(o, HALF_QQ)))),
        );
        v128.store(e, mul(sub(total, add(half, half)), inverse));
        fit = add(add(mul(hm, v128.load(o, ROW_M)), mul(hs, v128.load(o, ROW_S))), mul(hu, v128.load(o, ROW_U)));
      }
    }
    // With intercept the variance is the total; a total that is none is written again.
    let spread = mul(total, v128.load(o, VARIANCE_FACTOR));
    if (!CENTRE) {
      const centred = sub(srr, square);
      spread = v128.and(f64x2.gt(centred, zero), mul(centred, v128.load(o, VARIANCE_FACTOR)));
    }
    const rt = v128.load(x);
    const residual = sub(rt, fit);
    // Where a return is missing, a row of core fields differs in this one.
    v128.store(last, ALL || COMPLETE ? residual : v128.bitselect(residual, k(NaN), f64x2.eq(residual, residual)));
    v128.store(last + 2 * s, spread);
    v128.store(last + 4 * s, v128.load(o, N));
    if (ALL) {
      v128.store(w, total, TOTAL);
      v128.store(w, inverse, INVERSE);
      v128.store(w, rm, CM);
      v128.store(w, sub(total, add(half, half)), LEFT);
      v128.store(w, fit, FIT);
      w += WORK_BYTES;
    }
    if (!COMPLETE) {
      // A missing or infinite return of an ETF makes the residual one; a stock's return of impossible size is missing.
      if (ALL) {
        if (!allSet(v128.and(f64x2.lt(f64x2.abs(residual), k(Infinity)), f64x2.lt(f64x2.abs(rt), k(LIMIT))))) redo((x - r) >> 3);
      } else if (v128.any_true(v128.or(f64x2.ge(f64x2.abs(residual), k(LIMIT)), f64x2.ge(f64x2.abs(rt), k(LIMIT))))) redo((x - r) >> 3);
    }
    share += 16;
    exposure += 16;
    last += 16;
    o += PAIR_BYTES;
    p += STOCK_BYTES;
  }
}

/** Two rows of too short a history have a return and flags; answers false when a row has more. Ex-ante fields are written later. */
function fillShort(levels: i32, t: i32, r: usize, table: usize): bool {
  const status = v128.load(table + (t >> 1) * PAIR_BYTES, STATUS);
  if (v128.any_true(v128.and(status, i64x2.splat(1)))) return false;
  const none = k(NaN);
  if (core) {
    // What no core cascade fills is NaN from the start.
    for (let f = 0, q = column(ER + 5, t); f < 10; f++, q += stride) v128.store(q, none);
    for (let f = 0, q = column(RESIDUAL, t); f < 3; f++, q += 2 * stride) v128.store(q, none);
    for (let f = 0, q = column(EXP + 3, t); f < 2; f++, q += stride) v128.store(q, none);
    return true;
  }
  for (let f = 0, q = column(0, t); f < FIELD_COUNT; f++, q += stride) v128.store(q, none);
  const rt = v128.load(r + (t << 3));
  const q = column(LEVEL, t);
  v128.store(column(RESIDUAL + 1, t), v128.bitselect(rt, none, f64x2.lt(f64x2.abs(rt), k(LIMIT))));
  v128.store(q, k(0));
  v128.store(q + stride, k(SHORT_HISTORY | (levels === 1 ? NO_SECTOR : levels === 2 ? NO_SUBSECTOR : 0)));
  return true;
}

// One function per pass and case, so that each keeps its own few live vectors.
function solveOne(complete: bool, from: i32, to: i32, r: usize, o: usize, p: usize): void {
  if (intercept) solve(1, true, complete, true, from, to, r, o, p);
  else solve(1, false, complete, true, from, to, r, o, p);
}
function solveTwo(complete: bool, from: i32, to: i32, r: usize, o: usize, p: usize): void {
  if (intercept) solve(2, true, complete, true, from, to, r, o, p);
  else solve(2, false, complete, true, from, to, r, o, p);
}
function solveThree(complete: bool, from: i32, to: i32, r: usize, o: usize, p: usize): void {
  if (intercept) solve(3, true, complete, true, from, to, r, o, p);
  else solve(3, false, complete, true, from, to, r, o, p);
}
// Core fields only.
function solveClear(from: i32, to: i32, r: usize, o: usize, p: usize): void {
  solve(3, true, true, false, from, to, r, o, p);
}
function solveGaps(from: i32, to: i32, r: usize, o: usize, p: usize): void {
  solve(3, true, false, false, from, to, r, o, p);
}
/** The pairs of rows [from, to), both even, at most RUN of them. */
function fillRun(count: i32, from: i32, to: i32, slot: usize, r: usize, table: usize, stock: usize, complete: bool): void {
  const o = table + (from >> 1) * PAIR_BYTES;
  const p = stock + (from >> 1) * STOCK_BYTES;
  startRun();
  if (count === 3) {
    if (core && intercept) {
      if (complete) solveClear(from, to, r, o, p);
      else solveGaps(from, to, r, o, p);
    } else solveThree(complete, from, to, r, o, p);
  } else if (count === 2) solveTwo(complete, from, to, r, o, p);
  else solveOne(complete, from, to, r, o, p);
  if (!core) {
    if (count === 3) {
      levelsThree(from, to, r, o);
      checksThree(from, to, r, o);
    } else if (count === 2) {
      levelsTwo(from, to, r, o);
      checksTwo(from, to, r, o);
    } else {
      levelsOne(from, to, r, o);
      checksOne(from, to, r, o);
    }
  }
  for (let i = 0; i < agains; i++) {
    const t = load<i32>(again + (i << 2));
    if (fillShort(count, t, r, table)) continue;
    fillRow(t, slot, count, r, table, table, table, stock, stock, stock);
    fillRow(t + 1, slot, count, r, table, table, table, stock, stock, stock);
  }
}

/**
 * Fills rows [from, to) but for the ex-ante fields. `count` is the chain's number of ETFs, `complete` says that no return of these rows is
 * missing; `table` and `stock` are the addresses that row 0 would have.
 */
export function fillRows(count: i32, from: i32, to: i32, slot: usize, r: usize, table: usize, stock: usize, complete: bool): void {
  let t = from;
  if ((t & 1) !== 0 && t < to) fillRow(t++, slot, count, r, table, table, table, stock, stock, stock);
  while (t + 2 <= to) {
    const end = min(t + 2 * RUN, to & ~1);
    fillRun(count, t, end, slot, r, table, stock, complete);
    t = end;
  }
  if (t < to) fillRow(t, slot, count, r, table, table, table, stock, stock, stock);
}

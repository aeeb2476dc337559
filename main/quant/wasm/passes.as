/**
 * The algebra of rows whose levels share one set of sums, two rows per vector: each lane does the operations of cascade/rows.ts in its order.
 *
 * A row is a chain of some thirty dependent operations, longer than a processor looks ahead, so the work goes in passes over RUN pairs: each
 * pass is a short chain, and what it hands to the next stays in the first-level cache. Pairs with a missing level or value are computed all
 * the same, put on a list, and written again, whole, by `fillRow`. LEVELS is a constant of the caller.
 */
import { checksOne, checksThree, checksTwo, levelsOne, levelsThree, levelsTwo } from './checks';
import {
  BETA, core, ER, EXP, FIELD_COUNT, HALF_MM, HALF_PP, HALF_QQ, intercept, INVERSE_M, INVERSE_S, INVERSE_U, INVERSE_WEIGHT, LAM_PM, LAM_QM,
  LAM_QS, LEAST, LEVEL, LIMIT, MEAN_M, MEAN_P, MEAN_Q, MP, MQ, N, NO_SECTOR, NO_SUBSECTOR, PAIR_BYTES, PQ, RESIDUAL, RM, ROW_M, ROW_S,
  ROW_U, RP, RQ, SHORT_HISTORY, SR, SRR, STATUS, STOCK_BYTES, stride, sums, tile, VARIANCE, VARIANCE_FACTOR,
} from './layout';
import { fillRow } from './rows';
import {
  add, again, agains, allSet, CM, column, constants, CP, CQ, FIT, INVERSE, k, LEFT, mul, one, redo, RUN, startRun, sub, TOTAL, work,
  WORK_BYTES, ZERO_AT,
} from './vectors';

/** Slopes, exposures, shares, links, variance, count; what the later passes need of the sums. */
@inline
function solve(LEVELS: i32, CENTRE: bool, from: i32, to: i32, o: usize, p: usize): void {
  const s = stride;
  let w = work;
  let beta = column(BETA, from);
  let share = column(ER + 5, from);
  let exposure = column(EXP + 3, from);
  let variance = column(VARIANCE, from);
  for (let t = from; t < to; t += 2) {
    const sr = v128.load(p, SR);
    const srr = v128.load(p, SRR);
    const square = mul(sr, mul(sr, v128.load(o, INVERSE_WEIGHT)));
    const total = CENTRE ? sub(srr, square) : srr;
    const zero = mul(v128.load(constants + 16 * ZERO_AT), srr);
    const inverse = f64x2.div(one(), total);
    v128.store(w, total, TOTAL);
    v128.store(w, inverse, INVERSE);
    if (!allSet(f64x2.gt(total, f64x2.pmax(v128.load(o, LEAST), zero)))) redo(t);
    // With intercept the variance is the total; a total that is none is written again.
    let spread = mul(total, v128.load(o, VARIANCE_FACTOR));
    if (!CENTRE) {
      const centred = sub(srr, square);
      spread = v128.and(f64x2.gt(centred, zero), mul(centred, v128.load(o, VARIANCE_FACTOR)));
    }
    v128.store(variance, spread);
    v128.store(variance + 2 * s, v128.load(o, N));
    variance += 16;

    const rm = sub(v128.load(p, RM), mul(sr, v128.load(o, MEAN_M)));
    const bm = mul(rm, v128.load(o, INVERSE_M));
    v128.store(w, rm, CM);
    let b = beta;
    v128.store(b, bm);
    if (LEVELS > 1) {
      let e = share;
      v128.store(e, mul(mul(bm, rm), inverse));
      const rp = sub(v128.load(p, RP), mul(sr, v128.load(o, MEAN_P)));
      const lamPm = v128.load(o, LAM_PM);
      const cleanRs = sub(rp, mul(lamPm, rm));
      const bs = mul(cleanRs, v128.load(o, INVERSE_S));
      v128.store(w, rp, CP);
      v128.store((b += s), bs);
      v128.store((e += s), mul(mul(bs, cleanRs), inverse));
      const lamSm = add(one(), lamPm);
      let hu = k(0);
      let hs = bs;
      let hm = sub(bm, mul(lamSm, bs));
      let lamUm = k(NaN);
      let lamUs = k(NaN);
      let shareU = k(0);
      if (LEVELS > 2) {
        const rq = sub(v128.load(p, RQ), mul(sr, v128.load(o, MEAN_Q)));
        const lamQm = v128.load(o, LAM_QM);
        const lamQs = v128.load(o, LAM_QS);
        const cleanRu = sub(sub(rq, mul(lamQm, rm)), mul(lamQs, cleanRs));
        v128.store(w, rq, CQ);
        hu = mul(cleanRu, v128.load(o, INVERSE_U));
        shareU = mul(mul(hu, cleanRu), inverse);
        lamUm = add(lamSm, lamQm);
        lamUs = add(one(), lamQs);
        hs = sub(bs, mul(lamUs, hu));
        hm = sub(sub(bm, mul(lamSm, hs)), mul(lamUm, hu));
      }
      v128.store(e + s, shareU);
      v128.store((b += s), hu);
      v128.store((b += s), lamSm);
      v128.store((b += s), lamUm);
      v128.store(b + s, lamUs);
      v128.store(exposure, hm);
      v128.store(exposure + s, hs);
      share += 16;
      exposure += 16;
    } else {
      for (let f = 1; f < 6; f++) v128.store((b += s), k(NaN));
      for (let f = 0; f < 3; f++) v128.store(share + f * s, k(NaN));
      for (let f = 0; f < 2; f++) v128.store(exposure + f * s, k(NaN));
      share += 16;
      exposure += 16;
    }
    beta += 16;
    o += PAIR_BYTES;
    p += STOCK_BYTES;
    w += WORK_BYTES;
  }
}

/** Residual share and residual return of the deepest level. COMPLETE: no return of these rows is missing. */
@inline
function remainder(LEVELS: i32, COMPLETE: bool, from: i32, to: i32, r: usize, o: usize): void {
  const s = stride;
  let w = work;
  let exposure = column(EXP + 3, from);
  let beta = column(BETA, from);
  let share = column(ER + 8, from);
  let last = column(RESIDUAL, from);
  for (let t = from; t < to; t += 2) {
    const total = v128.load(w, TOTAL);
    const rm = v128.load(w, CM);
    const rt = v128.load(r + (t << 3));
    let left = total;
    let fit = k(0);
    if (LEVELS === 1) {
      const bm = v128.load(beta);
      const half = mul(bm, sub(rm, mul(bm, v128.load(o, HALF_MM))));
      left = sub(total, add(half, half));
      fit = mul(bm, v128.load(o, ROW_M));
      v128.store(share, k(NaN));
    } else {
      const hm = v128.load(exposure);
      const hs = v128.load(exposure + s);
      const rp = v128.load(w, CP);
      if (LEVELS === 2) {
        const km = add(hm, hs);
        const half = add(
          mul(km, sub(sub(rm, mul(km, v128.load(o, HALF_MM))), mul(hs, v128.load(o, MP)))),
          mul(hs, sub(rp, mul(hs, v128.load(o, HALF_PP)))),
        );
        left = sub(total, add(half, half));
        fit = add(mul(hm, v128.load(o, ROW_M)), mul(hs, v128.load(o, ROW_S)));
      } else {
        const hu = v128.load(beta + 2 * s);
        const kp = add(hs, hu);
        const km = add(hm, kp);
        const half = add(
          add(
            mul(km, sub(sub(sub(rm, mul(km, v128.load(o, HALF_MM))), mul(kp, v128.load(o, MP))), mul(hu, v128.load(o, MQ)))),
            mul(kp, sub(sub(rp, mul(kp, v128.load(o, HALF_PP))), mul(hu, v128.load(o, PQ)))),
          ),
          mul(hu, sub(v128.load(w, CQ), mul(hu, v128.load(o, HALF_QQ)))),
        );
        left = sub(total, add(half, half));
        fit = add(add(mul(hm, v128.load(o, ROW_M)), mul(hs, v128.load(o, ROW_S))), mul(hu, v128.load(o, ROW_U)));
      }
      v128.store(share, mul(left, v128.load(w, INVERSE)));
    }
    v128.store(w, left, LEFT);
    v128.store(w, fit, FIT);
    const residual = sub(rt, fit);
    v128.store(last, residual);
    if (!COMPLETE) {
      // A missing or infinite return of an ETF makes the residual one; a stock's return of impossible size is missing.
      if (!allSet(v128.and(f64x2.lt(f64x2.abs(residual), k(Infinity)), f64x2.lt(f64x2.abs(rt), k(LIMIT))))) redo(t);
    }
    exposure += 16;
    beta += 16;
    share += 16;
    last += 16;
    o += PAIR_BYTES;
    w += WORK_BYTES;
  }
}

/** Two rows of too short a history have a return and flags; answers false when a row has more. Ex-ante fields are written later. */
function fillShort(levels: i32, t: i32, r: usize, table: usize): bool {
  const status = v128.load(table + (t >> 1) * PAIR_BYTES, STATUS);
  if (v128.any_true(v128.and(status, i64x2.splat(1)))) return false;
  const x = <usize>(t << 3);
  let q = tile + x;
  for (let f = 0; f < FIELD_COUNT; f++, q += stride) v128.store(q, k(NaN));
  if (!core) {
    const rt = v128.load(r + x);
    q = tile + x + (RESIDUAL + 1) * stride;
    v128.store(q, v128.bitselect(rt, k(NaN), f64x2.lt(f64x2.abs(rt), k(LIMIT))));
    v128.store((q += (LEVEL - RESIDUAL - 1) * stride), k(0));
    v128.store(q + stride, k(SHORT_HISTORY | (levels === 1 ? NO_SECTOR : levels === 2 ? NO_SUBSECTOR : 0)));
  }
  return true;
}

// One function per pass and case, so that each keeps its own few live vectors.
function solveOne(from: i32, to: i32, o: usize, p: usize): void {
  if (intercept) solve(1, true, from, to, o, p);
  else solve(1, false, from, to, o, p);
}
function solveTwo(from: i32, to: i32, o: usize, p: usize): void {
  if (intercept) solve(2, true, from, to, o, p);
  else solve(2, false, from, to, o, p);
}
function solveThree(from: i32, to: i32, o: usize, p: usize): void {
  if (intercept) solve(3, true, from, to, o, p);
  else solve(3, false, from, to, o, p);
}
function remainderOne(from: i32, to: i32, r: usize, o: usize): void {
  remainder(1, false, from, to, r, o);
}
function remainderTwo(from: i32, to: i32, r: usize, o: usize): void {
  remainder(2, false, from, to, r, o);
}
function remainderThree(from: i32, to: i32, r: usize, o: usize): void {
  remainder(3, false, from, to, r, o);
}
function remainderComplete(from: i32, to: i32, r: usize, o: usize): void {
  remainder(3, true, from, to, r, o);
}
/** The pairs of rows [from, to), both even, at most RUN of them. */
function fillRun(count: i32, from: i32, to: i32, slot: usize, r: usize, table: usize, stock: usize, complete: bool): void {
  const o = table + (from >> 1) * PAIR_BYTES;
  const p = stock + (from >> 1) * STOCK_BYTES;
  startRun();
  if (count === 3) {
    solveThree(from, to, o, p);
    if (complete) remainderComplete(from, to, r, o);
    else remainderThree(from, to, r, o);
  } else if (count === 2) {
    solveTwo(from, to, o, p);
    remainderTwo(from, to, r, o);
  } else {
    solveOne(from, to, o, p);
    remainderOne(from, to, r, o);
  }
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

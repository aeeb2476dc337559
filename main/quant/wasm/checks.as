/** The passes that only a full cascade needs: levels 1 and 2, errors, the two identities, flags. LEVELS is a constant of the caller. */
import {
  BETA, ER, ERROR_1M, ERROR_2M, ERROR_2S, ERROR_3M, ERROR_3S, ERROR_3U, HALF_MM, HALF_PP, LEVEL, MP, NO_SECTOR, NO_SUBSECTOR, PAIR_BYTES,
  RESIDUAL, ROW_M, ROW_S, ROW_U, STATUS, stride,
} from './layout';
import {
  add, ADDITIVITY_AT, allSet, CM, column, constants, CP, EXTREME_AT, FIT, INVERSE, k, large, LEFT, mul, one, redo, REPLICATION_AT,
  spreadOf, sub, TOLERANCE_AT, TOTAL, work, WORK_BYTES, YEAR_AT,
} from './vectors';

/** Ratios, exposures, errors, shares and checks of levels 1 and 2; the checks wait in their columns for `checks`. */
@inline
function levels(LEVELS: i32, from: i32, to: i32, r: usize, o: usize): void {
  const s = stride;
  const none = k(NaN);
  let w = work;
  let hr = column(0, from);
  let share = column(ER, from);
  let beta = column(BETA, from);
  let flags = column(LEVEL + 1, from);
  for (let t = from; t < to; t += 2) {
    const total = v128.load(w, TOTAL);
    const inverse = v128.load(w, INVERSE);
    const rm = v128.load(w, CM);
    const rt = v128.load(r + (t << 3));
    const mt = v128.load(o, ROW_M);
    const bm = v128.load(beta);
    const halfMM = v128.load(o, HALF_MM);
    const half1 = mul(bm, sub(rm, mul(bm, halfMM)));
    const left1 = sub(total, add(half1, half1));
    const share1 = mul(left1, inverse);
    const shareM = mul(mul(bm, rm), inverse);
    const error1M = mul(spreadOf(left1), v128.load(o, ERROR_1M));
    const along = mul(bm, mt);
    const alongM = sub(rt, along);
    let check = error1M;
    let additivity = f64x2.abs(sub(add(shareM, share1), one()));
    let replication = f64x2.pmax(k(-1), f64x2.abs(sub(add(along, alongM), rt)));
    let extreme = large(bm);
    let e = share;
    v128.store(e, shareM);
    v128.store((e += s), share1);
    let q = hr;
    v128.store(q, sub(k(0), bm));
    let h2m = none;
    let bs = none;
    let error2M = none;
    let error2S = none;
    let shareS = none;
    let share2 = none;
    let shareM2 = none;
    if (LEVELS > 1) {
      const st = v128.load(o, ROW_S);
      const rp = v128.load(w, CP);
      bs = v128.load(beta + s);
      const lamSm = v128.load(beta + 3 * s);
      h2m = sub(bm, mul(lamSm, bs));
      const km = add(h2m, bs);
      const half2 = add(
        mul(km, sub(sub(rm, mul(km, halfMM)), mul(bs, v128.load(o, MP)))),
        mul(bs, sub(rp, mul(bs, v128.load(o, HALF_PP)))),
      );
      const left2 = sub(total, add(half2, half2));
      share2 = mul(left2, inverse);
      shareS = v128.load(share + 6 * s);
      shareM2 = shareM;
      additivity = f64x2.pmax(f64x2.abs(sub(add(add(shareM, shareS), share2), one())), additivity);
      const cleanS = sub(st, mul(lamSm, mt));
      const fit = add(mul(h2m, mt), mul(bs, st));
      replication = f64x2.pmax(replication, f64x2.abs(sub(add(fit, sub(alongM, mul(bs, cleanS))), rt)));
      extreme = v128.or(extreme, v128.or(large(h2m), large(bs)));
      const spread = spreadOf(left2);
      error2M = mul(spread, v128.load(o, ERROR_2M));
      error2S = mul(spread, v128.load(o, ERROR_2S));
      check = add(check, add(error2M, error2S));
    }
    v128.store((e += s), shareM2);
    v128.store((e += s), shareS);
    v128.store(e + s, share2);
    v128.store((q += s), LEVELS > 1 ? sub(k(0), h2m) : none);
    v128.store((q += s), LEVELS > 1 ? sub(k(0), bs) : none);
    if (LEVELS < 3) {
      v128.store((q += s), LEVELS > 1 ? sub(k(0), h2m) : none);
      v128.store((q += s), LEVELS > 1 ? sub(k(0), bs) : none);
      v128.store((q += s), LEVELS > 1 ? k(0) : none);
      q += s;
    } else q += 4 * s;
    v128.store(q, bm);
    v128.store((q += s), h2m);
    v128.store((q += s), bs);
    q += 3 * s;
    if (LEVELS < 3) v128.store(q, LEVELS > 1 ? k(0) : none);
    v128.store((q += s), error1M);
    v128.store((q += s), error2M);
    v128.store((q += s), error2S);
    if (LEVELS < 3) {
      v128.store((q += s), error2M);
      v128.store((q += s), error2S);
      v128.store(q + s, none);
    }
    v128.store(flags, v128.and(extreme, v128.load(constants + 16 * EXTREME_AT)));
    v128.store(flags + s, additivity);
    v128.store(flags + 2 * s, replication);
    if (!allSet(f64x2.eq(check, check))) redo(t);
    hr += 16;
    share += 16;
    beta += 16;
    flags += 16;
    o += PAIR_BYTES;
    w += WORK_BYTES;
  }
}

/** Ratios and errors of level 3, the checks over all levels, flags, and what is copied. */
@inline
function checks(LEVELS: i32, from: i32, to: i32, r: usize, o: usize): void {
  const s = stride;
  let w = work;
  let hr = column(3, from);
  let beta = column(BETA, from);
  let share = column(ER + 5, from);
  let last = column(RESIDUAL + 1, from);
  const chain = k(LEVELS === 1 ? NO_SECTOR : LEVELS === 2 ? NO_SUBSECTOR : 0);
  const collinearBits = i64x2.splat(LEVELS === 1 ? 0 : LEVELS === 2 ? 4 : 12);
  for (let t = from; t < to; t += 2) {
    const rt = v128.load(r + (t << 3));
    let additivity = v128.load(last + 6 * s);
    let replication = v128.load(last + 7 * s);
    let flags = v128.load(last + 5 * s);
    if (LEVELS > 2) {
      const mt = v128.load(o, ROW_M);
      const bm = v128.load(beta);
      const bs = v128.load(beta + s);
      const hu = v128.load(beta + 2 * s);
      let q = hr + 6 * s;
      const hm = v128.load(q);
      const hs = v128.load((q += s));
      v128.store((q += s), hu);
      const spread = spreadOf(v128.load(w, LEFT));
      const error3M = mul(spread, v128.load(o, ERROR_3M));
      const error3S = mul(spread, v128.load(o, ERROR_3S));
      const error3U = mul(spread, v128.load(o, ERROR_3U));
      q += 4 * s;
      v128.store(q, error3M);
      v128.store((q += s), error3S);
      v128.store(q + s, error3U);
      const check = add(add(error3M, error3S), error3U);
      if (!allSet(f64x2.eq(check, check))) redo(t);
      v128.store(hr, sub(k(0), hm));
      v128.store(hr + s, sub(k(0), hs));
      v128.store(hr + 2 * s, sub(k(0), hu));
      const shares = add(add(add(v128.load(share), v128.load(share + s)), v128.load(share + 2 * s)), v128.load(share + 3 * s));
      additivity = f64x2.pmax(f64x2.abs(sub(shares, one())), additivity);
      const cleanS = sub(v128.load(o, ROW_S), mul(v128.load(beta + 3 * s), mt));
      const cleanU = sub(sub(v128.load(o, ROW_U), mul(v128.load(beta + 4 * s), mt)), mul(v128.load(beta + 5 * s), cleanS));
      const along = sub(sub(sub(rt, mul(bm, mt)), mul(bs, cleanS)), mul(hu, cleanU));
      replication = f64x2.pmax(replication, f64x2.abs(sub(add(v128.load(w, FIT), along), rt)));
      const extreme = v128.or(large(hm), v128.or(large(hs), large(hu)));
      flags = v128.or(flags, v128.and(extreme, v128.load(constants + 16 * EXTREME_AT)));
    }
    const tolerance = v128.load(constants + 16 * TOLERANCE_AT);
    flags = add(flags, v128.and(v128.not(f64x2.le(additivity, tolerance)), v128.load(constants + 16 * ADDITIVITY_AT)));
    flags = add(flags, v128.and(f64x2.gt(replication, tolerance), v128.load(constants + 16 * REPLICATION_AT)));
    const collinear = i64x2.ne(v128.and(v128.load(o, STATUS), collinearBits), k(0));
    flags = add(add(flags, v128.and(collinear, one())), chain);
    let q = last;
    v128.store(q, rt);
    q += 2 * s;
    v128.store(q, f64x2.sqrt(mul(v128.load(constants + 16 * YEAR_AT), v128.load(q - s))));
    q += 2 * s;
    v128.store(q, k(LEVELS));
    v128.store((q += s), flags);
    v128.store((q += s), additivity);
    v128.store(q + s, replication);
    hr += 16;
    beta += 16;
    share += 16;
    last += 16;
    o += PAIR_BYTES;
    w += WORK_BYTES;
  }
}

export function levelsOne(from: i32, to: i32, r: usize, o: usize): void {
  levels(1, from, to, r, o);
}
export function levelsTwo(from: i32, to: i32, r: usize, o: usize): void {
  levels(2, from, to, r, o);
}
export function levelsThree(from: i32, to: i32, r: usize, o: usize): void {
  levels(3, from, to, r, o);
}
export function checksOne(from: i32, to: i32, r: usize, o: usize): void {
  checks(1, from, to, r, o);
}
export function checksTwo(from: i32, to: i32, r: usize, o: usize): void {
  checks(2, from, to, r, o);
}
export function checksThree(from: i32, to: i32, r: usize, o: usize): void {
  checks(3, from, to, r, o);
}

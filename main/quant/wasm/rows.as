/** The algebra of one row: cascade/rows.ts, for rows whose levels have rows of their own, that miss a level, or that stand alone. */
import {
  ADDITIVITY, BETA, COLLINEAR_FLAG, core, ER, ERROR_1M, ERROR_2M, ERROR_2S, ERROR_3M, ERROR_3S, ERROR_3U, EX_ANTE, EXP,
  EXTREME, FACTOR_RETURN, FIELD_COUNT, FLOOR, HALF_MM, HALF_PP, HALF_QQ, HR_EXTREME, intercept, INVERSE_M, INVERSE_S, INVERSE_U, INVERSE_WEIGHT, LAM_PM, LAM_QM, LAM_QS, LIMIT, LINK,
  MEAN_M, MEAN_P, MEAN_Q, MP, MQ, N, NO_SECTOR, NO_SUBSECTOR, NO_VARIANCE, PAIR_BYTES, PQ, REPLICATION, RESIDUAL, RM, RP, RQ, SE, SHORT_HISTORY,
  slotM, slotS, slotU, SR, SRR, STATUS, STOCK_BYTES, stride, tile, TOLERANCE, VARIANCE_FACTOR, ZERO,
} from './layout';

@inline
function put(field: i32, t: i32, value: f64): void {
  store<f64>(tile + field * stride + (t << 3), value);
}
@inline
function get(field: i32, t: i32): f64 {
  return load<f64>(tile + field * stride + (t << 3));
}
@inline
function canonical(x: f64): f64 {
  return x === x ? x : NaN;
}
@inline
function missingFlag(status: i32, total: f64, raw: f64): i32 {
  if ((status & 1) === 0) return SHORT_HISTORY;
  return (status & 2) !== 0 && total > ZERO * raw && total > FLOOR ? 0 : NO_VARIANCE;
}
@inline
function stockVariance(srr: f64, sr: f64, inverseWeight: f64, factor: f64): f64 {
  const centred = srr - sr * (sr * inverseWeight);
  return centred > ZERO * srr ? centred * factor : 0;
}

export function blankFields(first: i32, count: i32, t: i32): void {
  for (let f = first; f < first + count; f++) put(f, t, NaN);
}

/** Empties the fields of one level's fit: ratios, exposures, errors, shares, slope. */
function blankLevel(level: i32, t: i32): void {
  const first = (level * (level - 1)) >> 1;
  blankFields(first, level, t);
  blankFields(EXP + first, level, t);
  blankFields(SE + first, level, t);
  blankFields(ER + first + level - 1, level + 1, t);
  put(BETA + level - 1, t, NaN);
}

export function blankRows(from: i32, to: i32): void {
  for (let f = 0; f < FIELD_COUNT; f++) for (let t = from; t < to; t++) put(f, t, NaN);
}

/**
 * Fills row t but for the ex-ante fields. Tables and stock sums of levels 1, 2 and 3 (which may be the same) are given by the address
 * that row 0 would have; `r` and the slot's columns by their first row.
 */
export function fillRow(
  t: i32, slot: usize, levels: i32, r: usize, tableA: usize, tableB: usize, tableC: usize, stockA: usize, stockB: usize, stockC: usize,
): void {
  const pair = (t >> 1) * PAIR_BYTES + ((t & 1) << 3);
  const row = (t >> 1) * STOCK_BYTES + ((t & 1) << 3);
  const rt = load<f64>(r + (t << 3));
  const mt = load<f64>(slotM(slot) + (t << 3));
  const st = load<f64>(slotS(slot) + (t << 3));
  const ut = load<f64>(slotU(slot) + (t << 3));
  let flags = levels === 1 ? NO_SECTOR : levels === 2 ? NO_SUBSECTOR : 0;
  let level = 0;
  let additivity: f64 = 0;
  let replication: f64 = -1;
  let lamSm: f64 = NaN;
  let lamUm: f64 = NaN;
  let lamUs: f64 = NaN;
  let residual: f64 = NaN;
  let variance: f64 = NaN;
  let n: f64 = NaN;

  let o = tableA + pair;
  let p = stockA + row;
  let sr = load<f64>(p, SR);
  let srr = load<f64>(p, SRR);
  let total = intercept ? srr - sr * (sr * load<f64>(o, INVERSE_WEIGHT)) : srr;
  let status = <i32>load<i64>(o, STATUS);
  let missing = missingFlag(status, total, srr);
  if (missing !== 0) {
    flags |= missing;
    blankLevel(1, t);
  } else {
    const inverse = 1 / total;
    const rm = load<f64>(p, RM) - sr * load<f64>(o, MEAN_M);
    const b = rm * load<f64>(o, INVERSE_M);
    const half = b * (rm - b * load<f64>(o, HALF_MM));
    const left = total - (half + half);
    const shareM = b * rm * inverse;
    const share = left * inverse;
    additivity = abs(shareM + share - 1);
    const fit = b * mt;
    residual = rt - fit;
    const off = abs(fit + (rt - b * mt) - rt);
    if (off > replication) replication = off;
    if (abs(b) > EXTREME) flags |= HR_EXTREME;
    level = 1;
    n = load<f64>(o, N);
    variance = stockVariance(srr, sr, load<f64>(o, INVERSE_WEIGHT), load<f64>(o, VARIANCE_FACTOR));
    put(0, t, 0 - b);
    put(EXP, t, b);
    put(SE, t, canonical(sqrt(left > 0 ? left : 0) * load<f64>(o, ERROR_1M)));
    put(ER, t, shareM);
    put(ER + 1, t, share);
    put(BETA, t, b);
  }

  missing = -1;
  if (levels > 1) {
    o = tableB + pair;
    p = stockB + row;
    sr = load<f64>(p, SR);
    srr = load<f64>(p, SRR);
    total = intercept ? srr - sr * (sr * load<f64>(o, INVERSE_WEIGHT)) : srr;
    status = <i32>load<i64>(o, STATUS);
    missing = missingFlag(status, total, srr);
    if (missing > 0) flags |= missing;
  }
  if (missing !== 0) blankLevel(2, t);
  else {
    const inverse = 1 / total;
    const rm = load<f64>(p, RM) - sr * load<f64>(o, MEAN_M);
    const rp = load<f64>(p, RP) - sr * load<f64>(o, MEAN_P);
    const lamPm = load<f64>(o, LAM_PM);
    lamSm = 1 + lamPm;
    const bm = rm * load<f64>(o, INVERSE_M);
    const cleanRs = rp - lamPm * rm;
    const hs = cleanRs * load<f64>(o, INVERSE_S);
    const hm = bm - lamSm * hs;
    const km = hm + hs;
    const half = km * (rm - km * load<f64>(o, HALF_MM) - hs * load<f64>(o, MP)) + hs * (rp - hs * load<f64>(o, HALF_PP));
    const left = total - (half + half);
    const shareM = bm * rm * inverse;
    const shareS = hs * cleanRs * inverse;
    const share = left * inverse;
    const sum = abs(shareM + shareS + share - 1);
    if (!(sum <= additivity)) additivity = sum;
    const fit = hm * mt + hs * st;
    residual = rt - fit;
    const off = abs(fit + (rt - bm * mt - hs * (st - lamSm * mt)) - rt);
    if (off > replication) replication = off;
    if (abs(hm) > EXTREME || abs(hs) > EXTREME) flags |= HR_EXTREME;
    if ((status & 4) !== 0) flags |= <i32>COLLINEAR_FLAG;
    level = 2;
    n = load<f64>(o, N);
    variance = stockVariance(srr, sr, load<f64>(o, INVERSE_WEIGHT), load<f64>(o, VARIANCE_FACTOR));
    const spread = sqrt(left > 0 ? left : 0);
    const errorM = canonical(spread * load<f64>(o, ERROR_2M));
    const errorS = canonical(spread * load<f64>(o, ERROR_2S));
    put(1, t, 0 - hm);
    put(2, t, 0 - hs);
    put(EXP + 1, t, hm);
    put(EXP + 2, t, hs);
    put(SE + 1, t, errorM);
    put(SE + 2, t, errorS);
    put(ER + 2, t, shareM);
    put(ER + 3, t, shareS);
    put(ER + 4, t, share);
    put(BETA + 1, t, hs);
    if (levels === 2) {
      put(3, t, 0 - hm);
      put(4, t, 0 - hs);
      put(5, t, 0);
      put(EXP + 3, t, hm);
      put(EXP + 4, t, hs);
      put(EXP + 5, t, 0);
      put(SE + 3, t, errorM);
      put(SE + 4, t, errorS);
      put(SE + 5, t, NaN);
      put(ER + 5, t, shareM);
      put(ER + 6, t, shareS);
      put(ER + 7, t, 0);
      put(ER + 8, t, share);
      put(BETA + 2, t, 0);
    }
  }

  if (levels > 2) {
    o = tableC + pair;
    p = stockC + row;
    sr = load<f64>(p, SR);
    srr = load<f64>(p, SRR);
    total = intercept ? srr - sr * (sr * load<f64>(o, INVERSE_WEIGHT)) : srr;
    status = <i32>load<i64>(o, STATUS);
    missing = missingFlag(status, total, srr);
    if (missing > 0) flags |= missing;
  }
  if (missing !== 0) blankLevel(3, t);
  else if (levels > 2) {
    const inverse = 1 / total;
    const rm = load<f64>(p, RM) - sr * load<f64>(o, MEAN_M);
    const rp = load<f64>(p, RP) - sr * load<f64>(o, MEAN_P);
    const rq = load<f64>(p, RQ) - sr * load<f64>(o, MEAN_Q);
    const lamPm = load<f64>(o, LAM_PM);
    const lamQm = load<f64>(o, LAM_QM);
    const lamQs = load<f64>(o, LAM_QS);
    lamSm = 1 + lamPm;
    lamUm = lamSm + lamQm;
    lamUs = 1 + lamQs;
    const bm = rm * load<f64>(o, INVERSE_M);
    const cleanRs = rp - lamPm * rm;
    const bs = cleanRs * load<f64>(o, INVERSE_S);
    const cleanRu = rq - lamQm * rm - lamQs * cleanRs;
    const hu = cleanRu * load<f64>(o, INVERSE_U);
    const hs = bs - lamUs * hu;
    const hm = bm - lamSm * hs - lamUm * hu;
    const kp = hs + hu;
    const km = hm + kp;
    const half =
      km * (rm - km * load<f64>(o, HALF_MM) - kp * load<f64>(o, MP) - hu * load<f64>(o, MQ)) +
      kp * (rp - kp * load<f64>(o, HALF_PP) - hu * load<f64>(o, PQ)) +
      hu * (rq - hu * load<f64>(o, HALF_QQ));
    const left = total - (half + half);
    const shareM = bm * rm * inverse;
    const shareS = bs * cleanRs * inverse;
    const shareU = hu * cleanRu * inverse;
    const share = left * inverse;
    const sum = abs(shareM + shareS + shareU + share - 1);
    if (!(sum <= additivity)) additivity = sum;
    const fit = hm * mt + hs * st + hu * ut;
    residual = rt - fit;
    const cleanS = st - lamSm * mt;
    const off = abs(fit + (rt - bm * mt - bs * cleanS - hu * (ut - lamUm * mt - lamUs * cleanS)) - rt);
    if (off > replication) replication = off;
    if (abs(hm) > EXTREME || abs(hs) > EXTREME || abs(hu) > EXTREME) flags |= HR_EXTREME;
    if ((status & 12) !== 0) flags |= <i32>COLLINEAR_FLAG;
    level = 3;
    n = load<f64>(o, N);
    variance = stockVariance(srr, sr, load<f64>(o, INVERSE_WEIGHT), load<f64>(o, VARIANCE_FACTOR));
    const spread = sqrt(left > 0 ? left : 0);
    put(3, t, 0 - hm);
    put(4, t, 0 - hs);
    put(5, t, 0 - hu);
    put(EXP + 3, t, hm);
    put(EXP + 4, t, hs);
    put(EXP + 5, t, hu);
    put(SE + 3, t, canonical(spread * load<f64>(o, ERROR_3M)));
    put(SE + 4, t, canonical(spread * load<f64>(o, ERROR_3S)));
    put(SE + 5, t, canonical(spread * load<f64>(o, ERROR_3U)));
    put(ER + 5, t, shareM);
    put(ER + 6, t, shareS);
    put(ER + 7, t, shareU);
    put(ER + 8, t, share);
    put(BETA + 2, t, hu);
  }

  if (level === 0) additivity = NaN;
  else if (!(additivity <= TOLERANCE)) flags |= ADDITIVITY;
  if (replication > TOLERANCE) flags |= REPLICATION;

  put(LINK, t, lamSm);
  put(LINK + 1, t, lamUm);
  put(LINK + 2, t, lamUs);
  put(RESIDUAL, t, canonical(residual));
  put(RESIDUAL + 1, t, abs(rt) < LIMIT ? rt : NaN);
  put(RESIDUAL + 2, t, variance);
  put(RESIDUAL + 3, t, sqrt(252 * variance));
  put(RESIDUAL + 4, t, n);
  put(RESIDUAL + 5, t, <f64>level);
  put(RESIDUAL + 6, t, <f64>flags);
  put(RESIDUAL + 7, t, additivity);
  put(RESIDUAL + 8, t, replication < 0 ? NaN : replication);
  if (core) blankBeyondCore(t);
}

/** Empties what CORE_FIELDS of cascade/fields.ts does not name. */
function blankBeyondCore(t: i32): void {
  blankFields(0, EXP + 3, t);
  blankFields(EXP + 5, ER + 5 - (EXP + 5), t);
  blankFields(RESIDUAL + 1, 1, t);
  blankFields(RESIDUAL + 3, 1, t);
  blankFields(RESIDUAL + 5, 4, t);
}

/** The ex-ante fields of one row. */
function fillExAnteRow(t: i32, slot: usize, levels: i32, r: usize): void {
  const rt = load<f64>(r + (t << 3));
  const mt = load<f64>(slotM(slot) + (t << 3));
  const st = load<f64>(slotS(slot) + (t << 3));
  const ut = load<f64>(slotU(slot) + (t << 3));
  const c1 = get(EXP, t - 1) * mt;
  const c2 = get(EXP + 1, t - 1) * mt + get(EXP + 2, t - 1) * st;
  const two = get(EXP + 3, t - 1) * mt + get(EXP + 4, t - 1) * st;
  const c3 = levels === 3 ? two + get(EXP + 5, t - 1) * ut : two;
  put(FACTOR_RETURN, t, canonical(c1));
  put(FACTOR_RETURN + 1, t, canonical(c2 - c1));
  put(FACTOR_RETURN + 2, t, canonical(c3 - c2));
  put(FACTOR_RETURN + 3, t, canonical(c1));
  put(FACTOR_RETURN + 4, t, canonical(c2));
  put(FACTOR_RETURN + 5, t, canonical(c3));
  put(FACTOR_RETURN + 6, t, canonical(rt - c1));
  put(FACTOR_RETURN + 7, t, canonical(rt - c2));
  put(FACTOR_RETURN + 8, t, canonical(rt - c3));
}

/** The ex-ante fields of rows [from, to) from the exposures of the rows before, two rows at a time. */
export function fillExAnte(from: i32, to: i32, slot: usize, levels: i32, r: usize): void {
  if (core) return;
  let t = from;
  for (; t + 2 <= to; t += 2) {
    const x = <usize>(t << 3);
    const rt = v128.load(r + x);
    const mt = v128.load(slotM(slot) + x);
    const st = v128.load(slotS(slot) + x);
    let q = tile + EXP * stride + x - 8;
    const c1 = f64x2.mul(v128.load(q), mt);
    const h2m = v128.load((q += stride));
    const h2s = v128.load((q += stride));
    const c2 = f64x2.add(f64x2.mul(h2m, mt), f64x2.mul(h2s, st));
    const h3m = v128.load((q += stride));
    const h3s = v128.load((q += stride));
    let c3 = f64x2.add(f64x2.mul(h3m, mt), f64x2.mul(h3s, st));
    if (levels === 3) c3 = f64x2.add(c3, f64x2.mul(v128.load(q + stride), v128.load(slotU(slot) + x)));
    const f2 = f64x2.sub(c2, c1);
    const f3 = f64x2.sub(c3, c2);
    const e1 = f64x2.sub(rt, c1);
    const e2 = f64x2.sub(rt, c2);
    const e3 = f64x2.sub(rt, c3);
    // Missing somewhere: this sum is NaN, and the scalar code writes the one NaN.
    const any = f64x2.add(f64x2.add(f64x2.add(f2, f3), f64x2.add(e1, e2)), e3);
    if (i64x2.bitmask(f64x2.eq(any, any)) !== 3) {
      fillExAnteRow(t, slot, levels, r);
      fillExAnteRow(t + 1, slot, levels, r);
      continue;
    }
    q = tile + FACTOR_RETURN * stride + x;
    v128.store(q, c1);
    v128.store((q += stride), f2);
    v128.store((q += stride), f3);
    v128.store((q += stride), c1);
    v128.store((q += stride), c2);
    v128.store((q += stride), c3);
    v128.store((q += stride), e1);
    v128.store((q += stride), e2);
    v128.store(q + stride, e3);
  }
  for (; t < to; t++) fillExAnteRow(t, slot, levels, r);
}

export function blankExAnte(t: i32): void {
  blankFields(FACTOR_RETURN, EX_ANTE, t);
}

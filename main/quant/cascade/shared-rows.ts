/** The algebra of a row whose three levels share one set of sums, which is nearly every row: what the levels have in common is computed once. */
import { CORE_FIELDS, fieldIndex, FIELDS, FLAG as FLAG_ } from './fields.ts';
import { STATUS as STATUS_, T as T_, TABLE_STRIDE as TABLE_STRIDE_, ZERO_VARIANCE as ZERO_VARIANCE_ } from './factors.ts';
import { EXTREME_RATIO, fillRows, IDENTITY_TOLERANCE as IDENTITY_TOLERANCE_ } from './rows.ts';
import type { ChainReturns, LevelSums } from './rows.ts';
import { RETURN_LIMIT as RETURN_LIMIT_, STOCK_SUMS as STOCK_SUMS_ } from './sums.ts';

// Local names, as in rows.ts.
const FLAG = FLAG_;
const STATUS = STATUS_;
const T = T_;
const TABLE_STRIDE = TABLE_STRIDE_;
const ZERO_VARIANCE = ZERO_VARIANCE_;
const RETURN_LIMIT = RETURN_LIMIT_;
const STOCK_SUMS = STOCK_SUMS_;
const IDENTITY_TOLERANCE = IDENTITY_TOLERANCE_;
const EXTREME = EXTREME_RATIO;
const COLLINEAR = STATUS.collinearS | STATUS.collinearU;
const EXPOSURE_3 = fieldIndex('l3_mkt_exp');
const SHARE_3 = fieldIndex('l3_mkt_er');
const BETA = fieldIndex('l1_mkt_beta');
const LINK = fieldIndex('lam_sm');
const RESIDUAL = fieldIndex('res_in');
const VARIANCE = fieldIndex('stock_var');
const OBSERVATIONS = fieldIndex('n_obs');
const ALL_COLUMNS = Int32Array.from(FIELDS.keys());
const CORE_COLUMNS = Int32Array.from(CORE_FIELDS.map(fieldIndex));

/**
 * Does what `fillRows` does for rows [from, to) of a chain of three ETFs with one set of sums, in the same operations on the same values, so
 * with the same bits. A row on which a level or a return is missing is left to `fillRows`.
 */
export function fillSharedRows(
  values: Float64Array,
  nRows: number,
  from: number,
  to: number,
  r: Float64Array,
  chain: ChainReturns,
  level: LevelSums,
  centre: boolean,
  core: boolean,
): void {
  const { table, tableFrom } = level;
  for (let t = from; t < to; t++) {
    if ((table[(t - tableFrom) * TABLE_STRIDE + T.status]! & STATUS.enough) === 0) {
      fillShort(values, nRows, t, r[t]!, core);
      continue;
    }
    t = fillWhole(values, nRows, t, to, r, level, centre, core);
    if (t < to) fillRows(values, nRows, t, t + 1, r, chain, level, level, level, centre, core);
  }
}

/** Fills rows from `from` on until one that needs the general algebra, and answers it. (A loop without calls: V8 looks at its arrays once.) */
function fillWhole(
  values: Float64Array,
  nRows: number,
  from: number,
  to: number,
  r: Float64Array,
  level: LevelSums,
  centre: boolean,
  core: boolean,
): number {
  const { table, tableFrom, stock, stockFrom } = level;
  // Numbers: V8 tests a parameter's truth anew on every row.
  const centring = centre ? 1 : 0;
  const all = core ? 0 : 1;
  for (let t = from; t < to; t++) {
    const p = ((t - stockFrom) * STOCK_SUMS) | 0;
    const o = ((t - tableFrom) * TABLE_STRIDE) | 0;
    const rt = r[t]!;
    const mt = table[(o + T.m) | 0]!;
    const st = table[(o + T.s) | 0]!;
    const ut = table[(o + T.u) | 0]!;
    const sr = stock[p]!;
    const srr = stock[(p + 1) | 0]!;
    const total = centring === 1 ? srr - sr * (sr * table[(o + T.inverseWeight) | 0]!) : srr;
    const usable = total > table[(o + T.floor) | 0]! && total > ZERO_VARIANCE * srr;
    const inverse = 1 / total;
    const rm = stock[(p + 2) | 0]! - sr * table[(o + T.meanM) | 0]!;
    const rp = stock[(p + 3) | 0]! - sr * table[(o + T.meanP) | 0]!;
    const rq = stock[(p + 4) | 0]! - sr * table[(o + T.meanQ) | 0]!;
    const halfMM = table[(o + T.halfMM) | 0]!;
    const mp = table[(o + T.mp) | 0]!;
    const halfPP = table[(o + T.halfPP) | 0]!;
    const lamPm = table[(o + T.lamPm) | 0]!;
    const lamQm = table[(o + T.lamQm) | 0]!;
    const lamSm = 1 + lamPm;
    const lamUm = lamSm + lamQm;
    const lamQs = table[(o + T.lamQs) | 0]!;
    const lamUs = 1 + lamQs;
    const bm = rm * table[(o + T.inverseM) | 0]!;
    const cleanRs = rp - lamPm * rm;
    const bs = cleanRs * table[(o + T.inverseS) | 0]!;
    const cleanRu = rq - lamQm * rm - lamQs * cleanRs;
    const hu = cleanRu * table[(o + T.inverseU) | 0]!;
    const hs = bs - lamUs * hu;
    const hm = bm - lamSm * hs - lamUm * hu;
    const kp = hs + hu;
    const km = hm + kp;
    const half3 =
      km * (rm - km * halfMM - kp * mp - hu * table[(o + T.mq) | 0]!) +
      kp * (rp - kp * halfPP - hu * table[(o + T.pq) | 0]!) +
      hu * (rq - hu * table[(o + T.halfQQ) | 0]!);
    const left3 = total - (half3 + half3);
    const shareM = bm * rm * inverse;
    const shareS = bs * cleanRs * inverse;
    const shareU = hu * cleanRu * inverse;
    const share3 = left3 * inverse;
    const fit3 = hm * mt + hs * st + hu * ut;
    const residual = rt - fit3;
    if (!usable || !(Math.abs(residual) < Infinity) || !(Math.abs(rt) < RETURN_LIMIT)) return t;
    const centred = centring === 1 ? total : srr - sr * (sr * table[(o + T.inverseWeight) | 0]!);
    const variance = centred > ZERO_VARIANCE * srr ? centred * table[(o + T.varianceFactor) | 0]! : 0;

    if (all === 1) {
      const half1 = bm * (rm - bm * halfMM);
      const left1 = total - (half1 + half1);
      const share1 = left1 * inverse;
      const alongM = rt - bm * mt;
      const h2m = bm - lamSm * bs;
      const k2 = h2m + bs;
      const half2 = k2 * (rm - k2 * halfMM - bs * mp) + bs * (rp - bs * halfPP);
      const left2 = total - (half2 + half2);
      const share2 = left2 * inverse;
      const spread2 = Math.sqrt(left2 > 0 ? left2 : 0);
      const spread3 = Math.sqrt(left3 > 0 ? left3 : 0);
      const error1M = Math.sqrt(left1 > 0 ? left1 : 0) * table[(o + T.error1M) | 0]!;
      const error2M = spread2 * table[(o + T.error2M) | 0]!;
      const error2S = spread2 * table[(o + T.error2S) | 0]!;
      const error3M = spread3 * table[(o + T.error3M) | 0]!;
      const error3S = spread3 * table[(o + T.error3S) | 0]!;
      const error3U = spread3 * table[(o + T.error3U) | 0]!;
      const errors = error1M + error2M + error2S + error3M + error3S + error3U;
      if (errors !== errors) return t;
      let additivity = Math.abs(shareM + share1 - 1);
      let replication = Math.abs(bm * mt + alongM - rt);
      const sum2 = Math.abs(shareM + shareS + share2 - 1);
      if (!(sum2 <= additivity)) additivity = sum2;
      const cleanS = st - lamSm * mt;
      const fit2 = h2m * mt + bs * st;
      const off2 = Math.abs(fit2 + (alongM - bs * cleanS) - rt);
      if (off2 > replication) replication = off2;
      const sum3 = Math.abs(shareM + shareS + shareU + share3 - 1);
      if (!(sum3 <= additivity)) additivity = sum3;
      const off3 = Math.abs(fit3 + (alongM - bs * cleanS - hu * (ut - lamUm * mt - lamUs * cleanS)) - rt);
      if (off3 > replication) replication = off3;
      let flags = 0;
      if (Math.abs(bm) > EXTREME || Math.abs(h2m) > EXTREME || Math.abs(bs) > EXTREME) flags |= FLAG.hr_extreme;
      if (Math.abs(hm) > EXTREME || Math.abs(hs) > EXTREME || Math.abs(hu) > EXTREME) flags |= FLAG.hr_extreme;
      if ((table[(o + T.status) | 0]! & COLLINEAR) !== 0) flags |= FLAG.collinear;
      if (!(additivity <= IDENTITY_TOLERANCE)) flags |= FLAG.additivity;
      if (replication > IDENTITY_TOLERANCE) flags |= FLAG.replication;

      values[t] = 0 - bm;
      let i = t;
      values[(i = (i + nRows) | 0)] = 0 - h2m;
      values[(i = (i + nRows) | 0)] = 0 - bs;
      values[(i = (i + nRows) | 0)] = 0 - hm;
      values[(i = (i + nRows) | 0)] = 0 - hs;
      values[(i = (i + nRows) | 0)] = 0 - hu;
      values[(i = (i + nRows) | 0)] = bm;
      values[(i = (i + nRows) | 0)] = h2m;
      values[(i + nRows) | 0] = bs;
      i = (EXPOSURE_3 + 2) * nRows + t;
      values[i] = hu;
      values[(i = (i + nRows) | 0)] = error1M;
      values[(i = (i + nRows) | 0)] = error2M;
      values[(i = (i + nRows) | 0)] = error2S;
      values[(i = (i + nRows) | 0)] = error3M;
      values[(i = (i + nRows) | 0)] = error3S;
      values[(i = (i + nRows) | 0)] = error3U;
      values[(i = (i + nRows) | 0)] = shareM;
      values[(i = (i + nRows) | 0)] = share1;
      values[(i = (i + nRows) | 0)] = shareM;
      values[(i = (i + nRows) | 0)] = shareS;
      values[(i + nRows) | 0] = share2;
      i = (RESIDUAL + 1) * nRows + t;
      values[i] = rt;
      values[(i = (i + 2 * nRows) | 0)] = Math.sqrt(252 * variance);
      values[(i = (i + 2 * nRows) | 0)] = 3;
      values[(i = (i + nRows) | 0)] = flags;
      values[(i = (i + nRows) | 0)] = additivity;
      values[(i + nRows) | 0] = replication;
    }
    let i = EXPOSURE_3 * nRows + t;
    values[i] = hm;
    values[(i + nRows) | 0] = hs;
    values[(i = SHARE_3 * nRows + t)] = shareM;
    values[(i = (i + nRows) | 0)] = shareS;
    values[(i = (i + nRows) | 0)] = shareU;
    values[(i + nRows) | 0] = share3;
    values[(i = BETA * nRows + t)] = bm;
    values[(i = (i + nRows) | 0)] = bs;
    values[(i + nRows) | 0] = hu;
    values[(i = LINK * nRows + t)] = lamSm;
    values[(i = (i + nRows) | 0)] = lamUm;
    values[(i + nRows) | 0] = lamUs;
    values[RESIDUAL * nRows + t] = residual;
    values[VARIANCE * nRows + t] = variance;
    values[OBSERVATIONS * nRows + t] = table[(o + T.n) | 0]!;
  }
  return to;
}

/** A row of too short a history has a return and flags. Ex-ante fields are written later. */
function fillShort(values: Float64Array, nRows: number, t: number, rt: number, core: boolean): void {
  const columns = core ? CORE_COLUMNS : ALL_COLUMNS;
  for (let k = 0; k < columns.length; k++) values[columns[k]! * nRows + t] = NaN;
  if (core) return;
  const i = (RESIDUAL + 1) * nRows + t;
  values[i] = Math.abs(rt) < RETURN_LIMIT ? rt : NaN;
  values[i + 4 * nRows] = 0;
  values[i + 5 * nRows] = FLAG.short_history;
}

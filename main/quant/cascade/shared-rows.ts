/** The algebra of a row whose three levels share one set of sums, which is nearly every row: what the levels have in common is computed once. */
import { fieldIndex, FLAG as FLAG_ } from './fields.ts';
import { STATUS as STATUS_, T as T_, TABLE_STRIDE as TABLE_STRIDE_, TINY as TINY_, ZERO_VARIANCE as ZERO_VARIANCE_ } from './factors.ts';
import { EXTREME_RATIO, fillRows, IDENTITY_TOLERANCE as IDENTITY_TOLERANCE_ } from './rows.ts';
import type { ChainReturns, LevelSums } from './rows.ts';
import { RETURN_LIMIT as RETURN_LIMIT_, STOCK_SUMS as STOCK_SUMS_ } from './sums.ts';

// Local names, as in rows.ts.
const FLAG = FLAG_;
const STATUS = STATUS_;
const T = T_;
const TABLE_STRIDE = TABLE_STRIDE_;
const TINY = TINY_;
const ZERO_VARIANCE = ZERO_VARIANCE_;
const RETURN_LIMIT = RETURN_LIMIT_;
const STOCK_SUMS = STOCK_SUMS_;
const IDENTITY_TOLERANCE = IDENTITY_TOLERANCE_;
const EXTREME = EXTREME_RATIO;
const USABLE = STATUS.enough | STATUS.marketVaries;
const COLLINEAR = STATUS.collinearS | STATUS.collinearU;
const EXPOSURE_3 = fieldIndex('l3_mkt_exp');
const SHARE_3 = fieldIndex('l3_mkt_er');
const BETA = fieldIndex('l1_mkt_beta');
const LINK = fieldIndex('lam_sm');
const RESIDUAL = fieldIndex('res_in');
const VARIANCE = fieldIndex('stock_var');
const OBSERVATIONS = fieldIndex('n_obs');

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
  core: boolean,
): void {
  const { m, s, u } = chain;
  const { table, tableFrom, stock, stockFrom } = level;
  for (let t = from; t < to; t++) {
    const p = (t - stockFrom) * STOCK_SUMS;
    const o = (t - tableFrom) * TABLE_STRIDE;
    const rt = r[t]!;
    const mt = m[t]!;
    const st = s[t]!;
    const ut = u[t]!;
    const sr = stock[p]!;
    const srr = stock[p + 1]!;
    const total = srr - sr * (sr * table[o + T.centring]!);
    const status = table[o + T.status]! | 0;
    const usable = (status & USABLE) === USABLE && total > ZERO_VARIANCE * srr && total > TINY;
    const inverse = 1 / total;
    const rm = stock[p + 2]! - sr * table[o + T.meanM]!;
    const rp = stock[p + 3]! - sr * table[o + T.meanP]!;
    const rq = stock[p + 4]! - sr * table[o + T.meanQ]!;
    const mm = table[o + T.mm]!;
    const mp = table[o + T.mp]!;
    const mq = table[o + T.mq]!;
    const pp = table[o + T.pp]!;
    const pq = table[o + T.pq]!;
    const lamPm = table[o + T.lamPm]!;
    const lamQm = table[o + T.lamQm]!;
    const lamSm = 1 + lamPm;
    const lamUm = lamSm + lamQm;
    const lamQs = table[o + T.lamQs]!;
    const lamUs = 1 + lamQs;
    const bm = rm * table[o + T.inverseM]!;
    const cleanRs = rp - lamPm * rm;
    const bs = cleanRs * table[o + T.inverseS]!;
    const hu = (rq - lamQm * rm - lamQs * cleanRs) * table[o + T.inverseU]!;
    const hs = bs - lamUs * hu;
    const hm = bm - lamSm * hs - lamUm * hu;
    const kp = hs + hu;
    const km = hm + kp;
    const left3 =
      total -
      km * rm -
      kp * rp -
      hu * rq -
      km * (rm - km * mm - kp * mp - hu * mq) -
      kp * (rp - km * mp - kp * pp - hu * pq) -
      hu * (rq - km * mq - kp * pq - hu * table[o + T.qq]!);
    const shareM = bm * bm * mm * inverse;
    const shareS = bs * bs * table[o + T.cleanS]! * inverse;
    const shareU = hu * hu * table[o + T.cleanU]! * inverse;
    const share3 = left3 * inverse;
    const fit3 = hm * mt + hs * st + hu * ut;
    const residual = rt - fit3;
    if (!usable || !(Math.abs(residual) < Infinity) || !(Math.abs(rt) < RETURN_LIMIT)) {
      fillRows(values, nRows, t, t + 1, r, chain, level, level, level, core);
      continue;
    }
    const centred = srr - sr * (sr * table[o + T.inverseWeight]!);
    const variance = centred > ZERO_VARIANCE * srr ? centred * table[o + T.varianceFactor]! : 0;

    if (!core) {
      const left1 = total - bm * rm - bm * (rm - bm * mm);
      const share1 = left1 * inverse;
      const alongM = rt - bm * mt;
      const h2m = bm - lamSm * bs;
      const k2 = h2m + bs;
      const left2 = total - k2 * rm - bs * rp - k2 * (rm - k2 * mm - bs * mp) - bs * (rp - k2 * mp - bs * pp);
      const share2 = left2 * inverse;
      const spread2 = Math.sqrt(left2 > 0 ? left2 : 0);
      const spread3 = Math.sqrt(left3 > 0 ? left3 : 0);
      const error1M = Math.sqrt(left1 > 0 ? left1 : 0) * table[o + T.error1M]!;
      const error2M = spread2 * table[o + T.error2M]!;
      const error2S = spread2 * table[o + T.error2S]!;
      const error3M = spread3 * table[o + T.error3M]!;
      const error3S = spread3 * table[o + T.error3S]!;
      const error3U = spread3 * table[o + T.error3U]!;
      const errors = error1M + error2M + error2S + error3M + error3S + error3U;
      if (errors !== errors) {
        fillRows(values, nRows, t, t + 1, r, chain, level, level, level, core);
        continue;
      }
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
      if ((status & COLLINEAR) !== 0) flags |= FLAG.collinear;
      if (!(additivity <= IDENTITY_TOLERANCE)) flags |= FLAG.additivity;
      if (replication > IDENTITY_TOLERANCE) flags |= FLAG.replication;

      values[t] = 0 - bm;
      let i = t;
      values[(i += nRows)] = 0 - h2m;
      values[(i += nRows)] = 0 - bs;
      values[(i += nRows)] = 0 - hm;
      values[(i += nRows)] = 0 - hs;
      values[(i += nRows)] = 0 - hu;
      values[(i += nRows)] = bm;
      values[(i += nRows)] = h2m;
      values[i + nRows] = bs;
      i = (EXPOSURE_3 + 2) * nRows + t;
      values[i] = hu;
      values[(i += nRows)] = error1M;
      values[(i += nRows)] = error2M;
      values[(i += nRows)] = error2S;
      values[(i += nRows)] = error3M;
      values[(i += nRows)] = error3S;
      values[(i += nRows)] = error3U;
      values[(i += nRows)] = shareM;
      values[(i += nRows)] = share1;
      values[(i += nRows)] = shareM;
      values[(i += nRows)] = shareS;
      values[i + nRows] = share2;
      i = (RESIDUAL + 1) * nRows + t;
      values[i] = rt;
      values[(i += 2 * nRows)] = Math.sqrt(252 * variance);
      values[(i += 2 * nRows)] = 3;
      values[(i += nRows)] = flags;
      values[(i += nRows)] = additivity;
      values[i + nRows] = replication;
    }
    let i = EXPOSURE_3 * nRows + t;
    values[i] = hm;
    values[i + nRows] = hs;
    values[(i = SHARE_3 * nRows + t)] = shareM;
    values[(i += nRows)] = shareS;
    values[(i += nRows)] = shareU;
    values[i + nRows] = share3;
    values[(i = BETA * nRows + t)] = bm;
    values[(i += nRows)] = bs;
    values[i + nRows] = hu;
    values[(i = LINK * nRows + t)] = lamSm;
    values[(i += nRows)] = lamUm;
    values[i + nRows] = lamUs;
    values[RESIDUAL * nRows + t] = residual;
    values[VARIANCE * nRows + t] = variance;
    values[OBSERVATIONS * nRows + t] = table[o + T.n]!;
  }
}

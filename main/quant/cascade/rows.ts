/** The algebra of a row (MODEL.md 4 to 7): from sums to every field, and the ex-ante returns from the row before. */
import { CORE_FIELDS, FIELD_COUNT as FIELD_COUNT_, FIELDS, FLAG as FLAG_, fieldIndex } from './fields.ts';
import { STATUS as STATUS_, T as T_, TABLE_STRIDE as TABLE_STRIDE_, TINY as TINY_, ZERO_VARIANCE as ZERO_VARIANCE_ } from './factors.ts';
import { RETURN_LIMIT as RETURN_LIMIT_, STOCK_SUMS as STOCK_SUMS_ } from './sums.ts';

// Local names: V8 folds a module's own constants into code but loads imported and exported ones at every use (a fifth of this loop).
const FLAG = FLAG_;
const STATUS = STATUS_;
const T = T_;
const TABLE_STRIDE = TABLE_STRIDE_;
const TINY = TINY_;
const ZERO_VARIANCE = ZERO_VARIANCE_;
const RETURN_LIMIT = RETURN_LIMIT_;
const STOCK_SUMS = STOCK_SUMS_;
const FIELD_COUNT = FIELD_COUNT_;

/** Sums of one level's own rows: factor table and stock sums. */
export interface LevelSums {
  readonly table: Float64Array;
  /** Row of the axis that `table` starts at. */
  readonly tableFrom: number;
  readonly stock: Float64Array;
  /** Row of the axis that `stock` starts at. */
  readonly stockFrom: number;
}

/** Factor returns of a chain on raw ETFs; absent ETFs are zero columns. `levels` counts the ETFs. */
export interface ChainReturns {
  readonly m: Float64Array;
  readonly s: Float64Array;
  readonly u: Float64Array;
  readonly levels: 1 | 2 | 3;
}

const BETA = fieldIndex('l1_mkt_beta');
const LINK = fieldIndex('lam_sm');
const RESIDUAL = fieldIndex('res_in');
const EXPOSURE = fieldIndex('l1_mkt_exp');
const FACTOR_RETURN = fieldIndex('l1_fr');
/** Columns of the ex-ante fields, from FACTOR_RETURN on. */
const EX_ANTE = 9;
/** Columns that belong to one level's fit. */
const LEVEL_FIELDS = [1, 2, 3].map((level) =>
  Int32Array.from(
    FIELDS.map(({ wire }, k) => (wire.startsWith(`l${level}_`) && (k < FACTOR_RETURN || k >= FACTOR_RETURN + EX_ANTE) ? k : -1)).filter(
      (k) => k >= 0,
    ),
  ),
);

/** Columns a core cascade leaves empty. */
const BEYOND_CORE = Int32Array.from(FIELDS.map((_, k) => k).filter((k) => !CORE_FIELDS.includes(FIELDS[k]!.wire)));

/** An identity that is off by more is flagged (MODEL.md 7). */
export const IDENTITY_TOLERANCE = 1e-3;
/** A hedge ratio beyond this in size is flagged. */
export const EXTREME_RATIO = 3;
const EXTREME = EXTREME_RATIO;
/**
 * Every NaN that reaches a tile is this literal: arithmetic NaNs carry other bits, and tiles are compared as bytes. Values without it in
 * `fillRows` are finite by RETURN_LIMIT and the floors of a variance. (Used everywhere, it would exceed what V8 inlines and cost 100 ns a row.)
 */
const canonical = (x: number): number => (x === x ? x : NaN);

/**
 * Fills all fields but the ex-ante ones of rows [from, to). The three `LevelSums` may be one and the same object: where every level
 * has the same rows, the values are the same bits either way. `centre`: the intercept; `core` empties what CORE_FIELDS does not name.
 */
export function fillRows(
  values: Float64Array,
  nRows: number,
  from: number,
  to: number,
  r: Float64Array,
  chain: ChainReturns,
  one: LevelSums,
  two: LevelSums,
  three: LevelSums,
  centre: boolean,
  core: boolean,
): void {
  const { m, s, u, levels } = chain;
  const tableA = one.table;
  const tableB = two.table;
  const tableC = three.table;
  const stockA = one.stock;
  const stockB = two.stock;
  const stockC = three.stock;
  const chainFlags = levels === 1 ? FLAG.no_sector_etf : levels === 2 ? FLAG.no_subsector_etf : 0;

  // Fields of one group (ratios, exposures, errors) lie six columns apart, so a store costs an addition, not a multiplication.
  const six = 6 * nRows;

  for (let t = from; t < to; t++) {
    const p = (t - one.stockFrom) * STOCK_SUMS;
    const rt = r[t]!;
    const mt = m[t]!;
    const st = s[t]!;
    const ut = u[t]!;
    let flags: number = chainFlags;
    let level = 0;
    let additivity = 0;
    let replication = -1;
    let lamSm = NaN;
    let lamUm = NaN;
    let lamUs = NaN;
    let residual = NaN;
    let variance = NaN;
    let n = NaN;

    let o = (t - one.tableFrom) * TABLE_STRIDE;
    let sr = stockA[p]!;
    let srr = stockA[p + 1]!;
    let total = centre ? srr - sr * (sr * tableA[o + T.inverseWeight]!) : srr;
    let status = tableA[o + T.status]! | 0;
    let missing = missingFlag(status, total, srr);
    if (missing !== 0) {
      flags |= missing;
      blankFields(values, nRows, t, LEVEL_FIELDS[0]!);
    } else {
      const inverse = 1 / total;
      const rm = stockA[p + 2]! - sr * tableA[o + T.meanM]!;
      const b = rm * tableA[o + T.inverseM]!;
      const half = b * (rm - b * tableA[o + T.halfMM]!);
      const left = total - (half + half);
      const shareM = b * rm * inverse;
      const share = left * inverse;
      additivity = Math.abs(shareM + share - 1);
      const fit = b * mt;
      residual = rt - fit;
      const off = Math.abs(fit + (rt - b * mt) - rt);
      if (off > replication) replication = off;
      if (Math.abs(b) > EXTREME) flags |= FLAG.hr_extreme;
      level = 1;
      n = tableA[o + T.n]!;
      variance = stockVariance(srr, sr, tableA[o + T.inverseWeight]!, tableA[o + T.varianceFactor]!);
      let i = t;
      values[i] = 0 - b;
      values[(i += six)] = b;
      values[(i += six)] = canonical(Math.sqrt(left > 0 ? left : 0) * tableA[o + T.error1M]!);
      values[(i += six)] = shareM;
      values[i + nRows] = share;
      values[BETA * nRows + t] = b;
    }

    missing = -1;
    if (levels > 1) {
      o = (t - two.tableFrom) * TABLE_STRIDE;
      sr = stockB[p]!;
      srr = stockB[p + 1]!;
      total = centre ? srr - sr * (sr * tableB[o + T.inverseWeight]!) : srr;
      status = tableB[o + T.status]! | 0;
      missing = missingFlag(status, total, srr);
      if (missing > 0) flags |= missing;
    }
    if (missing !== 0) blankFields(values, nRows, t, LEVEL_FIELDS[1]!);
    else {
      const inverse = 1 / total;
      const rm = stockB[p + 2]! - sr * tableB[o + T.meanM]!;
      const rp = stockB[p + 3]! - sr * tableB[o + T.meanP]!;
      const lamPm = tableB[o + T.lamPm]!;
      lamSm = 1 + lamPm;
      const bm = rm * tableB[o + T.inverseM]!;
      const cleanRs = rp - lamPm * rm;
      const hs = cleanRs * tableB[o + T.inverseS]!;
      const hm = bm - lamSm * hs;
      // The raw exposures' quadratic form, half of it (m + p = s): left is not one minus the other shares, so additivity can fail.
      const km = hm + hs;
      const half = km * (rm - km * tableB[o + T.halfMM]! - hs * tableB[o + T.mp]!) + hs * (rp - hs * tableB[o + T.halfPP]!);
      const left = total - (half + half);
      const shareM = bm * rm * inverse;
      const shareS = hs * cleanRs * inverse;
      const share = left * inverse;
      const sum = Math.abs(shareM + shareS + share - 1);
      if (!(sum <= additivity)) additivity = sum;
      const fit = hm * mt + hs * st;
      residual = rt - fit;
      const off = Math.abs(fit + (rt - bm * mt - hs * (st - lamSm * mt)) - rt);
      if (off > replication) replication = off;
      if (Math.abs(hm) > EXTREME || Math.abs(hs) > EXTREME) flags |= FLAG.hr_extreme;
      if ((status & STATUS.collinearS) !== 0) flags |= FLAG.collinear;
      level = 2;
      n = tableB[o + T.n]!;
      variance = stockVariance(srr, sr, tableB[o + T.inverseWeight]!, tableB[o + T.varianceFactor]!);
      const spread = Math.sqrt(left > 0 ? left : 0);
      const errorM = canonical(spread * tableB[o + T.error2M]!);
      const errorS = canonical(spread * tableB[o + T.error2S]!);
      let i = t + nRows;
      values[i] = 0 - hm;
      values[i + nRows] = 0 - hs;
      values[(i += six)] = hm;
      values[i + nRows] = hs;
      values[(i += six)] = errorM;
      values[i + nRows] = errorS;
      values[(i += six + nRows)] = shareM;
      values[(i += nRows)] = shareS;
      values[i + nRows] = share;
      values[(BETA + 1) * nRows + t] = hs;
      if (levels === 2) {
        // No subsector ETF of its own: level 3 repeats level 2 (MODEL.md 12).
        i = t + 3 * nRows;
        values[i] = 0 - hm;
        values[i + nRows] = 0 - hs;
        values[i + 2 * nRows] = 0;
        i += six;
        values[i] = hm;
        values[i + nRows] = hs;
        values[i + 2 * nRows] = 0;
        i += six;
        values[i] = errorM;
        values[i + nRows] = errorS;
        values[i + 2 * nRows] = NaN;
        i += six + 2 * nRows;
        values[i] = shareM;
        values[i + nRows] = shareS;
        values[i + 2 * nRows] = 0;
        values[i + 3 * nRows] = share;
        values[(BETA + 2) * nRows + t] = 0;
      }
    }

    if (levels > 2) {
      o = (t - three.tableFrom) * TABLE_STRIDE;
      sr = stockC[p]!;
      srr = stockC[p + 1]!;
      total = centre ? srr - sr * (sr * tableC[o + T.inverseWeight]!) : srr;
      status = tableC[o + T.status]! | 0;
      missing = missingFlag(status, total, srr);
      if (missing > 0) flags |= missing;
    }
    if (missing !== 0) blankFields(values, nRows, t, LEVEL_FIELDS[2]!);
    else if (levels > 2) {
      const inverse = 1 / total;
      const rm = stockC[p + 2]! - sr * tableC[o + T.meanM]!;
      const rp = stockC[p + 3]! - sr * tableC[o + T.meanP]!;
      const rq = stockC[p + 4]! - sr * tableC[o + T.meanQ]!;
      const lamPm = tableC[o + T.lamPm]!;
      const lamQm = tableC[o + T.lamQm]!;
      const lamQs = tableC[o + T.lamQs]!;
      lamSm = 1 + lamPm;
      lamUm = lamSm + lamQm;
      lamUs = 1 + lamQs;
      const bm = rm * tableC[o + T.inverseM]!;
      const cleanRs = rp - lamPm * rm;
      const bs = cleanRs * tableC[o + T.inverseS]!;
      const cleanRu = rq - lamQm * rm - lamQs * cleanRs;
      const hu = cleanRu * tableC[o + T.inverseU]!;
      const hs = bs - lamUs * hu;
      const hm = bm - lamSm * hs - lamUm * hu;
      const kp = hs + hu;
      const km = hm + kp;
      const half =
        km * (rm - km * tableC[o + T.halfMM]! - kp * tableC[o + T.mp]! - hu * tableC[o + T.mq]!) +
        kp * (rp - kp * tableC[o + T.halfPP]! - hu * tableC[o + T.pq]!) +
        hu * (rq - hu * tableC[o + T.halfQQ]!);
      const left = total - (half + half);
      const shareM = bm * rm * inverse;
      const shareS = bs * cleanRs * inverse;
      const shareU = hu * cleanRu * inverse;
      const share = left * inverse;
      const sum = Math.abs(shareM + shareS + shareU + share - 1);
      if (!(sum <= additivity)) additivity = sum;
      const fit = hm * mt + hs * st + hu * ut;
      residual = rt - fit;
      const cleanS = st - lamSm * mt;
      const off = Math.abs(fit + (rt - bm * mt - bs * cleanS - hu * (ut - lamUm * mt - lamUs * cleanS)) - rt);
      if (off > replication) replication = off;
      if (Math.abs(hm) > EXTREME || Math.abs(hs) > EXTREME || Math.abs(hu) > EXTREME) flags |= FLAG.hr_extreme;
      if ((status & (STATUS.collinearS | STATUS.collinearU)) !== 0) flags |= FLAG.collinear;
      level = 3;
      n = tableC[o + T.n]!;
      variance = stockVariance(srr, sr, tableC[o + T.inverseWeight]!, tableC[o + T.varianceFactor]!);
      const spread = Math.sqrt(left > 0 ? left : 0);
      let i = t + 3 * nRows;
      values[i] = 0 - hm;
      values[i + nRows] = 0 - hs;
      values[i + 2 * nRows] = 0 - hu;
      i += six;
      values[i] = hm;
      values[i + nRows] = hs;
      values[i + 2 * nRows] = hu;
      i += six;
      values[i] = canonical(spread * tableC[o + T.error3M]!);
      values[i + nRows] = canonical(spread * tableC[o + T.error3S]!);
      values[i + 2 * nRows] = canonical(spread * tableC[o + T.error3U]!);
      i += six + 2 * nRows;
      values[i] = shareM;
      values[i + nRows] = shareS;
      values[i + 2 * nRows] = shareU;
      values[i + 3 * nRows] = share;
      values[(BETA + 2) * nRows + t] = hu;
    }

    if (level === 0) additivity = NaN;
    else if (!(additivity <= IDENTITY_TOLERANCE)) flags |= FLAG.additivity;
    if (replication > IDENTITY_TOLERANCE) flags |= FLAG.replication;

    let i = LINK * nRows + t;
    values[i] = lamSm;
    values[(i += nRows)] = lamUm;
    values[i + nRows] = lamUs;
    i = RESIDUAL * nRows + t;
    values[i] = canonical(residual);
    values[(i += nRows)] = Math.abs(rt) < RETURN_LIMIT ? rt : NaN;
    values[(i += nRows)] = variance;
    values[(i += nRows)] = Math.sqrt(252 * variance);
    values[(i += nRows)] = n;
    values[(i += nRows)] = level;
    values[(i += nRows)] = flags;
    values[(i += nRows)] = additivity;
    values[i + nRows] = replication < 0 ? NaN : replication;
    if (core) blankFields(values, nRows, t, BEYOND_CORE);
  }
}

/** Why a level cannot be estimated, as a flag; 0 when it can. */
function missingFlag(status: number, total: number, raw: number): number {
  if ((status & STATUS.enough) === 0) return FLAG.short_history;
  return (status & STATUS.marketVaries) !== 0 && total > ZERO_VARIANCE * raw && total > TINY ? 0 : FLAG.no_variance;
}

/** Centred sample variance; rounding left over from a constant series is 0. */
function stockVariance(srr: number, sr: number, inverseWeight: number, factor: number): number {
  const centred = srr - sr * (sr * inverseWeight);
  return centred > ZERO_VARIANCE * srr ? centred * factor : 0;
}

function blankFields(values: Float64Array, nRows: number, t: number, fields: Int32Array): void {
  for (let k = 0; k < fields.length; k++) values[fields[k]! * nRows + t] = NaN;
}

/**
 * Fills the ex-ante fields of rows [from, to), which must be produced: exposures of the row before, factor returns of that row's `chain`.
 * Row 0 of the axis has no row before.
 */
export function fillExAnte(values: Float64Array, nRows: number, from: number, to: number, r: Float64Array, chain: ChainReturns): void {
  const { m, s, u, levels } = chain;
  for (let t = from; t < to; t++) {
    const rt = r[t]!;
    const mt = m[t]!;
    const st = s[t]!;
    const ut = u[t]!;
    let q = EXPOSURE * nRows + t - 1;
    const h1m = values[q]!;
    const h2m = values[(q += nRows)]!;
    const h2s = values[(q += nRows)]!;
    const h3m = values[(q += nRows)]!;
    const h3s = values[(q += nRows)]!;
    const h3u = values[q + nRows]!;
    const c1 = h1m * mt;
    const c2 = h2m * mt + h2s * st;
    const c3 = levels === 3 ? h3m * mt + h3s * st + h3u * ut : h3m * mt + h3s * st;
    q = FACTOR_RETURN * nRows + t;
    values[q] = canonical(c1);
    values[(q += nRows)] = canonical(c2 - c1);
    values[(q += nRows)] = canonical(c3 - c2);
    values[(q += nRows)] = canonical(c1);
    values[(q += nRows)] = canonical(c2);
    values[(q += nRows)] = canonical(c3);
    values[(q += nRows)] = canonical(rt - c1);
    values[(q += nRows)] = canonical(rt - c2);
    values[q + nRows] = canonical(rt - c3);
  }
}

/** Empties the ex-ante fields of one row. */
export function blankExAnte(values: Float64Array, nRows: number, t: number): void {
  for (let k = 0; k < EX_ANTE; k++) values[(FACTOR_RETURN + k) * nRows + t] = NaN;
}

/** Empties every field of rows [from, to). */
export function blankRows(values: Float64Array, nRows: number, from: number, to: number): void {
  if (from < to) for (let k = 0; k < FIELD_COUNT; k++) values.fill(NaN, k * nRows + from, k * nRows + to);
}

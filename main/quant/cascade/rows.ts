/** The algebra of a row (MODEL.md 4 to 7): from sums to every field, and the ex-ante returns from the row before. */
import { FIELD_COUNT, FLAG, fieldIndex } from './fields.ts';
import { STATUS, T, TABLE_STRIDE, ZERO_VARIANCE } from './factors.ts';
import { STOCK_SUMS } from './sums.ts';

/** Sums of one level's own rows: factor table and stock sums, both starting at their own first row. */
export interface LevelSums {
  readonly table: Float64Array;
  /** Row of the axis that `table` starts at. */
  readonly tableFrom: number;
  readonly stock: Float64Array;
}

/** Factor returns of a chain on raw ETFs; absent ETFs are zero columns. `levels` counts the ETFs. */
export interface ChainReturns {
  readonly m: Float64Array;
  readonly s: Float64Array;
  readonly u: Float64Array;
  readonly levels: 1 | 2 | 3;
}

const IDENTITY_TOLERANCE = 1e-3;
const EXTREME = 3;
/** Every NaN that reaches a tile is this literal: arithmetic NaNs carry other bits, and tiles are compared as bytes. */
const canonical = (x: number): number => (x === x ? x : NaN);

/**
 * Fills all fields but the ex-ante ones of rows [from, to). The three `LevelSums` may be one and the same object: where every level
 * has the same rows, the values are the same bits either way.
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
): void {
  const { m, s, u, levels } = chain;
  const tableA = one.table;
  const tableB = two.table;
  const tableC = three.table;
  const stockA = one.stock;
  const stockB = two.stock;
  const stockC = three.stock;
  const chainFlags = levels === 1 ? FLAG.no_sector_etf : levels === 2 ? FLAG.no_subsector_etf : 0;

  for (let t = from; t < to; t++) {
    const p = (t - from) * STOCK_SUMS;
    const rt = r[t]!;
    const mt = m[t]!;
    const st = s[t]!;
    const ut = u[t]!;
    let flags: number = chainFlags;
    let level = 0;
    let additivity = 0;
    let replication = -1;
    let h1m = NaN;
    let h2m = NaN;
    let h2s = NaN;
    let h3m = NaN;
    let h3s = NaN;
    let h3u = NaN;
    let d1m = NaN;
    let d2m = NaN;
    let d2s = NaN;
    let d3m = NaN;
    let d3s = NaN;
    let d3u = NaN;
    let e1m = NaN;
    let e1r = NaN;
    let e2m = NaN;
    let e2s = NaN;
    let e2r = NaN;
    let e3m = NaN;
    let e3s = NaN;
    let e3u = NaN;
    let e3r = NaN;
    let b1 = NaN;
    let b2 = NaN;
    let b3 = NaN;
    let lamSm = NaN;
    let lamUm = NaN;
    let lamUs = NaN;
    let residual = NaN;
    let variance = NaN;
    let n = NaN;

    // Level 1.
    let o = (t - one.tableFrom) * TABLE_STRIDE;
    let status = tableA[o + T.status]!;
    if ((status & STATUS.enough) === 0) flags |= FLAG.short_history;
    else {
      const sr = stockA[p]!;
      const srr = stockA[p + 1]!;
      const total = srr - sr * (sr * tableA[o + T.centring]!);
      if ((status & STATUS.marketVaries) === 0 || !(total > ZERO_VARIANCE * srr && total < Infinity)) flags |= FLAG.no_variance;
      else {
        const inverse = 1 / total;
        const rm = stockA[p + 2]! - sr * tableA[o + T.meanM]!;
        const mm = tableA[o + T.mm]!;
        h1m = b1 = rm * tableA[o + T.inverseM]!;
        const left = total - h1m * rm - h1m * (rm - h1m * mm);
        e1m = h1m * h1m * mm * inverse;
        e1r = left * inverse;
        d1m = Math.sqrt((left > 0 ? left : 0) * tableA[o + T.error1M]!);
        additivity = Math.abs(e1m + e1r - 1);
        const fit = h1m * mt;
        residual = rt - fit;
        const off = Math.abs(fit + (rt - b1 * mt) - rt);
        if (off > replication) replication = off;
        if (Math.abs(h1m) > EXTREME) flags |= FLAG.hr_extreme;
        level = 1;
        n = tableA[o + T.n]!;
        const centred = srr - sr * (sr * tableA[o + T.inverseWeight]!);
        variance = centred > ZERO_VARIANCE * srr ? centred * tableA[o + T.varianceFactor]! : 0;
      }
    }

    if (levels > 1) {
      o = (t - two.tableFrom) * TABLE_STRIDE;
      status = tableB[o + T.status]!;
      if ((status & STATUS.enough) === 0) flags |= FLAG.short_history;
      else {
        const sr = stockB[p]!;
        const srr = stockB[p + 1]!;
        const total = srr - sr * (sr * tableB[o + T.centring]!);
        if ((status & STATUS.marketVaries) === 0 || !(total > ZERO_VARIANCE * srr && total < Infinity)) flags |= FLAG.no_variance;
        else {
          const inverse = 1 / total;
          const rm = stockB[p + 2]! - sr * tableB[o + T.meanM]!;
          const rp = stockB[p + 3]! - sr * tableB[o + T.meanP]!;
          const mm = tableB[o + T.mm]!;
          const mp = tableB[o + T.mp]!;
          const lamPm = tableB[o + T.lamPm]!;
          lamSm = 1 + lamPm;
          const bm = rm * tableB[o + T.inverseM]!;
          b2 = (rp - lamPm * rm) * tableB[o + T.inverseS]!;
          h2s = b2;
          h2m = bm - lamSm * h2s;
          // Quadratic form of the raw exposures (m + p = s), grouped so that the small terms are added last.
          const km = h2m + h2s;
          const left = total - km * rm - h2s * rp - km * (rm - km * mm - h2s * mp) - h2s * (rp - km * mp - h2s * tableB[o + T.pp]!);
          e2m = bm * bm * mm * inverse;
          e2s = b2 * b2 * tableB[o + T.cleanS]! * inverse;
          e2r = left * inverse;
          const spread = left > 0 ? left : 0;
          d2m = Math.sqrt(spread * tableB[o + T.error2M]!);
          d2s = Math.sqrt(spread * tableB[o + T.error2S]!);
          const sum = Math.abs(e2m + e2s + e2r - 1);
          if (!(sum <= additivity)) additivity = sum;
          const fit = h2m * mt + h2s * st;
          residual = rt - fit;
          const off = Math.abs(fit + (rt - bm * mt - b2 * (st - lamSm * mt)) - rt);
          if (off > replication) replication = off;
          if (Math.abs(h2m) > EXTREME || Math.abs(h2s) > EXTREME) flags |= FLAG.hr_extreme;
          if ((status & STATUS.collinearS) !== 0) flags |= FLAG.collinear;
          level = 2;
          n = tableB[o + T.n]!;
          const centred = srr - sr * (sr * tableB[o + T.inverseWeight]!);
          variance = centred > ZERO_VARIANCE * srr ? centred * tableB[o + T.varianceFactor]! : 0;
          if (levels === 2) {
            // No subsector ETF of its own: level 3 repeats level 2 (MODEL.md 12).
            h3m = h2m;
            h3s = h2s;
            h3u = 0;
            d3m = d2m;
            d3s = d2s;
            e3m = e2m;
            e3s = e2s;
            e3u = 0;
            e3r = e2r;
            b3 = 0;
          }
        }
      }
    }

    if (levels > 2) {
      o = (t - three.tableFrom) * TABLE_STRIDE;
      status = tableC[o + T.status]!;
      if ((status & STATUS.enough) === 0) flags |= FLAG.short_history;
      else {
        const sr = stockC[p]!;
        const srr = stockC[p + 1]!;
        const total = srr - sr * (sr * tableC[o + T.centring]!);
        if ((status & STATUS.marketVaries) === 0 || !(total > ZERO_VARIANCE * srr && total < Infinity)) flags |= FLAG.no_variance;
        else {
          const inverse = 1 / total;
          const rm = stockC[p + 2]! - sr * tableC[o + T.meanM]!;
          const rp = stockC[p + 3]! - sr * tableC[o + T.meanP]!;
          const rq = stockC[p + 4]! - sr * tableC[o + T.meanQ]!;
          const mm = tableC[o + T.mm]!;
          const mp = tableC[o + T.mp]!;
          const mq = tableC[o + T.mq]!;
          const pq = tableC[o + T.pq]!;
          const lamPm = tableC[o + T.lamPm]!;
          const lamQm = tableC[o + T.lamQm]!;
          const lamQs = tableC[o + T.lamQs]!;
          lamSm = 1 + lamPm;
          lamUm = lamSm + lamQm;
          lamUs = 1 + lamQs;
          const bm = rm * tableC[o + T.inverseM]!;
          const cleanRs = rp - lamPm * rm;
          const bs = cleanRs * tableC[o + T.inverseS]!;
          b3 = (rq - lamQm * rm - lamQs * cleanRs) * tableC[o + T.inverseU]!;
          h3u = b3;
          h3s = bs - lamUs * h3u;
          h3m = bm - lamSm * h3s - lamUm * h3u;
          const kp = h3s + h3u;
          const km = h3m + kp;
          const left =
            total -
            km * rm -
            kp * rp -
            h3u * rq -
            km * (rm - km * mm - kp * mp - h3u * mq) -
            kp * (rp - km * mp - kp * tableC[o + T.pp]! - h3u * pq) -
            h3u * (rq - km * mq - kp * pq - h3u * tableC[o + T.qq]!);
          e3m = bm * bm * mm * inverse;
          e3s = bs * bs * tableC[o + T.cleanS]! * inverse;
          e3u = b3 * b3 * tableC[o + T.cleanU]! * inverse;
          e3r = left * inverse;
          const spread = left > 0 ? left : 0;
          d3m = Math.sqrt(spread * tableC[o + T.error3M]!);
          d3s = Math.sqrt(spread * tableC[o + T.error3S]!);
          d3u = Math.sqrt(spread * tableC[o + T.error3U]!);
          const sum = Math.abs(e3m + e3s + e3u + e3r - 1);
          if (!(sum <= additivity)) additivity = sum;
          const fit = h3m * mt + h3s * st + h3u * ut;
          residual = rt - fit;
          const cleanS = st - lamSm * mt;
          const off = Math.abs(fit + (rt - bm * mt - bs * cleanS - b3 * (ut - lamUm * mt - lamUs * cleanS)) - rt);
          if (off > replication) replication = off;
          if (Math.abs(h3m) > EXTREME || Math.abs(h3s) > EXTREME || Math.abs(h3u) > EXTREME) flags |= FLAG.hr_extreme;
          if ((status & (STATUS.collinearS | STATUS.collinearU)) !== 0) flags |= FLAG.collinear;
          level = 3;
          n = tableC[o + T.n]!;
          const centred = srr - sr * (sr * tableC[o + T.inverseWeight]!);
          variance = centred > ZERO_VARIANCE * srr ? centred * tableC[o + T.varianceFactor]! : 0;
        }
      }
    }

    if (level === 0) additivity = NaN;
    else if (!(additivity <= IDENTITY_TOLERANCE)) flags |= FLAG.additivity;
    if (replication > IDENTITY_TOLERANCE) flags |= FLAG.replication;

    // One running index in the order of FIELDS: a store costs an addition, not a multiplication.
    // 0 - h, not -h: a zero exposure must not become a hedge ratio of -0.
    let q = t;
    values[q] = canonical(0 - h1m);
    values[(q += nRows)] = canonical(0 - h2m);
    values[(q += nRows)] = canonical(0 - h2s);
    values[(q += nRows)] = canonical(0 - h3m);
    values[(q += nRows)] = canonical(0 - h3s);
    values[(q += nRows)] = canonical(0 - h3u);
    values[(q += nRows)] = canonical(h1m);
    values[(q += nRows)] = canonical(h2m);
    values[(q += nRows)] = canonical(h2s);
    values[(q += nRows)] = canonical(h3m);
    values[(q += nRows)] = canonical(h3s);
    values[(q += nRows)] = canonical(h3u);
    values[(q += nRows)] = canonical(d1m);
    values[(q += nRows)] = canonical(d2m);
    values[(q += nRows)] = canonical(d2s);
    values[(q += nRows)] = canonical(d3m);
    values[(q += nRows)] = canonical(d3s);
    values[(q += nRows)] = canonical(d3u);
    values[(q += nRows)] = canonical(e1m);
    values[(q += nRows)] = canonical(e1r);
    values[(q += nRows)] = canonical(e2m);
    values[(q += nRows)] = canonical(e2s);
    values[(q += nRows)] = canonical(e2r);
    values[(q += nRows)] = canonical(e3m);
    values[(q += nRows)] = canonical(e3s);
    values[(q += nRows)] = canonical(e3u);
    values[(q += nRows)] = canonical(e3r);
    values[(q += nRows)] = canonical(b1);
    values[(q += nRows)] = canonical(b2);
    values[(q += nRows)] = canonical(b3);
    values[(q += nRows)] = canonical(lamSm);
    values[(q += nRows)] = canonical(lamUm);
    values[(q += nRows)] = canonical(lamUs);
    q += EX_ANTE * nRows;
    values[(q += nRows)] = canonical(residual);
    values[(q += nRows)] = rt - rt === 0 ? rt : NaN;
    values[(q += nRows)] = canonical(variance);
    values[(q += nRows)] = canonical(Math.sqrt(252 * variance));
    values[(q += nRows)] = canonical(n);
    values[(q += nRows)] = level;
    values[(q += nRows)] = flags;
    values[(q += nRows)] = canonical(additivity);
    values[q + nRows] = replication < 0 ? NaN : replication;
  }
}

const EX_ANTE = 9;
const EXPOSURE = fieldIndex('l1_mkt_exp');
const FACTOR_RETURN = fieldIndex('l1_fr');

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

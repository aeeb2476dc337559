/** From factor sums to everything the algebra of a security needs from the factor side: links, inverse variances, error factors. */
import { FACTOR_SUMS } from './sums.ts';

/**
 * Moments are taken of m and of the spreads p = s - m, q = u - s: the cleaned factors are the same, and a pair of nearly equal funds costs
 * no digits because their difference is formed before squaring.
 *
 * One row of a factor table, in the order in which the algebra reads it. Covariances are sums (not divided by the weight), raw without intercept.
 */
export const T = {
  /** The ETFs' returns of the row itself, so that the algebra reads one stream. */
  m: 0,
  s: 1,
  u: 2,
  /** Least variance of a stock that counts: TINY, or Infinity on a row of too few rows or a market without variance. */
  floor: 3,
  /** 1 / sum w. */
  inverseWeight: 4,
  /** Means of m, p, q; 0 without intercept. */
  meanM: 5,
  meanP: 6,
  meanQ: 7,
  /** 1 / variance of m, s*, u*; 0 for a collinear factor. */
  inverseM: 8,
  inverseS: 9,
  inverseU: 10,
  /** Links of the spreads: s* = p - lamPm m, u* = q - lamQm m - lamQs s*. */
  lamPm: 11,
  lamQm: 12,
  lamQs: 13,
  /** Covariances of m, p, q; the squares halved, as a quadratic form needs them. */
  halfMM: 14,
  mp: 15,
  mq: 16,
  halfPP: 17,
  pq: 18,
  halfQQ: 19,
  /** stock_var = centred sum of squares x this. */
  varianceFactor: 20,
  n: 21,
  status: 22,
  /** Standard error = sqrt(residual sum of squares) x this; NaN where there is none. */
  error1M: 23,
  error2M: 24,
  error2S: 25,
  error3M: 26,
  error3S: 27,
  error3U: 28,
} as const;
export const TABLE_STRIDE = 30;

/** Bits of `T.status`. */
export const STATUS = { enough: 1, marketVaries: 2, collinearS: 4, collinearU: 8 } as const;

/** A cleaned variance under this share of the raw one is collinear (MODEL.md 6). */
export const COLLINEAR = 1e-6;
/** A variance under this share of the sums it is formed from cannot be told from zero in f64. */
export const ZERO_VARIANCE = 1e-12;
/** A sum of squares below this is zero; with RETURN_LIMIT it keeps every quotient finite. */
export const TINY = 1e-60;

// Local names: V8 folds a module's own constants into code but loads imported and exported ones at every use.
const C = T;
const S = STATUS;
const LIMIT = COLLINEAR;
const ZERO = ZERO_VARIANCE;
const FLOOR = TINY;

export interface FactorSettings {
  readonly minObs: number;
  readonly intercept: boolean;
}

/**
 * Turns `rows` rows of factor sums into factor table rows at `table[offset]`. `squares` holds the sums under squared weights;
 * null = equal weights (then they equal `sums`). Columns of absent ETFs hold zeros and their results are not read; m, s, u are the caller's.
 * `core` leaves out the factors of the standard errors.
 */
export function solveFactors(
  settings: FactorSettings,
  rows: number,
  sums: Float64Array,
  squares: Float64Array | null,
  table: Float64Array,
  offset: number,
  core: boolean,
): void {
  for (let i = 0; i < rows; i++) solveRow(settings, sums, squares, i * FACTOR_SUMS, table, offset + i * TABLE_STRIDE, core);
}

function solveRow(
  settings: FactorSettings,
  x: Float64Array,
  y: Float64Array | null,
  q: number,
  out: Float64Array,
  o: number,
  core: boolean,
): void {
  const n = x[q]!;
  const w = x[q + 1]!;
  const inverseWeight = 1 / w;
  const centring = settings.intercept ? inverseWeight : 0;
  const meanM = x[q + 2]! * centring;
  const meanP = x[q + 3]! * centring;
  const meanQ = x[q + 4]! * centring;
  const mm = x[q + 5]! - x[q + 2]! * meanM;
  const mp = x[q + 6]! - x[q + 2]! * meanP;
  const mq = x[q + 7]! - x[q + 2]! * meanQ;
  const pp = x[q + 8]! - x[q + 3]! * meanP;
  const pq = x[q + 9]! - x[q + 3]! * meanQ;
  const qq = x[q + 10]! - x[q + 4]! * meanQ;
  // Raw variances of s = m + p and u = m + p + q, for the collinear rule.
  const ss = mm + 2 * mp + pp;
  const uu = ss + 2 * (mq + pq) + qq;
  const zeroS = ZERO * (x[q + 5]! + x[q + 8]!);
  const zeroU = zeroS + ZERO * x[q + 10]!;

  const enough = n >= settings.minObs;
  const marketVaries = mm > ZERO * x[q + 5]! && mm > FLOOR;
  const inverseM = marketVaries ? 1 / mm : 0;
  const lamPm = mp * inverseM;
  const lamQm = mq * inverseM;
  const cleanS = pp - lamPm * mp;
  const keepS = ss > zeroS && ss > FLOOR && cleanS >= LIMIT * ss;
  const inverseS = keepS ? 1 / cleanS : 0;
  const cross = pq - lamQm * mp;
  // A collinear s* is not taken out of u: lam_us = 1 + lamQs = 0.
  const lamQs = keepS ? cross * inverseS : -1;
  const cleanQ = qq - lamQm * mq;
  const cleanU = keepS ? cleanQ - lamQs * cross : cleanQ + 2 * cross + cleanS;
  const keepU = uu > zeroU && uu > FLOOR && cleanU >= LIMIT * uu;
  const inverseU = keepU ? 1 / cleanU : 0;

  out[o + C.n] = n;
  out[o + C.inverseWeight] = inverseWeight;
  out[o + C.meanM] = meanM;
  out[o + C.meanP] = meanP;
  out[o + C.meanQ] = meanQ;
  out[o + C.halfMM] = 0.5 * mm;
  out[o + C.mp] = mp;
  out[o + C.mq] = mq;
  out[o + C.halfPP] = 0.5 * pp;
  out[o + C.pq] = pq;
  out[o + C.halfQQ] = 0.5 * qq;
  out[o + C.inverseM] = inverseM;
  out[o + C.inverseS] = inverseS;
  out[o + C.inverseU] = inverseU;
  out[o + C.lamPm] = lamPm;
  out[o + C.lamQm] = lamQm;
  out[o + C.lamQs] = lamQs;
  out[o + C.floor] = enough && marketVaries ? FLOOR : Infinity;
  out[o + C.status] =
    (enough ? S.enough : 0) | (marketVaries ? S.marketVaries : 0) | (keepS ? 0 : S.collinearS) | (keepU ? 0 : S.collinearU);

  const w2 = y === null ? w : y[q + 1]!;
  out[o + C.varianceFactor] = y === null ? 1 / (w - 1) : inverseWeight / (1 - w2 * inverseWeight * inverseWeight);

  // Standard errors are no core fields.
  if (core) return;
  // Diagonal of A^-1 D A^-1 for levels 1, 2, 3: cleaned factors decouple A; lamSm, lamUs, g write them on raw ETFs.
  const lamSm = 1 + lamPm;
  const lamUs = 1 + lamQs;
  const g = lamSm + lamQm - lamUs * lamSm;
  let q1m: number;
  let q2m: number;
  let q2s: number;
  let q3m: number;
  let q3s: number;
  let q3u: number;
  if (y === null) {
    q1m = inverseM;
    q2m = q1m + lamSm * lamSm * inverseS;
    q2s = inverseS;
    q3m = q2m + g * g * inverseU;
    q3s = q2s + lamUs * lamUs * inverseU;
    q3u = inverseU;
  } else {
    const a = y[q + 2]!;
    const b = y[q + 3]!;
    const c = y[q + 4]!;
    const dmm = y[q + 5]! - 2 * a * meanM + w2 * meanM * meanM;
    const dmp = y[q + 6]! - a * meanP - b * meanM + w2 * meanM * meanP;
    const dmq = y[q + 7]! - a * meanQ - c * meanM + w2 * meanM * meanQ;
    const dpp = y[q + 8]! - 2 * b * meanP + w2 * meanP * meanP;
    const dpq = y[q + 9]! - b * meanQ - c * meanP + w2 * meanP * meanQ;
    const dqq = y[q + 10]! - 2 * c * meanQ + w2 * meanQ * meanQ;
    const spread = lamQm - lamQs * lamPm;
    const xm = dmq - lamQs * dmp - spread * dmm;
    const xp = dpq - lamQs * dpp - spread * dmp;
    const xq = dqq - lamQs * dpq - spread * dmq;
    const dms = dmp - lamPm * dmm;
    const emm = dmm * inverseM * inverseM;
    const ems = dms * inverseM * inverseS;
    const ess = (dpp - lamPm * dmp - lamPm * dms) * inverseS * inverseS;
    const emu = xm * inverseM * inverseU;
    const esu = (xp - lamPm * xm) * inverseS * inverseU;
    const euu = (xq - lamQs * xp - spread * xm) * inverseU * inverseU;
    q1m = emm;
    q2m = emm - 2 * lamSm * ems + lamSm * lamSm * ess;
    q2s = ess;
    q3m = q2m - 2 * g * emu + 2 * lamSm * g * esu + g * g * euu;
    q3s = ess - 2 * lamUs * esu + lamUs * lamUs * euu;
    q3u = euu;
  }

  // Residual variance = residual sum of squares / sum w * n_eff / (n_eff - slopes - intercept).
  const effective = (w * w) / w2;
  const base = effective - (settings.intercept ? 1 : 0);
  const scale = effective * inverseWeight;
  const slopes2 = keepS ? 2 : 1;
  const d1 = perFreedom(scale, base - 1);
  const d2 = perFreedom(scale, base - slopes2);
  const d3 = perFreedom(scale, base - slopes2 - (keepU ? 1 : 0));
  out[o + C.error1M] = Math.sqrt(d1 * q1m);
  out[o + C.error2M] = Math.sqrt(d2 * q2m);
  out[o + C.error2S] = keepS ? Math.sqrt(d2 * q2s) : NaN;
  out[o + C.error3M] = Math.sqrt(d3 * q3m);
  out[o + C.error3S] = keepS ? Math.sqrt(d3 * q3s) : NaN;
  out[o + C.error3U] = keepU ? Math.sqrt(d3 * q3u) : NaN;
}

function perFreedom(scale: number, freedom: number): number {
  return freedom > 0 ? scale / freedom : NaN;
}

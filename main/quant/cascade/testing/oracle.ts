/**
 * Brute-force cascade: every window solved on its own from explicit series, by Householder QR on centred columns with compensated sums.
 * Shares no code with the kernel and loses digits only with the condition number, not its square.
 */
import type { KernelSettings } from '../index.ts';

export interface OracleChain {
  readonly m: Float64Array;
  readonly s: Float64Array | null;
  readonly u: Float64Array | null;
}

/** Wire name to value; a missing value has no entry. */
export type OracleRow = Record<string, number>;

const FLAG = { collinear: 1, noSector: 2, noSubsector: 4, short: 8, noVariance: 16, additivity: 32, replication: 64, extreme: 128 };
const LEGS = ['mkt', 'sec', 'sub'] as const;

/** Neumaier-compensated sum. */
function total(length: number, term: (i: number) => number): number {
  let sum = 0;
  let lost = 0;
  for (let i = 0; i < length; i++) {
    const x = term(i);
    const next = sum + x;
    lost += Math.abs(sum) >= Math.abs(x) ? sum - next + x : x - next + sum;
    sum = next;
  }
  return sum + lost;
}

/** Least squares of y on the columns of x by Householder reflections; also the rows of R^-1. */
export function leastSquares(x: readonly Float64Array[], y: Float64Array): { coefficients: number[]; inverse: number[][] } {
  const k = x.length;
  const n = y.length;
  const a = x.map((column) => Float64Array.from(column));
  const z = Float64Array.from(y);
  const diagonal: number[] = [];
  for (let j = 0; j < k; j++) {
    const v = a[j]!;
    const norm = Math.sqrt(total(n - j, (i) => v[i + j]! * v[i + j]!));
    const alpha = v[j]! > 0 ? -norm : norm;
    diagonal.push(alpha);
    v[j]! -= alpha;
    const vv = total(n - j, (i) => v[i + j]! * v[i + j]!);
    for (const target of [...a.slice(j + 1), z]) {
      const f = (2 * total(n - j, (i) => v[i + j]! * target[i + j]!)) / vv;
      for (let i = j; i < n; i++) target[i] = target[i]! - f * v[i]!;
    }
  }
  const upper = (i: number, j: number): number => (i === j ? diagonal[i]! : a[j]![i]!);
  const back = (right: (i: number) => number): number[] => {
    const out = new Array<number>(k).fill(0);
    for (let i = k - 1; i >= 0; i--) {
      let rest = right(i);
      for (let j = i + 1; j < k; j++) rest -= upper(i, j) * out[j]!;
      out[i] = rest / upper(i, i);
    }
    return out;
  };
  const columns = Array.from({ length: k }, (_, j) => back((i) => (i === j ? 1 : 0)));
  return { coefficients: back((i) => z[i]!), inverse: Array.from({ length: k }, (_, i) => columns.map((column) => column[i]!)) };
}

const finite = (x: number | undefined): boolean => x !== undefined && Number.isFinite(x);

interface LevelFit {
  readonly rows: number;
  readonly collinear: boolean;
  readonly slope: number[];
  readonly exposure: number[];
  readonly error: number[];
  readonly share: number[];
  readonly lam: [number, number, number];
  readonly variance: number;
}

/** Fit of one level on explicit rows; a string names why there is none. */
function fitLevel(settings: KernelSettings, etfs: readonly Float64Array[], r: Float64Array, t: number): LevelFit | 'short' | 'flat' {
  const index: number[] = [];
  for (let i = Math.max(0, t - settings.window + 1); i <= t; i++) if (finite(r[i]) && etfs.every((etf) => finite(etf[i]))) index.push(i);
  const n = index.length;
  if (n < settings.minObs) return 'short';
  const w = Float64Array.from(index, (i) => (settings.halfLife === null ? 1 : Math.pow(0.5, (t - i) / settings.halfLife)));
  const sumW = total(n, (i) => w[i]!);
  const sumW2 = total(n, (i) => w[i]! * w[i]!);
  const series = (x: Float64Array, centre: boolean): Float64Array => {
    const mean = centre ? total(n, (i) => w[i]! * x[index[i]!]!) / sumW : 0;
    const shifted = Float64Array.from(index, (i) => x[i]! - mean);
    const again = centre ? total(n, (i) => w[i]! * shifted[i]!) / sumW : 0;
    return shifted.map((value) => value - again);
  };
  const dot = (x: Float64Array, y: Float64Array): number => total(n, (i) => w[i]! * x[i]! * y[i]!);
  const minus = (x: Float64Array, f: number, y: Float64Array): Float64Array => x.map((value, i) => value - f * y[i]!);

  const y = series(r, settings.intercept);
  const raw = etfs.map((etf) => series(etf, settings.intercept));
  const all = dot(y, y);
  const marketVariance = dot(raw[0]!, raw[0]!);
  if (!(all > 1e-24) || !(marketVariance > 1e-24)) return 'flat';

  // Cleaned factors, slopes and links, all on explicit series.
  const cleaned: Float64Array[] = [];
  const kept: boolean[] = [];
  const slope: number[] = [];
  const share: number[] = [];
  const lam: [number, number, number] = [NaN, NaN, NaN];
  let left = y;
  raw.forEach((factor, k) => {
    let clean = factor;
    for (let j = 0; j < k; j++) {
      const link = kept[j] ? dot(clean, cleaned[j]!) / dot(cleaned[j]!, cleaned[j]!) : 0;
      if (kept[j]) clean = minus(clean, link, cleaned[j]!);
      lam[k === 1 ? 0 : j + 1] = link;
    }
    const variance = dot(clean, clean);
    const keep = k === 0 || (variance >= 1e-6 * dot(factor, factor) && variance > 0);
    cleaned.push(clean);
    kept.push(keep);
    const b = keep ? dot(left, clean) / variance : 0;
    slope.push(b);
    share.push((b * b * variance) / all);
    if (keep) left = minus(left, b, clean);
  });

  // Exposures and standard errors from one joint regression without the collinear ETFs.
  const used = raw.map((_, k) => k).filter((k) => kept[k]);
  const root = w.map(Math.sqrt);
  const joint = leastSquares(
    used.map((k) => raw[k]!.map((value, i) => value * root[i]!)),
    y.map((value, i) => value * root[i]!),
  );
  const exposure = raw.map(() => 0);
  used.forEach((k, j) => (exposure[k] = joint.coefficients[j]!));
  let residual = y;
  used.forEach((k, j) => (residual = minus(residual, joint.coefficients[j]!, raw[k]!)));
  share.push(dot(residual, residual) / all);
  const effective = (sumW * sumW) / sumW2;
  const freedom = effective - used.length - (settings.intercept ? 1 : 0);
  const scale = ((dot(residual, residual) / sumW) * effective) / freedom;
  const error = raw.map(() => NaN);
  used.forEach((k, j) => {
    // Row j of A^-1 X' is g; the sandwich is sum (w g)^2.
    const g = new Float64Array(n);
    used.forEach((_, c) => {
      const product = total(used.length, (d) => joint.inverse[j]![d]! * joint.inverse[c]![d]!);
      for (let i = 0; i < n; i++) g[i] = g[i]! + product * raw[used[c]!]![i]!;
    });
    error[k] = Math.sqrt(scale * total(n, (i) => w[i]! * g[i]! * (w[i]! * g[i]!)));
  });
  const centred = series(r, true);
  const variance = dot(centred, centred) / sumW / (1 - sumW2 / (sumW * sumW));
  return { rows: n, collinear: kept.includes(false), slope, exposure, error, share, lam, variance };
}

/** Every field of row t but the ex-ante ones; null when the row is not produced. */
export function oracleRow(settings: KernelSettings, chain: OracleChain, r: Float64Array, lastRow: number, t: number): OracleRow | null {
  let alive = false;
  for (let i = Math.max(0, t - 20); i <= t; i++) alive ||= finite(r[i]);
  if (!alive || t > lastRow) return null;
  const etfs = [chain.m, ...(chain.s === null ? [] : [chain.s, ...(chain.u === null ? [] : [chain.u])])];
  let flags = etfs.length === 1 ? FLAG.noSector : etfs.length === 2 ? FLAG.noSubsector : 0;
  const out: OracleRow = { level: 0 };
  const set = (name: string, value: number) => {
    if (!Number.isNaN(value)) out[name] = value;
  };
  set('returns_gross', finite(r[t]) ? r[t]! : NaN);
  for (let level = 1; level <= etfs.length; level++) {
    const fit = fitLevel(settings, etfs.slice(0, level), r, t);
    if (fit === 'short') flags |= FLAG.short;
    else if (fit === 'flat') flags |= FLAG.noVariance;
    if (typeof fit === 'string') continue;
    const write = (k: number) => {
      fit.exposure.forEach((h, j) => {
        set(`l${k}_${LEGS[j]}_exp`, h);
        set(`l${k}_${LEGS[j]}_hr`, 0 - h);
        set(`l${k}_${LEGS[j]}_hr_se`, fit.error[j]!);
        set(`l${k}_${LEGS[j]}_er`, fit.share[j]!);
      });
      set(`l${k}_res_er`, fit.share[level]!);
    };
    write(level);
    set(`l${level}_${LEGS[level - 1]}_beta`, fit.slope[level - 1]!);
    if (level === 2 && etfs.length === 2) {
      write(3);
      for (const name of ['l3_sub_exp', 'l3_sub_hr', 'l3_sub_er', 'l3_sub_beta']) out[name] = 0;
    }
    ['lam_sm', 'lam_um', 'lam_us'].forEach((name, k) => set(name, fit.lam[k]!));
    if (fit.collinear) flags |= FLAG.collinear;
    if (fit.exposure.some((h) => Math.abs(h) > 3)) flags |= FLAG.extreme;
    out['level'] = level;
    out['n_obs'] = fit.rows;
    out['stock_var'] = fit.variance;
    out['vol'] = Math.sqrt(252 * fit.variance);
    let residual = r[t]!;
    fit.exposure.forEach((h, j) => (residual -= h * etfs[j]![t]!));
    delete out['res_in'];
    set('res_in', finite(residual) ? residual : NaN);
  }
  out['flags'] = flags;
  return out;
}

/** Ex-ante fields of row t from the row before and that row's chain. */
export function oracleExAnte(before: OracleRow | null, chain: OracleChain, r: Float64Array, t: number): OracleRow {
  const out: OracleRow = {};
  if (before === null) return out;
  const etfs = [chain.m, chain.s, chain.u];
  let inner = 0;
  for (let level = 1; level <= 3; level++) {
    let combined = 0;
    for (let j = 0; j < level; j++) {
      const etf = etfs[j];
      if (j === 2 && !etf && `l3_sub_exp` in before) continue;
      combined += (before[`l${level}_${LEGS[j]}_exp`] ?? NaN) * (etf?.[t] ?? NaN);
    }
    if (Number.isFinite(combined)) {
      out[`l${level}_cfr`] = combined;
      if (Number.isFinite(inner)) out[`l${level}_fr`] = combined - inner;
      if (finite(r[t])) out[`l${level}_rr`] = r[t]! - combined;
    }
    inner = combined;
  }
  return out;
}

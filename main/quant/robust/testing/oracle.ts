/**
 * Brute force for MODEL.md 4's other estimators: every regression solved on its own, from explicit series, by bisection on the slope with
 * the scale found exactly for each trial; every share and variance summed anew for every row. Shares no code with the estimators.
 */
import { isMonthEnd } from '../../../calendar/index.ts';
import type { Session } from '../../../contract/units.ts';
import { oracleExAnte, type OracleChain, type OracleRow } from '../../cascade/testing/oracle.ts';
import type { RobustSettings } from '../index.ts';

const FLAG = { collinear: 1, noSector: 2, noSubsector: 4, short: 8, noVariance: 16, extreme: 128 };
const LEGS = ['mkt', 'sec', 'sub'] as const;
const there = (x: number | undefined): x is number => x !== undefined && Number.isFinite(x);

type Fit = { b: number; n: number; collinear: boolean; variance: number } | 'short' | 'flat';
type Series = Float64Array;

const sum = (n: number, term: (i: number) => number): number => {
  let total = 0;
  let lost = 0;
  for (let i = 0; i < n; i++) {
    const x = term(i);
    const next = total + x;
    lost += Math.abs(total) >= Math.abs(x) ? total - next + x : x - next + total;
    total = next;
  }
  return total + lost;
};

/** The scale at which the weighted mean of min((e/scale)^2, c^2) is 1, found among the sorted residuals; 0 when there is none. */
export function scaleOf(e: readonly number[], w: readonly number[], c: number): number {
  const order = e.map((_, i) => i).sort((i, j) => Math.abs(e[i]!) - Math.abs(e[j]!));
  const all = sum(e.length, (i) => w[i]!);
  let inliers = 0;
  let squares = 0;
  for (let k = 0; k < order.length; k++) {
    const i = order[k]!;
    inliers += w[i]!;
    squares += w[i]! * e[i]! * e[i]!;
    const rest = all - c * c * (all - inliers);
    if (rest <= 0) continue;
    const scale = Math.sqrt(squares / rest);
    const next = order[k + 1];
    if (Math.abs(e[i]!) <= c * scale && (next === undefined || Math.abs(e[next]!) > c * scale)) return scale;
  }
  return 0;
}

/** Level (0 without intercept) that balances the scores for a slope, by bisection on the same convex function. */
function balance(start: number, width: number, score: (a: number) => number): number {
  let low = start - width;
  let high = start + width;
  for (let k = 0; k < 200 && low < high; k++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (score(middle) > 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function fit(settings: RobustSettings, y: number[], x: number[], raw: number[], w: number[], cleaned: boolean): Fit {
  const n = y.length;
  if (n < settings.minObs) return 'short';
  const { intercept, huberC: c } = settings;
  const all = sum(n, (i) => w[i]!);
  const mean = (v: number[]): number => (intercept ? sum(n, (i) => w[i]! * v[i]!) / all : 0);
  const moment = (v: number[], z: number[]): number => {
    const [mv, mz] = [mean(v), mean(z)];
    return sum(n, (i) => w[i]! * (v[i]! - mv) * (z[i]! - mz));
  };
  const xx = moment(x, x);
  if (cleaned) {
    if (!(moment(raw, raw) > 1e-60 && xx >= 1e-6 * moment(raw, raw))) return { b: 0, n, collinear: true, variance: 0 };
  } else if (!(xx > 1e-30)) return 'flat';
  const least = moment(x, y) / xx;
  if (settings.loss === 'squares') {
    if (!(moment(y, y) > 1e-30)) return cleaned ? { b: 0, n, collinear: false, variance: 0 } : 'flat';
    const [mx, my] = [mean(x), mean(y)];
    const meat = sum(n, (i) => (w[i]! * (x[i]! - mx) * (y[i]! - my - least * (x[i]! - mx))) ** 2);
    return { b: least, n, collinear: false, variance: meat / (xx * xx) };
  }
  if (!(moment(y, y) > 1e-30)) return 'flat';
  const size = Math.sqrt(sum(n, (i) => w[i]! * y[i]! * y[i]!) / all);
  let a = 0;
  let scale = 0;
  const clip = (e: number): number => Math.max(-c * scale, Math.min(c * scale, e));
  const residuals = (b: number, level: number): number[] => y.map((value, i) => value - level - b * x[i]!);
  /** Derivative of the function in the slope, everything else at its best. */
  const score = (b: number): number => {
    if (intercept)
      a = balance(0, 10 * size + Math.abs(b) * Math.max(...x.map(Math.abs)), (level) => {
        const e = residuals(b, level);
        scale = scaleOf(e, w, c);
        return sum(n, (i) => w[i]! * clip(e[i]!));
      });
    const e = residuals(b, a);
    scale = scaleOf(e, w, c);
    return sum(n, (i) => w[i]! * x[i]! * clip(e[i]!));
  };
  const b = balance(least, 2 + Math.abs(least), score);
  score(b);
  if (!(scale > 1e-9 * size)) return 'flat';
  const e = residuals(b, a);
  const inside = e.map((value) => Math.abs(value) <= c * scale);
  const inW = sum(n, (i) => (inside[i] ? w[i]! : 0));
  const centre = intercept ? sum(n, (i) => (inside[i] ? w[i]! * x[i]! : 0)) / inW : 0;
  const curvature = sum(n, (i) => (inside[i] ? w[i]! * (x[i]! - centre) ** 2 : 0));
  const meat = sum(n, (i) => (w[i]! * (x[i]! - centre) * clip(e[i]!)) ** 2);
  return { b, n, collinear: false, variance: meat / curvature ** 2 };
}

function variance(x: number[], w: number[] | null): number {
  const n = x.length;
  if (n < 2) return NaN;
  const v = w ?? x.map(() => 1);
  const all = sum(n, (i) => v[i]!);
  const square = sum(n, (i) => v[i]! * v[i]!);
  const mean = sum(n, (i) => v[i]! * x[i]!) / all;
  return sum(n, (i) => v[i]! * (x[i]! - mean) ** 2) / all / (1 - square / (all * all));
}

export interface OracleInput {
  readonly settings: RobustSettings;
  readonly firstSession: number;
  readonly chain: OracleChain;
  readonly r: Series;
  readonly lastRow: number;
  /** Replaces the slope of level 2 or 3 at a refresh by the shrunk one. */
  readonly shrink?: (level: number, row: number, hat: number, variance: number) => number;
}

/** All rows; null where there is none. */
export function oracleRows({ settings, firstSession, chain, r, lastRow, shrink }: OracleInput): (OracleRow | null)[] {
  const nRows = r.length;
  const { window, halfLife } = settings;
  const etfs = [chain.m, ...(chain.s ? [chain.s, ...(chain.u ? [chain.u] : [])] : [])];
  const levels = etfs.length;
  const refreshes = Array.from({ length: nRows }, (_, t) => t).filter(
    (t) => settings.refresh === 'daily' || isMonthEnd((firstSession + t) as Session),
  );
  const windowRows = (t: number, columns: readonly Series[]): number[] => {
    const rows: number[] = [];
    for (let i = Math.max(0, t - window + 1); i <= t; i++) if (columns.every((x) => there(x[i]))) rows.push(i);
    return rows;
  };
  const weigh = (t: number, rows: number[]): number[] => rows.map((i) => (halfLife === null ? 1 : Math.pow(0.5, (t - i) / halfLife)));
  const pick = (x: Series, rows: number[]): number[] => rows.map((i) => x[i]!);
  const alive = (t: number): boolean => {
    for (let i = Math.max(0, t - 20); i <= t; i++) if (there(r[i])) return t <= lastRow;
    return false;
  };
  const carried = (t: number): number => refreshes.findLast((row) => row <= t) ?? -1;

  interface Decided {
    b: Fit[];
    lam: Fit[];
  }
  const at = new Map<number, Decided[]>();
  const e: Series[] = [0, 1, 2].map(() => new Float64Array(nRows).fill(NaN));
  const value = (one: Fit | undefined): number => (one === undefined || typeof one === 'string' ? NaN : one.b);

  if (settings.chain === 'realised') {
    const links: Map<number, Fit>[] = [new Map(), new Map(), new Map()];
    const slopes: Map<number, Fit>[] = [new Map(), new Map(), new Map()];
    const solve = (t: number, y: Series, x: Series, raw: Series, cleaned: boolean): Fit => {
      const rows = windowRows(t, [y, x, raw]);
      return fit(settings, pick(y, rows), pick(x, rows), pick(raw, rows), weigh(t, rows), cleaned);
    };
    const realised = (y: Series, x: Series, by: Map<number, Fit>, own: boolean): Series =>
      y.map((one, t) => (t > 0 && (!own || alive(t - 1)) ? one - value(by.get(carried(t - 1))) * x[t]! : NaN));
    const clean: Series[] = [chain.m];
    if (levels > 1) {
      for (const t of refreshes) links[0]!.set(t, solve(t, chain.s!, chain.m, chain.m, false));
      clean.push(realised(chain.s!, chain.m, links[0]!, false));
    }
    if (levels > 2) {
      for (const t of refreshes) links[1]!.set(t, solve(t, chain.u!, chain.m, chain.m, false));
      const rest = realised(chain.u!, chain.m, links[1]!, false);
      for (const t of refreshes) links[2]!.set(t, solve(t, rest, clean[1]!, chain.s!, true));
      clean.push(realised(rest, clean[1]!, links[2]!, false));
    }
    let y: Series = r;
    for (let k = 0; k < levels; k++) {
      for (const t of refreshes) {
        const one = solve(t, y, clean[k]!, etfs[k]!, k > 0);
        if (k > 0 && shrink && typeof one !== 'string' && !one.collinear) one.b = shrink(k + 1, t, one.b, one.variance);
        slopes[k]!.set(t, one);
      }
      y = e[k] = realised(y, clean[k]!, slopes[k]!, true);
    }
    for (const t of refreshes) {
      const both: Decided = { b: slopes.map((map) => map.get(t)!), lam: links.map((map) => map.get(t)!) };
      at.set(t, [both, both, both]);
    }
  }
  /** In one window: fits and shares of each level's own rows. */
  const shares = new Map<number, number[][]>();
  const spread = new Map<number, number[]>();
  if (settings.chain === 'same-window')
    for (const t of refreshes) {
      const fits: Decided[] = [];
      const removed: number[][] = [];
      const own: number[] = [];
      for (let k = 1; k <= levels; k++) {
        const rows = windowRows(t, [r, ...etfs.slice(0, k)]);
        const w = weigh(t, rows);
        const [m, s, u] = etfs.map((x) => pick(x, rows));
        const y = pick(r, rows);
        const minus = (a: number[], f: Fit, x: number[]): number[] => a.map((one, i) => one - value(f) * x[i]!);
        const one: Decided = { b: [], lam: [] };
        one.b.push(fit(settings, y, m!, m!, w, false));
        const left = [minus(y, one.b[0]!, m!)];
        if (k > 1) {
          one.lam.push(fit(settings, s!, m!, m!, w, false));
          const cleanS = minus(s!, one.lam[0]!, m!);
          one.b.push(fit(settings, left[0]!, cleanS, s!, w, true));
          left.push(minus(left[0]!, one.b[1]!, cleanS));
          if (k > 2) {
            one.lam.push(fit(settings, u!, m!, m!, w, false));
            const rest = minus(u!, one.lam[1]!, m!);
            one.lam.push(fit(settings, rest, cleanS, s!, w, true));
            const cleanU = minus(rest, one.lam[2]!, cleanS);
            one.b.push(fit(settings, left[1]!, cleanU, u!, w, true));
            left.push(minus(left[1]!, one.b[2]!, cleanU));
          }
        }
        fits.push(one);
        removed.push([variance(y, null), ...left.map((series) => variance(series, null))]);
        own.push(variance(y, w));
      }
      at.set(t, fits);
      shares.set(t, removed);
      spread.set(t, own);
    }

  const out: (OracleRow | null)[] = [];
  for (let t = 0; t < nRows; t++) {
    if (!alive(t)) {
      out.push(null);
      continue;
    }
    const row: OracleRow = { level: 0 };
    const set = (name: string, x: number): void => {
      if (!Number.isNaN(x)) row[name] = x;
      else delete row[name];
    };
    set('returns_gross', there(r[t]) ? r[t]! : NaN);
    let flags = levels === 1 ? FLAG.noSector : levels === 2 ? FLAG.noSubsector : 0;
    const refresh = carried(t);
    let level = 0;
    if (refresh < 0) flags |= FLAG.short;
    else
      for (let k = 1; k <= levels; k++) {
        const { b, lam } = at.get(refresh)![k - 1]!;
        const needs: Fit[] = k === 1 ? [b[0]!] : k === 2 ? [b[0]!, lam[0]!, b[1]!] : [b[0]!, lam[0]!, b[1]!, lam[1]!, lam[2]!, b[2]!];
        const failed = needs.find((one) => typeof one === 'string');
        if (failed) flags |= failed === 'short' ? FLAG.short : FLAG.noVariance;
        if (failed || level < k - 1) continue;
        level = k;
        if (needs.some((one) => typeof one !== 'string' && one.collinear)) flags |= FLAG.collinear;
        const [bm, bs, bu] = b.map(value) as [number, number, number];
        const [sm, um, us] = lam.map(value) as [number, number, number];
        const h = k === 1 ? [bm] : k === 2 ? [bm - sm * bs, bs] : [bm - sm * (bs - us * bu) - um * bu, bs - us * bu, bu];
        if (h.some((one) => Math.abs(one) > 3)) flags |= FLAG.extreme;
        for (const name of k === 2 && levels === 2 ? [2, 3] : [k])
          h.forEach((one, j) => {
            set(`l${name}_${LEGS[j]}_exp`, one);
            set(`l${name}_${LEGS[j]}_hr`, 0 - one);
          });
        set(`l${k}_${LEGS[k - 1]}_beta`, value(b[k - 1]));
        if (k > 1) set('lam_sm', sm);
        if (k > 2) set('lam_um', um);
        if (k > 2) set('lam_us', us);
        if (k === 2 && levels === 2) for (const name of ['l3_sub_exp', 'l3_sub_hr', 'l3_sub_beta']) row[name] = 0;
        row['n_obs'] = (b[k - 1] as { n: number }).n;
        let residual = r[t]!;
        h.forEach((one, j) => (residual -= one * etfs[j]![t]!));
        set('res_in', Number.isFinite(residual) ? residual : NaN);
      }
    row['level'] = level;
    row['flags'] = flags;
    const write = (k: number, v: number[]): void => {
      const all = v[0]!;
      if (!(all > 0)) return;
      for (let j = 1; j <= k; j++) set(`l${k}_${LEGS[j - 1]}_er`, (v[j - 1]! - v[j]!) / all);
      set(`l${k}_res_er`, v[k]! / all);
      if (k === 2 && levels === 2) {
        for (const leg of ['mkt', 'sec', 'res']) set(`l3_${leg}_er`, row[`l2_${leg}_er`]!);
        row['l3_sub_er'] = 0;
      }
    };
    if (level > 0 && settings.chain === 'same-window') {
      for (let k = 1; k <= level; k++) write(k, shares.get(refresh)![k - 1]!);
      set('stock_var', spread.get(refresh)![level - 1]!);
    } else if (level > 0) {
      const rows = windowRows(t, [r, ...etfs.slice(0, level)]);
      set('stock_var', variance(pick(r, rows), weigh(t, rows)));
      for (let deep = level; deep >= 1; deep--) {
        const used = windowRows(t, [r, ...e.slice(0, deep)]);
        if (used.length < settings.minObs) continue;
        const v = [r, ...e.slice(0, deep)].map((x) => variance(pick(x, used), null));
        for (let k = 1; k <= deep; k++) write(k, v);
        break;
      }
    }
    if (level > 0) set('vol', Math.sqrt(252 * (row['stock_var'] ?? NaN)));
    out.push(row);
  }
  return out.map((row, t) => (row === null ? null : { ...row, ...oracleExAnte(t > 0 ? out[t - 1]! : null, chain, r, t) }));
}

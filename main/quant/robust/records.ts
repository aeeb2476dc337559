/** What one refresh decided for a security, as a row of numbers: everything a row of the tile repeats until the next refresh. */
import { F, FIELDS, FLAG } from '../cascade/index.ts';
import { EXTREME_RATIO } from '../cascade/rows.ts';
import { ENDED, type Slope } from './slope.ts';

/** Fields a record holds, in tile order; flags last. */
const HELD = FIELDS.map(({ wire }) => wire).filter(
  (wire) => /_(exp|er|beta)$|^lam_/.test(wire) || ['stock_var', 'n_obs', 'level', 'flags'].includes(wire),
);
/** Values of a record that a tile has columns for; behind them the slopes and links of every level's own fit, for the replication check. */
export const HELD_COUNT = HELD.length;
export const RECORD = HELD_COUNT + 10;
/** Column of the tile behind each value of a record. */
export const RECORD_COLUMNS = Int32Array.from(HELD, (wire) => F[wire]!);
const at = (wire: string): number => HELD.indexOf(wire);

/** Places of a record. */
export const R = {
  exposure1: at('l1_mkt_exp'),
  exposure2: at('l2_mkt_exp'),
  exposure3: at('l3_mkt_exp'),
  share1: at('l1_mkt_er'),
  share2: at('l2_mkt_er'),
  share3: at('l3_mkt_er'),
  beta: at('l1_mkt_beta'),
  link: at('lam_sm'),
  variance: at('stock_var'),
  n: at('n_obs'),
  level: at('level'),
  flags: at('flags'),
  /** Level 1: b; level 2: b m, b s, sm; level 3: b m, b s, b u, sm, um, us. */
  path1: HELD_COUNT,
  path2: HELD_COUNT + 1,
  path3: HELD_COUNT + 4,
} as const;

/** Slopes and links of one level's fit; `b[k]` on the k-th cleaned factor, `lam` = sm, um, us. */
export interface LevelSlopes {
  readonly b: readonly [Slope, Slope, Slope];
  readonly lam: readonly [Slope, Slope, Slope];
}

/** Slopes a level needs, the first failing one of which says why it is missing. */
function needed({ b, lam }: LevelSlopes, level: number): readonly Slope[] {
  return level === 1 ? [b[0]] : level === 2 ? [b[0], lam[0], b[1]] : [b[0], lam[0], b[1], lam[1], lam[2], b[2]];
}

const solved = (slope: Slope): boolean => slope.ended === ENDED.solved || slope.ended === ENDED.collinear;

/**
 * Writes exposures, slopes, links, count, level and flags of a record at `o` from the fits of the levels the chain has; shares and variance
 * are left empty. `fits[k]` is the fit of level k + 1 (one object three times where all levels share their slopes).
 */
export function fillRecord(out: Float64Array, o: number, fits: readonly LevelSlopes[]): void {
  out.fill(NaN, o, o + RECORD);
  const levels = fits.length;
  let flags: number = levels === 1 ? FLAG.no_sector_etf : levels === 2 ? FLAG.no_subsector_etf : 0;
  let level = 0;
  for (let k = 1; k <= levels; k++) {
    const fit = fits[k - 1]!;
    const used = needed(fit, k);
    const failed = used.find((slope) => !solved(slope));
    if (failed) {
      flags |= failed.ended === ENDED.short ? FLAG.short_history : FLAG.no_variance;
      continue;
    }
    // A level rests on those above it.
    if (level < k - 1) continue;
    level = k;
    const { b, lam } = fit;
    if (used.some((slope) => slope.ended === ENDED.collinear)) flags |= FLAG.collinear;
    const hu = k === 3 ? b[2].value : 0;
    const hs = k === 1 ? 0 : k === 3 ? b[1].value - lam[2].value * hu : b[1].value;
    const hm = k === 1 ? b[0].value : k === 2 ? b[0].value - lam[0].value * hs : b[0].value - lam[0].value * hs - lam[1].value * hu;
    if (Math.abs(hm) > EXTREME_RATIO || Math.abs(hs) > EXTREME_RATIO || Math.abs(hu) > EXTREME_RATIO) flags |= FLAG.hr_extreme;
    const place = k === 1 ? R.exposure1 : k === 2 ? R.exposure2 : R.exposure3;
    const path = o + (k === 1 ? R.path1 : k === 2 ? R.path2 : R.path3);
    for (let j = 0; j < k; j++) out[path + j] = b[j]!.value;
    for (let j = 0; j < (k === 3 ? 3 : k - 1); j++) out[path + k + j] = lam[j]!.value;
    out[o + place] = hm;
    if (k > 1) out[o + place + 1] = hs;
    if (k > 2) out[o + place + 2] = hu;
    out[o + R.beta + k - 1] = b[k - 1]!.value;
    if (k > 1) out[o + R.link] = lam[0].value;
    if (k > 2) {
      out[o + R.link + 1] = lam[1].value;
      out[o + R.link + 2] = lam[2].value;
    }
    out[o + R.n] = b[k - 1]!.n;
  }
  if (levels === 2 && level === 2) {
    // No subsector ETF of its own: level 3 repeats level 2 (MODEL.md 12).
    out[o + R.exposure3] = out[o + R.exposure2]!;
    out[o + R.exposure3 + 1] = out[o + R.exposure2 + 1]!;
    out[o + R.exposure3 + 2] = 0;
    out[o + R.beta + 2] = 0;
  }
  out[o + R.level] = level;
  out[o + R.flags] = flags;
}

/**
 * Shares of variance removed (MODEL.md 4) at `o` of `out`, whose share columns lie `step` apart, for the levels present up to `deep`:
 * `v[0]` = Var(r), `v[k]` = Var(e_k). `repeats`: level 3 repeats level 2.
 */
export function fillShares(out: Float64Array, o: number, step: number, v: Float64Array, deep: number, repeats: boolean): void {
  const all = v[0]!;
  if (!(all > 0)) return;
  for (let k = 1; k <= (repeats ? 3 : deep); k++) {
    const place = o + step * ((k === 1 ? R.share1 : k === 2 ? R.share2 : R.share3) - R.share1);
    for (let j = 1; j <= k; j++) out[place + step * (j - 1)] = j > deep ? 0 : (v[j - 1]! - v[j]!) / all;
    out[place + step * k] = v[Math.min(k, deep)]! / all;
  }
}

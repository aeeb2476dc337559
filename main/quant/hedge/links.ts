/** Link betas of a fund on the chain above it: the slopes of one dollar of it (MODEL.md 4 and 10). */
import type { EstimatorSettings } from '../../contract/settings.ts';
import type { HedgePosition } from './targets.ts';

/** A cleaned factor with less of its raw variance is collinear: every link on it is 0 (MODEL.md 6). */
const COLLINEAR = 1e-6;

export type LinkSettings = Pick<EstimatorSettings, 'minObs' | 'halfLife' | 'intercept'>;

/**
 * By least squares on the rows where all of `chain` have a return: market, sector and subsector fund as far as there are any, daily
 * decimals of one window, the newest row last. Null with fewer than `minObs` such rows, or a market that does not move.
 */
export function chainLinks(chain: readonly Float64Array[], { minObs, halfLife, intercept }: LinkSettings): HedgePosition['lam'] | null {
  const m = chain[0]!;
  const s = chain[1] ?? m;
  const u = chain[2] ?? s;
  const rows = m.length;
  const weights = halfLife === null ? null : Float64Array.from({ length: rows }, (_, t) => 0.5 ** ((rows - 1 - t) / halfLife));
  // All sums in one loop: a year of books asks for every held fund on every day.
  let [count, whole, sumM, sumS, sumU] = [0, 0, 0, 0, 0];
  for (let t = 0; t < rows; t++) {
    const x = m[t]!;
    const y = s[t]!;
    const z = u[t]!;
    if (x !== x || y !== y || z !== z) continue;
    const weight = weights === null ? 1 : weights[t]!;
    count++;
    whole += weight;
    sumM += weight * x;
    sumS += weight * y;
    sumU += weight * z;
  }
  if (count < minObs) return null;
  const [meanM, meanS, meanU] = intercept ? [sumM / whole, sumS / whole, sumU / whole] : [0, 0, 0];
  let [mm, sm, ss, um, us] = [0, 0, 0, 0, 0];
  for (let t = 0; t < rows; t++) {
    const x = m[t]! - meanM;
    const y = s[t]! - meanS;
    const z = u[t]! - meanU;
    if (x !== x || y !== y || z !== z) continue;
    const weight = weights === null ? 1 : weights[t]!;
    mm += weight * x * x;
    sm += weight * y * x;
    ss += weight * y * y;
    um += weight * z * x;
    us += weight * z * y;
  }
  if (!(mm > 0)) return null;
  const lamSm = sm / mm;
  if (chain.length < 3) return { sm: chain.length === 2 ? lamSm : null, um: null, us: null };
  const cleaned = ss - lamSm * sm;
  return { sm: lamSm, um: um / mm, us: cleaned < COLLINEAR * ss ? 0 : (us - lamSm * um) / cleaned };
}

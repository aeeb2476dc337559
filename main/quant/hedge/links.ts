/** Link betas of a fund on the chain above it: the slopes of one dollar of it (MODEL.md 4 and 10). */
import type { EstimatorSettings } from '../../contract/settings.ts';
import { momentsOf } from '../cascade/window-fit.ts';
import type { HedgePosition } from './targets.ts';

/** A cleaned factor with less of its raw variance is collinear: every link on it is 0 (MODEL.md 6). */
const COLLINEAR = 1e-6;

export type LinkSettings = Pick<EstimatorSettings, 'minObs' | 'halfLife' | 'intercept'>;

/**
 * By least squares on the rows where all of `chain` have a return: market, sector and subsector fund as far as there are any, daily
 * decimals of one window, the newest row last. Null with fewer than `minObs` such rows, or a market that does not move.
 */
export function chainLinks(chain: readonly Float64Array[], { minObs, halfLife, intercept }: LinkSettings): HedgePosition['lam'] | null {
  const rows = chain[0]!.length;
  const used = new Uint8Array(rows);
  let count = 0;
  for (let t = 0; t < rows; t++) if (chain.every((series) => !Number.isNaN(series[t]!))) count += used[t] = 1;
  if (count < minObs) return null;
  const weights = Float64Array.from(used, (_, t) => (halfLife === null ? 1 : 0.5 ** ((rows - 1 - t) / halfLife)));
  const { cov } = momentsOf(used, weights, intercept);
  const moment = (a: number, b: number): number => cov(chain[a]!, chain[b]!);
  const market = moment(0, 0);
  if (!(market > 0)) return null;
  if (chain.length === 1) return { sm: null, um: null, us: null };
  const sm = moment(1, 0) / market;
  if (chain.length === 2) return { sm, um: null, us: null };
  const sector = moment(1, 1);
  const cleaned = sector - sm * moment(1, 0);
  const us = cleaned < COLLINEAR * sector ? 0 : (moment(2, 1) - sm * moment(2, 0)) / cleaned;
  return { sm, um: moment(2, 0) / market, us };
}

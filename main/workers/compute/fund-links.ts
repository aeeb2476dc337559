/** Link betas of a fund on the chain above it, by the estimator of the run (MODEL.md 4 and 10). */
import { F } from '../../quant/cascade/index.ts';
import { chainLinks, type HedgePosition } from '../../quant/hedge/index.ts';
import { robustPath } from '../../quant/robust/index.ts';
import type { Fitter } from './fits.ts';

/** Links in force on a row, of series from the market down to the fund; null where they are not estimated. */
export function fundLinks(fits: Fitter, chain: readonly number[], row: number): HedgePosition['lam'] | null {
  const { settings } = fits;
  if (chain.length === 1 || robustPath(settings) === null) {
    const from = Math.max(0, row - settings.window + 1);
    return chainLinks(
      chain.map((one) => fits.returnsAt(one, row).subarray(from, row + 1)),
      settings,
    );
  }
  const { values, nRows, start } = fits.fundRows(chain, row, row + 1);
  const [sm, market, sector] = ['lam_sm', 'l1_mkt_beta', 'l2_sec_beta'].map((wire) => values[F[wire]! * nRows + row - start]!);
  if (chain.length === 2) return Number.isNaN(market) ? null : { sm: market!, um: null, us: null };
  return Number.isNaN(sector) ? null : { sm: sm!, um: market!, us: sector! };
}

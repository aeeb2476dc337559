/** Why the risk of a book changed, summed where the returns are: ten thousand positions on two dates are forty megabytes of them. */
import { riskSteps, type RiskState, type RiskSteps } from '../../quant/risk/index.ts';
import { unpack, type Packed } from '../packed.ts';
import type { Fitter } from './fits.ts';
import type { RiskRequest } from './risk.ts';

/** A position of one side: dollars (0 where it is not held), exposures per $1 by place in `etfs`. */
export interface ChangeHolding {
  readonly value: number;
  readonly exposure: readonly { readonly etf: number; readonly per: number }[];
}

/** One side of a comparison, on a panel the worker holds. Positions and ETFs are aligned between the two sides. */
export interface ChangeSide extends Omit<RiskRequest, 'holdings'> {
  readonly key: string;
  readonly holdings: Packed<ChangeHolding>;
}

/** Null when a side has fewer than two common rows. */
export const stepsBetween = (fitterOf: (key: string) => Fitter, from: ChangeSide, to: ChangeSide): RiskSteps | null =>
  riskSteps(stateOf(fitterOf(from.key), from), stateOf(fitterOf(to.key), to));

function stateOf(fits: Fitter, { holdings, series, etfs, row, from, to }: ChangeSide): RiskState {
  const returns = (one: number): Float64Array => fits.returnsAt(one, row).subarray(from, to);
  const positions = unpack(holdings);
  return {
    values: positions.map(({ value }) => value),
    exposure: positions.map(({ exposure }) => {
      const all = Array.from(etfs, () => 0);
      for (const { etf, per } of exposure) all[etf] = per;
      return all;
    }),
    returns: series.map(returns),
    etfs: etfs.map(returns),
    length: to - from,
  };
}

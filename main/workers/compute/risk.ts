/** The risk of a book taken apart: the returns are here, and the sums over ten thousand positions take seconds. */
import { decompose, type Decomposition, type RiskPosition } from '../../quant/risk/index.ts';
import { pack, unpack, type Packed } from '../packed.ts';
import { Moved } from '../rpc.ts';
import type { Fitter } from './fits.ts';

export interface RiskRequest {
  /** Positions without their returns, and the series those are in. */
  readonly holdings: Packed<Omit<RiskPosition, 'returns'>>;
  readonly series: readonly number[];
  readonly etfs: readonly number[];
  /** Returns over rows [from, to) as known at row `row`. */
  readonly row: number;
  readonly from: number;
  readonly to: number;
}

/** A decomposition whose lines of positions are read in pieces. */
export type PackedRisk = Omit<Decomposition, 'positions'> & { readonly positions: Packed<Decomposition['positions'][number]> };

export function riskOf(fits: Fitter, { holdings, series, etfs, row, from, to }: RiskRequest, check: () => void): Moved<PackedRisk> | null {
  const returns = (one: number): Float64Array => fits.returnsAt(one, row).subarray(from, to);
  const positions = unpack(holdings).map((holding, i): RiskPosition => ({ ...holding, returns: returns(series[i]!) }));
  check();
  const found = decompose(positions, etfs.map(returns), to - from);
  if (!found) return null;
  const { packed, transfer } = pack(found.positions);
  return new Moved({ ...found, positions: packed }, transfer);
}

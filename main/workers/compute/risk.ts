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
  // One array per series, however many accounts hold it: that is how the sums know a security again.
  const arrays = new Map<number, Float64Array>();
  const returns = (one: number): Float64Array => {
    const array = arrays.get(one) ?? fits.returnsAt(one, row).subarray(from, to);
    arrays.set(one, array);
    return array;
  };
  const positions = unpack(holdings).map((holding, i): RiskPosition => ({ ...holding, returns: returns(series[i]!) }));
  check();
  const found = decompose(positions, etfs.map(returns), to - from);
  if (!found) return null;
  const { packed, transfer } = pack(found.positions);
  return new Moved({ ...found, positions: packed }, transfer);
}

export interface ProfitsRequest {
  readonly series: readonly number[];
  /** Dollars held of each. */
  readonly values: readonly number[];
  readonly row: number;
}

/** Of rows [0, row]. Where nothing has a return the profit is NaN; where nothing is held it is 0 and all of it is covered. */
export function profits(
  fits: Fitter,
  { series, values, row }: ProfitsRequest,
): Moved<{ readonly profit: Float64Array; readonly covered: Float64Array }> {
  const profit = new Float64Array(row + 1);
  const covered = new Float64Array(row + 1);
  const gross = values.reduce((sum, value) => sum + Math.abs(value), 0);
  series.forEach((one, i) => {
    const returns = fits.returnsAt(one, row);
    const value = values[i]!;
    for (let t = 0; t <= row; t++) {
      const r = returns[t]!;
      if (r !== r) continue;
      profit[t]! += value * r;
      covered[t]! += Math.abs(value);
    }
  });
  for (let t = 0; t <= row; t++) {
    if (gross === 0) covered[t] = 1;
    else if (covered[t] === 0) profit[t] = NaN;
    else covered[t] = covered[t]! >= gross * (1 - 1e-12) ? 1 : covered[t]! / gross;
  }
  return new Moved({ profit, covered }, [profit.buffer, covered.buffer]);
}

/** Daily parts of a book over a period, summed where its positions are computed: of ten thousand they are hundreds of megabytes. */
import { weightedParts, type DailyParts, type Period, type Stretch, type WeightedParts } from '../../quant/attribution/index.ts';
import { F } from '../../quant/cascade/index.ts';
import { pack, type Packed } from '../packed.ts';
import { Moved } from '../rpc.ts';
import { copyFields, type Fitter } from './fits.ts';

const FIELDS = ['l1_fr', 'l2_fr', 'l3_fr', 'returns_gross'].map((wire) => F[wire]!);

/** Daily parts of a series. */
export function seriesParts(fits: Fitter, series: number, { from, to }: Period): DailyParts {
  const rows = to - from;
  const values = new Float64Array(FIELDS.length * rows);
  copyFields(fits.rows(series, from, to), FIELDS, from, to, values, 0);
  const column = (f: number): Float64Array => values.subarray(f * rows, (f + 1) * rows);
  return { market: column(0), sector: column(1), subsector: column(2), gross: column(3) };
}

export interface BookPartsRequest extends Period {
  /** Series of each position; or its parts, for a held ETF, which has no rows of its own. */
  readonly positions: readonly (number | DailyParts)[];
  /** By place in `positions`. */
  readonly stretches: readonly Stretch[];
  /** Weights grow from a stretch's date on. */
  readonly drift: boolean;
}

export type PackedParts = Omit<WeightedParts, 'parts'> & { readonly parts: Packed<WeightedParts['parts'][number]> };

export function bookParts(
  fits: Fitter,
  { positions, stretches, drift, from, to }: BookPartsRequest,
  check: () => void,
): Moved<PackedParts> {
  const daily = positions.map((one) => {
    check();
    return typeof one === 'number' ? seriesParts(fits, one, { from, to }) : one;
  });
  const { parts, ...sums } = weightedParts(stretches, drift, daily, { from, to });
  const { packed, transfer } = pack(parts);
  return new Moved({ ...sums, parts: packed }, transfer);
}

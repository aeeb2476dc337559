/** Daily parts of a book over a period, summed where its positions are computed: of ten thousand they are hundreds of megabytes. */
import {
  stretchOn,
  weightedParts,
  type DailyParts,
  type Earlier,
  type Period,
  type Stretch,
  type WeightedParts,
} from '../../quant/attribution/index.ts';
import { F } from '../../quant/cascade/index.ts';
import { investmentSlopes, type Level } from '../../quant/hedge/index.ts';
import { robustPath } from '../../quant/robust/index.ts';
import { pack, type Packed } from '../packed.ts';
import { Moved, type TaskContext } from '../rpc.ts';
import { copyFields, type Fitter } from './fits.ts';
import { fundLinks } from './fund-links.ts';
import { inTurns } from './turns.ts';

const GROSS = [F.returns_gross!];
const FIELDS = ['l1_fr', 'l2_fr', 'l3_fr', 'returns_gross'].map((wire) => F[wire]!);

/** Daily parts of a series. */
export function seriesParts(fits: Fitter, series: number, { from, to }: Period): DailyParts {
  const rows = to - from;
  const values = new Float64Array(FIELDS.length * rows);
  copyFields(fits.rows(series, from, to), FIELDS, from, to, values, 0);
  const column = (f: number): Float64Array => values.subarray(f * rows, (f + 1) * rows);
  return { market: column(0), sector: column(1), subsector: column(2), gross: column(3) };
}

/** A held fund, which has no rows of its own: the series of its chain from the market down to itself. */
interface FundChain {
  readonly chain: readonly number[];
}

/** Ex-ante like those of a stock: slopes and links of day `t` are of the window that ends the day before, as known then. */
function fundParts(fits: Fitter, { chain }: FundChain, { from, to }: Period): DailyParts {
  const of = (): Float64Array => new Float64Array(to - from).fill(NaN);
  const [market, sector, subsector, gross] = [of(), of(), of(), of()];
  for (let t = from; t < to; t++) gross[t - from] = fits.returnsAt(chain.at(-1)!, t)[t]!;
  if (chain.length > 1 && robustPath(fits.settings) !== null) {
    const { values, nRows, start } = fits.fundRows(chain, from, to);
    const read = (wire: string, t: number): number => values[F[wire]! * nRows + t - start]!;
    for (let t = from; t < to; t++) {
      const at = t - from;
      market[at] = read('l1_fr', t);
      sector[at] = chain.length === 2 ? gross[at]! - market[at] : read('l2_fr', t);
      subsector[at] = chain.length === 2 ? 0 : gross[at]! - read('l2_cfr', t);
    }
    return { market, sector, subsector, gross };
  }
  for (let t = Math.max(1, from); t < to; t++) {
    const at = t - from;
    const [m = NaN, s, u] = chain.map((one) => fits.returnsAt(one, t)[t]!);
    const lam = fundLinks(fits, chain, t - 1);
    if (!lam) continue;
    const [bm, bs = 0] = investmentSlopes(chain.length as Level, lam) as [number, number?];
    const cleaned = s === undefined ? 0 : s - lam.sm! * m;
    market[at] = bm * m;
    sector[at] = bs * cleaned;
    subsector[at] = u === undefined ? 0 : u - bm * m - bs * cleaned;
  }
  return { market, sector, subsector, gross };
}

export interface BookPartsRequest extends Period {
  /** Of each position its series, or the chain of a held fund. */
  readonly positions: readonly (number | FundChain)[];
  /** By place in `positions`. */
  readonly stretches: readonly Stretch[];
  /** Weights grow from a stretch's date on. */
  readonly drift: boolean;
}

/** What the weights in force when the period begins have grown by. */
function earlierReturns(
  fits: Fitter,
  { positions, stretches, from: end }: Pick<BookPartsRequest, 'positions' | 'stretches' | 'from'>,
  check: () => void,
): Earlier {
  const first = stretchOn(stretches, end);
  const from = first ? Math.min(end, first.from + 1) : end;
  const gross = positions.map((one, place) => {
    check();
    if (from === end || !first?.weights.has(place)) return null;
    const rows = new Float64Array(end - from);
    if (typeof one === 'number') copyFields(fits.rows(one, from, end), GROSS, from, end, rows, 0);
    else for (let t = from; t < end; t++) rows[t - from] = fits.returnsAt(one.chain.at(-1)!, t)[t]!;
    return rows;
  });
  return { from, gross };
}

export type PackedParts = Omit<WeightedParts, 'parts'> & { readonly parts: Packed<WeightedParts['parts'][number]> };

export async function bookParts(
  fits: Fitter,
  { positions, stretches, drift, from, to }: BookPartsRequest,
  context: TaskContext,
): Promise<Moved<PackedParts>> {
  const daily: DailyParts[] = [];
  await inTurns(positions, context, (one) => {
    daily.push(typeof one === 'number' ? seriesParts(fits, one, { from, to }) : fundParts(fits, one, { from, to }));
  });
  const earlier = drift ? earlierReturns(fits, { positions, stretches, from }, context.check) : null;
  const { parts, ...sums } = weightedParts(stretches, earlier, daily, { from, to });
  const { packed, transfer } = pack(parts);
  return new Moved({ ...sums, parts: packed }, transfer);
}

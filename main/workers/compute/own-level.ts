/** A row of a security at a level above its deepest one. */
import { F } from '../../quant/cascade/index.ts';
import { copyFields, type Depth, type Fitter } from './fits.ts';

/** What a row tells of the rows of its deepest level alone (MODEL.md 12); exposures, slopes, shares and errors have a column per level. */
const OF_DEEPEST = new Set(['lam_sm', 'lam_um', 'lam_us', 'stock_var', 'vol', 'n_obs'].map((wire) => F[wire]!));

/**
 * Copies fields of a row of the panel; of a level chosen above the deepest one present, links, variance and rows are those of its own fit:
 * what the row says under a chain that ends there. Where all levels have the same rows the bits are those of the row itself.
 */
export function copyAtLevel(fits: Fitter, series: number, fields: readonly number[], row: number, level: Depth, into: Float64Array): void {
  const rows = fits.rows(series, row, row + 1);
  const deepest = rows.values[F.level! * rows.nRows + row - rows.start]!;
  copyFields(rows, fields, row, row + 1, into, 0);
  if (!(deepest > level) || !fields.some((field) => OF_DEEPEST.has(field))) return;
  if (fits.splits(series, row, level, deepest as Depth)) {
    const own = fits.rows(series, row, row + 1, level);
    fields.forEach((field, i) => {
      if (OF_DEEPEST.has(field)) copyFields(own, [field], row, row + 1, into, i);
    });
  }
  // Links a level does not have.
  const none = level === 1 ? ['lam_sm', 'lam_um', 'lam_us'] : ['lam_um', 'lam_us'];
  for (const wire of none) if (fields.includes(F[wire]!)) into[fields.indexOf(F[wire]!)] = NaN;
}

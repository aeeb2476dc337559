/** Which split a measured factor is, if any. */

/** Dollars by which a printed price may be off. */
const CENT = 0.005;

/** Simple fractions below two that splits and stock dividends use. */
const FRACTIONS: readonly number[] = [6 / 5, 5 / 4, 4 / 3, 7 / 5, 3 / 2, 5 / 3, 7 / 4];
const LARGEST = 3000;

/** Largest relative error of a ratio of two prices that are printed to the cent. */
export const rounding = (before: number, after: number): number => CENT / before + CENT / after;

/**
 * The split (new shares per old) that a measured factor is within a relative tolerance, the nearest one; null when it is near
 * none. From about 1 / tolerance on every factor is near a whole number, which then says nothing by itself.
 */
export function nearestSplit(factor: number, tolerance: number): number | null {
  const up = factor >= 1;
  const size = up ? factor : 1 / factor;
  if (!(size >= 1.15 && size <= LARGEST)) return null;
  let best = NaN;
  for (const candidate of [...FRACTIONS, Math.max(2, Math.round(size))])
    if (!(Math.abs(candidate / size - 1) >= Math.abs(best / size - 1))) best = candidate;
  if (Math.abs(best / size - 1) > tolerance) return null;
  return up ? best : 1 / best;
}

/** A split in words: 10-for-1, 1-for-20, 3-for-2. */
export function splitWords(value: number): string {
  for (let old = 1; old <= 12; old++) {
    const made = value * old;
    if (made >= 1 && Math.abs(made - Math.round(made)) < 1e-6 * made) return `${Math.round(made)}-for-${old}`;
  }
  const old = 1 / value;
  if (value < 1 && Math.abs(old - Math.round(old)) < 1e-4 * old) return `1-for-${Math.round(old)}`;
  return `${Number(value.toPrecision(4))}-for-1`;
}

export const percent = (value: number): string => `${value >= 0 ? '+' : '-'}${Math.abs(value * 100).toFixed(1)} %`;
export const price = (value: number): string => String(Number(value.toPrecision(6)));

/** Comparing tiles bit for bit. */
import { FIELDS } from '../index.ts';
import type { Tile } from '../index.ts';

export const wordsOf = ({ values }: Tile): BigUint64Array => new BigUint64Array(values.buffer, values.byteOffset, values.length);

/** The first cell whose 64 bits differ, described; null when all are equal (NaN bits count). */
export function firstDifference(a: Tile, b: Tile): string | null {
  const x = wordsOf(a);
  const y = wordsOf(b);
  if (x.length !== y.length) return `lengths ${x.length} and ${y.length}`;
  for (let i = 0; i < x.length; i++) {
    if (x[i] === y[i]) continue;
    const field = Math.floor(i / a.nRows);
    return `${FIELDS[field]!.wire} row ${i - field * a.nRows}: ${a.values[i]} (${x[i]!.toString(16)}) and ${b.values[i]} (${y[i]!.toString(16)})`;
  }
  return null;
}

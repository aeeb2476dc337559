/** Comparing tiles bit for bit. */
import type { Field, Tile } from '../index.ts';

/** The first cell whose 64 bits differ, described; null when all are equal (NaN bits count). */
export function firstDifference(a: Tile, b: Tile, fields: readonly Field[]): string | null {
  const x = new BigUint64Array(a.values.buffer, a.values.byteOffset, a.values.length);
  const y = new BigUint64Array(b.values.buffer, b.values.byteOffset, b.values.length);
  if (x.length !== y.length) return `lengths ${x.length} and ${y.length}`;
  for (let i = 0; i < x.length; i++) {
    if (x[i] === y[i]) continue;
    const field = Math.floor(i / a.nRows);
    return `${fields[field]!.wire} row ${i - field * a.nRows}: ${a.values[i]} (${x[i]!.toString(16)}) and ${b.values[i]} (${y[i]!.toString(16)})`;
  }
  return null;
}

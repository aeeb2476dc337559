import { lowerBound } from '../returns/axis.ts';
import type { RowAxis } from '../returns/types.ts';

/** A fact with a period of validity and the day it was known from, as class rows and map rows have them. */
export interface Dated {
  readonly validFrom: number | null;
  readonly validTo: number | null;
  readonly known: number;
  readonly order: number;
}

/**
 * The row in force on a day as known at k, or null. Of the rows known by k that hold on the day the one known last
 * counts, then the later batch, then the one that began later. An empty validTo lasts until the next of the rows known by k
 * begins. `rows` are all rows of one subject (one security and scheme; one level, scheme and code).
 */
export function inForce<T extends Dated>(rows: readonly T[], day: number, k: number): T | null {
  let best: T | null = null;
  for (const row of rows) {
    if (row.known > k || from(row) > day || day >= until(row, rows, k)) continue;
    if (best === null || compareDated(best, row) <= 0) best = row;
  }
  return best;
}

/** Rows of the axis at which `inForce` may give another answer, added to `found`. The first row is not among them. */
export function addBreaks(rows: readonly Dated[], axis: RowAxis, knownAsOf: number, found: Set<number>): void {
  const add = (day: number | null): void => {
    if (day === null) return;
    const row = lowerBound(axis.days, day);
    if (row > 0 && row < axis.nRows) found.add(row);
  };
  for (const row of rows) {
    if (row.known > knownAsOf) continue;
    add(row.validFrom);
    add(row.validTo);
    add(row.known);
  }
}

/** Later knowledge, then the later batch, then the later beginning is last. */
export function compareDated(a: Dated, b: Dated): number {
  return a.known - b.known || a.order - b.order || (from(a) === from(b) ? 0 : from(a) - from(b));
}

function from(row: Dated): number {
  return row.validFrom ?? -Infinity;
}

function until(row: Dated, rows: readonly Dated[], k: number): number {
  if (row.validTo !== null) return row.validTo;
  let end = Infinity;
  for (const other of rows) if (other.known <= k && from(other) > from(row) && from(other) < end) end = from(other);
  return end;
}

/**
 * The rows as knowledge `corrected` has them: of all versions of one fact (equal keys) known by K only the last, known from the day
 * the first one was (MODEL.md 8). Rows known later than K are left out.
 */
export function correctedVersions<T extends Dated>(rows: readonly T[], key: (row: T) => string, knownAsOf: number): T[] {
  const last = new Map<string, T>();
  for (const row of rows) {
    if (row.known > knownAsOf) continue;
    const held = last.get(key(row));
    const winner = held === undefined || compareDated(held, row) <= 0 ? row : held;
    last.set(key(row), held === undefined ? row : { ...winner, known: Math.min(held.known, row.known) });
  }
  return [...last.values()];
}

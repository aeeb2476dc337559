/** Days on which many securities have no price at once: a hole of the source, told once and not a thousand times. */
import type { Gap, Presence } from './prices.ts';

/** A day is a hole when this share of the securities that trade around it, and at least so many, have none. */
const SHARE = 0.03;
const LEAST = 25;

export interface Hole {
  readonly row: number;
  readonly missing: number;
  /** Securities with prices before and after. */
  readonly inside: number;
}

export function holeRows(present: readonly Presence[], nRows: number): Hole[] {
  const starts = new Int32Array(nRows + 1);
  const missing = new Int32Array(nRows);
  for (const { first, last, gaps } of present) {
    starts[first]!++;
    starts[last + 1]!--;
    for (const { from, to } of gaps) for (let row = from; row < to; row++) missing[row]!++;
  }
  const holes: Hole[] = [];
  for (let row = 0, inside = 0; row < nRows; row++) {
    inside += starts[row]!;
    // Long absences are of single securities; what makes a hole is that it begins for many at once.
    const begun = missing[row]! - (row > 0 ? Math.min(missing[row]!, missing[row - 1]!) : 0);
    const again = holes.at(-1)?.row === row - 1;
    if (missing[row]! >= LEAST && missing[row]! >= SHARE * inside && (again || begun >= Math.max(LEAST, SHARE * inside)))
      holes.push({ row, missing: missing[row]!, inside });
  }
  return holes;
}

/** The gaps that are a security's own: those with a row that is no hole. */
export function ownGaps(gaps: readonly Gap[], holes: ReadonlySet<number>): Gap[] {
  return gaps.filter(({ from, to }) => {
    for (let row = from; row < to; row++) if (!holes.has(row)) return true;
    return false;
  });
}

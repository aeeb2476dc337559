import { dayOfSession } from '../../calendar/index.ts';
import { slotOfDay } from '../../contract/units.ts';
import type { Session } from '../../contract/units.ts';
import type { RowAxis } from './types.ts';

/** The axis of `nRows` consecutive sessions from `firstSession` on. Throws when the calendar does not reach that far. */
export function rowAxis(firstSession: Session, nRows: number): RowAxis {
  const days = new Int32Array(nRows);
  const slots = new Int32Array(nRows);
  for (let row = 0; row < nRows; row++) {
    const day = dayOfSession((firstSession + row) as Session);
    days[row] = day;
    slots[row] = slotOfDay(day)!;
  }
  return { firstSession, nRows, days, slots };
}

/** Index of the first entry not below `value` in an ascending array (its length when there is none). */
export function lowerBound(sorted: Int32Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

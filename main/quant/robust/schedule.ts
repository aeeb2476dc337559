/** On which rows slopes are estimated, and which are in force after each row. */
import { isMonthEnd } from '../../calendar/index.ts';
import type { Session } from '../../contract/units.ts';
import type { Axis } from '../cascade/index.ts';

export interface Schedule {
  /** Refresh rows, ascending. */
  readonly rows: Int32Array;
  /** Index of the refresh that a row carries: the last one at or before it; -1 before the first. */
  readonly carried: Int32Array;
}

/** Month ends are those of the calendar, so the last row of the data is one only when its month is over. */
export function createSchedule({ firstSession, nRows }: Axis, refresh: 'daily' | 'month-end'): Schedule {
  const carried = new Int32Array(nRows);
  const rows: number[] = [];
  for (let row = 0; row < nRows; row++) {
    if (refresh === 'daily' || isMonthEnd((firstSession + row) as Session)) rows.push(row);
    carried[row] = rows.length - 1;
  }
  return { rows: Int32Array.from(rows), carried };
}

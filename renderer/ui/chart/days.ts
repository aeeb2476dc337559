/** Days of a chart: the nearest row of a date, and moving through rows by keys. */
import { formatIsoDay, parseIsoDay, type EpochDay } from '../../../main/contract/units.ts';

export const isoDay = (day: number | undefined): string => (day === undefined ? 'n/a' : formatIsoDay(day as EpochDay));

/** Last row at or before `date`; the first row when there is none such. */
export function nearestRow(days: ArrayLike<number>, date: string): number {
  const target = parseIsoDay(date);
  let row = days.length - 1;
  if (target !== null) while (row > 0 && days[row]! > target) row -= 1;
  return row;
}

/** Sessions of a month: what Shift with an arrow moves. */
const MONTH = 21;

/** Row that a key moves to; null for a key that does not move. */
export function movedBy(key: string, shift: boolean, row: number, last: number): number | null {
  const step = shift ? MONTH : 1;
  if (key === 'ArrowRight' || key === 'ArrowUp') return Math.min(last, row + step);
  if (key === 'ArrowLeft' || key === 'ArrowDown') return Math.max(0, row - step);
  if (key === 'PageUp') return Math.min(last, row + 12 * MONTH);
  if (key === 'PageDown') return Math.max(0, row - 12 * MONTH);
  if (key === 'Home') return 0;
  if (key === 'End') return last;
  return null;
}

/** In words: how many values, the last, the lowest and the highest with their days. */
export function inWords(
  label: string,
  days: ArrayLike<number>,
  values: ArrayLike<number | null>,
  text: (value: number | null) => string,
): string {
  let [count, last, low, high] = [0, -1, -1, -1];
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (value === null || value === undefined || Number.isNaN(value)) continue;
    count += 1;
    last = row;
    if (low < 0 || value < values[low]!) low = row;
    if (high < 0 || value > values[high]!) high = row;
  }
  if (count === 0) return `${label}: no value.`;
  const at = (row: number): string => `${text(values[row]!)} on ${isoDay(days[row])}`;
  return `${label}: ${at(last)}, lowest ${at(low)}, highest ${at(high)}.`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Texts of an axis of days: months, or days where ticks are closer; the year where it begins or the axis does. */
export function dayTicks(seconds: readonly number[]): string[] {
  const dates = seconds.map((one) => new Date(one * 1000));
  const ofMonths = dates.every((date) => date.getUTCDate() === 1);
  const ofYears = ofMonths && dates.every((date) => date.getUTCMonth() === 0);
  return dates.map((date, i) => {
    const year = String(date.getUTCFullYear());
    if (ofYears) return year;
    const month = MONTHS[date.getUTCMonth()]!;
    const words = ofMonths ? month : `${date.getUTCDate()} ${month}`;
    return i === 0 || dates[i - 1]!.getUTCFullYear() !== date.getUTCFullYear()
      ? ofMonths && month === 'Jan'
        ? year
        : `${words} ${year}`
      : words;
  });
}

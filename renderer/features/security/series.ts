/** Helpers of the ratio charts. */
import { formatIsoDay, parseIsoDay, type EpochDay } from '../../../main/contract/units.ts';

export interface RatioSeries {
  readonly wire: string;
  readonly ratio: Float64Array;
  readonly error: Float64Array;
}

export const isoDay = (day: number | undefined): string => (day === undefined ? 'n/a' : formatIsoDay(day as EpochDay));

/** Last row at or before `date`; the last row when there is none such. */
export function nearestRow(days: Int32Array, date: string): number {
  const target = parseIsoDay(date);
  let row = days.length - 1;
  if (target !== null) while (row > 0 && days[row]! > target) row -= 1;
  return row;
}

/** Columns of one chart for uPlot: seconds, ratio, and the edges of the 95 % and 80 % bands; NaN becomes a gap. */
export function chartData(days: Int32Array, { ratio, error }: RatioSeries): (number | null)[][] {
  const gap = (value: number): number | null => (Number.isNaN(value) ? null : value);
  const edge = (z: number): (number | null)[] => Array.from(ratio, (value, i) => gap(value + z * (error[i] ?? NaN)));
  return [Array.from(days, (day) => day * 86_400), Array.from(ratio, gap), edge(1.96), edge(-1.96), edge(1.2816), edge(-1.2816)];
}

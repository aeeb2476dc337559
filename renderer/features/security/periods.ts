/** Periods that attribution is asked for, by their last day. */
import { epochDay, formatIsoDay, type EpochDay } from '../../../main/contract/units.ts';

export const PERIODS = [
  { id: '1m', label: '1 month' },
  { id: '3m', label: '3 months' },
  { id: 'ytd', label: 'This year' },
  { id: '1y', label: '1 year' },
  { id: '3y', label: '3 years' },
] as const;
export type PeriodId = (typeof PERIODS)[number]['id'];

const MONTHS: Readonly<Record<PeriodId, number>> = { '1m': 1, '3m': 3, ytd: 0, '1y': 12, '3y': 36 };

/** First day of a period ending on `to`: the day after the same day so many months before. */
export function startOf(period: PeriodId, to: string): string {
  const [year = 0, month = 0, day = 0] = to.split('-').map(Number);
  if (period === 'ytd') return `${to.slice(0, 4)}-01-01`;
  const at = year * 12 + month - 1 - MONTHS[period];
  const [y, m] = [Math.floor(at / 12), (at % 12) + 1];
  // The 31st of a shorter month is its last day.
  for (let d = day; ; d--) {
    const found = epochDay(y, m, d);
    if (found !== null) return formatIsoDay((found + 1) as EpochDay);
  }
}

/** Days as brokers write them. */
import type { EpochDay } from '../../contract/units.ts';
import { BAD_DAY, dayOf } from '../dates.ts';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** 1–12 from the first three letters of a month's English name; 0 when there is none. */
export const monthOf = (name: string): number => MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1;

const full = (year: string): number => Number(year) + (year.length === 2 ? 2000 : 0);

/**
 * The day text begins with, in US order: `2026/03/06`, `2026-03-06`, `20260306…`, `03/06/2026`, `12-31-2025`, `3/6/26`,
 * `Mar-06-2026`, `March 6, 2026`; a time may follow. null when there is none.
 */
export function readDay(text: string): EpochDay | null {
  let day = BAD_DAY;
  let match = /^(\d{4})([/-])(\d{1,2})\2(\d{1,2})(?!\d)/.exec(text) ?? /^(\d{4})()(\d{2})(\d{2})(?=\d{6}|\D|$)/.exec(text);
  if (match) day = dayOf(Number(match[1]), Number(match[3]), Number(match[4]));
  else if ((match = /^(\d{1,2})([/-])(\d{1,2})\2(\d{4}|\d{2})(?!\d)/.exec(text)))
    day = dayOf(full(match[4]!), Number(match[1]), Number(match[3]));
  else if ((match = /^([A-Za-z]{3,9})[-. ]{1,2}(\d{1,2})(?:, ?|[- ])(\d{4})(?!\d)/.exec(text)))
    day = dayOf(Number(match[3]), monthOf(match[1]!), Number(match[2]));
  return day === BAD_DAY ? null : (day as EpochDay);
}

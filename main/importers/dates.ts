/** Dates from bytes, and the order of day and month. */
import type { Detected } from '../contract/report.ts';
import { noSuchDay } from '../contract/units.ts';

export type DateOrder = NonNullable<Detected['dateOrder']>;

/** Returned for text that is no date; far outside any real day. */
export const BAD_DAY = -2147483648;

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Days since 1970-01-01, BAD_DAY when there is no such date. */
export function dayOf(year: number, month: number, day: number): number {
  if (!(year >= 1800 && year <= 2200 && month >= 1 && month <= 12 && day >= 1)) return BAD_DAY;
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 1 : 0;
  if (day > MONTH_DAYS[month - 1]! + leap) return BAD_DAY;
  // March-based years put the leap day last.
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yoe = y - era * 400;
  const doy = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146097 + yoe * 365 + Math.floor(yoe / 4) - Math.floor(yoe / 100) + doy - 719468;
}

function number(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return start < end ? value : -1;
}

const isSeparator = (byte: number | undefined): boolean => byte === 45 || byte === 47 || byte === 46;

/** A time of day after a date: nothing, or `T16:00…`, ` 16:00…`. */
function isTimeTail(bytes: Uint8Array, at: number, end: number): boolean {
  if (at === end) return true;
  if (end - at < 6 || (bytes[at] !== 84 && bytes[at] !== 32) || bytes[at + 3] !== 58) return false;
  for (let i = at + 1; i < end; i++) {
    const byte = bytes[i]!;
    // Digits and `: . + - Z`.
    if (!((byte >= 48 && byte <= 58) || byte === 43 || byte === 45 || byte === 46 || byte === 90)) return false;
  }
  return true;
}

/**
 * EpochDay of a date in bytes[start, end), BAD_DAY when it is none: `2021-01-04` (also with `/` or `.`), `20210104`, either
 * with a time behind it; `4/1/2021` in the given order. Year-first dates are read whatever the order.
 */
export function parseDay(bytes: Uint8Array, start: number, end: number, order: DateOrder): number {
  const length = end - start;
  if (length >= 10 && isSeparator(bytes[start + 4]) && bytes[start + 4] === bytes[start + 7]) {
    if (!isTimeTail(bytes, start + 10, end)) return BAD_DAY;
    return dayOf(number(bytes, start, start + 4), number(bytes, start + 5, start + 7), number(bytes, start + 8, start + 10));
  }
  if (length === 8 && number(bytes, start, end) >= 0) {
    return dayOf(number(bytes, start, start + 4), number(bytes, start + 4, start + 6), number(bytes, start + 6, end));
  }
  if (order === 'YMD') return BAD_DAY;
  let first = start;
  while (first < end && first - start < 3 && !isSeparator(bytes[first])) first++;
  let second = first + 1;
  while (second < end && second - first < 4 && !isSeparator(bytes[second])) second++;
  if (bytes[first] !== bytes[second] || second + 5 > end || !isTimeTail(bytes, second + 5, end)) return BAD_DAY;
  const a = number(bytes, start, first);
  const b = number(bytes, first + 1, second);
  const year = number(bytes, second + 1, second + 5);
  return order === 'DMY' ? dayOf(year, b, a) : dayOf(year, a, b);
}

const encoder = new TextEncoder();

export function parseDayText(text: string, order: DateOrder): number {
  const bytes = encoder.encode(text);
  return parseDay(bytes, 0, bytes.length, order);
}

/** Why text in the form of a date, year first or in the given order, is none, in words; null for text in another form. */
export function whyNoDate(text: string, order: DateOrder): string | null {
  const first = /^(\d{4})([-/.]?)(\d\d)\2(\d\d)(?!\d)/.exec(text);
  const last = order === 'YMD' ? null : /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d)/.exec(text);
  const [year, month, day] = (
    first ? [first[1], first[3], first[4]] : last ? [last[4], last[order === 'MDY' ? 1 : 3], last[order === 'MDY' ? 3 : 1]] : []
  ).map(Number);
  if (year === undefined || month === undefined || day === undefined || dayOf(year, month, day) !== BAD_DAY) return null;
  return dayOf(2000, month, day) === BAD_DAY || (year >= 1800 && year <= 2200) ? noSuchDay(year, month, day) : 'years go from 1800 to 2200';
}

const DAY_MONTH = /^(\d{1,2})([/.-])(\d{1,2})\2\d{4}(?!\d)/;

/** Whether text has the form of a date in any order. */
export function looksLikeDate(text: string): boolean {
  return parseDayText(text, 'YMD') !== BAD_DAY || DAY_MONTH.test(text);
}

/**
 * The order sample dates are written in. `null`: every day is 12 or less, or samples contradict each other; `example` is
 * such a text.
 */
export function detectDateOrder(samples: readonly string[]): { readonly order: DateOrder | null; readonly example: string } {
  let dmy = '';
  let mdy = '';
  let open = '';
  for (const text of samples) {
    const match = DAY_MONTH.exec(text);
    if (!match) continue;
    if (Number(match[1]) > 12) dmy = text;
    else if (Number(match[3]) > 12) mdy = text;
    else open = text;
  }
  if (dmy && mdy) return { order: null, example: `${dmy} and ${mdy}` };
  if (dmy || mdy) return { order: dmy ? 'DMY' : 'MDY', example: dmy || mdy };
  return { order: open ? null : 'YMD', example: open };
}

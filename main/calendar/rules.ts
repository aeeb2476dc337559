import { epochDay } from '../contract/units.ts';
import type { EpochDay } from '../contract/units.ts';

/**
 * The holiday rules of the New York Stock Exchange from 1970 on, and the days it closed or shut early for one reason
 * only. Changing anything here moves session numbers: raise CALENDAR_VERSION in index.ts, stored runs name it.
 */

const MON = 0;
const TUE = 1;
const WED = 2;
const THU = 3;
const FRI = 4;
const SAT = 5;
const SUN = 6;

/** Whole-day closings outside the rules. */
const SPECIAL_CLOSINGS: readonly string[] = [
  '1972-12-28', // funeral of President Truman
  '1973-01-25', // funeral of President Johnson
  '1977-07-14', // New York blackout
  '1985-09-27', // hurricane Gloria
  '1994-04-27', // funeral of President Nixon
  '2001-09-11', // attacks of 11 September
  '2001-09-12',
  '2001-09-13',
  '2001-09-14',
  '2004-06-11', // funeral of President Reagan
  '2007-01-02', // funeral of President Ford
  '2012-10-29', // hurricane Sandy
  '2012-10-30',
  '2018-12-05', // funeral of President G. H. W. Bush
  '2025-01-09', // funeral of President Carter
];

/** Sessions cut short outside the rules. */
const SPECIAL_EARLY_CLOSES: readonly string[] = [
  '1974-12-24',
  '1975-02-12', // snow
  '1975-12-24',
  '1976-08-09', // hurricane watch
  '1978-02-06', // snow
  '1981-03-30', // attempt on President Reagan
  '1981-09-09', // power failure
  // back-office backlog after the crash of October 1987
  ...['1987-10-23', '1987-10-26', '1987-10-27', '1987-10-28', '1987-10-29', '1987-10-30', '1987-11-02', '1987-11-03'],
  ...['1987-11-04', '1987-11-05', '1987-11-06', '1987-11-09', '1987-11-10', '1987-11-11'],
  '1990-12-24',
  '1991-12-24',
  '1992-12-24',
  '1994-02-11', // snow
  '1996-01-08', // snow
  '1997-10-27', // circuit breaker
  '1997-12-26',
  '1999-12-31',
  '2003-12-26',
  '2005-06-01', // systems failure
];

/** Monday 0 … Sunday 6. */
function weekday(day: number): number {
  return (((day + 3) % 7) + 7) % 7;
}

function date(year: number, month: number, day: number): EpochDay {
  const result = epochDay(year, month, day);
  if (result === null) throw new RangeError(`no such date: ${year}-${month}-${day}`);
  return result;
}

/** The nth (1-based) given weekday of a month. */
function nth(year: number, month: number, wanted: number, n: number): number {
  const first = date(year, month, 1);
  return first + ((wanted - weekday(first) + 7) % 7) + 7 * (n - 1);
}

/** A Saturday holiday is kept on Friday, a Sunday holiday on Monday. */
function nearestWeekday(day: number): number {
  return weekday(day) === SAT ? day - 1 : weekday(day) === SUN ? day + 1 : day;
}

/** Good Friday by the Gregorian computus (Meeus, Jones and Butcher). */
function goodFriday(year: number): number {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = b >> 2;
  const e = b % 4;
  const g = Math.floor((8 * b + 13) / 25);
  const h = (19 * a + b - d - g + 15) % 30;
  const i = c >> 2;
  const k = c % 4;
  const l = (32 + 2 * e + 2 * i - h - k) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const month = Math.floor((h + l - 7 * m + 114) / 31);
  const day = ((h + l - 7 * m + 114) % 31) + 1;
  return date(year, month, day) - 2;
}

/** Days of one year on which the exchange is shut by its rules or by decree; may name weekend days too. */
export function closingsOfYear(year: number): Set<number> {
  const closed = new Set<number>();
  // New Year's Day on a Saturday is not kept on the Friday: that Friday ends an accounting year.
  const newYear = date(year, 1, 1);
  closed.add(weekday(newYear) === SUN ? newYear + 1 : newYear);
  if (year >= 1998) closed.add(nth(year, 1, MON, 3)); // Martin Luther King Jr. Day
  closed.add(year >= 1971 ? nth(year, 2, MON, 3) : nearestWeekday(date(year, 2, 22))); // Washington's Birthday
  closed.add(goodFriday(year));
  // Memorial Day: the last Monday of May from 1971. In 1970 it fell on a Saturday and the Friday was a session.
  if (year >= 1971) closed.add(nth(year, 6, MON, 1) - 7);
  if (year >= 2022) closed.add(nearestWeekday(date(year, 6, 19))); // Juneteenth
  closed.add(nearestWeekday(date(year, 7, 4)));
  closed.add(nth(year, 9, MON, 1)); // Labor Day
  // Presidential election days, until 1980: the Tuesday after the first Monday of November.
  if (year <= 1980 && year % 4 === 0) closed.add(nth(year, 11, MON, 1) + 1);
  closed.add(nth(year, 11, THU, 4)); // Thanksgiving
  closed.add(nearestWeekday(date(year, 12, 25)));
  for (const text of SPECIAL_CLOSINGS) addIfYear(closed, text, year);
  return closed;
}

/** Days of one year on which the session ends early; a caller keeps only those that are sessions. */
export function earlyClosesOfYear(year: number): Set<number> {
  const early = new Set<number>();
  for (const text of SPECIAL_EARLY_CLOSES) addIfYear(early, text, year);
  if (year >= 1992) early.add(nth(year, 11, THU, 4) + 1); // the day after Thanksgiving
  const christmasEve = date(year, 12, 24);
  if (year >= 1993 && weekday(christmasEve) <= THU) early.add(christmasEve);
  const july3 = date(year, 7, 3);
  const eve = weekday(july3);
  if (year >= 1995 && (eve === MON || eve === TUE || eve === THU)) early.add(july3);
  // With the holiday on a Thursday the Friday after it was short until 2012, the Wednesday before it since.
  if (eve === WED && year >= 2013) early.add(july3);
  if (eve === WED && year >= 1995 && year < 2013) early.add(july3 + 2);
  return early;
}

/** Monday to Friday. */
export function isWeekday(day: number): boolean {
  return weekday(day) <= FRI;
}

function addIfYear(days: Set<number>, text: string, year: number): void {
  if (!text.startsWith(`${year}-`)) return;
  days.add(date(year, Number(text.slice(5, 7)), Number(text.slice(8, 10))));
}

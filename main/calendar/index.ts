import { HedgerowError } from '../contract/errors.ts';
import { epochDay, formatIsoDay, parseIsoDay } from '../contract/units.ts';
import type { EpochDay, Session } from '../contract/units.ts';
import { closingsOfYear, earlyClosesOfYear, isWeekday } from './rules.ts';

/** Stated in the fingerprint of every run: another version may number or date sessions differently. */
export const CALENDAR_VERSION = 'nyse-1970-2100.1';

const FIRST_DAY = 1; // 1970-01-02
const LAST_DAY = epochDay(2100, 12, 31)!;

interface Tables {
  /** EpochDay of each session. */
  readonly days: Int32Array;
  /** Session at or before each EpochDay from FIRST_DAY to LAST_DAY. */
  readonly atOrBefore: Int32Array;
  readonly earlyCloses: ReadonlySet<number>;
}

const tables = buildTables();

/** Session of a day; null when the exchange is shut that day or the day is outside 1970-01-02 … 2100-12-31. */
export function sessionOfDay(day: EpochDay): Session | null {
  if (day < FIRST_DAY || day > LAST_DAY) return null;
  const session = tables.atOrBefore[day]!;
  return tables.days[session] === day ? (session as Session) : null;
}

/** Day of a session. Throws when the calendar has no such session. */
export function dayOfSession(session: Session): EpochDay {
  const day = tables.days[session];
  if (day === undefined) throw outside(`session ${session}`);
  return day as EpochDay;
}

export function isSession(day: EpochDay): boolean {
  return sessionOfDay(day) !== null;
}

/** Last session not after a day. Throws outside 1970-01-02 … 2100-12-31. */
export function sessionAtOrBefore(day: EpochDay): Session {
  if (!(day >= FIRST_DAY && day <= LAST_DAY)) throw outside(describe(day));
  return tables.atOrBefore[day] as Session;
}

/** First session not before a day; days before 1970-01-02 give session 0. Throws after the last session of 2100. */
export function sessionAtOrAfter(day: EpochDay): Session {
  if (day <= FIRST_DAY) return 0 as Session;
  const before = day <= LAST_DAY ? tables.atOrBefore[day]! : tables.days.length;
  const session = tables.days[before] === day ? before : before + 1;
  if (!(session < tables.days.length)) throw outside(describe(day));
  return session as Session;
}

/** Whether a session is the last of its month by the rules (never by what data there is). Throws for unknown sessions. */
export function isMonthEnd(session: Session): boolean {
  const day = dayOfSession(session);
  const next = tables.days[session + 1];
  return next === undefined || formatIsoDay(day).slice(0, 7) !== formatIsoDay(next as EpochDay).slice(0, 7);
}

/** Whether the exchange shuts early on a day; false when it does not open at all. */
export function isEarlyClose(day: EpochDay): boolean {
  return tables.earlyCloses.has(day);
}

const NEW_YORK = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/New_York',
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
});

/** Day and time (`HH:MM`) of a moment in New York, wherever the user's clock is. */
export function newYorkClock(at: Date): { readonly day: EpochDay; readonly time: string } {
  // By name: how the parts are put together differs between versions of the runtime's locale data.
  const parts = Object.fromEntries(NEW_YORK.formatToParts(at).map(({ type, value }) => [type, value]));
  return { day: parseIsoDay(`${parts.year}-${parts.month}-${parts.day}`)!, time: `${parts.hour}:${parts.minute}` };
}

/**
 * The day whose session orders of a moment are for: New York's own until its close, with the time there as `HH:MM`, else the next one and null,
 * wherever the user's clock is.
 */
export function sessionToTrade(at: Date): { readonly day: EpochDay; readonly time: string | null } {
  const { day, time } = newYorkClock(at);
  if (sessionOfDay(day) !== null && time < (isEarlyClose(day) ? '13:00' : '16:00')) return { day, time };
  return { day: sessionDayAfter(day), time: null };
}

/** The day of the first session after a day. Throws for days outside the calendar. */
export function sessionDayAfter(day: EpochDay): EpochDay {
  return dayOfSession(sessionAtOrAfter((day + 1) as EpochDay));
}

/** EpochDay of every session, by session number; a copy the caller owns. */
export function sessionDays(): Int32Array {
  return tables.days.slice();
}

function buildTables(): Tables {
  const days = new Int32Array(LAST_DAY);
  const atOrBefore = new Int32Array(LAST_DAY + 1).fill(-1);
  const earlyCloses = new Set<number>();
  let count = 0;
  for (let year = 1970; year <= 2100; year++) {
    const closed = closingsOfYear(year);
    const end = epochDay(year, 12, 31)!;
    for (let day: number = epochDay(year, 1, 1)!; day <= end; day++) {
      if (isWeekday(day) && !closed.has(day)) days[count++] = day;
      atOrBefore[day] = count - 1;
    }
    for (const day of earlyClosesOfYear(year)) if (isWeekday(day) && !closed.has(day)) earlyCloses.add(day);
  }
  return { days: days.slice(0, count), atOrBefore, earlyCloses };
}

function describe(day: number): string {
  return Number.isInteger(day) && Math.abs(day) < 1e8 ? formatIsoDay(day as EpochDay) : String(day);
}

function outside(what: string): HedgerowError {
  return new HedgerowError(
    'data',
    `The exchange calendar covers 1970-01-02 to 2100-12-31; ${what} is outside it.`,
    'Check the dates of the data or the request.',
  );
}

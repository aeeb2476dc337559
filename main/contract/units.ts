/**
 * Branded units shared by every part. A brand costs nothing at run time; it keeps a day from being
 * added to a row number.
 */
declare const unit: unique symbol;
type Unit<Name extends string> = number & { readonly [unit]: Name };

/** Whole days since 1970-01-01 (negative before). */
export type EpochDay = Unit<'EpochDay'>;
/** Absolute NYSE session number: 0 is 1970-01-02, the first session on or after the epoch. */
export type Session = Unit<'Session'>;
/** Absolute Monday-to-Friday number: 0 is Thursday 1970-01-01. The store's time axis; holidays are empty slots. */
export type Slot = Unit<'Slot'>;
/** Permanent id of a security; never reused. */
export type SecurityId = Unit<'SecurityId'>;
/** Id of a name that files use for a security (ticker, FIGI or ISIN as spelled canonically). */
export type SymbolId = Unit<'SymbolId'>;
/** Id of an import batch. */
export type BatchId = Unit<'BatchId'>;
/** The workspace's change counter: every commit and every undo adds one. */
export type Revision = Unit<'Revision'>;

/** Converts an ISO date (YYYY-MM-DD) to an EpochDay; null when the text is not a real calendar date. */
export function parseIsoDay(text: string): EpochDay | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!match) return null;
  return epochDay(Number(match[1]), Number(match[2]), Number(match[3]));
}

/** EpochDay of a proleptic Gregorian year, month 1-12, day 1-31; null when there is no such date. */
export function epochDay(year: number, month: number, day: number): EpochDay | null {
  if (month < 1 || month > 12 || day < 1 || day > 31 || year < 1 || year > 9999) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  return (date.getTime() / 86_400_000) as EpochDay;
}

const monthName = (month: number): string => new Date(Date.UTC(2000, month - 1)).toLocaleString('en', { month: 'long', timeZone: 'UTC' });

/** Why there is no such day, in words: `February 2023 has no day 30`. */
export const noSuchDay = (year: number, month: number, day: number): string =>
  month < 1 || month > 12 ? `there is no month ${month}` : `${monthName(month)} ${year} has no day ${day}`;

/** Why `parseIsoDay` knows no day of a text, in words. */
export function whyNoDay(text: string): string {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  return year === undefined ? 'it is not written as YYYY-MM-DD' : noSuchDay(Number(year), Number(month), Number(day));
}

/** Written last: most often a row has the day of the row before. */
let written = { day: NaN, text: '' };

/** ISO text (YYYY-MM-DD) of an EpochDay. */
export function formatIsoDay(day: EpochDay): string {
  if (day !== written.day) written = { day, text: new Date(day * 86_400_000).toISOString().slice(0, 10) };
  return written.text;
}

/** Slot of a weekday; null for Saturdays and Sundays. */
export function slotOfDay(day: EpochDay): Slot | null {
  const week = Math.floor((day + 3) / 7);
  const weekday = day + 3 - week * 7;
  return weekday > 4 ? null : ((week * 5 + weekday - 3) as Slot);
}

/** EpochDay of a slot; the inverse of `slotOfDay`. */
export function dayOfSlot(slot: Slot): EpochDay {
  const week = Math.floor((slot + 3) / 5);
  return (week * 7 + (slot + 3 - week * 5) - 3) as EpochDay;
}

/** A sum or difference of share counts as on paper: to 8 decimals, the most a file of executions gives, without binary noise. */
export const exactShares = (count: number): number => Math.round(count * 1e8) / 1e8;

/** A share as a person reads it: -0.35 is `−35.0 %`. */
export const percentText = (share: number): string => `${share < 0 ? '−' : ''}${Math.abs(share * 100).toFixed(1)} %`;

/** Words with the minus of every number among them as people read it; what a file has in quotes, codes and days stay. Files keep to ASCII. */
export const withMinus = (text: string): string => text.replace(/(?<![\w"'“.,-])-(?=\$?\d)/g, '−');

/** Decimals that leave three digits of a small number: 8, below a millionth up to 11, of a whole number none. */
export const fineDecimals = (value: number): number =>
  Number.isInteger(value) ? 0 : Math.min(11, Math.max(8, 2 - Math.floor(Math.log10(Math.abs(value)))));

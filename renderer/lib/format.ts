/** Numbers and words as every screen shows them: minus U+2212, fixed decimals, `n/a` for missing, never blank. */

import { parseIsoDay, whyNoDay } from '../../main/contract/units.ts';

export const MISSING = 'n/a';
/** Between a number and its unit: no line ends there. */
export const NO_BREAK = '\u00a0';
export type Maybe = number | null | undefined;

const missing = (value: Maybe): value is null | undefined => value === null || value === undefined || Number.isNaN(value);
const formats = new Map<number, Intl.NumberFormat>();

export interface Writing {
  readonly thousands: string;
  readonly decimal: string;
  readonly dates: 'ymd' | 'dmy' | 'mdy' | 'text';
}

const ENGLISH: Writing = { thousands: ',', decimal: '.', dates: 'ymd' };
let written = (): Writing => ENGLISH;

/** Where it stands how numbers and dates are written now. It may be reactive: what shows a number then follows it. */
export const writeAs = (now: () => Writing): void => void (written = now);

/** A number written by `fixed` or `signed` as other programs read it: `−1.234,5` → `-1234.5`. Other text stays, with plain spaces. */
export function unwritten(text: string): string {
  const { thousands, decimal } = written();
  const plain = text.replaceAll('−', '-').replaceAll(thousands, '').replace(decimal, '.');
  return /^[-+]?\d+(\.\d+)?(e-?\d+)?$/.test(plain) ? plain.replace('+', '') : text.replaceAll(NO_BREAK, ' ');
}

/** A number typed as this person writes numbers; NaN for anything else, also where a sign that parts thousands parts none. */
export function typedNumber(text: string): number {
  const { thousands, decimal } = written();
  const plain = text.trim().replace('−', '-');
  const grouped = new RegExp(`^-?\\d{1,3}([${thousands}]\\d{3})+([${decimal}]\\d*)?$`).test(plain);
  const number = (grouped ? plain.replaceAll(thousands, '') : plain).replace(decimal, '.');
  return number === '' ? NaN : Number(number);
}

/** Fixed decimals with thousands separators; a value that rounds to zero has no sign. */
export function fixed(value: Maybe, decimals: number): string {
  if (missing(value)) return MISSING;
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  let format = formats.get(decimals);
  if (!format) {
    format = new Intl.NumberFormat('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    formats.set(decimals, format);
  }
  const english = format.format(Math.abs(value));
  const { thousands, decimal } = written();
  const text = thousands === ',' ? english : english.replace(/[,.]/g, (sign) => (sign === ',' ? thousands : decimal));
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
}

/** Like `fixed`, with a plus sign for positive values. */
export function signed(value: Maybe, decimals: number): string {
  const text = fixed(value, decimals);
  return !missing(value) && value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/** A share as per cent: 0.1234 → `12.3`. The unit stands in the header; `percentUnit` adds it. */
export const percent = (value: Maybe, decimals = 1): string => fixed(missing(value) ? value : value * 100, decimals);
export const percentUnit = (value: Maybe, decimals = 1): string => (missing(value) ? MISSING : `${percent(value, decimals)}${NO_BREAK}%`);

export const whole = (value: Maybe): string => fixed(value, 0);
export const dollars = (value: Maybe): string => (missing(value) ? MISSING : fixed(value, 0).replace(/^(−?)/, '$1$'));

/** A stored number with all its digits. */
export function exact(value: number): string {
  const text = String(value);
  return text.includes('e') ? text.replaceAll('-', '−') : fixed(value, text.split('.')[1]?.length ?? 0);
}

/** Deviations of identities: 1.2e-15 → `1.2e−15`. */
export function deviation(value: Maybe): string {
  if (missing(value)) return MISSING;
  return value === 0 ? '0' : value.toExponential(1).replaceAll('-', '−').replace('e+', 'e');
}

export function bytes(value: Maybe): string {
  if (missing(value)) return MISSING;
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = value;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${fixed(size, unit === 0 || size >= 100 ? 0 : 1)}${NO_BREAK}${units[unit]}`;
}

export const milliseconds = (value: Maybe): string =>
  missing(value) ? MISSING : value < 1000 ? `${fixed(value, 0)}${NO_BREAK}ms` : `${fixed(value / 1000, 1)}${NO_BREAK}s`;
export const orMissing = (text: string | null | undefined): string => (text === null || text === undefined || text === '' ? MISSING : text);
export const plural = (count: number, one: string, many = `${one}s`, decimals = 0): string =>
  `${fixed(count, decimals)} ${count === 1 ? one : many}`;

/** How much of a book the model covers; what has no value is part of no share, and is said beside it. */
export const coverageWords = (
  of: { readonly coverage: number | null; readonly unvalued: number } | null | undefined,
  unvalued = 'without a value',
): string => `${percentUnit(of?.coverage)}${of && of.unvalued > 0 ? `, ${whole(of.unvalued)} ${unvalued}` : ''}`;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** An ISO day as this person reads dates. */
export function day(iso: string | null | undefined): string {
  const [, y, m, d] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(iso ?? '') ?? [];
  if (y === undefined || m === undefined || d === undefined) return MISSING;
  return { ymd: `${y}-${m}-${d}`, dmy: `${d}.${m}.${y}`, mdy: `${m}/${d}/${y}`, text: `${Number(d)} ${MONTHS[Number(m) - 1]} ${y}` }[
    written().dates
  ];
}

/** Words with every ISO day among them as this person reads dates. */
export const dated = (text: string): string =>
  written().dates === 'ymd' ? text : text.replace(/(?<![\w-])\d{4}-\d\d-\d\d(?![\w-])/g, (iso) => day(iso));

/** A day typed as this person writes dates, or as YYYY-MM-DD, as ISO; null for anything else. */
export function typedDay(text: string): string | null {
  const iso = typedAs(text);
  return iso === null || parseIsoDay(iso) === null ? null : iso;
}

/** Why a day that was typed is none, in words. */
export const whyNotTyped = (text: string): string => {
  const iso = typedAs(text);
  return iso === null ? `write ${dayPattern()}` : whyNoDay(iso);
};

/** What was typed in ISO form, whether there is such a day or not; null for another form. */
function typedAs(text: string): string | null {
  const parts = {
    ymd: /^$/,
    dmy: /^(\d\d?)\.(\d\d?)\.(\d{4})$/,
    mdy: /^(\d\d?)\/(\d\d?)\/(\d{4})$/,
    text: /^(\d\d?) ([A-Za-z]{3}) (\d{4})$/,
  }[written().dates].exec(text.trim());
  if (!parts) return /^\d{4}-\d\d-\d\d$/.test(text.trim()) ? text.trim() : null;
  const [, first = '', second = '', y] = parts;
  const named = MONTHS.findIndex((name) => name.toLowerCase() === second.toLowerCase()) + 1;
  if (written().dates === 'text' && named === 0) return null;
  const month = written().dates === 'text' ? String(named) : second;
  const [m, d] = written().dates === 'mdy' ? [first, second] : [month, first];
  return `${y}-${m.padStart(2, '0')}-${d.padStart(2, '0')}`;
}

/** How a date is to be typed. */
export const dayPattern = (): string => ({ ymd: 'YYYY-MM-DD', dmy: 'DD.MM.YYYY', mdy: 'MM/DD/YYYY', text: 'D Mon YYYY' })[written().dates];

/** `2026-11-22T21:04:05Z` → `2026-11-22 21:04` in local time. */
export function moment(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return MISSING;
  return `${day(localDay(date))} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

const two = (n: number): string => String(n).padStart(2, '0');

/** The ISO day of a moment by the user's clock. */
export function localDay(date: Date): string {
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export const localToday = (): string => localDay(new Date());

/** Calendar days from an ISO day to a later one, today; null without one. */
export function ageInDays(day: string | null | undefined, today: string): number | null {
  return day ? Math.max(0, (Date.parse(today) - Date.parse(day)) / 86_400_000) : null;
}

/** Class of a signed numeral; sign is shown by colour only in addition to the minus. What a sum that cancels leaves behind has none. */
export const signClass = (value: Maybe): string => (missing(value) || Math.abs(value) < 1e-9 ? '' : value > 0 ? 'positive' : 'negative');

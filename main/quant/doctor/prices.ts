/** Prices by themselves: standing still, gaps, no trading, after the end, on another level. */
import { formatIsoDay, type EpochDay } from '../../contract/units.ts';
import { nearestSplit, percent, price, splitWords } from './ratios.ts';
import type { RowAxis } from '../returns/types.ts';
import type { Diagnosis, Overlap, Patient, Remedy } from './types.ts';

/** Equal closes in a row that are called stale when nothing was traded; and when it is not known whether anything was. */
const STALE = 5;
const STALE_UNKNOWN = 10;
/** Rows of the last window. */
const WINDOW = 252;
/** Share of days without trading in the last window from which on the returns mean little. */
const IDLE = 0.2;
/** Sessions without a price after which the next one may be of another company. */
const LONG_GAP = 21;
/** Level change that is told where the source changes. */
const LEVEL = Math.log(1.5);
/** Single days this far from both neighbours; below it real moves there and back are more frequent. */
const SLIP = Math.log(4);
/** Two batches differ on their common days. */
const SAME_LEVEL = 0.02;
const SAME_LEVEL_DAYS = 3;

const iso = (day: number): string => formatIsoDay(day as EpochDay);
const days = (count: number): string => `${count} day${count === 1 ? '' : 's'}`;

type Said = Pick<Diagnosis, 'code' | 'severity' | 'row' | 'message' | 'advice'> & Partial<Diagnosis>;
const say = (one: Said): Diagnosis => ({ rows: [], remedy: null, asIs: NaN, fixed: NaN, sharesFactor: 1, ...one });

/** A close in force: raw, else adjusted, else 1 where only a return was imported. */
function priceAt({ close, adjClose, served }: Patient, row: number): number {
  const raw = close[row]!;
  if (raw === raw) return raw;
  const adjusted = adjClose[row]!;
  return adjusted === adjusted ? adjusted : served[row] === served[row] ? 1 : NaN;
}

/** Rows [from, to) without a price between two that have one. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

export interface Presence {
  readonly first: number;
  readonly last: number;
  readonly gaps: readonly Gap[];
}

/** First and last row with a price and the gaps between; null without any price. */
export function presenceOf(patient: Patient): Presence | null {
  const gaps: Gap[] = [];
  let [first, last] = [-1, -1];
  for (let row = 0; row < patient.axis.nRows; row++) {
    if (Number.isNaN(priceAt(patient, row))) continue;
    if (first < 0) first = row;
    else if (row > last + 1) gaps.push({ from: last + 1, to: row });
    last = row;
  }
  return first < 0 ? null : { first, last, gaps };
}

/** Five equal closes with no volume. */
export function stalePrices(patient: Patient): Diagnosis[] {
  const { axis, volume, close, adjClose } = patient;
  const runs: { from: number; to: number }[] = [];
  const knows = volume.some((value) => value === value);
  const from = knows ? volume.findIndex((value) => value === value) : 0;
  const prices = close.some((value) => value === value) ? close : adjClose;
  const needed = knows ? STALE : STALE_UNKNOWN;
  for (let start = from, row = from + 1; row <= axis.nRows; row++) {
    const same = row < axis.nRows && prices[row] === prices[start] && !(volume[row]! > 0);
    if (same) continue;
    if (prices[start] === prices[start] && row - start >= needed) runs.push({ from: start, to: row });
    start = row;
  }
  if (runs.length === 0) return [];
  const longest = runs.reduce((a, b) => (b.to - b.from > a.to - a.from ? b : a));
  const latest = runs.at(-1)!;
  const now = latest.to > axis.nRows - WINDOW;
  return [
    say({
      code: 'stale',
      severity: now && knows ? 'warning' : 'info',
      row: latest.from,
      rows: runs.map((run) => run.from),
      message: `the close stands still for ${longest.to - longest.from} days from ${iso(axis.days[longest.from]!)}${runs.length > 1 ? ` and in ${runs.length - 1} more stretch${runs.length > 2 ? 'es' : ''}` : ''}, ${knows ? 'with nothing traded' : 'and whether anything was traded is not known'}.`,
      advice: 'Standing prices make volatility and hedge ratios too small; import traded prices, or leave the stock out of the hedge.',
    }),
  ];
}

/** Days on which nothing was traded, in the last window. */
export function idleDays({ axis, volume }: Patient): Diagnosis[] {
  const from = Math.max(0, axis.nRows - WINDOW);
  const idle: number[] = [];
  let known = 0;
  for (let row = from; row < axis.nRows; row++) {
    if (volume[row] === volume[row]) known++;
    if (volume[row] === 0) idle.push(row);
  }
  if (known < 63 || idle.length < 5) return [];
  const share = idle.length / known;
  return [
    say({
      code: 'zero_volume',
      severity: share > IDLE ? 'warning' : 'info',
      row: idle.at(-1)!,
      rows: idle,
      message: `nothing was traded on ${idle.length} of the last ${known} days (${(share * 100).toFixed(0)} %).`,
      advice: 'Its closes are old prices on those days; hedge ratios of thin stocks are too small.',
    }),
  ];
}

/** Gaps of one security's own; those that everybody has are told once for all (holes.ts). */
export function gapFindings(axis: RowAxis, priceOn: (row: number) => number, gaps: readonly Gap[]): Diagnosis[] {
  const found: Diagnosis[] = [];
  const short = gaps.filter(({ from, to }) => to - from < LONG_GAP);
  if (short.length > 0) {
    const missing = short.reduce((sum, { from, to }) => sum + to - from, 0);
    found.push(
      say({
        code: 'gap',
        severity: 'info',
        row: short.at(-1)!.to,
        rows: short.map(({ to }) => to),
        message: `no value on ${missing} session${missing === 1 ? '' : 's'} in ${short.length} gap${short.length === 1 ? '' : 's'}, the last before ${iso(axis.days[short.at(-1)!.to]!)}; the first return after a gap is missing.`,
        advice: 'Import the missing days if there was trading.',
      }),
    );
  }
  for (const { from, to } of gaps) {
    if (to - from < LONG_GAP) continue;
    const [before, after] = [priceOn(from - 1), priceOn(to)];
    found.push(
      say({
        code: 'long_gap',
        severity: 'warning',
        row: to,
        rows: [from, to],
        message: `no value for ${to - from} sessions from ${iso(axis.days[from]!)} to ${iso(axis.days[to - 1]!)}, then ${price(after)} after ${price(before)}: another company may have taken the ticker.`,
        advice:
          'Import a securities file that says who had the ticker when; else its rows after the gap read the window of the company before.',
      }),
    );
  }
  return found;
}

/** Prices after a delisting or merger, and actions on days on which the security has no price at all. */
export function afterTheEnd(patient: Patient, { first, last }: Presence): Diagnosis[] {
  const { axis, actions } = patient;
  const found: Diagnosis[] = [];
  for (const { type, row, exDay } of actions) {
    if (type !== 'delisting' && type !== 'merger') continue;
    const later: number[] = [];
    for (let at = row + 1; at <= last; at++) if (priceAt(patient, at) === priceAt(patient, at)) later.push(at);
    if (later.length > 0)
      found.push(
        say({
          code: 'after_delisting',
          severity: 'error',
          row: later[0]!,
          rows: later,
          message: `${days(later.length)} with prices after the ${type} of ${iso(exDay)}, the last on ${iso(axis.days[later.at(-1)!]!)}: no rows are made of them.`,
          advice: `If the ${type} is wrong, take back its batch; if another company took the ticker, import a securities file that says from when.`,
        }),
      );
  }
  const outside = actions.filter(({ row }) => row < first || row > last + 1);
  if (outside.length > 0)
    found.push(
      say({
        code: 'action_outside',
        severity: 'info',
        row: Math.min(outside[0]!.row, axis.nRows - 1),
        rows: outside.map(({ row }) => row).filter((row) => row < axis.nRows),
        message: `${outside.length} action${outside.length === 1 ? '' : 's'} before its first or after its last price (${iso(axis.days[first]!)} to ${iso(axis.days[last]!)}), the first on ${iso(outside[0]!.exDay)}: they change nothing.`,
        advice: 'Check the ticker of the actions, or import the prices of those days.',
      }),
    );
  return found;
}

/** Whether findings of `levelBreaks` may depend on which batch each close came from. */
export function batchMatters(close: Float64Array, overlaps: readonly Overlap[]): boolean {
  if (overlaps.length > 0) return true;
  let before = NaN;
  for (const value of close) {
    if (!(value > 0)) continue;
    if (Math.abs(Math.log(value / before)) >= LEVEL) return true;
    before = value;
  }
  return false;
}

/**
 * Closes of a single day far from those of the days around, which agree: a slip, where two splits on two days would be the other reading. A hundred
 * times is told by `levelBreaks`; an action on either day supports the splits.
 */
export function badCloses({ axis, close, adjusted, served, actions }: Patient): Diagnosis[] {
  const acted = new Set(actions.map(({ row }) => row));
  const found: Diagnosis[] = [];
  for (let row = 1; row < axis.nRows - 1; row++) {
    const [before, now, after] = [close[row - 1]!, close[row]!, close[row + 1]!];
    const size = Math.abs(Math.log(now / before));
    if (!(size >= SLIP && size < Infinity && Math.abs(Math.log(after / before)) < 0.2)) continue;
    if (acted.has(row) || acted.has(row + 1)) continue;
    const tens = Math.round(size / Math.LN10);
    const off = Math.abs(size - tens * Math.LN10);
    if (tens === 2 && off < 0.2) continue;
    const [day, high] = [iso(axis.days[row]!), now > before];
    const factor = 10 ** (high ? -tens : tens);
    // An adjusted close that moved alike is wrong as well, and stays so.
    const alike = Math.abs(adjusted[row]!) > 0.5;
    const mends = tens > 0 && off < 0.2 && !alike;
    const fixed = adjusted[row] === adjusted[row] ? served[row]! : (now * factor) / before - 1;
    found.push(
      say({
        code: 'bad_close',
        severity: 'warning',
        row,
        rows: [row, row + 1],
        message: `the close of ${day} is ${price(now)} between ${price(before)} and ${price(after)}${alike ? ', and the adjusted close moved with it' : ''}: it looks wrong, and nothing says that there were two splits on two days.`,
        advice: mends
          ? `Look it up: read it ${high ? 'divided' : 'multiplied'} by ${10 ** tens}, or import what it was; if there were two splits, import them.`
          : 'Look it up and import what it was; if there were two splits, import them.',
        remedy: mends ? { kind: 'rescale', fromDay: axis.days[row]!, toDay: axis.days[row]! + 1, factor } : null,
        asIs: served[row]!,
        fixed: mends ? fixed : NaN,
      }),
    );
  }
  return found;
}

/** Closes in another unit or currency, and levels that change where the source does. */
export function levelBreaks(patient: Patient): Diagnosis[] {
  const { axis, close, closeBatch, actions, served } = patient;
  const found: Diagnosis[] = [];
  const acted = new Set(actions.map(({ row }) => row));
  let before = -1;
  let skipTo = 0;
  for (let row = 0; row < axis.nRows; row++) {
    if (!(close[row]! > 0)) continue;
    const previous = before;
    before = row;
    if (previous < 0 || row < skipTo || acted.has(row)) continue;
    const ratio = close[row]! / close[previous]!;
    const size = Math.abs(Math.log(ratio));
    if (size < LEVEL) continue;
    const other = closeBatch[row] !== closeBatch[previous];
    const back = returnRow(patient, row, ratio);
    const hundred = Math.abs(size - Math.log(100)) < 0.2;
    if (hundred && (other || back > 0)) {
      const end = back > 0 ? back : axis.nRows;
      const factor = ratio > 1 ? 0.01 : 100;
      skipTo = end + 1;
      const remedy: Remedy = { kind: 'rescale', fromDay: axis.days[row]!, toDay: axis.days[end - 1]! + 1, factor };
      found.push(
        say({
          code: 'unit_break',
          severity: 'error',
          row,
          rows: [row, end - 1],
          message: `closes from ${iso(axis.days[row]!)} to ${iso(axis.days[end - 1]!)} are ${ratio > 1 ? '100 times higher' : '100 times lower'} than those around: pence for pounds, or another currency.`,
          advice: `Read them ${ratio > 1 ? 'divided' : 'multiplied'} by 100, or take back the batch and import it in dollars.`,
          remedy,
          asIs: served[row]!,
          fixed: ratio * factor - 1,
        }),
      );
    } else if (other && previous === row - 1) {
      const split = nearestSplit(1 / ratio, 0.02);
      found.push(
        say({
          code: 'level_break',
          severity: 'warning',
          row,
          message: `the close goes from ${price(close[previous]!)} to ${price(close[row]!)} (${percent(ratio - 1)}) exactly where another batch begins${split === null ? '' : `; a ${splitWords(split)} split between the two would explain it`}.`,
          advice: 'Check whether both files mean the same security, currency and adjustment.',
          asIs: served[row]!,
          fixed: NaN,
        }),
      );
    }
  }
  for (const { earlier, later, days: common, ratio, lastRow } of patient.overlaps)
    if (common >= SAME_LEVEL_DAYS && Math.abs(Math.log(ratio)) > SAME_LEVEL)
      found.push(
        say({
          code: 'source_level',
          severity: 'warning',
          row: lastRow,
          message: `batches ${earlier} and ${later} both have closes on ${days(common)}, and those of the later are ${percent(ratio - 1)} on average: two levels of one security.`,
          advice: 'Keep one of the two: take back the batch that is wrong.',
        }),
      );
  return found;
}

/** Row on which a level taken at `row` is given back within a year; -1 when it is kept. */
function returnRow({ close, axis }: Patient, row: number, ratio: number): number {
  for (let at = row + 1, last = row; at < Math.min(axis.nRows, row + WINDOW); at++) {
    if (!(close[at]! > 0)) continue;
    if (Math.abs(Math.log((close[at]! / close[last]!) * ratio)) < 0.2) return at;
    last = at;
  }
  return -1;
}

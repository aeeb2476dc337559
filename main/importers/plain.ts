/**
 * Rows of the plainest form, read in one pass over the bytes: every cell is what its column asks for, without quotes, blanks around it or
 * surprises. Whatever is not goes the long way (`long.ts`), which judges and reports; a row taken here is one that would be taken there,
 * with the same values.
 */
import { LOWEST } from './cells.ts';
import { BAD_DAY, parseDay } from './dates.ts';
import type { LongPlan } from './long.ts';
import { parseNumber, POW10 } from './numbers.ts';
import type { Env } from './reader.ts';
import { slotOf, SESSION, type SeriesBuilder } from './series.ts';
import { namingColumn, type SymbolTable } from './symbols.ts';
import { NOT_STATED } from './staged.ts';
import type { PlainRows, Row } from './tokenizer.ts';

const LF = 10;
const CR = 13;
const SPACE = 32;
const QUOTE = 34;
const MINUS = 45;

/** What a column holds; 0 and above: a number of that field. */
const UNUSED = -1;
const TEXT = -2;
/** A cell that goes the long way unless it is empty. */
const EMPTY = -3;

/** Digits that surely fit an int32. */
const INT_DIGITS = 9;

const FIRST_YEAR = 1900;
const UNKNOWN = -2147483648;

/** Slots of days met, by year, month and day of the month. */
const YEARS = 256;

interface Parts {
  readonly plan: LongPlan;
  readonly env: Env;
  readonly table: SymbolTable;
  /** Number of the file's only security, -1 when rows name theirs. */
  readonly fixed: number;
  readonly builder: SeriesBuilder;
}

/** Whether rows say no more than values of a security and day: no dividends, splits or periods, and no column with two duties. */
export function hasPlainForm(plan: LongPlan): boolean {
  if (plan.period >= 0 || plan.dividend >= 0 || plan.split >= 0 || plan.dropUs) return false;
  const { figi, isin, ticker, exchange } = plan.names;
  const used = [plan.date, plan.known, figi, isin, ticker, exchange, ...plan.fields.map(({ column }) => column)].filter(
    (column) => column >= 0,
  );
  return new Set(used).size === used.length;
}

/** Null for layouts without a plain form. */
export function createPlainRows({ plan, env, table, fixed, builder }: Parts): PlainRows | null {
  if (!hasPlainForm(plan)) return null;
  const { days, headerLine } = env;
  const columns = plan.header.length;
  const roles = new Int32Array(columns).fill(UNUSED);
  const { names } = plan;
  for (const column of [plan.date, names.figi, names.isin, names.ticker, names.exchange]) if (column >= 0) roles[column] = TEXT;
  if (plan.known >= 0) roles[plan.known] = EMPTY;
  plan.fields.forEach(({ column }, field) => (roles[column] = field));

  const delimiter = env.delimiter.charCodeAt(0);
  const decimal = plan.decimal.charCodeAt(0);
  const point = decimal === delimiter ? -1 : decimal;
  // The only excluded limit is 0, and no double lies between it and MIN_VALUE.
  const lowest = Float64Array.from(plan.fields, ({ field }) => (LOWEST[field].open ? Number.MIN_VALUE : LOWEST[field].value));
  const row: Row = {
    bytes: new Uint8Array(0),
    count: columns,
    start: new Int32Array(columns),
    end: new Int32Array(columns),
    line: 0,
    malformed: 0,
  };
  const { start: starts, end: ends } = row;
  const slots = new Int32Array(YEARS * 512).fill(UNKNOWN);
  /** Spelling of the row before; empty while there is none. */
  const last = new Uint8Array(64);
  let lastLength = 0;
  let lastSymbol = -1;
  const single = names.exchange < 0 && [names.figi, names.isin, names.ticker].filter((column) => column >= 0).length === 1;
  const only = Math.max(names.figi, names.isin, names.ticker);

  const judgeDay = (bytes: Uint8Array, start: number, end: number): number => {
    const day = parseDay(bytes, start, end, plan.order);
    return day !== BAD_DAY && days.status(day) === SESSION ? slotOf(day) : UNKNOWN;
  };

  /** Slot of the date in a cell; UNKNOWN when it needs a closer look. */
  const slotAt = (bytes: Uint8Array, start: number, end: number): number => {
    const mark = bytes[start + 4]!;
    if (end - start !== 10 || mark !== bytes[start + 7] || mark < MINUS || mark > 47) return judgeDay(bytes, start, end);
    const a = bytes[start]! - 48;
    const b = bytes[start + 1]! - 48;
    const c = bytes[start + 2]! - 48;
    const d = bytes[start + 3]! - 48;
    const e = bytes[start + 5]! - 48;
    const f = bytes[start + 6]! - 48;
    const g = bytes[start + 8]! - 48;
    const h = bytes[start + 9]! - 48;
    // A negative term, so a negative whole, where one is no digit.
    const digits = a | b | c | d | e | f | g | h | (9 - a) | (9 - b) | (9 - c) | (9 - d) | (9 - e) | (9 - f) | (9 - g) | (9 - h);
    const year = a * 1000 + b * 100 + c * 10 + d - FIRST_YEAR;
    const month = e * 10 + f;
    const day = g * 10 + h;
    if (digits < 0 || year < 0 || year >= YEARS || month > 15 || day > 31) return judgeDay(bytes, start, end);
    const at = (year << 9) | (month << 5) | day;
    const known = slots[at]!;
    return known === UNKNOWN ? (slots[at] = judgeDay(bytes, start, end)) : known;
  };

  /** Number of the security of `row`; -1 when it has none. */
  const symbolOf = (bytes: Uint8Array): number => {
    const start = starts[only]!;
    const length = ends[only]! - start;
    if (single && length === lastLength) {
      let i = 0;
      while (i < length && last[i] === bytes[start + i]) i++;
      if (i === length) return lastSymbol;
    }
    const { type, column } = namingColumn(row, names);
    const symbol = table.intern(row, type, column, type === 'ticker' ? names.exchange : -1);
    if (typeof symbol === 'string') return -1;
    if (single && length > 0 && length <= last.length) {
      for (let i = 0; i < length; i++) last[i] = bytes[start + i]!;
      lastLength = length;
      lastSymbol = symbol;
    }
    return symbol;
  };

  const plain: PlainRows = {
    taken: 0,
    total: 0,
    take(bytes, from, to, firstLine) {
      plain.taken = 0;
      if (firstLine <= headerLine) return from;
      row.bytes = bytes;
      const columnCount = columns;
      const lastColumn = columns - 1;
      const mark = point;
      const separator = delimiter;
      const roleOf = roles;
      const from_ = starts;
      const to_ = ends;
      const least = lowest;
      const powers = POW10;
      let line = firstLine;
      let begin = from;
      for (; begin < to; line++) {
        const place = builder.place();
        const { values, known } = builder.block;
        let at = begin;
        let filled = 0;
        let column = 0;
        for (; column < columnCount; column++) {
          const role = roleOf[column]!;
          const start = at;
          let byte = bytes[at]!;
          if (role >= 0) {
            const negative = byte === MINUS;
            if (negative) byte = bytes[++at]!;
            const first = at;
            let mantissa = 0;
            for (let digit = byte - 48; digit >>> 0 <= 9; digit = byte - 48) {
              mantissa = (Math.imul(mantissa, 10) + digit) | 0;
              byte = bytes[++at]!;
            }
            let digits = at - first;
            let scale = 0;
            if (byte === mark) {
              const behind = ++at;
              byte = bytes[at]!;
              for (let digit = byte - 48; digit >>> 0 <= 9; digit = byte - 48) {
                mantissa = (Math.imul(mantissa, 10) + digit) | 0;
                byte = bytes[++at]!;
              }
              scale = at - behind;
              digits += scale;
            }
            let value = NaN;
            if (digits > 0) {
              if (digits > INT_DIGITS) value = parseNumber(bytes, start, at, decimal);
              else {
                value = scale === 0 ? mantissa : mantissa / powers[scale]!;
                if (negative) value = -value;
              }
              if (!(value >= least[role]! && value < Infinity)) break;
              filled++;
            } else if (at !== start) break;
            values[role]![place] = value;
          } else {
            if (byte === QUOTE || byte === SPACE) break;
            while (byte !== separator && byte !== LF && byte !== CR) byte = bytes[++at]!;
            if (role !== UNUSED) {
              if (at > start && (role === EMPTY || bytes[at - 1] === SPACE)) break;
              from_[column] = start;
              to_[column] = at;
            }
          }
          // The cell must end here, the last one with its line.
          if (column < lastColumn) {
            if (byte !== separator) break;
          } else {
            if (byte === CR) byte = bytes[++at]!;
            if (byte !== LF) break;
          }
          at++;
        }
        // The line end behind the data is none of the file's.
        if (column < columnCount || at > to || filled === 0) break;
        const slot = slotAt(bytes, starts[plan.date]!, ends[plan.date]!);
        if (slot === UNKNOWN) break;
        const symbol = fixed >= 0 ? fixed : symbolOf(bytes);
        if (symbol < 0) break;
        builder.next(symbol, slot, line);
        if (known) known[place] = NOT_STATED;
        begin = at;
      }
      plain.taken = line - firstLine;
      plain.total += plain.taken;
      return begin;
    },
  };
  return plain;
}

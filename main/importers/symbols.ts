/** Names of securities: canonical spelling, check digits, and interning straight from bytes. */
import type { SymbolRef } from './staged.ts';
import { cellText, type Row } from './tokenizer.ts';

const CODE = /^[A-Z0-9^=$*+&_#@~]+(\.[A-Z0-9^=$*+&_#@~]+)*$/;
const MONTH = '(JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)';
const SPREADSHEET = new RegExp(
  `^(#(NAME\\?|REF!|N/A|VALUE!|NUM!|DIV/0!|NULL!|#+)|\\d+([.,]\\d+)?E\\+\\d+|\\d{1,2}/\\d{1,2}(/\\d{2,4})?|\\d{4}-\\d{2}-\\d{2}|\\d{1,2}-${MONTH}|${MONTH}-\\d{2})$`,
  'i',
);

/** Upper case with one kind of class separator; '' when the text can be no ticker. */
export function canonicalTicker(text: string): string {
  const code = text
    .trim()
    .toUpperCase()
    .replace(/[.\-/ ]+/g, '.');
  return code.length <= 32 && CODE.test(code) ? code : '';
}

/** The reference for a name, or the reason it cannot be one. */
export function makeSymbol(type: SymbolRef['type'], text: string, exchange: string): SymbolRef | string {
  const raw = text.trim();
  if (raw === '') return 'no ticker, FIGI or ISIN';
  if (SPREADSHEET.test(raw)) return 'looks like a name a spreadsheet has turned into a date, number or error';
  if (type === 'ticker') {
    const code = canonicalTicker(raw);
    return code === '' ? 'not a ticker' : { type, code, exchange: exchange.trim().toUpperCase(), raw };
  }
  const code = raw.toUpperCase();
  const kind = type === 'isin' ? 'an ISIN' : 'a FIGI';
  const shape = type === 'isin' ? /^[A-Z]{2}[A-Z0-9]{9}\d$/ : /^[B-DF-HJ-NP-TV-Z]{2}G[B-DF-HJ-NP-TV-Z0-9]{8}\d$/;
  if (!shape.test(code)) return `not ${kind} (12 characters)`;
  const right = type === 'isin' ? isIsin(code) : isFigi(code);
  return right ? { type, code, exchange: '', raw } : `not ${kind}: its check digit is wrong`;
}

/** 0-9 as themselves, A = 10 … Z = 35, `*` = 36, `@` = 37, `#` = 38. */
function valueOf(char: string): number {
  const special = '*@#'.indexOf(char);
  return special >= 0 ? 36 + special : parseInt(char, 36);
}

/** Sum of the digits of each value, every second one (from `doubledFrom`) doubled first. */
function doubleAddDouble(text: string, doubledFrom: 0 | 1): number {
  let sum = 0;
  for (let i = 0; i < text.length; i++) {
    const value = valueOf(text[i]!) * (i % 2 === doubledFrom ? 2 : 1);
    sum += Math.floor(value / 10) + (value % 10);
  }
  return (10 - (sum % 10)) % 10;
}

/** Whether a CUSIP has nine characters and the right check digit. */
export function isCusip(text: string): boolean {
  return /^[0-9A-Z*@#]{8}\d$/.test(text) && doubleAddDouble(text.slice(0, 8), 1) === Number(text[8]);
}

/** Whether a FIGI's check digit is right. */
export function isFigi(text: string): boolean {
  return /^[A-Z0-9]{11}\d$/.test(text) && doubleAddDouble(text.slice(0, 11), 1) === Number(text[11]);
}

/** Check digit of the first eleven characters of an ISIN: Luhn over the letters written as numbers. */
export function checkDigitOfIsin(body: string): string {
  const digits = Array.from(`${body}0`, (char) => String(valueOf(char))).join('');
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const value = Number(digits[digits.length - 1 - i]) * (i % 2 === 1 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return String((10 - (sum % 10)) % 10);
}

/** Whether an ISIN's check digit is right. */
export function isIsin(text: string): boolean {
  if (!/^[A-Z]{2}[A-Z0-9]{9}\d$/.test(text)) return false;
  return checkDigitOfIsin(text.slice(0, 11)) === text[11];
}

/** Whether a SEDOL has seven characters and the right check digit. */
export function isSedol(text: string): boolean {
  if (!/^[0-9B-DF-HJ-NP-TV-Z]{6}\d$/.test(text)) return false;
  const weights = [1, 3, 1, 7, 3, 9, 1];
  return weights.reduce((sum, weight, i) => sum + weight * valueOf(text[i]!), 0) % 10 === 0;
}

/** File names that say what a file is, not whose prices it holds. */
const NOT_TICKERS = new Set([
  'DATA',
  'TABLE',
  'QUOTE',
  'PRICE',
  'CLOSE',
  'DAILY',
  'STOCK',
  'CHART',
  'FILE',
  'INPUT',
  'OHLC',
  'OHLCV',
  'ETF',
  'ETFS',
  'HIST',
  'CSV',
  'TEST',
]);

/** The ticker a one-file-per-ticker download is named after (`BRK-B.csv`, `aapl_us_d.csv`, `aapl.us.txt.gz`); null when none. */
export function tickerFromName(name: string): SymbolRef | null {
  const base = name.replace(/^.*[\\/]/, '');
  const stem = base
    .replace(/\.gz$/i, '')
    .replace(/\.(csv|txt|tsv)$/i, '')
    .replace(/ ?\(\d+\)$/, '')
    .replace(/[_.]us(_[dwm])?$/i, '');
  if (!/^\^?[a-z][a-z0-9]{0,4}([.-][a-z]{1,2})?$/i.test(stem) || NOT_TICKERS.has(stem.toUpperCase())) return null;
  const symbol = makeSymbol('ticker', stem, '');
  return typeof symbol === 'string' ? null : symbol;
}

/** Columns (from 0, -1 = absent) that name a row's security. */
export interface NameColumns {
  readonly figi: number;
  readonly isin: number;
  readonly ticker: number;
  readonly exchange: number;
}

/** The column naming this row: FIGI, else ISIN, else ticker. */
export function namingColumn(row: Row, columns: NameColumns): { readonly type: SymbolRef['type']; readonly column: number } {
  const filled = (column: number): boolean => column >= 0 && column < row.count && row.end[column]! > row.start[column]!;
  if (filled(columns.figi)) return { type: 'figi', column: columns.figi };
  if (filled(columns.isin)) return { type: 'isin', column: columns.isin };
  const column = columns.ticker >= 0 ? columns.ticker : columns.isin >= 0 ? columns.isin : columns.figi;
  return { type: 'ticker', column };
}

const key = (symbol: SymbolRef): string => `${symbol.type} ${symbol.code} ${symbol.exchange}`;

/** Symbols of a file by number, found from the bytes of a cell without making a string for spellings already met. */
export class SymbolTable {
  readonly symbols: SymbolRef[] = [];
  readonly #byKey = new Map<string, number>();
  /** Open addressing: slot -> spelling number + 1. A spelling's bytes lie in the arena from #from[n] to #from[n + 1]. */
  #slots = new Int32Array(1024);
  #arena = new Uint8Array(1 << 14);
  #from = [0];
  readonly #target: number[] = [];
  readonly #hashes: number[] = [];

  /** Number of a symbol already made. */
  add(symbol: SymbolRef): number {
    const found = this.#byKey.get(key(symbol));
    if (found !== undefined) return found;
    this.#byKey.set(key(symbol), this.symbols.length);
    return this.symbols.push(symbol) - 1;
  }

  /** Number of the symbol that `column` (and `exchange`, -1 = none) of a row name, or the reason they name none. */
  intern(row: Row, type: SymbolRef['type'], column: number, exchange: number): number | string {
    const { bytes } = row;
    const start = row.start[column]!;
    const end = row.end[column]!;
    const withExchange = exchange >= 0 && exchange < row.count;
    const from = withExchange ? row.start[exchange]! : 0;
    const to = withExchange ? row.end[exchange]! : 0;
    const tag = type === 'ticker' ? 1 : type === 'figi' ? 2 : 3;
    // FNV-1a; `tag` closes the name so that no name runs into an exchange.
    let hash = 0x811c9dc5;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
    hash = Math.imul(hash ^ tag, 0x01000193);
    for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
    hash ^= hash >>> 15;
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (let spelling = this.#slots[slot]!; spelling !== 0; spelling = this.#slots[slot]!) {
      if (this.#hashes[spelling - 1] === hash && this.#same(spelling - 1, bytes, start, end, tag, from, to))
        return this.#target[spelling - 1]!;
      slot = (slot + 1) & mask;
    }
    let symbol: SymbolRef | string;
    try {
      symbol = makeSymbol(type, cellText(row, column), withExchange ? cellText(row, exchange) : '');
    } catch {
      return 'not valid UTF-8 text';
    }
    if (typeof symbol === 'string') return symbol;
    const target = this.add(symbol);
    this.#remember(hash, slot, target, bytes, start, end, tag, from, to);
    return target;
  }

  #same(spelling: number, bytes: Uint8Array, start: number, end: number, tag: number, from: number, to: number): boolean {
    let at = this.#from[spelling]!;
    if (this.#from[spelling + 1]! - at !== end - start + 1 + to - from) return false;
    for (let i = start; i < end; i++) if (this.#arena[at++] !== bytes[i]) return false;
    if (this.#arena[at++] !== tag) return false;
    for (let i = from; i < to; i++) if (this.#arena[at++] !== bytes[i]) return false;
    return true;
  }

  #remember(
    hash: number,
    slot: number,
    target: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    tag: number,
    from: number,
    to: number,
  ): void {
    const at = this.#from.at(-1)!;
    const needed = at + end - start + 1 + to - from;
    if (needed > this.#arena.length) {
      const larger = new Uint8Array(Math.max(needed, this.#arena.length * 2));
      larger.set(this.#arena);
      this.#arena = larger;
    }
    this.#arena.set(bytes.subarray(start, end), at);
    this.#arena[at + end - start] = tag;
    this.#arena.set(bytes.subarray(from, to), at + end - start + 1);
    this.#from.push(needed);
    this.#hashes.push(hash);
    this.#slots[slot] = this.#target.push(target);
    if (this.#target.length * 2 <= this.#slots.length) return;
    this.#slots = new Int32Array(this.#slots.length * 4);
    const mask = this.#slots.length - 1;
    this.#hashes.forEach((old, spelling) => {
      let free = old & mask;
      while (this.#slots[free] !== 0) free = (free + 1) & mask;
      this.#slots[free] = spelling + 1;
    });
  }
}

/** What a line's names mean: canonical symbols, option terms, kinds of instrument. */
import { dayOf, BAD_DAY } from '../dates.ts';
import type { Instrument, SymbolRef } from '../staged.ts';
import { canonicalTicker, isCusip, isIsin, makeSymbol } from '../symbols.ts';
import { monthOf } from './days.ts';

/** Roots whose shares have classes, with the classes listed: the only way `BRKB` becomes `BRK.B`. */
const CLASSES: Readonly<Record<string, string>> = {
  BRK: 'AB',
  BF: 'AB',
  HEI: 'A',
  LEN: 'B',
  MOG: 'AB',
  GEF: 'B',
  CWEN: 'A',
  LGF: 'AB',
  BIO: 'B',
  AKO: 'AB',
  WSO: 'B',
  UHAL: 'B',
  TAP: 'A',
  MKC: 'V',
};

const JOINED = new Map(Object.entries(CLASSES).flatMap(([root, classes]) => [...classes].map((c) => [`${root}${c}`, `${root}.${c}`])));

/** `BRKB` as the share it is, by the table alone; any other code as it is. */
export const withClass = (code: string): string => JOINED.get(code) ?? code;

/** Whether `root` has shares of a class (`BRK`, `B`). */
export const hasClass = (root: string, letter: string): boolean => JOINED.has(`${root}${letter}`) && letter.length === 1;

const VOID = new Set(['', '-', '--', 'n/a']);
/** A name cell; '' when it says there is none. */
export const nameText = (text: string | undefined): string => (VOID.has((text ?? '').trim().toLowerCase()) ? '' : text!.trim());

/** Drops what exports and terminals add to a ticker: `BRK/B US Equity`, `SPY US`, `NYSE:GE`, `SPY ARCA`, `IBM.N`, `AAPL.OQ`, the stars of Fidelity's core position. */
export function bare(text: string): string {
  return text
    .replace(/^(NYSE|NASDAQ|NYSEARCA|ARCA|AMEX|BATS):/i, '')
    .replace(/ US( Equity)?$| Equity$|:US$| (NYSE|NASDAQ|NASDAQ\.NMS|ARCA|AMEX|BATS|SMART)$|\.(N|OQ)$/i, '')
    .replace(/\*{1,3}$/, '');
}

export interface OptionTerms {
  readonly underlying: string;
  /** OCC symbol without the padding of its root: `AAPL260618C00260000`. */
  readonly code: string;
}

function terms(root: string, year: number, month: number, day: number, strike: string, right: string): OptionTerms | null {
  const thousandths = Math.round(Number(strike.replaceAll(',', '')) * 1000);
  if (dayOf(year, month, day) === BAD_DAY || !(thousandths > 0 && thousandths < 1e8)) return null;
  const underlying = canonicalTicker(root);
  if (underlying === '' || underlying.length > 8) return null;
  const two = (value: number): string => String(value % 100).padStart(2, '0');
  const code = `${underlying.replaceAll('.', '')}${two(year)}${two(month)}${two(day)}${right[0]!.toUpperCase()}${String(thousandths).padStart(8, '0')}`;
  return { underlying, code };
}

/** Terms of an option written in any of the brokers' ways; null when the text is no option. `root` where the text leaves it out. */
export function readOption(text: string, root = ''): OptionTerms | null {
  const year = (two: string): number => (two.length === 2 ? 2000 + Number(two) : Number(two));
  let m = /^([A-Z][A-Z./]{0,6}\d?) *(\d\d)(\d\d)(\d\d)([CP])(\d{8})$/.exec(text);
  if (m) return terms(m[1]!, year(m[2]!), Number(m[3]), Number(m[4]), String(Number(m[6]) / 1000), m[5]!);
  if ((m = /^-?([A-Z]{1,6}\d?)(\d\d)(\d\d)(\d\d)([CP])(\d{1,6}(?:\.\d{1,3})?)$/.exec(text)))
    return terms(m[1]!, year(m[2]!), Number(m[3]), Number(m[4]), m[6]!, m[5]!);
  if ((m = /^([A-Z0-9./]{1,8}(?: [A-Z])?) (\d\d)\/(\d\d)\/(\d{4}) ([\d.,]{1,10}) ([CP])$/.exec(text)))
    return terms(m[1]!, year(m[4]!), Number(m[2]), Number(m[3]), m[5]!, m[6]!);
  if ((m = /^([A-Z0-9./]{1,8}(?: [A-Z])?) (\d{1,2})([A-Z]{3})(\d\d) ([\d.,]{1,10}) ([CP])$/.exec(text)))
    return terms(m[1]!, year(m[4]!), monthOf(m[3]!), Number(m[2]), m[5]!, m[6]!);
  if ((m = /^([A-Z0-9./]{1,8}(?: [A-Z])?) ([A-Z]{3})(\d{1,2})'(\d\d) ([\d.,]{1,10}) (PUT|CALL)/i.exec(text)))
    return terms(m[1]!, year(m[4]!), monthOf(m[2]!), Number(m[3]), m[5]!, m[6]!);
  if ((m = /^([A-Z0-9./]{1,8}) ([A-Z]{3}) (\d{1,2}) '(\d\d) \$([\d.,]{1,10}) (PUT|CALL)/i.exec(text)))
    return terms(m[1]!, year(m[4]!), monthOf(m[2]!), Number(m[3]), m[5]!, m[6]!);
  if ((m = /^([A-Z0-9./]{1,8}(?: [A-Z])?) (CALL|PUT) (\d\d)\/(\d\d)\/(\d{4}|\d\d) \$?([\d.,]{1,10})$/i.exec(text)))
    return terms(m[1]!, year(m[5]!), Number(m[3]), Number(m[4]), m[6]!, m[2]!);
  if (root !== '' && (m = /^\d{1,5} (?:\([^)]{1,20}\) )?(\d{1,2}) ([A-Z]{3}) (\d\d) ([\d.,]{1,10}) (CALL|PUT)$/.exec(text)))
    return terms(root, year(m[3]!), monthOf(m[2]!), Number(m[1]), m[4]!, m[5]!);
  return null;
}

/** Whether a text is that of an option, its terms readable or not: `BRK B Dec 31 '26 $600 Call`; a fund of covered calls is none. */
export const namesOption = (text: string): boolean =>
  readOption(text) !== null ||
  /(?<!covered)\s(calls?|puts?) .{0,20}\d|\$[\d.,]{1,10} (calls?|puts?)\b|\d (calls?|puts?)$/i.test(text.slice(0, 200));

/** What a price is multiplied with where the file does not say: options are of 100 shares, bonds priced in percent. */
export const MULTIPLIER: Partial<Readonly<Record<Instrument, number>>> = { option: 100, bond: 0.01 };

const CASH_NAME = /MONEY MARKET|\bSWEEP\b|CASH RESERVES?|BANK DEPOSIT|DIRECT DEPOSIT|DEPOSIT PROGR|INSURED DEPOSIT|HELD IN FCASH/i;
const CASH_CODES = new Set(['CORE', 'FCASH', 'USD', 'CASH']);

/** The kind of instrument from symbol, name and the file's own class; `priced`: the price is neither missing nor 1. */
export function instrumentOf(symbol: string, name: string, assetClass: string, priced: boolean): Instrument {
  const ticker = bare(symbol).toUpperCase();
  const starred = /\*\*$/.test(symbol);
  if (!/future/i.test(assetClass) && (/option/i.test(assetClass) || namesOption(symbol))) return 'option';
  if (/^[A-Z]{3}XX$/.test(ticker)) return 'money_fund';
  if (starred || /^cash\b|cash and money market/i.test(assetClass) || (!priced && CASH_NAME.test(name)))
    return CASH_CODES.has(ticker) || !/^[A-Z]{3,5}$/.test(ticker) ? 'cash' : 'money_fund';
  // A listed fund of bonds has a ticker; a bond has a number or a description.
  if (/^(bonds?|bill|fixed income|treasur|cds?\b|debt)|bonds?$|treasury/i.test(assetClass))
    return /^[A-Z]{1,5}([./-][A-Z])?$/.test(ticker) ? 'fund' : 'bond';
  if (/mutual fund/i.test(assetClass) || /^[A-Z]{4}X$/.test(ticker)) return 'fund';
  if (/future|^fut$|^fop$/i.test(assetClass)) return /option|fop/i.test(assetClass) ? 'other' : 'future';
  if (/crypto/i.test(assetClass) || /^[A-Z]{2,6}\/USD$/.test(ticker)) return 'crypto';
  if (/^(cfds?|forex|warrants?|war|cmdty|iopt|rights?)$/i.test(assetClass)) return 'other';
  // The issue within a CUSIP is digits for shares; letters are debt.
  return isCusipSymbol(ticker) && /[A-Z]/.test(ticker.slice(6, 8)) && !/equit|stock|share|etf|fund/i.test(assetClass) ? 'bond' : 'share';
}

/** What files write for the side of a position. */
export const SHORT_SIDE = /^(short|shrt|shor|s|sell|sold)$/i;
export const LONG_SIDE = /^(long|l|buy|bought)$/i;

/** Whether a cell says that its line is a trade: what was done, not what is held. A rating to buy is none. */
export const saysTrade = (heading: string, text: string): boolean =>
  /^(side|type|action|activity|direction|transaction|trans|order|b\/s|buy\/sell)\b/i.test(heading.trim()) &&
  /^(you )?(buy|sell|bought|sold|reinvestment|dividend)$/i.test(text.trim());

/** Whether a cell under a heading that is not read says that the position is short; a tax lot's term and a bond fund's maturity do not. */
export const saysShort = (heading: string, text: string): boolean =>
  (/^(side|pos side|long\/short|l\/s)$/i.test(heading.trim()) && SHORT_SIDE.test(text.trim())) ||
  (/^(sold[ _])?short$/i.test(text.trim()) &&
    !/term|period|gain|tax|maturity|duration|horizon|\b(g\/l|p\/l|lt\/st|st\/lt)\b/i.test(heading));

/** A code that can be no listed ticker: kind, part of the text, and a hash of all of it. */
function coined(kind: Instrument, text: string): SymbolRef {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  const words = text
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .slice(0, 14);
  const code = `${kind.toUpperCase()}_${words}_${(hash >>> 0).toString(36).toUpperCase()}`.replace(/_+/g, '_');
  return { type: 'ticker', code, exchange: '', raw: text };
}

/** ISIN of a US or Canadian nine-character CUSIP taken as American; '' for CINS numbers (a letter first), which have none. */
function isinOf(cusip: string): string {
  if (!/^\d/.test(cusip) || !isCusip(cusip)) return '';
  for (let digit = 0; digit < 10; digit++) if (isIsin(`US${cusip}${digit}`)) return `US${cusip}${digit}`;
  return '';
}

export const isCusipSymbol = (text: string): boolean => /^[0-9A-Z]{8}\d$/.test(text) && /\d.*\d.*\d/.test(text) && isCusip(text);

/** Pads a CUSIP that a spreadsheet or a filer robbed of its leading zeros. */
export function mendCusip(text: string): string {
  const cusip = nameText(text).toUpperCase();
  const padded = cusip.padStart(9, '0');
  return cusip.length >= 6 && !isCusip(cusip) && isCusip(padded) ? padded : cusip;
}

/**
 * Spellings of what may be a number of a security: as it stands, with the zeros a spreadsheet took, the CUSIP in a North American ISIN and the
 * ISIN of an American CUSIP.
 */
export function numbersIn(text: string): string[] {
  const code = text.trim().toUpperCase();
  const mended = mendCusip(code);
  const inIsin = isIsin(code) && /^(US|CA)/.test(code) ? [code.slice(2, 11)] : [];
  return [...new Set([code, ...(isCusip(mended) ? [mended] : []), ...inIsin, isinOf(mended)])].filter(Boolean);
}

export interface Names {
  readonly kind: Instrument;
  readonly symbol: string;
  readonly cusip: string;
  readonly isin: string;
  readonly name: string;
}

/**
 * The reference for a holding, or the reason there can be none. Shares and funds by ticker, else ISIN, else CUSIP, else their
 * name; bonds by ISIN or CUSIP first; what is no share never gets a code a share could have.
 */
export function referTo({ kind, symbol, cusip, isin, name }: Names): SymbolRef | string {
  const ticker = bare(symbol);
  const number = cusip || (isCusipSymbol(ticker) ? ticker : '');
  const ids = (): SymbolRef | null => {
    const raw = ticker || isin || cusip;
    if (isIsin(isin)) return { type: 'isin', code: isin, exchange: '', raw: ticker === '' ? isin : raw };
    const made = isinOf(number);
    if (made !== '') return { type: 'isin', code: made, exchange: '', raw: number };
    return number === '' ? null : { type: 'ticker', code: `CUSIP_${number.replace(/[^A-Z0-9]/g, '')}`, exchange: '', raw: number };
  };
  if (kind === 'share' || kind === 'fund' || kind === 'money_fund') {
    if (ticker === '' || number === ticker) return ids() ?? (name === '' ? 'no ticker, CUSIP, ISIN or name' : coined(kind, name));
    if (isIsin(ticker)) return { type: 'isin', code: ticker, exchange: '', raw: ticker };
    // Three words are a description: certificates and notes are named so.
    if (/\S \S+ \S/.test(ticker)) return coined('other', ticker);
    const made = makeSymbol('ticker', ticker, '');
    if (typeof made === 'string') return made;
    return { ...made, code: withClass(made.code), raw: symbol };
  }
  if (kind === 'bond') return ids() ?? (ticker || name ? coined(kind, ticker || name) : 'no CUSIP, ISIN or name');
  return ticker || name ? coined(kind, ticker || name) : (ids() ?? 'no symbol or name');
}

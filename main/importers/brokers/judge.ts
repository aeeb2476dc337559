/** Judges one line by itself: numbers, sign, scale of the price, name. The one place with rules about money. */
import type { EpochDay } from '../../contract/units.ts';
import { negated, parseDecimal } from '../decimal.ts';
import { MISSING, nounOf, withoutPercent, type Measure } from '../holdings-measure.ts';
import type { IssueCollector, Severity } from '../issues.ts';
import type { AsOfFrom, Decimal, HoldingPosition, Instrument } from '../staged.ts';
import { isCusip, isIsin } from '../symbols.ts';
import { whyNoDate } from '../dates.ts';
import { readDay } from './days.ts';
import { instrumentOf, isCusipSymbol, LONG_SIDE, mendCusip, MULTIPLIER, nameText, readOption, referTo, SHORT_SIDE } from './names.ts';
import type { Facts, Field } from './types.ts';

const MAX_NUMBER = 80;
const money = (value: number): string => value.toFixed(2);
/** The cell that a position is told by. */
export const FIELD_OF = { quantity: 'quantity', market_value: 'value', weight: 'weight' } as const;

/** What a line's book says of the file, and takes of the line. */
export interface LineBook {
  readonly log: IssueCollector;
  /** Part of a value it may differ from quantity times price. */
  readonly tolerance: number;
  readonly decimal: '.' | ',';
  readonly measure: Measure;
  fail(facts: Facts, field: Field, code: string, reason: string, fix: string, severity?: Severity): null;
  day(day: EpochDay | null, from: AsOfFrom, line: number): void;
}

export interface Judged {
  readonly position: HoldingPosition;
  readonly kind: Instrument;
  /** What the position is told by, signed. */
  readonly held: Decimal;
  readonly value: number;
  /** The line's own day. */
  readonly asOf: EpochDay | null;
}

/** The position of a line; null when the line contradicts itself, which the book was told. */
export function judge(book: LineBook, facts: Facts): Judged | null {
  const symbol = nameText(facts.symbol);
  const name = nameText(facts.name);
  const price = amountOf(book, facts, 'price', 'warning');
  const stated = amountOf(book, facts, 'multiplier');
  const option = facts.option ?? readOption(symbol);
  const priced = price !== null && price.value !== 1;
  let kind = facts.kind ?? (option ? 'option' : instrumentOf(symbol, name, facts.assetClass ?? '', priced));
  const { measure } = book;
  const errors = book.log.errors;
  const worth = amountOf(book, facts, 'value');
  const held = measure === 'market_value' && book.log.errors > errors ? null : heldOf(book, facts, kind, worth);
  const asOf = ownDay(book, facts);
  if (held === null) return null;
  const marketValue = measure === 'market_value' ? held : worth;
  const quantity = measure === 'quantity' || (measure === 'market_value' && kind === 'cash') ? held : null;
  if (price && price.value < 0)
    return book.fail(
      facts,
      'price',
      'price_not_positive',
      `the price is ${price.text}`,
      'A price is positive; a short has a negative quantity.',
    );
  if (facts.short && kind !== 'cash' && !(quantity && price && marketValue))
    return book.fail(
      facts,
      FIELD_OF[measure],
      'bad_row',
      'the row has fewer cells than the header',
      'Export the file again; do not edit it in a spreadsheet.',
    );
  let multiplier = stated;
  if (kind !== 'cash' && quantity && marketValue && quantity.value * marketValue.value < 0) {
    const side = SHORT_SIDE.test((facts.side ?? '').trim()) ? ` (${facts.side!.trim()})` : '';
    const reason = `quantity ${quantity.text}${side} and value ${marketValue.text} have opposite signs`;
    return book.fail(facts, 'value', 'sign_conflict', reason, 'One of the two is wrong: check the position at the broker.');
  }
  if (kind !== 'cash' && quantity && marketValue && price && facts.foreign !== true) {
    const checked = scaleOf(book, facts, kind, quantity.value, price.value, stated?.value ?? null, marketValue.value);
    kind = checked.kind;
    if (checked.single) multiplier = { text: '1', value: 1 };
  }
  const cusip = identifier(book, facts, 'cusip', mendCusip(facts.cusip ?? ''));
  const isin = identifier(book, facts, 'isin', nameText(facts.isin).toUpperCase());
  const reference =
    kind === 'cash'
      ? null
      : option && kind === 'option'
        ? ({ type: 'ticker', code: option.code, exchange: '', raw: symbol || cusip || name } as const)
        : referTo({ kind, symbol, cusip, isin, name });
  if (facts.doubt) book.fail(facts, 'symbol', 'class_unclear', facts.doubt, 'Compare it with the position at the broker.', 'warning');
  if (typeof reference === 'string')
    return book.fail(
      facts,
      'symbol',
      'bad_symbol',
      `${symbol || 'the line'}: ${reference}`,
      'Correct the symbol, or map the line by hand.',
    );
  if ((kind === 'share' || kind === 'fund') && /^(SHARE|FUND|OTHER)_/.test(reference?.code ?? ''))
    book.fail(
      facts,
      'symbol',
      'no_symbol',
      `${reference!.raw} has no ticker, ISIN or CUSIP`,
      'It is listed, not modelled; map it by hand if it is a share.',
      'info',
    );
  if (kind === 'option' && multiplier === null) multiplier = { text: '100', value: 100 };
  const scale = multiplier?.value ?? MULTIPLIER[kind] ?? 1;
  const value =
    marketValue?.value ?? (!quantity ? NaN : kind === 'cash' ? quantity.value : price ? quantity.value * price.value * scale : NaN);
  // Whoever multiplies quantity and price alone would be wrong by the multiplier.
  const made = marketValue === null && scale !== 1 && !Number.isNaN(value) ? parseDecimal(value.toFixed(2), '.') : null;
  const position: HoldingPosition = {
    account: facts.account ?? '',
    symbol: reference,
    quantity,
    price,
    marketValue: marketValue ?? made ?? null,
    multiplier,
    currency: (facts.currency ?? '').trim().toUpperCase(),
    assetClass: facts.assetClass ?? '',
    name,
    cusip: cusip || (isCusipSymbol(symbol) ? symbol : ''),
    isin,
  };
  return { position, kind, held, value, asOf };
}

/** What a position is told by, signed; of cash the amount. An empty cell is never 0. */
function heldOf(book: LineBook, facts: Facts, kind: Instrument, value: Decimal | null): Decimal | null {
  const { measure } = book;
  const [field, noun] = [FIELD_OF[measure], nounOf(measure)];
  const errors = book.log.errors;
  const stated = field === 'value' ? value : amountOf(book, facts, field);
  if (book.log.errors > errors) return null;
  if (measure !== 'weight' && (kind === 'cash' || (kind === 'money_fund' && stated === null))) {
    if (value && stated && value.value * stated.value < 0) {
      const reason = `amount ${stated.text} and value ${value.text} have opposite signs`;
      return book.fail(facts, 'value', 'sign_conflict', reason, 'One of the two is wrong: check the balance at the broker.');
    }
    const amount = value ?? stated;
    return amount ?? book.fail(facts, 'value', 'missing_value', 'the amount of cash is missing', 'Fill in the amount.');
  }
  if (stated === null) {
    const { reason, fix } = MISSING[measure];
    return book.fail(facts, field, 'missing_value', reason, fix);
  }
  const side = (facts.side ?? '').trim();
  if (SHORT_SIDE.test(side)) return stated.value > 0 ? negated(stated) : stated;
  if (side !== '' && !LONG_SIDE.test(side))
    return book.fail(facts, 'side', 'unknown_side', `${side} is no side`, 'It should say long or short.');
  if (side !== '' && stated.value < 0)
    return book.fail(facts, 'side', 'sign_conflict', `the side says ${side}, the ${noun} ${stated.text}`, 'One of the two is wrong.');
  return stated;
}

/** Settles by quantity, price and value whether a price is per share, per contract or percent of par. */
function scaleOf(
  book: LineBook,
  facts: Facts,
  kind: Instrument,
  quantity: number,
  price: number,
  stated: number | null,
  value: number,
): { kind: Instrument; single: boolean } {
  const fits = (scale: number): boolean => Math.abs(quantity * price * scale - value) <= Math.max(1, book.tolerance * Math.abs(value));
  const usual = stated ?? MULTIPLIER[kind] ?? 1;
  if (fits(usual)) {
    // One contract worth less than a dollar fits anything.
    return { kind, single: false };
  }
  if (kind === 'option' && stated === null && fits(1)) {
    book.fail(facts, 'price', 'price_per_contract', 'the price is per contract, not per share', 'Nothing to do.', 'info');
    return { kind, single: true };
  }
  const symbol = nameText(facts.symbol);
  const mayBeBond = symbol === '' || isCusipSymbol(symbol) || / /.test(symbol);
  if (kind === 'share' && mayBeBond && fits(0.01)) return { kind: 'bond', single: false };
  if (kind === 'bond' && fits(1)) return { kind, single: false };
  const reason = `value ${money(value)} is not quantity times price (${money(quantity * price * usual)})`;
  book.fail(facts, 'value', 'value_mismatch', reason, 'Check quantity, price and currency.', facts.short ? 'error' : 'warning');
  return { kind, single: false };
}

function ownDay(book: LineBook, facts: Facts): EpochDay | null {
  if (facts.asOf === undefined || nameText(facts.asOf) === '') return null;
  const day = readDay(facts.asOf.trim());
  if (day === null) {
    const why = whyNoDate(facts.asOf.trim(), 'MDY');
    const fix = why ? 'Correct it.' : 'Write it as YYYY-MM-DD.';
    return book.fail(facts, 'asOf', 'not_a_date', `${facts.asOf} is not a date${why ? `: ${why}` : ''}`, fix);
  }
  book.day(day, 'column', facts.line);
  return day;
}

function identifier(book: LineBook, facts: Facts, field: 'cusip' | 'isin', text: string): string {
  if (text === '' || (field === 'cusip' ? isCusip(text) : isIsin(text))) return text;
  const reason = `${text} is no ${field.toUpperCase()}: length or check digit is wrong`;
  book.fail(facts, field, 'check_digit', reason, 'Export identifiers as text.', 'warning');
  return '';
}

/** A cell as a number: null when it is empty, or is none, which the book was told. */
export function amountOf(
  book: LineBook,
  facts: Facts,
  field: 'quantity' | 'price' | 'value' | 'weight' | 'multiplier',
  severity: Severity = 'error',
): Decimal | null {
  const written = facts[field] ?? '';
  const text = field === 'weight' ? withoutPercent(written) : written;
  const number = text.length > MAX_NUMBER ? undefined : parseDecimal(text, book.decimal);
  if (number !== undefined) return number;
  const fix = 'Export the file again, or correct the cell.';
  return book.fail(facts, field, 'not_a_number', `${text} is not a number`, fix, severity);
}

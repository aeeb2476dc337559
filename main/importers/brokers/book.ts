/** Gathers what an importer finds line by line, judges it, and ends in a snapshot: the one place with rules about money. */
import { HedgerowError } from '../../contract/errors.ts';
import type { ImportOptions } from '../../contract/report.ts';
import { formatIsoDay, parseIsoDay, type EpochDay } from '../../contract/units.ts';
import { negated, parseDecimal } from '../decimal.ts';
import { fileError, reportRepeat, type IssueCollector, type Severity } from '../issues.ts';
import type { Outcome } from '../reader.ts';
import type { AsOfFrom, Decimal, Disposition, HoldingLine, HoldingPosition, Instrument, LineDetail, ParseContext } from '../staged.ts';
import { isCusip, isIsin } from '../symbols.ts';
import { readDay } from './days.ts';
import { instrumentOf, isCusipSymbol, LONG_SIDE, mendCusip, MULTIPLIER, nameText, readOption, referTo, SHORT_SIDE } from './names.ts';
import type { Facts, Field } from './types.ts';

export const MAX_LINES = 200_000;
const MAX_NUMBER = 80;

/** A line and what the end of the file still has to know about it. */
interface Draft {
  line: HoldingLine;
  readonly kind: Instrument | null;
  /** Signed value in the file's money; NaN when unknown. */
  readonly value: number;
  readonly assetClass: string;
  readonly lotOf: string;
  readonly lot: boolean;
}

interface Total {
  readonly line: number;
  readonly stated: number;
  readonly what: string;
  readonly members: (held: Held) => boolean;
}

/** A holding as totals choose it. */
export interface Held {
  readonly position: HoldingPosition;
  readonly kind: Instrument;
  readonly assetClass: string;
}

const money = (value: number): string => value.toFixed(2);

export class Book {
  readonly file: string;
  readonly log: IssueCollector;
  readonly #options: ImportOptions;
  readonly #context: ParseContext;
  readonly #drafts: Draft[] = [];
  readonly #totals: Total[] = [];
  readonly #pending: { readonly account: string; readonly value: number }[] = [];
  readonly #wrappers: Facts[] = [];
  readonly #days = new Map<EpochDay, { readonly line: number; readonly from: AsOfFrom }>();
  #rows = 0;
  #rejected = 0;
  /** Part of a value it may differ from quantity times price. */
  tolerance = 0.005;
  /** Of the file's numbers; brokers' own exports all have a point. */
  decimal: '.' | ',' = '.';
  /** Lines of a table in the very cells of an earlier one, with the first of these. */
  readonly repeats = new Map<number, number>();
  /** Labels of the header, for the report. */
  header: readonly string[] = [];
  unused: readonly string[] = [];

  constructor(file: string, log: IssueCollector, options: ImportOptions, context: ParseContext) {
    this.file = file;
    this.log = log;
    this.#options = options;
    this.#context = context;
  }

  /** A fault of the whole file. */
  refuse(code: string, reason: string, fix: string, line = 0): HedgerowError {
    return fileError(this.file, code, { reason, fix }, line);
  }

  issue(severity: Severity, code: string, line: number, reason: string, fix: string, found?: string, column = 0): void {
    this.log.add(severity, code, line, column, () => ({ ...(found === undefined ? {} : { found }), reason, fix }));
  }

  /** A line that holds no position. */
  line(line: number, disposition: Disposition, detail?: LineDetail, reason = ''): void {
    this.#push({ line, disposition, ...(detail === undefined ? {} : { detail }), reason, position: null });
  }

  #push(line: HoldingLine, rest: Omit<Draft, 'line'> = { kind: null, value: 0, assetClass: '', lotOf: '', lot: false }): void {
    if (this.#drafts.length >= MAX_LINES)
      throw this.refuse('too_many_rows', `the file has more than ${MAX_LINES} lines`, 'Split it by account.', line.line);
    this.#drafts.push({ line, ...rest });
  }

  /** A line that should have been a position. */
  fail(facts: Facts, field: Field, code: string, reason: string, fix: string, severity: Severity = 'error'): null {
    this.issue(severity, code, facts.line, reason, fix, facts[field] ?? '', facts.columns?.[field] ?? 0);
    return null;
  }

  reject(line: number, code: string, reason: string, fix: string, found?: string): void {
    this.issue('error', code, line, reason, fix, found);
    this.#rows++;
    this.#rejected++;
    this.line(line, 'error', undefined, reason);
  }

  /** The day of the holdings; the same day may be found in several places. */
  day(day: EpochDay | null, from: AsOfFrom, line: number): void {
    if (day !== null && !this.#days.has(day)) this.#days.set(day, { line, from });
  }

  get dated(): boolean {
    return this.#days.size > 0;
  }

  #amount(facts: Facts, field: 'quantity' | 'price' | 'value' | 'multiplier', severity: Severity = 'error'): Decimal | null {
    const text = facts[field] ?? '';
    const number = text.length > MAX_NUMBER ? undefined : parseDecimal(text, this.decimal);
    if (number !== undefined) return number;
    const fix = 'Export the file again, or correct the cell.';
    return this.fail(facts, field, 'not_a_number', `${text} is not a number`, fix, severity);
  }

  /** A total of the file: compared at the end with the sum of its members. */
  total(facts: Facts, what: string, members: (held: Held) => boolean = () => true): void {
    const value = this.#amount(facts, 'value', 'warning');
    this.line(facts.line, 'total', undefined, what);
    if (value) this.#totals.push({ line: facts.line, stated: value.value, what, members });
  }

  /** Money on its way: listed, no part of the snapshot. */
  pending(facts: Facts): void {
    const value = this.#amount(facts, 'value', 'warning');
    this.#rows++;
    this.#pending.push({ account: facts.account ?? '', value: value?.value ?? 0 });
    this.line(facts.line, 'note', 'pending', `pending: ${value?.text ?? 'no amount'}`);
  }

  /** A line that stands for another account as a whole. */
  wrapper(facts: Facts): void {
    this.#rows++;
    this.#wrappers.push(facts);
    this.line(facts.line, 'ignored', 'wrapper', 'stands for another account: its positions count there');
  }

  /** A holding: position, cash, or an error when its line contradicts itself. */
  hold(facts: Facts): void {
    this.#rows++;
    const errors = this.log.errors;
    const held = this.#judge(facts);
    if (this.log.errors > errors || held === null) {
      this.#rejected++;
      this.line(facts.line, 'error', undefined, 'see the issues of this line');
      return;
    }
    const { position, kind, value } = held;
    if (kind !== 'cash' && position.quantity.value === 0) {
      this.fail(facts, 'quantity', 'zero_quantity', 'the quantity is 0', 'Nothing to do: nothing is held.', 'info');
      this.line(facts.line, 'ignored', 'zero', 'quantity 0');
      return;
    }
    const disposition = kind === 'cash' || kind === 'money_fund' ? 'cash' : 'position';
    const lotOf = JSON.stringify([position.account, kind, position.symbol?.code, position.currency]);
    const rest = { kind, value, assetClass: facts.assetClass ?? '', lotOf, lot: facts.lot === true };
    this.#push({ line: facts.line, disposition, detail: kind, reason: '', position }, rest);
  }

  #judge(facts: Facts): { position: HoldingPosition; kind: Instrument; value: number } | null {
    const symbol = nameText(facts.symbol);
    const name = nameText(facts.name);
    const price = this.#amount(facts, 'price', 'warning');
    const stated = this.#amount(facts, 'multiplier');
    const option = facts.option ?? readOption(symbol);
    const priced = price !== null && price.value !== 1;
    let kind = facts.kind ?? (option ? 'option' : instrumentOf(symbol, name, facts.assetClass ?? '', priced));
    const marketValue = this.#amount(facts, 'value');
    const quantity = this.#quantity(facts, kind, marketValue);
    if (facts.asOf !== undefined && nameText(facts.asOf) !== '') this.#ownDay(facts);
    if (quantity === null) return null;
    if (price && price.value < 0)
      return this.fail(
        facts,
        'price',
        'price_not_positive',
        `the price is ${price.text}`,
        'A price is positive; a short has a negative quantity.',
      );
    if (facts.short && kind !== 'cash' && !(price && marketValue))
      return this.fail(
        facts,
        'quantity',
        'bad_row',
        'the row has fewer cells than the header',
        'Export the file again; do not edit it in a spreadsheet.',
      );
    let multiplier = stated;
    if (kind !== 'cash' && marketValue && quantity.value * marketValue.value < 0) {
      const side = SHORT_SIDE.test((facts.side ?? '').trim()) ? ` (${facts.side!.trim()})` : '';
      const reason = `quantity ${quantity.text}${side} and value ${marketValue.text} have opposite signs`;
      return this.fail(facts, 'value', 'sign_conflict', reason, 'One of the two is wrong: check the position at the broker.');
    }
    if (kind !== 'cash' && marketValue && price && facts.foreign !== true) {
      const checked = this.#scale(facts, kind, quantity.value, price.value, stated?.value ?? null, marketValue.value);
      kind = checked.kind;
      if (checked.single) multiplier = { text: '1', value: 1 };
    }
    const cusip = this.#identifier(facts, 'cusip', mendCusip(facts.cusip ?? ''));
    const isin = this.#identifier(facts, 'isin', nameText(facts.isin).toUpperCase());
    const reference =
      kind === 'cash'
        ? null
        : option && kind === 'option'
          ? ({ type: 'ticker', code: option.code, exchange: '', raw: symbol || cusip || name } as const)
          : referTo({ kind, symbol, cusip, isin, name });
    if (typeof reference === 'string')
      return this.fail(
        facts,
        'symbol',
        'bad_symbol',
        `${symbol || 'the line'}: ${reference}`,
        'Correct the symbol, or map the line by hand.',
      );
    if ((kind === 'share' || kind === 'fund') && /^(SHARE|FUND|OTHER)_/.test(reference?.code ?? ''))
      this.fail(
        facts,
        'symbol',
        'no_symbol',
        `${reference!.raw} has no ticker, ISIN or CUSIP`,
        'It is listed, not modelled; map it by hand if it is a share.',
        'info',
      );
    if (kind === 'option' && multiplier === null) multiplier = { text: '100', value: 100 };
    const scale = multiplier?.value ?? MULTIPLIER[kind] ?? 1;
    const value = marketValue?.value ?? (kind === 'cash' ? quantity.value : price ? quantity.value * price.value * scale : NaN);
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
    return { position, kind, value };
  }

  /** The signed quantity; of cash the amount. An empty cell is never 0. */
  #quantity(facts: Facts, kind: Instrument, value: Decimal | null): Decimal | null {
    const errors = this.log.errors;
    const stated = this.#amount(facts, 'quantity');
    if (this.log.errors > errors) return null;
    if (kind === 'cash' || (kind === 'money_fund' && stated === null)) {
      const amount = value ?? stated;
      return amount ?? this.fail(facts, 'value', 'missing_value', 'the amount of cash is missing', 'Fill in the amount.');
    }
    if (stated === null) {
      const reason = 'the quantity is missing (an empty cell is not 0 shares)';
      return this.fail(facts, 'quantity', 'missing_value', reason, 'Fill in the number of shares, negative for a short.');
    }
    const side = (facts.side ?? '').trim();
    if (SHORT_SIDE.test(side)) return stated.value > 0 ? negated(stated) : stated;
    if (side !== '' && !LONG_SIDE.test(side))
      return this.fail(facts, 'side', 'unknown_side', `${side} is no side`, 'It should say long or short.');
    if (side !== '' && stated.value < 0)
      return this.fail(facts, 'side', 'sign_conflict', `the side says ${side}, the quantity ${stated.text}`, 'One of the two is wrong.');
    return stated;
  }

  /** Settles by quantity, price and value whether a price is per share, per contract or percent of par. */
  #scale(
    facts: Facts,
    kind: Instrument,
    quantity: number,
    price: number,
    stated: number | null,
    value: number,
  ): { kind: Instrument; single: boolean } {
    const fits = (scale: number): boolean => Math.abs(quantity * price * scale - value) <= Math.max(1, this.tolerance * Math.abs(value));
    const usual = stated ?? MULTIPLIER[kind] ?? 1;
    if (fits(usual)) {
      // One contract worth less than a dollar fits anything.
      return { kind, single: false };
    }
    if (kind === 'option' && stated === null && fits(1)) {
      this.fail(facts, 'price', 'price_per_contract', 'the price is per contract, not per share', 'Nothing to do.', 'info');
      return { kind, single: true };
    }
    const symbol = nameText(facts.symbol);
    const mayBeBond = symbol === '' || isCusipSymbol(symbol) || / /.test(symbol);
    if (kind === 'share' && mayBeBond && fits(0.01)) return { kind: 'bond', single: false };
    if (kind === 'bond' && fits(1)) return { kind, single: false };
    const reason = `value ${money(value)} is not quantity times price (${money(quantity * price * usual)})`;
    this.fail(facts, 'value', 'value_mismatch', reason, 'Check quantity, price and currency.', facts.short ? 'error' : 'warning');
    return { kind, single: false };
  }

  #ownDay(facts: Facts): void {
    const day = readDay(facts.asOf!.trim());
    if (day === null) this.fail(facts, 'asOf', 'not_a_date', `${facts.asOf} is not a date`, 'Write it as YYYY-MM-DD.');
    else this.day(day, 'column', facts.line);
  }

  #identifier(facts: Facts, field: 'cusip' | 'isin', text: string): string {
    if (text === '' || (field === 'cusip' ? isCusip(text) : isIsin(text))) return text;
    const reason = `${text} is no ${field.toUpperCase()}: length or check digit is wrong`;
    this.fail(facts, field, 'check_digit', reason, 'Export identifiers as text.', 'warning');
    return '';
  }

  /** Ends the file: lots, totals, day. Throws when there is no position at all, or several days. */
  finish(byName: EpochDay | null): Outcome {
    const seen = new Set(this.#drafts.flatMap(({ kind, lot, lotOf }) => (kind !== null && !lot ? [lotOf] : [])));
    for (const draft of this.#drafts) {
      if (!draft.lot || !seen.has(draft.lotOf)) continue;
      const { line } = draft.line;
      draft.line = { line, disposition: 'note', detail: 'lot', reason: 'lot of a position with a line of its own', position: null };
    }
    const held = this.#drafts.filter(({ line }) => line.position !== null);
    if (this.#rejected === 0 && !held.some(({ line }) => line.position!.symbol)) {
      const fix = 'Check that this is the export of positions and that its layout has not changed.';
      throw this.refuse('no_positions', 'no position was found in the file', fix);
    }
    this.#reconcile(held);
    this.#reportLots(held);
    for (const facts of this.#wrappers) {
      if (held.some(({ line }) => line.position!.account !== facts.account)) continue;
      const reason = `the line stands for another account worth ${facts.value ?? '?'}, which is not in the file`;
      this.fail(facts, 'value', 'account_missing', reason, 'Export all accounts together.', 'warning');
    }
    const { asOf, asOfFrom } = this.#settleDay(byName);
    const lines = this.#drafts.map(({ line }) => line).sort((a, b) => a.line - b.line);
    return { staged: { kind: 'holdings', asOf, asOfFrom, lines }, extra: null, rows: this.#rows, rejected: this.#rejected };
  }

  #reconcile(held: readonly Draft[]): void {
    for (const { line, stated, what, members } of this.#totals) {
      const own = held.filter((d) => members({ position: d.line.position!, kind: d.kind!, assetClass: d.assetClass }));
      const sum = own.reduce((total, { value }) => total + value, 0);
      const waiting = this.#pending.reduce((total, { value }) => total + value, 0);
      const limit = Math.max(1, Math.abs(stated) * 5e-4);
      if (Math.abs(sum - stated) <= limit || Math.abs(sum + waiting - stated) <= limit) continue;
      const reason = Number.isNaN(sum)
        ? `${what}: the total ${money(stated)} cannot be checked, a line has neither value nor price`
        : `${what}: the total is ${money(stated)}, the lines add up to ${money(sum)} (difference ${money(sum - stated)})`;
      this.issue('warning', 'total_differs', line, reason, 'Check that no line is missing or counted twice.', money(stated));
    }
  }

  #reportLots(held: readonly Draft[]): void {
    const byLine = new Map(held.map((draft) => [draft.line.line, draft]));
    for (const [line, first] of this.repeats) {
      const lotOf = byLine.get(line)?.lotOf;
      // Two accounts may hold the same.
      if (lotOf !== undefined && lotOf === byLine.get(first)?.lotOf) reportRepeat(this.log, line, first);
    }
    const positions = held.filter(({ line }) => line.position!.symbol);
    const lots = positions.length - new Set(positions.map(({ lotOf }) => lotOf)).size;
    if (lots > 0)
      this.issue(
        'info',
        'several_lots',
        0,
        `${lots} lines are further lots of a position of the same account`,
        'Nothing to do: lots are added up.',
      );
  }

  #settleDay(byName: EpochDay | null): { readonly asOf: EpochDay; readonly asOfFrom: AsOfFrom } {
    const found = [...this.#days];
    if (found.length > 1) {
      const told = found.slice(0, 5).map(([day, { line }]) => `${formatIsoDay(day)} (line ${line})`);
      throw this.refuse(
        'several_dates',
        `the positions are of ${found.length} days: ${told.join(', ')}`,
        'A snapshot has one day: split the file.',
      );
    }
    const stated = this.#options.knownAsOf === undefined ? null : parseIsoDay(this.#options.knownAsOf);
    const own = found[0];
    if (own && own[0] > this.#context.today) {
      const reason = `the holdings are of ${formatIsoDay(own[0])}, which lies after today`;
      throw this.refuse('future_date', reason, 'Check the date in the file and the clock.', own[1].line);
    }
    if (own && stated !== null && own[0] !== stated)
      this.issue(
        'warning',
        'as_of_differs',
        own[1].line,
        `the file is of ${formatIsoDay(own[0])}, not ${formatIsoDay(stated)}`,
        'The day in the file was taken.',
      );
    if (own) return { asOf: own[0], asOfFrom: own[1].from };
    if (stated !== null) return { asOf: stated, asOfFrom: 'option' };
    if (byName !== null && byName <= this.#context.today) return { asOf: byName, asOfFrom: 'file name' };
    throw new HedgerowError(
      'ambiguous',
      `${this.file}: the file does not say of which day the holdings are`,
      'Name the day: --known-as-of YYYY-MM-DD.',
      { file: this.file, flag: '--known-as-of', options: [] },
    );
  }
}

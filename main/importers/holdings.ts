/** Holdings in the native layout (and its aliases): every line gets a disposition, nothing vanishes. */
import { BY_VALUE, type ImportOptions } from '../contract/report.ts';
import { formatIsoDay, parseIsoDay, type EpochDay } from '../contract/units.ts';
import { isSound } from './cells.ts';
import { negated, parseDecimal } from './decimal.ts';
import type { TablePlan } from './detection.ts';
import { askAsOf, daysOf, NOTHING_HELD, otherDay, severalDays, TOTAL_OF_NO_DAY } from './holdings-days.ts';
import { reconcile, reportLots, type Total } from './holdings-sums.ts';
import { MEASURES, MISSING, nounOf, withoutPercent } from './holdings-measure.ts';
import { totalOf, withValues } from './holdings-weights.ts';
import { fileError, reportRepeat } from './issues.ts';
import { knownColumns } from './kinds.ts';
import type { Env, Reader } from './reader.ts';
import { RecordReader } from './record.ts';
import {
  bare,
  instrumentOf,
  LONG_SIDE,
  MULTIPLIER,
  readOption,
  referTo,
  saysShort,
  saysTrade,
  SHORT_SIDE,
  withClass,
} from './brokers/names.ts';
import { isNoValue } from './numbers.ts';
import type { Decimal, Disposition, HoldingLine, HoldingPosition, Instrument, SymbolRef } from './staged.ts';
import { isBlank, type Row } from './tokenizer.ts';

const MAX_LINES = 200_000;

/** `$CASH`, `CASH_USD`, `$CASH_USD`, `USD Curncy`. */
const CASH = /^(?:\$CASH(?:[_ -]([A-Z]{3}))?|CASH_([A-Z]{3})|([A-Z]{3}) Curncy)$/i;
/** A listed share and a listed fund, where nothing else on their line says money. */
const CASH_OR_SHARE = /^(?:cash|usd)$/i;
const TOTAL = /^(account|grand|positions?|portfolio|sub)?[\s-]*totals?\b/i;
/** A total and no more: `Total Return` is an account that may hold cash. */
const TOTAL_ALONE = new RegExp(`${TOTAL.source}(\\s+cash)?:?$`, 'i');

/** What a line says of a position: its quantity, its value or its weight is `held`, signed. */
interface Told {
  readonly kind: Instrument;
  readonly position: HoldingPosition;
  readonly held: Decimal;
  readonly asOf: EpochDay | null;
}

/** Reader of a holdings file; it is given every record, header and blank lines too. */
export function createHoldingsReader(plan: TablePlan, env: Env, options: ImportOptions): Reader {
  const { log } = env;
  const record = new RecordReader(plan, env);
  const measure = MEASURES.find((name) => record.has(name))!;
  const noun = nounOf(measure);
  const weights = new Map<HoldingLine, Decimal>();
  let percent = false;
  const lines: HoldingLine[] = [];
  const totals: Total[] = [];
  /** As-of days met, with the first line of each. */
  const dates = new Map<EpochDay, number>();
  /** First line of each text that holds something. */
  const told = new Map<string, number>();
  let rows = 0;
  let rejected = 0;
  const { titleDay } = plan;
  if (!record.has('as_of') && titleDay === null && options.knownAsOf === undefined) throw askAsOf(env.file);
  const total = totalOf(env.file, measure, options);

  const amount = (name: string): Decimal | null => {
    const written = record.text(name);
    const text = name === 'weight' ? withoutPercent(written) : written;
    if (text !== written) percent = true;
    const number = parseDecimal(text, plan.decimal);
    if (number !== undefined) return number;
    return record.fail(
      name,
      'not_a_number',
      text,
      `${text} is not a number`,
      'Write a plain number such as -1234.5; name the decimal separator with --decimal if it is a comma.',
    );
  };

  /** Columns nobody reads that could say a position is short. */
  const known = knownColumns('holdings');
  const others = plan.names.flatMap((name, index) => (known.includes(name) ? [] : [index]));
  const unread = record.has('side') ? [] : others;
  /** Those that could say that a line is a trade; a side may. */
  const trades = [...others, ...plan.names.flatMap((name, index) => (name === 'side' ? [index] : []))];

  const readSide = (quantity: Decimal): Decimal => {
    const side = record.text('side');
    const trade = trades.find((index) => saysTrade(plan.header[index]!, record.textAt(index)));
    if (trade !== undefined) {
      record.fail(
        plan.names[trade]!,
        'trade_line',
        record.textAt(trade),
        `column ${plan.header[trade]!} says ${record.textAt(trade)}: that is a trade, not a holding`,
        'Export positions instead of trades; for the side of a position write long or short.',
      );
      return quantity;
    }
    const short = quantity.value > 0 ? unread.find((index) => saysShort(plan.header[index]!, record.textAt(index))) : undefined;
    if (short !== undefined)
      record.fail(
        plan.names[short]!,
        'side_not_read',
        record.textAt(short),
        `column ${plan.header[short]!} says ${record.textAt(short)}, the ${noun} is ${quantity.text}`,
        `Name the column side, or write the ${noun} of a short with a minus; remove the column if it says something else.`,
      );
    if (SHORT_SIDE.test(side)) return quantity.value > 0 ? negated(quantity) : quantity;
    if (LONG_SIDE.test(side) && quantity.value < 0) {
      record.fail('side', 'sign_conflict', side, `the side says ${side}, the ${noun} ${quantity.text}`, 'Correct one of them.');
    } else if (side !== '' && !LONG_SIDE.test(side)) {
      record.fail('side', 'unknown_side', side, `${side} is no side`, 'Write long or short.');
    }
    return quantity;
  };

  /** Of the line at hand; what is no share or fund never gets a name a share could have, whatever its symbol says. */
  const instrument = (priced: boolean): { kind: Instrument; symbol: () => SymbolRef | null } => {
    const [ticker, name] = [bare(record.text('ticker')), record.text('name')];
    const option = readOption(ticker);
    if (option) return { kind: 'option', symbol: () => ({ type: 'ticker', code: option.code, exchange: '', raw: ticker }) };
    const found = instrumentOf(ticker, name, record.text('asset_class'), priced);
    const kind = found === 'cash' ? 'money_fund' : found;
    const share = (): SymbolRef | null => {
      const symbol = record.symbol(['ticker', 'isin', 'figi'], bare);
      return symbol?.type === 'ticker' && symbol.exchange === '' ? { ...symbol, code: withClass(symbol.code) } : symbol;
    };
    const named = !/^-*$/.test(ticker) || !isNoValue(record.text('isin')) || !isNoValue(record.text('figi'));
    if (named && (kind === 'share' || kind === 'fund')) return { kind, symbol: share };
    const made = referTo({ kind, symbol: ticker, cusip: record.text('cusip'), isin: record.text('isin'), name });
    return {
      kind,
      symbol: () =>
        typeof made === 'string' ? record.fail('ticker', 'bad_symbol', ticker, `${ticker || 'the line'}: ${made}`, 'Name it.') : made,
    };
  };

  const checkValue = (quantity: Decimal, price: Decimal | null, value: Decimal | null, scales: readonly number[]): void => {
    if (value && value.value * quantity.value < 0) {
      record.fail(
        'market_value',
        'sign_conflict',
        value.text,
        `quantity ${quantity.text} and market value ${value.text} have opposite signs`,
        'Correct one of them.',
      );
    } else if (value && price) {
      const computed = quantity.value * price.value * scales[0]!;
      const fits = (scale: number): boolean =>
        Math.abs(value.value - quantity.value * price.value * scale) <= Math.max(0.005 * Math.abs(value.value), 1);
      if (!scales.some(fits)) {
        record.fail(
          'market_value',
          'value_mismatch',
          value.text,
          `market value ${value.text} is not quantity times price (${computed.toFixed(2)})`,
          'Check quantity, price and currency.',
          'warning',
        );
      }
    }
  };

  const readPosition = (cash: RegExpExecArray | null): Told | null => {
    const errors = log.errors;
    const by = record.text('quantity').toLowerCase() === BY_VALUE ? 'market_value' : measure;
    const stated = amount(by);
    const price = amount('price');
    const multiplier = amount('multiplier');
    const { kind, symbol: named } = cash ? { kind: 'cash' as const, symbol: () => null } : instrument(price !== null && price.value !== 1);
    const symbol = named();
    const scale = multiplier?.value ?? MULTIPLIER[kind] ?? 1;
    const told = stated ? readSide(stated) : null;
    const quantity = by === 'quantity' ? told : null;
    const marketValue = by === 'market_value' ? told : by === 'quantity' ? amount('market_value') : null;
    const asOf = record.day('as_of', 'error');
    if (asOf !== null && !dates.has(asOf)) dates.set(asOf, record.line);
    if (asOf === null && options.eachDay && record.has('as_of') && log.errors === errors)
      record.fail('as_of', 'missing_value', record.text('as_of'), 'the day of the holding is missing', 'Write it as YYYY-MM-DD.');
    if (!cash && stated === null && parseDecimal(record.text(by), plan.decimal) === null)
      record.fail(by, 'missing_value', record.text(by), MISSING[by].reason, MISSING[by].fix);
    if (price && price.value < 0)
      record.fail(
        'price',
        'price_not_positive',
        price.text,
        `the price is ${price.text}`,
        'A price is positive; a short has a negative quantity.',
      );
    // Without a multiplier in the file the price may be per contract, or per bond, already.
    if (quantity) checkValue(quantity, cash ? null : price, marketValue, multiplier ? [scale] : [scale, 1]);
    // Whoever multiplies quantity and price alone would be wrong by the multiplier.
    const made =
      !cash && marketValue === null && quantity && price && scale !== 1
        ? parseDecimal((quantity.value * price.value * scale).toFixed(2), '.')
        : null;
    const own = (cash?.[1] ?? cash?.[2] ?? cash?.[3] ?? '').toUpperCase();
    const currency = record.text('currency').toUpperCase() || own;
    if (cash && own !== '' && own !== currency && marketValue === null)
      record.fail(
        'currency',
        'currency_conflict',
        currency,
        `${record.text('ticker')} has the currency ${currency}`,
        'Give the amount in that currency as market_value, or correct the currency.',
      );
    const rest = {
      account: record.text('account'),
      price,
      marketValue: marketValue ?? made ?? null,
      multiplier,
      currency,
      assetClass: record.text('asset_class'),
      name: record.text('name'),
    };
    const ids = { cusip: record.identifier('cusip'), isin: record.identifier('isin') };
    const held = cash ? (marketValue ?? told) : told;
    if (cash && held === null)
      record.fail(
        measure,
        'missing_value',
        '',
        'the amount of cash is missing',
        `Fill in ${measure === 'quantity' ? 'quantity or market_value' : measure}.`,
      );
    const shares = by === 'quantity' || (cash && by === 'market_value') ? held : null;
    return held && (cash || symbol) ? { kind, position: { ...rest, ...ids, symbol, quantity: shares }, held, asOf } : null;
  };

  /** A line called CASH, as the share of Pathward is, or USD: at a price of 1, worth its quantity, or under the name of a currency it is money. */
  const isMoney = (ticker: string): boolean => {
    if (!CASH_OR_SHARE.test(ticker)) return false;
    const [quantity, price, value] = ['quantity', 'price', 'market_value'].map(
      (name) => parseDecimal(record.text(name), plan.decimal)?.value,
    );
    return (
      price === 1 ||
      (value !== undefined && value === quantity) ||
      /^\W*(?:u\.?s\.? )?(?:cash|dollars?|euros?)\b/i.test(record.text('name'))
    );
  };

  /** Words in the first cell and nothing else: a sentence, where that cell could be a name. */
  const isText = (row: Row): boolean => {
    for (let i = 1; i < row.count; i++) if (row.end[i]! > row.start[i]!) return false;
    const words = record.textAt(0).split(/\s+/).length;
    return plan.header.length > 1 && words >= (row.count > 1 && ['ticker', 'name'].includes(plan.names[0]!) ? 9 : 3);
  };

  const judge = (row: Row): Omit<HoldingLine, 'line'> & { readonly held?: Decimal } => {
    const plainly = (disposition: Disposition, reason = ''): Omit<HoldingLine, 'line'> => ({
      disposition,
      reason,
      position: null,
    });
    if (row.count > 0 && !Array.from({ length: row.count }, (_, i) => row.end[i]! - row.start[i]!).some((length) => length > 0))
      return plainly('blank');
    if (row.line === plan.headerLine) return plainly('header');
    const first = record.textAt(0);
    if (row.line < plan.headerLine || first.startsWith('#')) return plainly('note');
    if (isText(row)) return plainly('note', 'a line of text');
    rows++;
    // Trailing cells may be left off, but not the quantity.
    const errors = log.errors;
    const short =
      row.malformed === 0 &&
      row.count < plan.header.length &&
      row.count > Math.max(plan.names.indexOf('ticker'), plan.names.indexOf(measure));
    if (!short && !isSound(log, row, plan.header.length)) return plainly('error', 'wrong number of cells or stray quote');
    const ticker = record.text('ticker');
    const cash =
      CASH.exec(ticker) ?? (/^cash$/i.test(record.text('asset_class')) || isMoney(ticker) ? ([''] as unknown as RegExpExecArray) : null);
    // A company or an account may be called Total: neither makes a total of a line that says what is held.
    const isNamed = ['ticker', 'isin', 'figi', 'cusip'].some((id) => record.text(id) !== '');
    const isTotal = isNamed
      ? TOTAL.test(ticker)
      : TOTAL.test(record.text('name')) || (cash ? TOTAL_ALONE : TOTAL).test(record.text('account'));
    if (isTotal) {
      const value = amount('market_value');
      const asOf = options.eachDay && value ? record.day('as_of', 'fine') : null;
      if (value) totals.push({ line: row.line, account: record.text('account'), value: value.value, asOf });
      return { ...plainly('total'), ...(asOf === null ? {} : { asOf }) };
    }
    const found = readPosition(cash);
    if (log.errors > errors) return plainly('error', 'see the issues of this line');
    if (!found) return plainly('error', 'not understood');
    const { kind, position, held } = found;
    if (
      kind === 'share' &&
      CASH_OR_SHARE.test(ticker) &&
      record.text('name') === '' &&
      !(position.price ?? (position.quantity && position.marketValue))
    )
      record.fail(
        'ticker',
        'cash_or_share',
        ticker,
        `${ticker} is taken for the share of that ticker`,
        'Write $CASH for money.',
        'warning',
      );
    const own = found.asOf === null ? {} : { asOf: found.asOf };
    if (position.symbol && held.value === 0) {
      record.fail(measure, 'zero_quantity', held.text, `${position.symbol.raw} has ${noun} 0`, 'Nothing to do: nothing is held.', 'info');
      return { ...plainly('ignored', `${noun} 0`), ...own };
    }
    return {
      disposition: kind === 'cash' || kind === 'money_fund' ? 'cash' : 'position',
      detail: kind,
      reason: '',
      position,
      held,
      ...own,
    };
  };

  return {
    row(row) {
      if (lines.length >= MAX_LINES)
        throw fileError(
          env.file,
          'too_many_rows',
          { reason: `the file has more than ${MAX_LINES} lines`, fix: 'Split it by account or by day.' },
          row.line,
        );
      record.use(row);
      const { held, ...judged } = judge(row);
      const line: HoldingLine = { line: row.line, ...judged };
      if (line.disposition === 'blank' && isBlank(row) && lines.at(-1)?.line === row.line) return;
      if (line.disposition === 'error') rejected++;
      lines.push(line);
      if (!line.position) return;
      if (held && measure === 'weight') weights.set(line, held);
      const text = Array.from({ length: row.count }, (_, index) => record.textAt(index)).join('\n');
      const first = told.get(text);
      if (first === undefined) told.set(text, row.line);
      else reportRepeat(log, row.line, first);
    },
    finish() {
      if (rejected === 0 && !lines.some(({ position }) => position)) {
        throw fileError(
          env.file,
          'no_positions',
          {
            reason: 'no position was found in the file',
            fix: NOTHING_HELD,
          },
          plan.headerLine,
        );
      }
      const several = dates.size > 1;
      if (several && !options.eachDay) throw fileError(env.file, 'several_dates', severalDays(dates));
      const whole = { of: weights, heading: plan.header[plan.names.indexOf(measure)]!, percent, total };
      const valued = measure === 'weight' ? withValues(env, lines, whole, Math.max(1, dates.size), options.weights) : lines;
      const days = several ? daysOf(valued) : undefined;
      for (const part of days ?? [{ asOf: null, lines: valued }])
        reconcile(
          env,
          part.lines,
          totals.filter(({ asOf }) => part.asOf === null || asOf === part.asOf),
        );
      if (several)
        for (const { line, asOf } of totals)
          if (!days?.some((day) => day.asOf === asOf)) env.log.add('warning', 'total_differs', line, 0, () => TOTAL_OF_NO_DAY);
      reportLots(
        env,
        (days ?? [{ lines: valued }]).map((part) => part.lines),
      );
      const fromColumn = days?.at(-1)?.asOf ?? [...dates.keys()][0];
      const stated = options.knownAsOf === undefined ? null : parseIsoDay(options.knownAsOf);
      const own = fromColumn ?? titleDay?.day;
      const asOf = own ?? stated;
      if (own !== undefined && stated !== null && own !== stated)
        env.log.add('warning', 'as_of_differs', dates.get(own) ?? titleDay!.line, 0, () => otherDay(own, stated));
      if (fromColumn === undefined && titleDay !== null && titleDay.day > env.context.today)
        throw fileError(
          env.file,
          'future_date',
          { reason: `the holdings are of ${formatIsoDay(titleDay.day)}, which lies after today`, fix: 'Correct the day.' },
          titleDay.line,
        );
      // With rejected rows the file is refused as it stands, unless they are skipped: then the date must be known.
      if (asOf === null && (rejected === 0 || options.skipRejected)) throw askAsOf(env.file);
      const staged = {
        kind: 'holdings',
        asOf: asOf ?? env.context.today,
        asOfFrom: fromColumn !== undefined ? 'column' : own === undefined ? 'option' : 'title',
        lines: valued,
        ...(days ? { days } : {}),
      } as const;
      return { staged, extra: null, rows, rejected };
    },
  };
}

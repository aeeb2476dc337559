/** Whether a file is a matrix of prices, returns or caps, dates across or down. */
import { looksLikeDate } from './dates.ts';
import { column, dateOrder, decimalOf, nameColumns, unusedColumns, type Detection, type Look } from './detection.ts';
import { ambiguous } from './issues.ts';
import { isNoValue } from './numbers.ts';
import type { SeriesField, SeriesKind } from './staged.ts';
import { makeSymbol, type NameColumns } from './symbols.ts';
import type { WidePlan } from './wide.ts';

function wideField(look: Look): { readonly kind: SeriesKind; readonly field: SeriesField } {
  const { kind, value } = look.options;
  if (kind === 'returns') return { kind, field: 'return' };
  if (kind === 'market_cap') return { kind, field: kind };
  if (value) return { kind: 'prices', field: value };
  throw ambiguous(look.file, 'a matrix does not say whether its prices are raw or adjusted closes', '--value', ['close', 'adj_close']);
}

/** A matrix with a security per row and a date per column. */
export function detectAcross(look: Look): Detection | null {
  const names = nameColumns(look.names[0] === '' ? ['ticker', ...look.names.slice(1)] : look.names);
  if (names.ticker < 0 && names.figi < 0 && names.isin < 0) return null;
  const currency = look.names.indexOf('currency');
  const taken = new Set([names.figi, names.isin, names.ticker, names.exchange, currency]);
  const others = look.header.map((_, index) => index).filter((index) => !taken.has(index) && look.header[index] !== '');
  // A damaged date heading still begins like one and must not pass as an unused column.
  const cells = others.filter(
    (index) => looksLikeDate(look.header[index]!) || /^\d{1,4}[-/.]\d/.test(look.header[index]!) || /^\d{8}$/.test(look.header[index]!),
  );
  if (cells.length === 0 || !cells.some((index) => looksLikeDate(look.header[index]!)) || cells.length * 2 < others.length) return null;
  const order = dateOrder(
    look,
    cells.map((index) => look.header[index]!),
  );
  const plan: WidePlan = {
    shape: 'across',
    ...wideField(look),
    header: look.header,
    headerLine: look.headerLine,
    date: -1,
    names,
    currency,
    cells,
    order,
    decimal: decimalOf(look, cells, false),
  };
  return wideDetection(look, plan, [...cells, ...taken], `${cells.length} columns are dates: one security per row.`);
}

/** A matrix with a date per row and a security per column. */
export function detectDown(look: Look): Detection | null {
  const date = ['date', ''].map((name) => look.names.indexOf(name)).find((index) => index >= 0) ?? -1;
  if (date < 0 || ['ticker', 'figi', 'isin'].some((name) => look.names.includes(name))) return null;
  const dates = column(look, date);
  if (dates.length === 0 || dates.filter(looksLikeDate).length * 2 < dates.length) return null;
  const cells = look.header.map((_, index) => index).filter((index) => index !== date && look.header[index] !== '');
  const tickers = cells.filter((index) => typeof makeSymbol('ticker', look.header[index]!, '') !== 'string');
  const isNumber = (text: string): boolean => /^[-+$]?[\d.,]+(e[-+]?\d+)?$/i.test(text);
  // Columns of words are of a table of another kind, however many numbers stand beside them.
  const wordy = cells.filter((index) => {
    const values = column(look, index).filter((text) => !isNoValue(text));
    return values.filter(isNumber).length * 2 < values.length;
  });
  if (tickers.length === 0 || wordy.length * 4 >= cells.length) return null;
  const order = dateOrder(look, dates);
  const none: NameColumns = { figi: -1, isin: -1, ticker: -1, exchange: -1 };
  const plan: WidePlan = {
    shape: 'down',
    ...wideField(look),
    header: look.header,
    headerLine: look.headerLine,
    date,
    names: none,
    currency: -1,
    cells,
    order,
    decimal: decimalOf(look, cells, false),
  };
  return wideDetection(look, plan, [date, ...cells], `The first column is dates and the others are tickers: one security per column.`);
}

function wideDetection(look: Look, plan: WidePlan, used: readonly number[], why: string): Detection {
  const layout = `wide matrix, dates ${plan.shape}`;
  return {
    plan,
    kind: plan.kind,
    layout,
    headerLine: look.headerLine,
    header: look.header,
    unused: unusedColumns(look, used),
    why: [why, `Values are taken as ${plan.field}, as asked for.`],
    splitAdjusted: false,
  };
}

/** From the first records to a plan: which kind of file this is and where its columns are. */
import type { FileKind, ImportOptions } from '../contract/report.ts';
import { detectDateOrder, looksLikeDate, type DateOrder } from './dates.ts';
import { ambiguous, fileError } from './issues.ts';
import {
  chosenNames,
  cleanHeader,
  columnNames,
  holdingNames,
  knownColumns,
  missingColumns,
  nativeKind,
  schemeColumns,
  unknownHeader,
  type SchemeColumns,
} from './kinds.ts';
import type { LongPlan } from './long.ts';
import { isNoValue } from './numbers.ts';
import { requireDecimal, type SampleRow } from './sample.ts';
import { nameFromFile } from './lists.ts';
import type { MasterKind, SeriesField, SeriesKind } from './staged.ts';
import { makeSymbol, tickerFromName, type NameColumns } from './symbols.ts';
import type { WidePlan } from './wide.ts';

/** Rows of text: master data and holdings. `names` are the columns' names in the program. */
export interface TablePlan {
  readonly shape: 'master' | 'holdings';
  readonly kind: MasterKind | 'holdings';
  readonly header: readonly string[];
  readonly headerLine: number;
  readonly names: readonly string[];
  /** Classification schemes side by side; empty for the native layout. */
  readonly schemes: readonly SchemeColumns[];
  /** Name of the universe of a bare list of names; null when a column says it, or for another kind. */
  readonly list: string | null;
  readonly order: DateOrder;
  readonly decimal: '.' | ',';
}

export type Plan = LongPlan | WidePlan | TablePlan;

export interface Detection {
  readonly plan: Plan;
  readonly kind: FileKind;
  readonly layout: string;
  readonly headerLine: number;
  readonly header: readonly string[];
  readonly unused: readonly string[];
  readonly why: readonly string[];
  /** The vendor's closes are already adjusted for splits, though they pass as raw ones. */
  readonly splitAdjusted: boolean;
}

/** What is looked at while deciding. */
interface Look {
  readonly file: string;
  readonly options: ImportOptions;
  readonly delimiter: string;
  readonly header: readonly string[];
  readonly headerLine: number;
  readonly names: readonly string[];
  readonly sample: readonly SampleRow[];
}

const SERIES_FIELDS: Readonly<Record<SeriesKind, readonly SeriesField[]>> = {
  prices: ['close', 'adj_close', 'open', 'high', 'low', 'volume'],
  returns: ['return'],
  market_cap: ['market_cap'],
};
const DATE_COLUMNS = ['date', 'ex_date', 'valid_from', 'valid_to', 'known_from', 'as_of'];
const NUMBER_COLUMNS = ['value', 'shares', 'quantity', 'price', 'market_value', 'multiplier'];
const isSeries = (kind: FileKind): kind is SeriesKind => kind in SERIES_FIELDS;

const column = (look: Look, index: number): string[] => look.sample.map(({ cells }) => cells[index] ?? '').filter((text) => text !== '');

function nameColumns(names: readonly string[]): NameColumns {
  return { figi: names.indexOf('figi'), isin: names.indexOf('isin'), ticker: names.indexOf('ticker'), exchange: names.indexOf('exchange') };
}

function dateOrder(look: Look, samples: readonly string[]): DateOrder {
  if (look.options.dateOrder) return look.options.dateOrder;
  const { order, example } = detectDateOrder(samples);
  if (order === null) throw ambiguous(look.file, `the order of day and month cannot be told (${example})`, '--date-order', ['DMY', 'MDY']);
  return order;
}

function decimalOf(look: Look, columns: readonly number[], strict: boolean): '.' | ',' {
  return requireDecimal(
    look.file,
    columns.flatMap((index) => column(look, index)),
    look.delimiter,
    look.options.decimal,
    strict,
  );
}

function refuseDuplicates(look: Look, names: readonly string[], used: readonly string[]): void {
  for (const name of used) {
    const first = names.indexOf(name);
    const second = names.indexOf(name, first + 1);
    if (first >= 0 && second >= 0) {
      const text = {
        field: look.header[second]!,
        found: look.header[second]!,
        reason: `columns ${first + 1} and ${second + 1} are both ${name}`,
        fix: 'Keep one of the two columns.',
      };
      throw fileError(look.file, 'duplicate_column', text, look.headerLine, second + 1);
    }
  }
}

/** The vendor of a download, told by its headings. */
function vendorOf(look: Look): string {
  const raw = look.header.map((text) => text.toLowerCase());
  if (raw.includes('<ticker>')) return 'Stooq';
  if (raw.includes('close/last')) return 'Nasdaq download';
  if (look.names.includes('divcash') && look.names.includes('splitfactor')) return 'Tiingo download';
  if (look.names.includes('ticker')) return '';
  return raw.includes('adj close') ? 'Yahoo download' : 'one file per ticker';
}

/** A file named after a ticker may still hold many securities, told apart by a text column under a heading we do not know. */
function refuseSeveralSecurities(look: Look, known: readonly string[]): void {
  look.names.forEach((name, index) => {
    if (known.includes(name)) return;
    const words = column(look, index).filter(
      (text) => !isNoValue(text) && /[a-z]/i.test(text) && Number.isNaN(Number(text)) && !looksLikeDate(text),
    );
    if (new Set(words).size < 2) return;
    const heading = look.header[index]!;
    const text = {
      field: heading,
      found: words[0]!,
      reason: `column ${heading} may name several securities, and there is no ticker column`,
      fix: 'Call the column ticker, or remove it if all rows are of one security.',
    };
    throw fileError(look.file, 'no_ticker', text, look.headerLine, index + 1);
  });
}

function detectLong(look: Look, kind: SeriesKind): Detection {
  const { names, options, file } = look;
  const vendor = vendorOf(look);
  const columns = nameColumns(names);
  const unnamed = columns.figi < 0 && columns.isin < 0 && columns.ticker < 0;
  const fixed = unnamed ? tickerFromName(file) : null;
  if (unnamed && !fixed) {
    const text = {
      reason: 'the file has no ticker column and is not named after a ticker',
      fix: 'Rename it to the ticker (SPY.csv), or add a ticker column.',
    };
    throw fileError(file, 'no_ticker', text, look.headerLine);
  }
  if (fixed) refuseSeveralSecurities(look, [...knownColumns(kind), 'time', 'per']);
  refuseDuplicates(look, names, knownColumns(kind));
  const why: string[] = fixed ? [`Ticker ${fixed.code} from the file name.`] : [];
  let fields = SERIES_FIELDS[kind].map((field) => ({ field, column: names.indexOf(field) })).filter((entry) => entry.column >= 0);
  const closes = fields.filter(({ field }) => field === 'close' || field === 'adj_close');
  if (kind === 'prices' && closes.length === 1 && options.value && options.value !== closes[0]!.field) {
    // Opens, highs and lows of such a file are adjusted like its closes and cannot stand beside raw ones.
    fields = [{ field: options.value, column: closes[0]!.column }, ...fields.filter(({ field }) => field === 'volume')];
    why.push(`Column ${look.header[closes[0]!.column]} is taken as ${options.value}, as asked for.`);
  }
  const date = names.indexOf('date');
  const known = names.indexOf('known_from');
  const currency = names.indexOf('currency');
  const order =
    vendor === 'Nasdaq download' && !options.dateOrder
      ? 'MDY'
      : dateOrder(look, [...column(look, date), ...(known < 0 ? [] : column(look, known))]);
  const used = [
    date,
    known,
    currency,
    columns.figi,
    columns.isin,
    columns.ticker,
    columns.exchange,
    ...fields.map((entry) => entry.column),
  ];
  const tiingo = vendor === 'Tiingo download';
  const plan: LongPlan = {
    shape: 'long',
    kind,
    header: look.header,
    date,
    names: columns,
    fixed,
    fields,
    known,
    currency,
    period: vendor === 'Stooq' ? names.indexOf('per') : -1,
    dropUs: vendor === 'Stooq',
    dividend: tiingo ? names.indexOf('divcash') : -1,
    split: tiingo ? names.indexOf('splitfactor') : -1,
    order,
    decimal: decimalOf(
      look,
      fields.map((entry) => entry.column),
      false,
    ),
  };
  used.push(plan.period, plan.dividend, plan.split);
  return {
    plan,
    kind,
    layout: vendor === '' ? `native ${kind}` : vendor,
    headerLine: look.headerLine,
    header: look.header,
    unused: unusedColumns(look, used),
    why,
    splitAdjusted: vendor !== '' && !tiingo && fields.some(({ field }) => field === 'close'),
  };
}

function unusedColumns(look: Look, used: readonly number[]): string[] {
  const taken = new Set(used);
  return look.header.filter((text, index) => !taken.has(index) && text !== '');
}

function wideField(look: Look): { readonly kind: SeriesKind; readonly field: SeriesField } {
  const { kind, value } = look.options;
  if (kind === 'returns') return { kind, field: 'return' };
  if (kind === 'market_cap') return { kind, field: kind };
  if (value) return { kind: 'prices', field: value };
  throw ambiguous(look.file, 'a matrix does not say whether its prices are raw or adjusted closes', '--value', ['close', 'adj_close']);
}

function detectAcross(look: Look): Detection | null {
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

function detectDown(look: Look): Detection | null {
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

function detectTable(look: Look, kind: MasterKind | 'holdings', names: readonly string[]): Detection {
  const schemes = kind === 'classification' && !names.includes('sector') ? schemeColumns(names) : [];
  const known = knownColumns(kind);
  refuseDuplicates(look, names, known);
  const used = names.flatMap((name, index) => (known.includes(name) ? [index] : []));
  for (const scheme of schemes) used.push(scheme.sector, scheme.industry);
  const indexes = (wanted: readonly string[]): number[] =>
    wanted
      .filter((name) => known.includes(name))
      .map((name) => names.indexOf(name))
      .filter((index) => index >= 0);
  const plan: TablePlan = {
    shape: kind === 'holdings' ? 'holdings' : 'master',
    kind,
    header: look.header,
    headerLine: look.headerLine,
    names,
    schemes,
    list: kind === 'universe' && !names.includes('universe') ? nameFromFile(look.file, look.headerLine) : null,
    order: dateOrder(
      look,
      indexes(DATE_COLUMNS).flatMap((index) => column(look, index)),
    ),
    decimal: decimalOf(look, indexes(NUMBER_COLUMNS), true),
  };
  const layout =
    schemes.length > 0 ? `classification, schemes side by side (${schemes.map(({ scheme }) => scheme).join(', ')})` : `native ${kind}`;
  return {
    plan,
    kind,
    layout,
    headerLine: look.headerLine,
    header: look.header,
    unused: unusedColumns(look, used),
    why: plan.list === null ? [] : [`Universe ${plan.list} from the file name.`],
    splitAdjusted: false,
  };
}

/** Headings of exports that list what was done, not what is held. */
function isActivity(header: readonly string[]): boolean {
  const labels = new Set(header.map((text) => cleanHeader(text).toLowerCase()));
  const has = (...all: string[]): boolean => all.every((label) => labels.has(label));
  return (
    has('run date') ||
    has('trade date', 'action') ||
    has('trans code') ||
    has('activity date') ||
    has('settlement date', 'transaction type')
  );
}

function lookFrom(file: string, options: ImportOptions, delimiter: string, sample: readonly SampleRow[], at: number): Look {
  const row = sample[at]!;
  const header = row.cells.map(cleanHeader);
  // Spreadsheets leave empty cells behind the last heading.
  while (header.length > 1 && header.at(-1) === '') header.pop();
  return {
    file,
    options,
    delimiter,
    header,
    headerLine: row.line,
    names: chosenNames(header, columnNames(header), options.columns),
    sample: sample.slice(at + 1),
  };
}

const HEADER_LINES = 60;

/** Decides what a file is. Throws when it cannot be read as anything, or asks when it could be several things. */
export function detect(file: string, options: ImportOptions, delimiter: string, sample: readonly SampleRow[]): Detection {
  const isText = ({ cells }: SampleRow): boolean => cells.some((text) => text !== '') && !cells[0]!.startsWith('#');
  const first = sample.findIndex(isText);
  if (first < 0)
    throw fileError(file, 'empty_file', { reason: 'the file is empty', fix: 'Export it again; it must have a header line and rows.' });
  const look = lookFrom(file, options, delimiter, sample, first);
  const { names } = look;
  const wanted = options.kind;
  if ((wanted === undefined || wanted === 'holdings') && isActivity(look.header)) throw activityError(look);
  const native = nativeKind(file, names, wanted);
  if (native)
    return isSeries(native)
      ? detectLong(look, native)
      : detectTable(look, native, native === 'holdings' ? holdingNames(look.header) : names);
  const series = wanted === undefined || isSeries(wanted);
  const missing = missingColumns(wanted !== undefined && isSeries(wanted) ? wanted : 'prices', names);
  if (series && missing.length === 1 && missing[0]!.startsWith('ticker'))
    return detectLong(look, wanted !== undefined && isSeries(wanted) ? wanted : 'prices');
  const across = series ? detectAcross(look) : null;
  if (across) return across;
  // Names and quantities of one day each are holdings, though a column of dates and others of numbers could be a matrix.
  const isHeld = wanted === undefined && missingColumns('holdings', holdingNames(look.header)).length === 0;
  const down = series && !isHeld ? detectDown(look) : null;
  if (down) return down;
  if (wanted === undefined || wanted === 'holdings') {
    for (let at = first; at < Math.min(sample.length, HEADER_LINES); at++) {
      if (!isText(sample[at]!)) continue;
      const below = lookFrom(file, options, delimiter, sample, at);
      if (isActivity(below.header)) throw activityError(below);
      const aliased = holdingNames(below.header);
      if (missingColumns('holdings', aliased).length === 0) return detectTable(below, 'holdings', aliased);
    }
  }
  throw unknownHeader(file, look.header, names, look.headerLine, wanted);
}

function activityError(look: Look): Error {
  const shown = look.header.slice(0, 6).join(', ');
  const text = {
    found: look.header.join(','),
    reason: `this is an activity export (columns ${shown}), not a list of positions`,
    fix: 'Export Positions (or Holdings) from the broker instead.',
  };
  return fileError(look.file, 'activity_export', text, look.headerLine);
}

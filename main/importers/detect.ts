/** From the first records to a plan: which kind of file this is and where its columns are. */
import type { FileKind, ImportOptions } from '../contract/report.ts';
import { looksLikeDate } from './dates.ts';
import { detectAcross, detectDown } from './detect-wide.ts';
import { titleDayOf } from './holdings-days.ts';
import { column, dateOrder, decimalOf, nameColumns, unusedColumns, type Detection, type Look, type TablePlan } from './detection.ts';
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
} from './kinds.ts';
import type { LongPlan } from './long.ts';
import { isNoValue } from './numbers.ts';
import type { SampleRow } from './sample.ts';
import { nameFromFile } from './lists.ts';
import type { MasterKind, SeriesField, SeriesKind } from './staged.ts';
import { tickerFromName } from './symbols.ts';

const SERIES_FIELDS: Readonly<Record<SeriesKind, readonly SeriesField[]>> = {
  prices: ['close', 'adj_close', 'open', 'high', 'low', 'volume'],
  returns: ['return'],
  market_cap: ['market_cap'],
};
const DATE_COLUMNS = ['date', 'ex_date', 'valid_from', 'valid_to', 'known_from', 'as_of'];
const NUMBER_COLUMNS = ['value', 'shares', 'quantity', 'price', 'market_value', 'weight', 'multiplier'];
const isSeries = (kind: FileKind): kind is SeriesKind => kind in SERIES_FIELDS;

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

function detectTable(
  look: Look,
  kind: MasterKind | 'holdings',
  names: readonly string[],
  titleDay: TablePlan['titleDay'] = null,
): Detection {
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
    titleDay,
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
  if (native === 'classification' && wanted === undefined && missingColumns('holdings', holdingNames(look.header)).length === 0)
    throw ambiguous(file, 'the columns fit classification and holdings', '--as', ['classification', 'holdings']);
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
      if (missingColumns('holdings', aliased).length === 0)
        return detectTable(below, 'holdings', aliased, titleDayOf(sample.slice(first, at)));
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

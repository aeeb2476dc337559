/**
 * The modern set as a security master: who owned which ticker when, from the spans of presence in the exchange's list and the derived
 * symbol changes. The set has no identifiers: a company gets an invented ISIN.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { checkDigitOfIsin } from '../../importers/symbols.ts';
import { formatIsoDay, parseIsoDay, type EpochDay } from '../../contract/units.ts';
import { DATA } from './modern.ts';

/** Cells of a line; a quoted cell may hold commas. */
const cellsOf = (line: string): string[] =>
  [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)]
    .slice(0, -1)
    .map(([, cell]) => (cell!.startsWith('"') ? cell!.slice(1, -1).replaceAll('""', '"') : cell!));

/** Rows of a file of the set by heading. */
export function tableOf(name: string): Record<string, string>[] {
  const bytes = readFileSync(join(DATA, name));
  const [head, ...lines] = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').trimEnd().split(/\r?\n/);
  const names = cellsOf(`${head!},`);
  return lines.map((line) => {
    const cells = cellsOf(`${line},`);
    return Object.fromEntries(names.map((key, i) => [key, cells[i] ?? '']));
  });
}

interface Matrix {
  readonly header: string;
  readonly lines: ReadonlyMap<string, string>;
}
const matrices = new Map<string, Matrix>();

/** Header and lines by ticker of a wide matrix with one security a row. */
export function matrixLines(name: string): Matrix {
  const held = matrices.get(name);
  if (held) return held;
  const [header, ...lines] = gunzipSync(readFileSync(join(DATA, name)))
    .toString('utf8')
    .trimEnd()
    .split(/\r?\n/);
  const matrix = { header: header!, lines: new Map(lines.map((line) => [line.slice(0, line.indexOf(',')), line])) };
  matrices.set(name, matrix);
  return matrix;
}

interface Stretch {
  readonly ticker: string;
  readonly from: string;
  /** Last day of presence. */
  last: string;
  name: string;
  company: number;
}

export interface Listings {
  /** A securities file: a row per company and ticker. */
  readonly securities: string;
  readonly companies: number;
  readonly tickers: number;
  /** Tickers that two or more companies had. */
  readonly recycled: readonly string[];
  /** Tickers that vanished for more than ten sessions and came back as the same company. */
  readonly relisted: number;
  readonly renames: number;
}

const LAST_DAY = '2026-07-31';
const company = (name: string): string => name.replace(/ (Common|Class|Ordinary|American|Depositary|ADS|Shares|Units).*$/, '').trim();
const dayAfter = (date: string): string => formatIsoDay((parseIsoDay(date)! + 1) as EpochDay);
const isin = (number: number): string => {
  const body = `ZZMOD${String(number).padStart(6, '0')}`;
  return body + checkDigitOfIsin(body);
};

/** Companies of the tickers that are `wanted`. A rename joins two tickers; a ticker that comes back under another company's name does not. */
export function listingsOf(wanted: (ticker: string) => boolean): Listings {
  const stretches: Stretch[] = [];
  const lastOf = new Map<string, Stretch>();
  const came = new Map<string, string>();
  for (const row of tableOf('modern_symbol_changes_derived.csv')) came.set(`${row.new_ticker} ${row.new_first_date}`, row.old_ticker!);
  const left = new Set(tableOf('modern_symbol_changes_derived.csv').map((row) => `${row.old_ticker} ${row.old_last_date}`));
  let relisted = 0;
  const spans = tableOf('modern_listing_spans.csv.gz').filter((row) => row.kind_by_name === 'equity' && wanted(row.ticker!));
  spans.sort((a, b) => (a.first_trade_date! < b.first_trade_date! ? -1 : a.first_trade_date! > b.first_trade_date! ? 1 : 0));
  for (const row of spans) {
    const [ticker, from, last, name] = [row.ticker!, row.first_trade_date!, row.last_trade_date!, row.name_last!];
    const before = lastOf.get(ticker);
    const renamed = came.has(`${ticker} ${from}`);
    if (before && !renamed && !left.has(`${ticker} ${before.last}`) && company(before.name) === company(name)) {
      relisted++;
      Object.assign(before, { last, name });
      continue;
    }
    const stretch: Stretch = { ticker, from, last, name, company: stretches.length + 1 };
    stretches.push(stretch);
    lastOf.set(ticker, stretch);
  }
  let renames = 0;
  for (const stretch of stretches) {
    const old = came.get(`${stretch.ticker} ${stretch.from}`);
    // Oldest first: the company of the stretch before is settled already.
    const before = old === undefined ? undefined : stretches.findLast((one) => one.ticker === old && one.last < stretch.from);
    if (!before) continue;
    renames++;
    stretch.company = before.company;
  }
  const owners = new Map<string, Set<number>>();
  for (const { ticker, company: id } of stretches) owners.set(ticker, (owners.get(ticker) ?? new Set()).add(id));
  const rows = stretches.map((one) =>
    [
      one.ticker,
      isin(one.company),
      `"${company(one.name).replaceAll('"', '')}"`,
      one.from,
      one.last === LAST_DAY ? '' : dayAfter(one.last),
    ].join(','),
  );
  return {
    securities: ['ticker,isin,name,valid_from,valid_to', ...rows, ''].join('\n'),
    companies: new Set(stretches.map((one) => one.company)).size,
    tickers: owners.size,
    recycled: [...owners].filter(([, ids]) => ids.size > 1).map(([ticker]) => ticker),
    relisted,
    renames,
  };
}

/** The derived splits as an actions file. */
export const splitsText = (wanted: (ticker: string) => boolean): string =>
  [
    'ticker,ex_date,type,value',
    ...tableOf('modern_splits_derived.csv').flatMap((row) =>
      wanted(row.ticker!) ? [`${row.ticker},${row.ex_date},split,${row.new_shares_per_old}`] : [],
    ),
    '',
  ].join('\n');

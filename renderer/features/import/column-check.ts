/** What a choice of columns would read from the first lines of a file, cell by cell, before anything is read. */
import { NATIVE_COLUMNS, type MappedKind } from '../../../main/contract/columns.ts';

const DATES = ['date', 'ex_date', 'valid_from', 'valid_to', 'known_from'];
const NUMBERS = ['close', 'adj_close', 'open', 'high', 'low', 'volume', 'return', 'market_cap', 'value', 'shares'];
/** Cells that say there is no value. */
const NOTHING = /^(|-|n\/?a|nan|null|none|#n\/a)$/i;

/** Required columns nobody was chosen for, in words; empty when the kind is complete. */
export function missingOf(kind: MappedKind, chosen: readonly string[]): string[] {
  return NATIVE_COLUMNS[kind].required.filter((group) => !group.some((name) => chosen.includes(name))).map((group) => group.join(' or '));
}

/** Columns chosen more than once. */
export const repeatedOf = (chosen: readonly string[]): string[] => [
  ...new Set(chosen.filter((name, i) => name !== '' && chosen.indexOf(name) !== i)),
];

/** Why a cell would be rejected as this column; null when it would not, as far as can be told from one cell. */
export function problemOfCell(column: string, cell: string, decimal: '.' | ','): string | null {
  const text = cell.trim();
  if (column === '') return null;
  if (DATES.includes(column)) {
    if (text === '') return column === 'date' || column === 'ex_date' ? 'there is no date' : null;
    return /^\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}$|^\d{8}$|^\d{1,2}[- ][A-Za-z]{3}[- ]\d{2,4}$|^[A-Za-z]{3,9} \d{1,2}, \d{4}$/.test(text)
      ? null
      : 'not a date';
  }
  if (NUMBERS.includes(column)) {
    if (NOTHING.test(text)) return null;
    const plain = decimal === ',' ? text.replaceAll('.', '').replace(',', '.') : text;
    if (!/^[-+$]*\d*\.?\d+(e[-+]?\d+)?$/i.test(plain)) return 'not a number';
    return ['close', 'adj_close'].includes(column) && Number(plain.replace(/[$+]/g, '')) <= 0 ? 'not positive' : null;
  }
  if (['ticker', 'figi', 'isin', 'etf'].includes(column) && text === '') return 'there is no name';
  return null;
}

/** A first choice for a heading: the column it is called like. */
export function guessColumn(kind: MappedKind, heading: string): string {
  const name = heading
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');
  const all: readonly string[] = [...NATIVE_COLUMNS[kind].required.flat(), ...NATIVE_COLUMNS[kind].optional];
  const alias: Readonly<Record<string, string>> = {
    symbol: 'ticker',
    sym: 'ticker',
    px: 'close',
    px_last: 'close',
    price: 'close',
    adjclose: 'adj_close',
    adjusted_close: 'adj_close',
    vol: 'volume',
    day: 'date',
    gics_sector: 'sector',
  };
  const found = all.includes(name) ? name : (alias[name] ?? '');
  return all.includes(found) ? found : '';
}

/** An edited ETF map: what is wrong with it, and the file it is imported as. */
import type { EtfMapEntry } from '../../../main/contract/results-workbench.ts';
import { parseIsoDay, whyNoDay } from '../../../main/contract/units.ts';

export interface MapRow extends EtfMapEntry {
  readonly key: number;
}

export interface MapProblem {
  readonly key: number;
  readonly words: string;
}

const group = ({ level, code, scheme }: EtfMapEntry): string => `${level}\n${code.trim().toLowerCase()}\n${scheme.trim().toLowerCase()}`;
const overlap = (a: EtfMapEntry, b: EtfMapEntry): boolean =>
  (a.validFrom ?? '') < (b.validTo ?? '9999') && (b.validFrom ?? '') < (a.validTo ?? '9999');

/** Empty when the map can be imported. Two rows may share a sector only while their validities do not overlap. */
export function problemsOf(rows: readonly MapRow[]): MapProblem[] {
  const problems: MapProblem[] = [];
  const add = (row: MapRow, words: string): void => void problems.push({ key: row.key, words });
  for (const row of rows) {
    if (!/^[A-Z0-9][A-Z0-9.-]{0,14}$/.test(row.etf)) add(row, `"${row.etf}" is not the ticker of an ETF.`);
    if (row.level !== 'market' && row.code.trim() === '') add(row, 'The sector or industry has no name.');
    for (const [name, day] of [
      ['valid from', row.validFrom],
      ['valid to', row.validTo],
    ] as const)
      if (day !== null && parseIsoDay(day) === null) add(row, `${name}: "${day}" is not a date: ${whyNoDay(day)}.`);
    if (row.validFrom !== null && row.validTo !== null && row.validFrom >= row.validTo) add(row, 'Its validity ends before it begins.');
  }
  rows.forEach((row, i) => {
    const other = rows.slice(0, i).find((before) => group(before) === group(row) && overlap(before, row));
    if (other)
      add(
        row,
        `${row.level} ${row.code === '*' ? '' : `${row.code} `}has ${other.etf} at the same time: let one end where the other begins.`,
      );
  });
  if (!rows.some((row) => row.level === 'market')) problems.push({ key: 0, words: 'There is no market ETF.' });
  return problems;
}

const COLUMNS = ['level', 'code', 'etf', 'scheme', 'valid_from', 'valid_to', 'known_from'] as const;
const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** The map as a file the importer reads. */
export function mapCsv(rows: readonly EtfMapEntry[]): string {
  const line = (row: EtfMapEntry): string =>
    [row.level, row.code, row.etf, row.scheme, row.validFrom ?? '', row.validTo ?? '', row.knownFrom ?? ''].map(cell).join(',');
  return `${[COLUMNS.join(','), ...rows.map(line)].join('\n')}\n`;
}

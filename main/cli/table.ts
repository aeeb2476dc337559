/** Plain-text tables for people: right-aligned numbers, U+2212 for minus, n/a for missing. */
import type { Lineage } from '../contract/results.ts';

export type Cell = string | number | null | undefined;

/** A number with fixed decimals and thousands separators; missing is n/a. */
export function fixed(value: number | null | undefined, decimals: number): string {
  if (value === null || value === undefined || Number.isNaN(value)) return 'n/a';
  const text = Math.abs(value).toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return value < 0 && /[1-9]/.test(text) ? `\u2212${text}` : text;
}

/** Run, knowledge and known-as-of day of a result, as every output states them. */
export const basisText = ({ runId, settings, knownAsOf }: Lineage): string =>
  `${runId}, ${settings.knowledge} knowledge as of ${knownAsOf}`;

/** Says of which day the holdings are, where that is after the ISO day that is looked at. */
export const laterHoldings = (holdingsOf: string, date: string): string => (holdingsOf > date ? ` with holdings of ${holdingsOf}` : '');

export const money = (value: number | null | undefined): string => fixed(value, 2);
export const percent = (value: number | null | undefined, decimals = 1): string =>
  value === null || value === undefined || Number.isNaN(value) ? 'n/a' : `${fixed(value * 100, decimals)} %`;

/** How much of a book its return over a period leaves out. */
export const withoutParts = ({ uncovered, unvalued }: { readonly uncovered: number; readonly unvalued: number }): string =>
  `${percent(uncovered, 2)} of the weight has no parts on an average day${unvalued > 0 ? `, positions without a value are in no weight: ${unvalued}` : ''}`;

/** Lines of a table; a column is right-aligned when every cell but the header looks like a number. */
export function table(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const text = rows.map((row) => header.map((_, column) => String(row[column] ?? '')));
  const numeric = header.map(
    (_, column) => text.length > 0 && text.every((row) => /^([\u2212+-]?[\d,.]+( %| ms| s)?|n\/a|)$/.test(row[column] ?? '')),
  );
  const width = header.map((name, column) => Math.max(name.length, ...text.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (numeric[column] ? cell.padStart(width[column] ?? 0) : cell.padEnd(width[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(header), line(width.map((n) => '-'.repeat(n))), ...text.map(line)].join('\n');
}

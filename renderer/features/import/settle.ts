/** What of a file can be settled by hand with one of a few values, and the question that a file asks, which is one of these. */
import type { ErrorData } from '../../../main/contract/errors.ts';
import { HOLDINGS_LAYOUTS } from '../../../main/contract/mapping.ts';
import { FILE_KINDS } from '../../../main/contract/report.ts';
import type { Options, StagedFile } from './staging.svelte.ts';

type Key = 'kind' | 'value' | 'dateOrder' | 'decimal' | 'delimiter' | 'encoding' | 'layout' | 'scheme' | 'weights';

interface Choice {
  readonly label: string;
  /** What a command line says it with; the core names its questions by this. */
  readonly flag: string;
  /** The words for each value. */
  readonly words: Readonly<Record<string, string>>;
}

const themselves = (values: readonly string[]): Record<string, string> => Object.fromEntries(values.map((value) => [value, value]));

export const CHOICES: Readonly<Record<Key, Choice>> = {
  kind: { label: 'Kind', flag: '--as', words: themselves(FILE_KINDS) },
  value: { label: 'Values', flag: '--value', words: { close: 'raw closes', adj_close: 'adjusted closes' } },
  dateOrder: { label: 'Dates', flag: '--date-order', words: { YMD: 'year-month-day', DMY: 'day-month-year', MDY: 'month-day-year' } },
  decimal: { label: 'Decimal', flag: '--decimal', words: { '.': 'point', ',': 'comma' } },
  delimiter: { label: 'Delimiter', flag: '--delimiter', words: { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'bar' } },
  encoding: { label: 'Encoding', flag: '--encoding', words: themselves(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252']) },
  layout: { label: 'Holdings layout', flag: '--layout', words: HOLDINGS_LAYOUTS },
  weights: { label: 'Weights', flag: '--weights', words: { fraction: 'fractions of one', percent: 'per cent' } },
  scheme: { label: 'Scheme', flag: '--scheme', words: { none: 'none of these' } },
};

/** What is asked for in words of one's own. */
export const TOTAL = 'Value of 100 %, $';
const WRITTEN = { '--known-as-of': { key: 'knownAsOf', label: 'Day of the holdings' }, '--total': { key: 'total', label: TOTAL } } as const;

/** A question with its possible answers, in words; none of a day or an amount, which is written. */
export interface Question {
  readonly key: Key | 'knownAsOf' | 'total';
  readonly label: string;
  readonly answers: readonly { readonly value: string; readonly words: string }[];
}

/** What a file that could not be read asks; null where it asks nothing that one answer settles. */
export function questionOf(error: ErrorData | null): Question | null {
  if (error?.code !== 'ambiguous') return null;
  const { flag, options = [] } = (error.details ?? {}) as { flag?: string; options?: readonly string[] };
  if (flag !== undefined && Object.hasOwn(WRITTEN, flag)) return { ...WRITTEN[flag as keyof typeof WRITTEN], answers: [] };
  for (const [key, { label, flag: own, words }] of Object.entries(CHOICES) as [Key, Choice][]) {
    if (own === flag && options.length > 0)
      return { key, label, answers: options.map((value) => ({ value, words: words[value] ?? value })) };
  }
  return null;
}

/** Settles one thing; '' leaves it to be detected. */
export function settle(options: Options, key: keyof Options, value: string | boolean): void {
  if (value === '' || value === false) delete options[key];
  else Object.assign(options, { [key]: value });
}

/** The others of some files that ask the same. */
export function alike(file: StagedFile, files: readonly StagedFile[]): StagedFile[] {
  const asked = JSON.stringify(questionOf(file.error));
  return files.filter((other) => other !== file && other.phase === 'failed' && JSON.stringify(questionOf(other.error)) === asked);
}

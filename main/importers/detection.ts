/** What is looked at while deciding what a file is, what is decided, and what every decision asks of columns. */
import type { FileKind, ImportOptions } from '../contract/report.ts';
import type { EpochDay } from '../contract/units.ts';
import { detectDateOrder, type DateOrder } from './dates.ts';
import { ambiguous } from './issues.ts';
import type { SchemeColumns } from './kinds.ts';
import type { LongPlan } from './long.ts';
import { requireDecimal, type SampleRow } from './sample.ts';
import type { MasterKind } from './staged.ts';
import type { NameColumns } from './symbols.ts';
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
  /** The day that a line above the header says the holdings are of; null when none does, or for another kind. */
  readonly titleDay: { readonly day: EpochDay; readonly line: number } | null;
  readonly order: DateOrder;
  readonly decimal: '.' | ',';
}

type Plan = LongPlan | WidePlan | TablePlan;

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
export interface Look {
  readonly file: string;
  readonly options: ImportOptions;
  readonly delimiter: string;
  readonly header: readonly string[];
  readonly headerLine: number;
  readonly names: readonly string[];
  readonly sample: readonly SampleRow[];
}

/** The cells of a column in the sample that hold something. */
export const column = (look: Look, index: number): string[] =>
  look.sample.map(({ cells }) => cells[index] ?? '').filter((text) => text !== '');

export function nameColumns(names: readonly string[]): NameColumns {
  return { figi: names.indexOf('figi'), isin: names.indexOf('isin'), ticker: names.indexOf('ticker'), exchange: names.indexOf('exchange') };
}

export function dateOrder(look: Look, samples: readonly string[]): DateOrder {
  if (look.options.dateOrder) return look.options.dateOrder;
  const { order, example } = detectDateOrder(samples);
  if (order === null) throw ambiguous(look.file, `the order of day and month cannot be told (${example})`, '--date-order', ['DMY', 'MDY']);
  return order;
}

export function decimalOf(look: Look, columns: readonly number[], strict: boolean): '.' | ',' {
  return requireDecimal(
    look.file,
    columns.flatMap((index) => column(look, index)),
    look.delimiter,
    look.options.decimal,
    strict,
  );
}

/** Headings of columns that a plan does not use. */
export function unusedColumns(look: Look, used: readonly number[]): string[] {
  const taken = new Set(used);
  return look.header.filter((text, index) => !taken.has(index) && text !== '');
}

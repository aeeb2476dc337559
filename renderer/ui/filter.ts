/** What a filter bar understands: words that must occur somewhere, and comparisons such as `vol>30`, `value<=0`, `flags:short`. */
import { typedNumber, unwritten } from '../lib/format.ts';
import { cellText, type GridColumn } from './grid.ts';

export interface Filter<Row> {
  readonly test: (row: Row) => boolean;
  /** Comparisons that name no column, as typed. */
  readonly unknown: readonly string[];
}

const squeeze = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');

/** The column that a name means: its key or label, else the only one that begins so. */
function columnOf<Row>(columns: readonly GridColumn<Row>[], name: string): GridColumn<Row> | undefined {
  const wanted = squeeze(name);
  if (wanted === '') return undefined;
  const exact = columns.find(({ key, label }) => squeeze(key) === wanted || squeeze(label) === wanted);
  return exact ?? columns.find(({ key, label }) => squeeze(label).startsWith(wanted) || squeeze(key).startsWith(wanted));
}

/**
 * Reads the text of a filter bar. Numbers are compared as the column shows them (per cent where it shows per cent); a missing value
 * satisfies no comparison. `text`: what the plain words are looked for in.
 */
export function readFilter<Row>(typed: string, columns: readonly GridColumn<Row>[], text: (row: Row) => string): Filter<Row> {
  const tests: ((row: Row) => boolean)[] = [];
  const unknown: string[] = [];
  for (const token of typed.trim().split(/\s+/).filter(Boolean)) {
    const [, name, sign, value = ''] = /^([^<>=:]+)(<=|>=|<|>|=|:)(.*)$/.exec(token) ?? [];
    if (name === undefined || sign === undefined) {
      const word = token.toLowerCase();
      tests.push((row) => text(row).toLowerCase().includes(word));
      continue;
    }
    const column = columnOf(columns, name);
    const number = typedNumber(value);
    const numeric = sign !== ':' && column?.numeric && value !== '' && !Number.isNaN(number);
    // A comparison that is still being typed hides nothing.
    if (value === '') continue;
    if (!column || (!numeric && (sign === '<' || sign === '>' || sign === '<=' || sign === '>='))) unknown.push(token);
    else if (numeric) tests.push((row) => compare(shownNumber(column, row), sign, number));
    else tests.push((row) => cellText(column, row).toLowerCase().includes(value.toLowerCase()));
  }
  return { test: (row) => tests.every((test) => test(row)), unknown };
}

const shownNumber = <Row>(column: GridColumn<Row>, row: Row): number => {
  const text = unwritten(cellText(column, row));
  return /^-?[\d.]/.test(text) ? Number(text) : NaN;
};

function compare(a: number, sign: string, b: number): boolean {
  if (Number.isNaN(a)) return false;
  return sign === '<' ? a < b : sign === '>' ? a > b : sign === '<=' ? a <= b : sign === '>=' ? a >= b : a === b;
}

/** Columns of a DataGrid. `value` sorts and is copied; `text` is shown. */
import { orMissing, unwritten } from '../lib/format.ts';

export interface GridColumn<Row> {
  readonly key: string;
  readonly label: string;
  /** Shown under the label's tooltip and read out with it. */
  readonly title?: string;
  /** CSS grid track, e.g. `90px` or `minmax(120px, 1fr)`. */
  readonly width: string;
  readonly numeric?: boolean;
  readonly value: (row: Row) => string | number | null;
  readonly text?: (row: Row) => string;
  /** Extra class of the cell, e.g. by sign. */
  readonly mark?: (row: Row) => string;
  /** Hover text, e.g. why a value is missing. */
  readonly hint?: (row: Row) => string | null;
  /** Drawn by the grid's `custom` snippet. */
  readonly custom?: boolean;
}

export interface Sorting {
  readonly key: string;
  readonly down: boolean;
}

/** Stable sort; missing values stay last in either direction. */
export function sortRows<Row>(rows: readonly Row[], columns: readonly GridColumn<Row>[], sorting: Sorting | null): readonly Row[] {
  const column = sorting && columns.find((candidate) => candidate.key === sorting.key);
  if (!sorting || !column) return rows;
  const sign = sorting.down ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [x, y] = [column.value(a), column.value(b)];
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
    if (typeof x === 'number' && typeof y === 'number') return sign * (x - y);
    return sign * String(x).localeCompare(String(y), 'en', { numeric: true });
  });
}

export const cellText = <Row>(column: GridColumn<Row>, row: Row): string => {
  if (column.text) return column.text(row);
  const value = column.value(row);
  return orMissing(value === null ? null : String(value));
};

/** What a spreadsheet would run as a formula, also in its full-width forms. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

/** A cell as it stands on the screen, for another program: plain numbers in numeric columns, text that no spreadsheet runs. */
function plain<Row>(column: GridColumn<Row>, row: Row): string {
  const text = cellText(column, row).replace(/[\t\r\n]+/g, ' ');
  const number = unwritten(text);
  if (column.numeric && /^-?\d/.test(number)) return number;
  return disarm(text);
}

const disarm = (text: string): string => (FORMULA.test(text) ? `'${text}` : text);

function lines<Row>(rows: readonly Row[], columns: readonly GridColumn<Row>[]): string[][] {
  return [columns.map((column) => disarm(column.label)), ...rows.map((row) => columns.map((column) => plain(column, row)))];
}

/** Tab-separated text of a grid for pasting into a spreadsheet: the rows, columns and decimals of the screen. */
export const toTsv = <Row>(rows: readonly Row[], columns: readonly GridColumn<Row>[]): string =>
  lines(rows, columns)
    .map((cells) => cells.join('\t'))
    .join('\n');

/** The same as a CSV file (RFC 4180). */
export const toCsv = <Row>(rows: readonly Row[], columns: readonly GridColumn<Row>[]): string =>
  lines(rows, columns)
    .map((cells) => `${cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`)
    .join('');

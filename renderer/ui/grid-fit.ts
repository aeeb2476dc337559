/**
 * Columns as wide as their numbers and codes: a number that is cut off reads as another one. Words may end in an ellipsis, for they can
 * be read on hover, but for names that only their ends tell apart. A column that has grown stays so, and nothing jumps while a ticket is
 * being edited.
 */
import { cellText, type GridColumn } from './grid.ts';

/** Padding of a cell, and a little more. */
const AIR = 15;
/** Codes longer than this are cut; names that only their ends tell apart have room for forty letters. */
const LONGEST = 160;
const LONGEST_WHOLE = 324;

/** Pixels of a text at 12 px in the widest of the fonts. */
export function textWidth(text: string): number {
  let width = 0;
  for (const letter of text) width += /[.,:' |]/.test(letter) ? 3.9 : /[−+%A-Z…]/.test(letter) ? 9 : 7.7;
  return width;
}

const pixels = (width: string): number => Number(/(\d+)px/.exec(width)?.[1] ?? 0);

/** Of numbers with fixed decimals the longest is the largest or the smallest. */
function widest<Row>(column: GridColumn<Row>, rows: readonly Row[]): number {
  let [low, high]: [Row | undefined, Row | undefined] = [undefined, undefined];
  let [least, most] = [Infinity, -Infinity];
  for (const row of rows) {
    const value = column.value(row);
    if (typeof value !== 'number' || Number.isNaN(value)) continue;
    if (value < least) [least, low] = [value, row];
    if (value > most) [most, high] = [value, row];
  }
  const texts = [low, high].flatMap((row) => (row === undefined ? [] : [cellText(column, row)]));
  return Math.max(0, ...texts.map(textWidth));
}

/** Of codes: tickers, days, ids. 0 as soon as one of them has words, but for those that stay whole. */
function longestCode<Row>(column: GridColumn<Row>, rows: readonly Row[]): number {
  let longest = '';
  for (const row of rows) {
    const text = cellText(column, row);
    if (text.includes(' ') && !column.whole) return 0;
    if (text.length > longest.length) longest = text;
  }
  return Math.min(column.whole ? LONGEST_WHOLE : LONGEST, textWidth(longest) + AIR);
}

/** Answers the columns with widths that fit `rows`, and `totals` when there is a line of them. */
export function createFit<Row>(): (
  columns: readonly GridColumn<Row>[],
  rows: readonly Row[],
  totals: boolean,
) => readonly GridColumn<Row>[] {
  const grown = new Map<string, number>();
  return (columns, rows, totals) =>
    columns.map((column) => {
      const own = pixels(column.width);
      const found = column.numeric
        ? Math.max(widest(column, rows), totals && column.total ? textWidth(column.total(rows)) * 1.06 : 0) + AIR
        : column.custom
          ? 0
          : longestCode(column, rows);
      const need = Math.max(own, grown.get(column.key) ?? 0, Math.ceil(found / 4) * 4);
      if (need <= own) return column;
      grown.set(column.key, need);
      return { ...column, width: column.width.replace(/\d+px/, `${need}px`) };
    });
}

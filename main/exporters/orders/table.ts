/** Order files of rows and columns: one writer and one strict reader for every delimited layout. */
import { cannotWrite, damaged, linesOf, type Format, type ReadOrder } from './format.ts';
import type { OrderField, OrderRecord } from './records.ts';

/** A field of the record, each at most once, or a text that is the same in every row. */
export type Column =
  | { readonly header: string; readonly constant: string }
  | { readonly header: string; readonly field: OrderField; readonly spell?: (record: OrderRecord) => string };

export interface Layout {
  readonly version: number;
  readonly extension: 'csv' | 'txt';
  readonly columns: readonly Column[];
  readonly delimiter: string;
  readonly quotes: 'needed' | 'always' | 'never';
  readonly header: boolean;
  readonly eol: string;
  /** Marks inside a quantity, taken out before it is checked. */
  readonly thousands?: string;
}

/** What no spreadsheet runs and no reader splits: printable ASCII without quotes, starting with a letter or digit. */
const SAFE = /^([A-Za-z0-9][ !#-~]*)?$/;

export function tableFormat(layout: Layout): Format {
  const { version, extension, columns, eol } = layout;
  const fields = columns.flatMap((column) => ('field' in column ? [column] : []));
  const header = columns.map((column) => cellText(column.header, column.header, layout)).join(layout.delimiter);
  const spell = (field: OrderField, record: OrderRecord): string =>
    fields.find((column) => column.field === field)?.spell?.(record) ?? record[field];
  return {
    version,
    extension,
    carries: fields.map(({ field }) => field),
    spell,
    write: (records) => {
      const rows = records.map((record) =>
        columns
          .map((column) => cellText('field' in column ? spell(column.field, record) : column.constant, column.header, layout))
          .join(layout.delimiter),
      );
      return [...(layout.header ? [header] : []), ...rows, ''].join(eol);
    },
    read: (text) => {
      const lines = text.split(eol);
      if (layout.header && lines[0] !== header) throw damaged(1, 'the header differs');
      const first = layout.header ? 1 : 0;
      return linesOf(text, eol)
        .slice(first)
        .map((line, index) => readRow(line, index + first + 1, layout));
    },
  };
}

function readRow(line: string, number: number, layout: Layout): ReadOrder {
  const { columns } = layout;
  const cells = splitLine(line, layout);
  if (cells === null || cells.length !== columns.length)
    throw damaged(number, `${cells?.length ?? 'damaged'} cells instead of ${columns.length}`);
  const order: Partial<Record<OrderField, string>> = {};
  columns.forEach((column, index) => {
    const cell = cells[index]!;
    if ('field' in column) order[column.field] = cell;
    else if (cell !== column.constant) throw damaged(number, `${column.header} is ${JSON.stringify(cell)}`);
  });
  const quantity = layout.thousands ? order.quantity!.replaceAll(layout.thousands, '') : order.quantity!;
  if (!/^[1-9][0-9]{0,7}$/.test(quantity)) throw damaged(number, 'the quantity is not a positive whole number');
  return order;
}

function cellText(cell: string, header: string, { delimiter, quotes }: Layout): string {
  if (!SAFE.test(cell)) throw cannotWrite(`The ${header} cell ${JSON.stringify(cell)} could run or break a table.`, 'Change its source.');
  if (quotes === 'always' || (quotes === 'needed' && cell.includes(delimiter))) return `"${cell}"`;
  if (cell.includes(delimiter))
    throw cannotWrite(`The ${header} cell ${JSON.stringify(cell)} holds the delimiter.`, 'Allow quotes in the template.');
  return cell;
}

/** Null when the line is quoted in another way than the writer does. */
function splitLine(line: string, { delimiter, quotes }: Layout): string[] | null {
  if (quotes === 'never') return line.includes('"') ? null : line.split(delimiter);
  const mark = delimiter === '|' ? '\\|' : delimiter;
  const bare = quotes === 'needed' ? `|([^"${mark}]*)` : '';
  const cell = new RegExp(`(?:"([^"]*)"${bare})(${mark}|$)`, 'y');
  const cells: string[] = [];
  for (;;) {
    const match = cell.exec(line);
    if (match === null) return null;
    cells.push(match[1] ?? match[2] ?? '');
    if (match.at(-1) === '') return cells;
  }
}

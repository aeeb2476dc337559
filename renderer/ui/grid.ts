/** Columns of a DataGrid. `value` sorts and is copied; `text` is shown. */
import { MISSING, orMissing, unwritten, whole } from '../lib/format.ts';

export interface GridColumn<Row> {
  readonly key: string;
  readonly label: string;
  /** Shown under the label's tooltip and read out with it. */
  readonly title?: string;
  /** CSS grid track with its least width in pixels, e.g. `90px` or `minmax(120px, 1fr)`. */
  readonly width: string;
  readonly numeric?: boolean;
  /** Words that are told apart by their ends, as names of accounts are: the column grows with them as with codes. */
  readonly whole?: boolean;
  readonly value: (row: Row) => string | number | null;
  readonly text?: (row: Row) => string;
  /** Extra class of the cell, e.g. by sign. */
  readonly mark?: (row: Row) => string;
  /** Hover text, e.g. why a value is missing. */
  readonly hint?: (row: Row) => string | null;
  /** Text of the column under a group or in the totals, of these rows. */
  readonly total?: (rows: readonly Row[]) => string;
  /** Drawn by the grid's `custom` snippet. */
  readonly custom?: boolean;
}

export interface Sorting {
  readonly key: string;
  readonly down: boolean;
}

const words = new Intl.Collator('en', { numeric: true });

/** Stable sort; missing values stay last in either direction. */
export function sortRows<Row>(rows: readonly Row[], columns: readonly GridColumn<Row>[], sorting: Sorting | null): readonly Row[] {
  const column = sorting && columns.find((candidate) => candidate.key === sorting.key);
  if (!sorting || !column) return rows;
  const sign = sorting.down ? -1 : 1;
  // Each row is asked once: comparing asks for it a dozen times.
  const keyed = rows.map((row) => ({ row, key: column.value(row) }));
  keyed.sort(({ key: x }, { key: y }) => {
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
    return sign * (typeof x === 'number' && typeof y === 'number' ? x - y : words.compare(String(x), String(y)));
  });
  return keyed.map(({ row }) => row);
}

/** A column sorts its way first (numbers downwards), then the other, then not at all. */
export function nextSorting<Row>(sorting: Sorting | null, { key, numeric = false }: GridColumn<Row>): Sorting | null {
  if (sorting?.key !== key) return { key, down: numeric };
  return sorting.down === numeric ? { key, down: !numeric } : null;
}

/** Marks of a sorted heading. */
export const ARROWS = { none: '', ascending: ' ▴', descending: ' ▾' };

export const direction = <Row>(sorting: Sorting | null, { key }: GridColumn<Row>): keyof typeof ARROWS =>
  sorting?.key !== key ? 'none' : sorting.down ? 'descending' : 'ascending';

export const cellText = <Row>(column: GridColumn<Row>, row: Row): string => {
  if (column.text) return column.text(row);
  const value = column.value(row);
  return orMissing(value === null ? null : String(value));
};

/** The class of a cell; what is shown as zero has no sign. */
export const markOf = <Row>(column: GridColumn<Row>, row: Row): string => {
  const mark = column.mark?.(row) ?? '';
  if (mark !== 'positive' && mark !== 'negative') return mark;
  const value = column.value(row);
  const tiny = typeof value === 'number' && Math.abs(value) < 1;
  return tiny && !/[1-9]/.test(cellText(column, row)) ? '' : mark;
};

/** What a spreadsheet would run as a formula, also in its full-width forms. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

const disarm = (text: string): string => (FORMULA.test(text) ? `'${text}` : text);

/** A displayed line: a row, or the heading of a group with the rows under it. */
export type GridLine<Row> =
  | { readonly kind: 'row'; readonly row: Row }
  | { readonly kind: 'group'; readonly name: string; readonly rows: readonly Row[]; readonly open: boolean };

/** Rows under the headings of their groups, which stand in the order of their first row; closed groups keep their heading. */
export function groupLines<Row>(
  rows: readonly Row[],
  groupOf: ((row: Row) => string) | undefined,
  closed: ReadonlySet<string> = new Set(),
): readonly GridLine<Row>[] {
  if (!groupOf) return rows.map((row) => ({ kind: 'row', row }));
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const name = groupOf(row);
    const group = groups.get(name);
    if (group) group.push(row);
    else groups.set(name, [row]);
  }
  return [...groups].flatMap(([name, own]): GridLine<Row>[] => {
    const open = !closed.has(name);
    return [{ kind: 'group', name, rows: own, open }, ...(open ? own.map((row): GridLine<Row> => ({ kind: 'row', row })) : [])];
  });
}

/** Text of a cell of a heading or of the totals: the name in the first column, sums where a column has one. */
export const summaryText = <Row>(column: GridColumn<Row>, rows: readonly Row[], name: string, first: boolean): string =>
  first ? `${name} (${whole(rows.length)})` : (column.total?.(rows) ?? '');

/** Text of a cell of a row, or of the heading of a group. */
export const lineText = <Row>(line: GridLine<Row>, column: GridColumn<Row>, first: boolean): string =>
  line.kind === 'row'
    ? cellText(column, line.row)
    : `${first ? (line.open ? '▾ ' : '▸ ') : ''}${summaryText(column, line.rows, line.name, first)}`;

/** First line after `from` whose first column begins with the typed letters, around the end; -1 when none does. */
export function typedLine<Row>(lines: readonly GridLine<Row>[], column: GridColumn<Row>, typed: string, from: number): number {
  const start = typed.toLowerCase();
  for (let step = 0; step < lines.length; step++) {
    const at = (from + step + lines.length) % lines.length;
    const line = lines[at]!;
    if (line.kind === 'row' && cellText(column, line.row).toLowerCase().startsWith(start)) return at;
  }
  return -1;
}

/** A displayed text as another program takes it: plain numbers in numeric columns, text that no spreadsheet runs. */
function plainText(text: string, numeric: boolean | undefined): string {
  const flat = text.replace(/[\t\r\n]+/g, ' ');
  const number = unwritten(flat);
  return numeric && /^-?\d/.test(number) ? number : disarm(flat);
}

/** The cells as they stand on the screen, headings and totals included. */
function table<Row>(lines: readonly GridLine<Row>[], columns: readonly GridColumn<Row>[], totals: readonly Row[] | null): string[][] {
  const summary = (rows: readonly Row[], name: string): string[] => columns.map((column, c) => summaryText(column, rows, name, c === 0));
  return [
    ...lines.map((line) => (line.kind === 'group' ? summary(line.rows, line.name) : columns.map((column) => cellText(column, line.row)))),
    ...(totals ? [summary(totals, 'Total')] : []),
  ];
}

export interface GridContent<Row> {
  readonly lines: readonly GridLine<Row>[];
  readonly columns: readonly GridColumn<Row>[];
  /** Rows of the line of totals; null without one. */
  readonly totals: readonly Row[] | null;
}

function texts<Row>({ lines, columns, totals }: GridContent<Row>): string[][] {
  const body = table(lines, columns, totals).map((cells) => cells.map((cell, c) => plainText(cell, columns[c]!.numeric)));
  return [columns.map((column) => disarm(column.label)), ...body];
}

/** Tab-separated text of a grid for pasting into a spreadsheet: the rows, columns and decimals of the screen. */
export const gridTsv = <Row>(content: GridContent<Row>): string =>
  texts(content)
    .map((cells) => cells.join('\t'))
    .join('\n');

/** The same as a CSV file (RFC 4180). */
export const gridCsv = <Row>(content: GridContent<Row>): string => csvOf(texts(content));
const csvOf = (rows: readonly (readonly string[])[]): string =>
  rows.map((cells) => `${cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`).join('');

/** Rows of a turn: some milliseconds with all columns of a book. */
const TURN = 250;

/** A large grid in pieces, each of a turn of its own: the page answers in between. */
async function* inTurns<Row>(content: GridContent<Row>): AsyncGenerator<GridContent<Row>> {
  const { lines, columns, totals } = content;
  for (let at = 0; at === 0 || at < lines.length; at += TURN) {
    if (at > 0) await new Promise((next) => setTimeout(next));
    const end = at + TURN;
    yield { lines: lines.slice(at, end), columns, totals: end < lines.length ? null : totals };
  }
}

/** The same as `gridCsv`, in turns. */
export async function csvInTurns<Row>(content: GridContent<Row>): Promise<string> {
  const pieces: string[] = [];
  for await (const piece of inTurns(content)) pieces.push(csvOf(texts(piece).slice(pieces.length === 0 ? 0 : 1)));
  return pieces.join('');
}

export interface GridSheet {
  readonly columns: { readonly label: string; readonly decimals: number | null }[];
  readonly rows: (string | number | null)[][];
}

/** The same as cells of a workbook: numbers with the decimals of the screen; text there is never run. */
function gridSheet<Row>({ lines, columns, totals }: GridContent<Row>): GridSheet {
  const body = table(lines, columns, totals);
  const number = (text: string): number | null => {
    const plain = plainText(text, true);
    return /^-?\d/.test(plain) ? Number(plain) : null;
  };
  return {
    columns: columns.map(({ label, numeric }, c) => {
      if (!numeric) return { label, decimals: null };
      const shown = body.map((cells) => cells[c]!).filter((text) => number(text) !== null);
      return {
        label,
        decimals: Math.min(12, Math.max(0, ...shown.map((text) => /\.(\d+)/.exec(plainText(text, true))?.[1]?.length ?? 0))),
      };
    }),
    rows: body.map((cells) =>
      cells.map((text, c) =>
        columns[c]!.numeric ? (number(text) ?? (text === '' || text === MISSING ? null : text)) : text === '' ? null : text,
      ),
    ),
  };
}

/** `gridSheet`, in turns. */
export async function sheetInTurns<Row>(content: GridContent<Row>): Promise<GridSheet> {
  let columns: GridSheet['columns'] = [];
  const rows: GridSheet['rows'] = [];
  for await (const piece of inTurns(content)) {
    const own = gridSheet(piece);
    const decimals = (c: number): number => Math.max(own.columns[c]!.decimals ?? 0, columns[c]?.decimals ?? 0);
    columns = own.columns.map((column, c) => (column.decimals === null ? column : { ...column, decimals: decimals(c) }));
    rows.push(...own.rows);
  }
  return { columns, rows };
}

const contentOf = <Row>(rows: readonly Row[], columns: readonly GridColumn<Row>[]): GridContent<Row> => ({
  lines: groupLines(rows, undefined),
  columns,
  totals: null,
});
export const toTsv = <Row>(rows: readonly Row[], columns: readonly GridColumn<Row>[]): string => gridTsv(contentOf(rows, columns));
export const toCsv = <Row>(rows: readonly Row[], columns: readonly GridColumn<Row>[]): string => gridCsv(contentOf(rows, columns));

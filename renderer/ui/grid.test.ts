import { describe, expect, it } from 'vitest';
import { accountColumn } from './account-column.ts';
import { movedCell } from './grid-keys.ts';
import { csvInTurns, groupLines, nextSorting, sheetInTurns, sortRows, toCsv, toTsv, type GridColumn } from './grid.ts';

interface Row {
  name: string;
  x: number | null;
}
const columns: GridColumn<Row>[] = [
  { key: 'name', label: 'Name', width: '1fr', value: (row) => row.name },
  { key: 'x', label: 'X', width: '1fr', value: (row) => row.x },
];
const rows: Row[] = [
  { name: 'b2', x: 1 },
  { name: 'b10', x: null },
  { name: 'a', x: -3 },
];

describe('grid', () => {
  it('keeps missing values last in both directions', () => {
    expect(sortRows(rows, columns, { key: 'x', down: false }).map((row) => row.x)).toEqual([-3, 1, null]);
    expect(sortRows(rows, columns, { key: 'x', down: true }).map((row) => row.x)).toEqual([1, -3, null]);
  });

  it('sorts names as a person counts', () => {
    expect(sortRows(rows, columns, { key: 'name', down: false }).map((row) => row.name)).toEqual(['a', 'b2', 'b10']);
  });

  it('copies what the screen shows, as plain numbers, and disarms formulas', () => {
    const shown: GridColumn<Row>[] = [
      columns[0]!,
      { ...columns[1]!, numeric: true, label: 'X %', text: (row) => (row.x === null ? 'n/a' : `−${(-row.x * 100).toFixed(1)}`) },
    ];
    expect(toTsv([{ name: '=HYPERLINK("x")\tq', x: -12.345 }], shown)).toBe('Name\tX %\n\'=HYPERLINK("x") q\t-1234.5');
    expect(toTsv([{ name: '-5', x: null }], shown)).toBe("Name\tX %\n'-5\tn/a");
  });

  it('writes CSV with quotes where they are needed, and no formula in any column', () => {
    const armed: GridColumn<Row>[] = [
      { ...columns[0]!, label: '=A' },
      { ...columns[1]!, numeric: true, text: () => '=1+1' },
    ];
    expect(toCsv([{ name: 'Nut, "Big" & Bolt', x: 1 }], armed)).toBe('\'=A,X\r\n"Nut, ""Big"" & Bolt",\'=1+1\r\n');
    for (const start of ['=', '+', '-', '@', '\t=', '＝']) {
      const cell = toCsv([{ name: `${start}cmd`, x: 0 }], [columns[0]!]).split('\r\n')[1]!;
      expect(/^(?:'| =?)/.test(cell) && !/^[=+\-@＝]/.test(cell), cell).toBe(true);
    }
  });
});

it('writes a large grid in turns, in which the page answers, and the same as in one', async () => {
  const many = Array.from({ length: 1100 }, (_, i): Row => ({ name: `N${i}`, x: i === 1050 ? 0.125 : i }));
  const shown: GridColumn<Row>[] = [columns[0]!, { ...columns[1]!, numeric: true, text: (row) => String(row.x), total: () => '7.5' }];
  const content = { lines: groupLines(many, undefined), columns: shown, totals: many };
  let [turns, ended] = [0, false];
  const other = (): void => {
    turns += 1;
    if (!ended) setTimeout(other);
  };
  setTimeout(other);
  const text = await csvInTurns(content);
  ended = true;
  expect(turns).toBeGreaterThanOrEqual(3);
  expect(text).toBe(`${toCsv(many, shown)}"Total (1,100)",7.5\r\n`);
  const { columns: heads, rows: cells } = await sheetInTurns(content);
  expect(heads).toEqual([
    { label: 'Name', decimals: null },
    { label: 'X', decimals: 3 },
  ]);
  expect([cells.length, cells[1050], cells.at(-1)]).toEqual([1101, ['N1050', 0.125], ['Total (1,100)', 7.5]]);
  expect(await csvInTurns({ lines: [], columns: shown, totals: null })).toBe('Name,X\r\n');
});

it('sorts numbers downwards first, words upwards, then the other way, then not at all', () => {
  const [name, size] = [
    { key: 'name', label: 'Name', width: '80px', value: () => '' },
    { key: 'size', label: 'Size', width: '80px', numeric: true, value: () => 0 },
  ];
  let sorting = nextSorting(null, size);
  expect(sorting).toEqual({ key: 'size', down: true });
  expect(nextSorting(sorting, name)).toEqual({ key: 'name', down: false });
  sorting = nextSorting(sorting, size);
  expect(sorting).toEqual({ key: 'size', down: false });
  expect(nextSorting(sorting, size)).toBeNull();
});

it('moves the cursor by keys and stays inside', () => {
  const extent = { rows: 100, columns: 5, page: 10 };
  const from = { row: 40, column: 2 };
  const to = (key: string, end = false) => movedCell(key, end, from, extent);
  expect([to('ArrowDown'), to('PageDown'), to('End'), to('End', true), to('ArrowUp', true), to('x')]).toEqual([
    { row: 41, column: 2 },
    { row: 50, column: 2 },
    { row: 40, column: 4 },
    { row: 99, column: 4 },
    { row: 0, column: 2 },
    null,
  ]);
  expect(movedCell('ArrowUp', false, { row: -1, column: 0 }, extent)).toEqual({ row: -1, column: 0 });
  expect(movedCell('PageUp', false, { row: 3, column: 0 }, extent)).toEqual({ row: 0, column: 0 });
});

it('an account stands beside names where they are of several accounts', () => {
  const of = (account: string): string => account;
  expect(accountColumn([], of)).toEqual([]);
  expect(accountColumn(['A', 'A'], of)).toEqual([]);
  const [column] = accountColumn(['A', ''], of);
  expect([column!.value('A'), column!.value('')]).toEqual(['A', '–']);
});

import { describe, expect, it } from 'vitest';
import { sortRows, toTsv, type GridColumn } from './grid.ts';

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

  it('copies plain numbers and disarms formulas', () => {
    expect(toTsv([{ name: '=HYPERLINK("x")\tq', x: -0.5 }], columns)).toBe('Name\tX\n\'=HYPERLINK("x") q\t-0.5');
  });
});

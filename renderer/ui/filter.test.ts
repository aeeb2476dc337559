import { expect, it } from 'vitest';
import { readFilter } from './filter.ts';
import type { GridColumn } from './grid.ts';

interface Row {
  name: string;
  vol: number | null;
}
const columns: GridColumn<Row>[] = [
  { key: 'name', label: 'Ticker', width: '80px', value: (row) => row.name },
  {
    key: 'vol',
    label: 'Vol %',
    width: '80px',
    numeric: true,
    value: (row) => row.vol,
    text: (row) => (row.vol === null ? 'n/a' : (row.vol * 100).toFixed(1)),
  },
];
const rows: Row[] = [
  { name: 'AAA', vol: 0.35 },
  { name: 'AAB', vol: -0.2 },
  { name: 'CCC', vol: null },
];
const left = (typed: string): string[] => rows.filter(readFilter(typed, columns, (row) => row.name).test).map((row) => row.name);

it('finds words, compares numbers as they are shown, and lets missing values satisfy nothing', () => {
  expect(left('aa')).toEqual(['AAA', 'AAB']);
  expect(left('vol>30')).toEqual(['AAA']);
  expect(left('Vol%<=-20')).toEqual(['AAB']);
  expect(left('vol<1000000')).toEqual(['AAA', 'AAB']);
  expect(left('ticker:aab aa')).toEqual(['AAB']);
  expect(left('vol=35')).toEqual(['AAA']);
});

it('hides nothing for a comparison half typed, and says what it does not know', () => {
  expect(left('vol>')).toEqual(['AAA', 'AAB', 'CCC']);
  expect(readFilter('nonsense>3 ticker>5', columns, (row) => row.name).unknown).toEqual(['nonsense>3', 'ticker>5']);
  expect(readFilter('vol>0,5', columns, (row) => row.name).unknown).toEqual(['vol>0,5']);
  expect(left('nonsense>3')).toEqual(['AAA', 'AAB', 'CCC']);
});

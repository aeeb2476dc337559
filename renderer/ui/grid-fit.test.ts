import { describe, expect, it } from 'vitest';
import { createFit, textWidth } from './grid-fit.ts';
import type { GridColumn } from './grid.ts';

interface Row {
  readonly code: string;
  readonly words: string;
  readonly value: number | null;
}
const columns: GridColumn<Row>[] = [
  { key: 'code', label: 'Code', width: 'minmax(60px, 1fr)', value: (row) => row.code },
  { key: 'words', label: 'Words', width: '60px', value: (row) => row.words },
  { key: 'value', label: 'Value', width: '60px', numeric: true, value: (row) => row.value, text: (row) => (row.value ?? NaN).toFixed(0) },
];
const widths = (fitted: readonly GridColumn<Row>[]): number[] => fitted.map(({ width }) => Number(/(\d+)px/.exec(width)![1]));

describe('columns', () => {
  it('grow to their longest number and code, and keep their own width for words', () => {
    const rows = [
      { code: 'ABCDEFGHIJK', words: 'a long text of several words', value: -123456789 },
      { code: 'A', words: 'b', value: null },
    ];
    const fitted = createFit<Row>()(columns, rows, false);
    const [code, words, value] = widths(fitted);
    expect(code).toBeGreaterThan(textWidth('ABCDEFGHIJK'));
    expect(fitted[0]!.width).toMatch(/^minmax\(\d+px, 1fr\)$/);
    expect(words).toBe(60);
    expect(value).toBeGreaterThan(textWidth('-123456789'));
  });

  it('grow with names that only their ends tell apart', () => {
    const account = { ...columns[1]!, whole: true };
    for (const name of ['Individual ...482', 'State Street Global Long Short Equity 06']) {
      const rows = [{ code: 'A', words: name, value: 1 }];
      expect(widths(createFit<Row>()([account], rows, false))[0]).toBeGreaterThan(textWidth(name));
    }
  });

  it('stay as they are when all fits, and never shrink again', () => {
    const fit = createFit<Row>();
    const small = [{ code: 'A', words: 'b', value: 1 }];
    expect(fit(columns, small, false)).toEqual(columns);
    const grown = fit(columns, [{ code: 'A', words: 'b', value: 1e12 }], false);
    expect(fit(columns, small, false)).toEqual(grown);
  });

  it('have room for the sums of a line of totals', () => {
    const summed = [{ ...columns[2]!, total: () => '999,999,999,999' }];
    expect(widths(createFit<Row>()(summed, [{ code: 'A', words: 'b', value: 1 }], true))[0]).toBeGreaterThan(textWidth('999,999,999,999'));
  });
});

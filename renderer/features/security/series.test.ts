import { describe, expect, it } from 'vitest';
import { chartData, nearestRow } from './series.ts';

describe('ratio series', () => {
  it('puts the cursor on the last row at or before the date', () => {
    const days = new Int32Array([0, 1, 5]);
    expect(['1970-01-02', '1970-01-05', '1970-02-01', '1969-01-01'].map((date) => nearestRow(days, date))).toEqual([1, 1, 2, 0]);
  });

  it('makes gaps of missing values, and no band where there is no error', () => {
    const data = chartData(new Int32Array([0, 1]), {
      wire: 'x',
      ratio: new Float64Array([NaN, -0.5]),
      error: new Float64Array([0.1, NaN]),
    });
    expect(data.slice(0, 3)).toEqual([
      [0, 86400],
      [null, -0.5],
      [null, null],
    ]);
  });
});

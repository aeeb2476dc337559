import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMetrics, metricsHeader, type MetricsColumn } from './index.ts';

const decode = (bytes: Uint8Array) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
const numbers = (count: number): MetricsColumn[] => Array.from({ length: count }, (_, index) => ({ name: `f${index}`, index }));

describe('export metrics as CSV', () => {
  it('writes date, ticker and the chosen fields in order; missing is empty', () => {
    const columns: MetricsColumn[] = [
      { name: 'l1_mkt_hr', index: 2 },
      { name: 'flags', index: 1, names: (mask) => ['one', 'two', 'four'].filter((_, bit) => mask & (1 << bit)) },
      { name: 'n_obs', index: 0 },
    ];
    const values = Float64Array.from([252, 126, NaN, 0, 5, NaN, -0.1, 1e-7, NaN]);
    const tile = { values, rowCount: 3, dates: ['2026-01-02', '2026-01-05', '2026-01-06'], tickers: ['FB', 'META', 'META'] };
    expect(metricsHeader(columns) + decode(formatMetrics(columns, tile))).toBe(
      'date,ticker,l1_mkt_hr,flags,n_obs\n2026-01-02,FB,-0.1,,252\n2026-01-05,META,1e-7,one|four,126\n2026-01-06,META,,,\n',
    );
    expect(decode(formatMetrics(columns, { ...tile, present: Uint8Array.from([0, 1, 0]) }))).toBe('2026-01-05,META,1e-7,one|four,126\n');
    expect(decode(formatMetrics(columns, { ...tile, rowCount: 0, values: new Float64Array(0) }))).toBe('');
  });

  it('puts lineage first, and never lets it add a row', () => {
    const head = metricsHeader(numbers(1), [
      ['run', 'R12'],
      ['note', 'a\r\n2026-01-01,AAPL,1'],
    ]);
    expect(head).toBe('# run: R12\n# note: a 2026-01-01,AAPL,1\ndate,ticker,f0\n');
  });

  it('reads back to the same bits for any finite double', () => {
    const anyDouble = fc.double({ noDefaultInfinity: true });
    // Pairs of opposite and equal values meet the cache.
    const cells = fc.array(fc.oneof(anyDouble, fc.constantFrom(0, -0, 0.5, -0.5, 252, Number.MIN_VALUE, -Number.MAX_VALUE)), {
      minLength: 1,
      maxLength: 240,
    });
    fc.assert(
      fc.property(cells, fc.integer({ min: 1, max: 6 }), (list, rowCount) => {
        const columns = numbers(Math.ceil(list.length / rowCount));
        const values = Float64Array.from({ length: columns.length * rowCount }, (_, i) => list[i] ?? -(list[i % list.length] ?? 0));
        const text = decode(
          formatMetrics(columns, { values, rowCount, dates: Array(rowCount).fill('2026-01-02'), tickers: Array(rowCount).fill('A') }),
        );
        const rows = text.trimEnd().split('\n');
        expect(rows).toHaveLength(rowCount);
        rows.forEach((line, row) => {
          const read = line.split(',').slice(2);
          expect(read).toHaveLength(columns.length);
          read.forEach((cell, field) => expect(cell === '' ? NaN : Number(cell)).toBe(values[field * rowCount + row]));
        });
      }),
      { numRuns: 300 },
    );
  });

  it('grows for long tickers, long numbers and flags, and quotes a ticker that needs it', () => {
    const rowCount = 3000;
    const columns: MetricsColumn[] = [
      { name: 'f', index: 0 },
      { name: 'flags', index: 1, names: () => ['x'.repeat(3000)] },
    ];
    const values = Float64Array.from({ length: 2 * rowCount }, (_, i) => (i < rowCount ? -2.2250738585072014e-308 : 1));
    const ticker = 'BRK"B,' + 'é'.repeat(50);
    const text = decode(
      formatMetrics(columns, { values, rowCount, dates: Array(rowCount).fill('2026-01-02'), tickers: Array(rowCount).fill(ticker) }),
    );
    const line = `2026-01-02,"BRK""B,${'é'.repeat(50)}",-2.2250738585072014e-308,${'x'.repeat(3000)}\n`;
    expect(text).toBe(line.repeat(rowCount));
  });

  it('stops on an infinity instead of writing it', () => {
    const tile = { values: Float64Array.from([-Infinity]), rowCount: 1, dates: ['2026-01-02'], tickers: ['A'] };
    expect(() => formatMetrics(numbers(1), tile)).toThrow('f0 of A on 2026-01-02 is infinite');
  });
});

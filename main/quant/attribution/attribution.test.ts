import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alpha, bridge, correlation, residualPath, type DailyParts } from './index.ts';

const daily = fc.double({ min: -0.2, max: 0.2, noNaN: true });
const parts = fc.array(fc.tuple(daily, daily, daily, daily), { minLength: 1, maxLength: 300 }).map((rows): DailyParts => {
  const column = (k: number): Float64Array => Float64Array.from(rows, (row) => row[k]! / 4);
  const [market, sector, subsector, own] = [0, 1, 2, 3].map(column) as [Float64Array, Float64Array, Float64Array, Float64Array];
  return { market, sector, subsector, gross: own.map((x, i) => x + market[i]! + sector[i]! + subsector[i]!) };
});

const near = (value: number, expected: number): void =>
  expect(Math.abs(value - expected)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(expected)));

describe('the bridge of a period', () => {
  it('has bars that sum to the compound return, in both compound forms', () => {
    fc.assert(
      fc.property(parts, (one) => {
        const { geometric, arithmetic, logLinked } = bridge(one, false);
        const compound = one.gross.reduce((product, g) => product * (1 + g), 1) - 1;
        for (const bars of [geometric!, logLinked!]) {
          near(bars.total, compound);
          near(bars.market + bars.sector + bars.subsector + bars.residual, compound);
        }
        near(arithmetic!.market + arithmetic!.sector + arithmetic!.subsector + arithmetic!.residual, arithmetic!.total);
        near(residualPath(one, false).at(-1)!, geometric!.residual);
      }),
    );
  });

  it('is missing when a day is, unless such days are skipped and counted', () => {
    const one = {
      market: Float64Array.from([0.01, NaN]),
      sector: new Float64Array(2),
      subsector: new Float64Array(2),
      gross: Float64Array.from([0.02, 0.01]),
    };
    expect(bridge(one, false)).toEqual({ geometric: null, arithmetic: null, logLinked: null, days: 1, missing: 1 });
    expect(residualPath(one, false)[1]).toBeNaN();
    expect(residualPath(one, true)[1]).toBeCloseTo(0.01, 15);
    expect(bridge(one, true)).toMatchObject({ days: 1, missing: 1, geometric: { market: expect.closeTo(0.01, 15) as number } });
  });

  it('does not log-link a loss of everything', () => {
    const zero = new Float64Array(1);
    expect(bridge({ market: zero, sector: zero, subsector: zero, gross: Float64Array.from([-1]) }, false)).toMatchObject({
      logLinked: null,
      geometric: { residual: -1, total: -1 },
    });
  });
});

it('sums residuals with their standard error', () => {
  const found = alpha(Float64Array.from([0.01, NaN, 0.03, 0.02]));
  expect(Array.from(found.path)).toEqual([0.01, 0.01, 0.04, 0.06]);
  expect(found).toMatchObject({ days: 3, sum: 0.06 });
  expect(found.standardError).toBeCloseTo(0.01 * Math.sqrt(3), 14);
  expect(found.t).toBeCloseTo(0.06 / (0.01 * Math.sqrt(3)), 10);
  expect(alpha(Float64Array.from([NaN]))).toMatchObject({ days: 0, standardError: null, t: null });
});

it('correlates on common days, by value and by rank', () => {
  const a = Float64Array.from([1, 2, NaN, 3, 4, 4]);
  const b = Float64Array.from([1, 4, 5, 9, 16, 16]);
  const found = correlation(a, b);
  expect(found.days).toBe(5);
  expect(found.spearman).toBe(1);
  expect(found.pearson).toBeGreaterThan(0.9);
  expect(found.pearson).toBeLessThan(1);
  expect(correlation(a, new Float64Array(6))).toEqual({ pearson: null, spearman: null, days: 5 });
  expect(correlation(a.slice(0, 2), b)).toMatchObject({ pearson: null, days: 2 });
});

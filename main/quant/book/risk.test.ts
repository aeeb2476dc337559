import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { annual, contribution, covariance, historicalRisk, quadratic } from './index.ts';

const ret = fc.double({ min: -0.2, max: 0.2, noNaN: true }).map((x) => Math.round(x * 1e6) / 1e6);
const series = (rows: number) =>
  fc.array(fc.oneof({ weight: 9, arbitrary: ret }, { weight: 1, arbitrary: fc.constant(NaN) }), { minLength: rows, maxLength: rows });

describe('covariance', () => {
  it('is the sample covariance of the complete rows of the window', () => {
    const a = Float64Array.of(9, 1, 2, NaN, 4, 9);
    const b = Float64Array.of(9, 2, 4, 7, 0, 9);
    const cov = covariance([a, b], 1, 5);
    expect(cov).toMatchObject({ rows: 3, size: 2 });
    // a: 1, 2, 4 (mean 7/3); b: 2, 4, 0 (mean 2).
    const expected = [7 / 3, -2, -2, 4];
    cov.matrix.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 12));
  });

  it('is missing with fewer than two complete rows', () => {
    const cov = covariance([Float64Array.of(1, NaN), Float64Array.of(1, 2)], 0, 2);
    expect(cov.rows).toBe(1);
    expect(cov.matrix.every(Number.isNaN)).toBe(true);
    expect([annual(quadratic([1, 1], cov.matrix)), annual(0.01)]).toEqual([null, Math.sqrt(252 * 0.01)]);
  });

  it('gives a non-negative variance for any holding', () => {
    fc.assert(
      fc.property(fc.array(series(12), { minLength: 1, maxLength: 5 }), fc.array(ret, { minLength: 5, maxLength: 5 }), (list, x) => {
        const cov = covariance(
          list.map((own) => Float64Array.from(own)),
          0,
          12,
        );
        fc.pre(cov.rows >= 2);
        expect(quadratic(x.slice(0, list.length), cov.matrix)).toBeGreaterThanOrEqual(-1e-15);
      }),
    );
  });
});

describe('historical risk', () => {
  it('is the volatility of the value of the holdings, contributions summing to it', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: -1000, max: 1000 }), series(30)), { minLength: 1, maxLength: 5 }), (list) => {
        const values = list.map(([value]) => value);
        const returns = list.map(([, own]) => Float64Array.from(own));
        const risk = historicalRisk(values, returns, 2, 30, 10);
        const kept = list.map((_, i) => i).filter((i) => !risk.dropped.includes(i));
        const profit: number[] = [];
        for (let row = 2; row < 30; row++) {
          const sum = kept.reduce((total, i) => total + values[i]! * returns[i]![row]!, 0);
          if (kept.length > 0 && !Number.isNaN(sum)) profit.push(sum);
        }
        expect(risk.rows).toBe(profit.length);
        fc.pre(profit.length >= 2);
        const mean = profit.reduce((a, b) => a + b, 0) / profit.length;
        const variance = profit.reduce((a, b) => a + (b - mean) ** 2, 0) / (profit.length - 1);
        expect(risk.volatility).toBeCloseTo(Math.sqrt(252 * variance), 6);
        const parts = risk.contributions.reduce<number>((a, b) => a + (b ?? 0), 0);
        expect(parts).toBeCloseTo(risk.volatility!, 6);
      }),
    );
  });

  it('drops young names, and says which', () => {
    const old = Float64Array.of(0.01, -0.02, 0.03, 0.01);
    const young = Float64Array.of(NaN, NaN, NaN, 0.01);
    const risk = historicalRisk([100, 50], [old, young], 0, 4, 2);
    expect(risk).toMatchObject({ rows: 4, dropped: [1] });
    expect(risk.contributions[1]).toBeNull();
    expect(historicalRisk([50], [young], 0, 4, 1)).toMatchObject({ rows: 1, volatility: null, dropped: [] });
    expect(historicalRisk([], [], 0, 4, 2)).toMatchObject({ rows: 0, volatility: null });
  });

  it('splits the volatility among any parts that add up to the total', () => {
    const total = historicalRisk([100], [Float64Array.of(0.01, -0.02, 0.03, NaN, 0.01)], 0, 5, 2);
    const half = total.series.map((x, i) => x * (i % 2 ? 0.3 : 0.6));
    const rest = total.series.map((x, i) => x - half[i]!);
    expect(contribution(half, total.series)! + contribution(rest, total.series)!).toBeCloseTo(total.volatility!, 10);
    expect(contribution(Float64Array.of(1, 2), Float64Array.of(3, 3))).toBe(0);
  });
});

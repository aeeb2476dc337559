import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decompose, residualStructure, riskSteps, type RiskPosition, type RiskState } from './index.ts';

const finite = (limit: number) => fc.double({ min: -limit, max: limit, noNaN: true });

/** A book of `n` positions on `k` ETFs over `rows` days; some returns missing. */
const books = fc
  .record({ n: fc.integer({ min: 1, max: 6 }), k: fc.integer({ min: 1, max: 3 }), rows: fc.integer({ min: 12, max: 40 }) })
  .chain(({ n, k, rows }) =>
    fc.record({
      rows: fc.constant(rows),
      etfs: fc.array(fc.array(finite(0.05), { minLength: rows, maxLength: rows }), { minLength: k, maxLength: k }),
      own: fc.array(fc.array(finite(0.05), { minLength: rows, maxLength: rows }), { minLength: n, maxLength: n }),
      values: fc.array(finite(1e6), { minLength: n, maxLength: n }),
      exposure: fc.array(fc.array(finite(2), { minLength: k, maxLength: k }), { minLength: n, maxLength: n }),
      hole: fc.integer({ min: 0, max: rows - 1 }),
    }),
  )
  .map(({ rows, etfs, own, values, exposure, hole }) => {
    const f = etfs.map((series) => Float64Array.from(series));
    const positions = own.map((series, i): RiskPosition => {
      const returns = Float64Array.from(series, (e, t) => e + f.reduce((sum, factor, j) => sum + exposure[i]![j]! * factor[t]!, 0));
      if (i === 0) returns[hole] = NaN;
      const legs = exposure[i]!.map((per, etf) => ({ etf, per }));
      return {
        value: values[i]!,
        returns,
        exposure: legs,
        layers: {
          first: legs.slice(0, 1).map(({ etf, per }) => ({ etf, dollars: values[i]! * per })),
          rest: legs.slice(1).map(({ etf, per }) => ({ etf, dollars: values[i]! * per })),
        },
      };
    });
    return { rows, f, positions };
  });

describe('the parts of a book', () => {
  it('sum to its volatility and variance, which are those of its return series', () => {
    fc.assert(
      fc.property(books, ({ rows, f, positions }) => {
        const found = decompose(positions, f, rows)!;
        expect(found.rows).toHaveLength(rows - 1);
        const profit = Array.from(found.rows, (t) => positions.reduce((sum, { value, returns }) => sum + value * returns[t]!, 0));
        const mean = profit.reduce((a, b) => a + b) / profit.length;
        const volatility = Math.sqrt((252 * profit.reduce((sum, x) => sum + (x - mean) ** 2, 0)) / (profit.length - 1));
        const near = (value: number, expected: number, tolerance: number): void =>
          expect(Math.abs(value - expected)).toBeLessThanOrEqual(tolerance * Math.max(1, found.standalone));
        near(found.volatility, volatility, 1e-12);
        const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
        near(total(found.positions.map(({ contribution }) => contribution)), volatility, 1e-10);
        near(total(found.etfs.map(({ contribution }) => contribution)) + found.residual, volatility, 1e-10);
        near(total(Object.values(found.layers)) + found.residual, volatility, 1e-10);
        near(total(found.positions.map((one) => one.factor + one.residual)), volatility, 1e-10);
        const { variance: v } = found;
        expect(Math.abs(v.factor + v.residualShrunk + v.cross + v.shrinkage - v.total)).toBeLessThanOrEqual(
          1e-9 * Math.max(1, found.standalone ** 2),
        );
        for (const { exposure, volatility: own, correlation, contribution } of [...found.positions, ...found.etfs])
          near(exposure * own * correlation, contribution, 1e-10);
      }),
      { numRuns: 60 },
    );
  });

  it('are the same however the dollars of a security are spread over accounts', () => {
    fc.assert(
      fc.property(books, fc.double({ min: -3, max: 3, noNaN: true }), ({ rows, f, positions }, share) => {
        const [first, ...rest] = positions as [RiskPosition, ...RiskPosition[]];
        const piece = (part: number): RiskPosition => ({
          ...first,
          value: first.value * part,
          layers: Object.fromEntries(
            Object.entries(first.layers).map(([name, legs]) => [name, legs.map((leg) => ({ ...leg, dollars: leg.dollars * part }))]),
          ),
        });
        const one = decompose(positions, f, rows)!;
        const spread = decompose([piece(share), ...rest, piece(1 - share)], f, rows)!;
        const near = (value: number, expected: number): void =>
          expect(Math.abs(value - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, spread.standalone ** 2));
        for (const key of ['total', 'factor', 'residualDiagonal', 'residualShrunk', 'residualFull', 'cross', 'shrinkage'] as const)
          near(spread.variance[key], one.variance[key]);
        expect(spread.structure.intensity).toBeCloseTo(one.structure.intensity, 9);
        expect(spread.structure.averageCorrelation ?? 0).toBeCloseTo(one.structure.averageCorrelation ?? 0, 9);
      }),
      { numRuns: 60 },
    );
  });

  it('has nothing to say with fewer than two common days', () => {
    const returns = Float64Array.from([NaN, 0.01]);
    expect(decompose([{ value: 1, returns, exposure: [], layers: {} }], [], 2)).toBeNull();
  });
});

describe('residual structure', () => {
  it('follows the plain formulas', () => {
    fc.assert(
      fc.property(fc.array(fc.array(finite(0.1), { minLength: 15, maxLength: 15 }), { minLength: 2, maxLength: 5 }), (raw) => {
        const e = raw.map((series, i) => {
          const noisy = series.map((x, t) => x + ((t * (i + 3)) % 7) / 100);
          const mean = noisy.reduce((a, b) => a + b) / noisy.length;
          return Float64Array.from(noisy, (x) => x - mean);
        });
        const n = e.length;
        const cov = (i: number, j: number, divisor: number): number => e[i]!.reduce((sum, x, t) => sum + x * e[j]![t]!, 0) / divisor;
        let [gamma, pi, correlations] = [0, 0, 0];
        for (let i = 0; i < n; i++)
          for (let j = 0; j < n; j++) {
            if (i === j) continue;
            const s = cov(i, j, 15);
            gamma += s * s;
            pi += e[i]!.reduce((sum, x, t) => sum + (x * e[j]![t]! - s) ** 2, 0) / 225;
            correlations += cov(i, j, 14) / Math.sqrt(cov(i, i, 14) * cov(j, j, 14));
          }
        const found = residualStructure(
          e.map(() => 1),
          e,
        );
        expect(found.intensity).toBeCloseTo(Math.min(1, Math.max(0, pi / gamma)), 8);
        expect(found.averageCorrelation).toBeCloseTo(correlations / (n * (n - 1)), 10);
        expect(found.shrunk).toBeCloseTo((1 - found.intensity) * found.full + found.intensity * found.diagonal, 12);
      }),
      { numRuns: 40 },
    );
  });

  it('finds a factor that all residuals share', () => {
    const shared = Float64Array.from({ length: 60 }, (_, t) => Math.sin(t * 1.7));
    const e = Array.from({ length: 5 }, (_, i) => shared.map((x, t) => x + 1e-9 * Math.cos(t * (i + 2))));
    const found = residualStructure(
      e.map(() => 1),
      e,
    );
    expect(found.firstComponent).toBeCloseTo(1, 6);
    expect(found.averageCorrelation).toBeCloseTo(1, 6);
    expect(found.intensity).toBeLessThan(0.2);
  });
});

describe('the change of risk', () => {
  const state = (values: number[], per: number, scale: number): RiskState => {
    const f = Float64Array.from({ length: 30 }, (_, t) => scale * Math.sin(t * 2.1));
    const returns = values.map((_, i) => f.map((x, t) => per * x + 0.01 * Math.cos(t * (i + 1.3))));
    return { values, exposure: values.map(() => [per]), returns, etfs: [f], length: 30 };
  };

  it('is explained in steps that sum to it exactly, each by what alone changed', () => {
    const a = state([100, -50], 1, 0.01);
    const steps = riskSteps(a, state([200, 80], 1.3, 0.02))!;
    expect(steps.from + steps.positions + steps.exposures + steps.volatilities + steps.correlations).toBeCloseTo(steps.to, 12);
    const only = riskSteps(a, { ...a, values: [200, -100] })!;
    expect(only.positions).toBeCloseTo(only.from, 10);
    expect([only.exposures, only.volatilities, only.correlations].map((x) => Math.abs(x) < 1e-10)).toEqual([true, true, true]);
  });
});

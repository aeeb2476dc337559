import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../cascade/testing/market.ts';
import { cumulativeSquares, effect, hedgedReturns, rollingSaved } from './effectiveness.ts';

/** Normal numbers of a seed. */
function normal(seed: number): () => number {
  const random = createRandom(seed);
  return () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
}

const series = (length: number) => fc.array(fc.double({ min: -0.1, max: 0.1, noNaN: true }), { minLength: length, maxLength: length });

describe('returns that a hedge leaves', () => {
  it('are the total less the layers taken away, and missing where a part is', () => {
    const of = (...values: number[]): Float64Array => Float64Array.from(values);
    const parts = { market: of(0.01, -0.02, 0), sector: of(0.002, 0.001, NaN), subsector: of(0.004, 0, 0), gross: of(0.02, -0.01, 0.01) };
    const { unhedged, L1, L2, L3, chosen } = hedgedReturns(parts, { market: 1, sector: 0.5, subsector: 0 });
    const near = (found: Float64Array, ...expected: number[]): void => {
      expected.forEach((value, i) => expect(found[i]).toBeCloseTo(value, 15));
      expect(found[2]).toBeNaN();
    };
    near(unhedged, 0.02, -0.01);
    near(L1, 0.01, 0.01);
    near(L2, 0.008, 0.009);
    near(L3, 0.004, 0.009);
    near(chosen, 0.009, 0.0095);
  });
});

describe('the effect of a hedge', () => {
  it('is one less the ratio of the sample variances, on the days both have', () => {
    fc.assert(
      fc.property(series(30), series(30), fc.nat(29), (a, b, hole) => {
        const u = Float64Array.from(a, (x, t) => x + 0.01 * Math.sin(t));
        const h = Float64Array.from(b, (x, t) => x + 0.01 * Math.cos(t));
        h[hole] = NaN;
        const rows = [...u.keys()].filter((t) => t !== hole && t >= 3 && t < 28);
        const variance = (x: Float64Array): number => {
          const mean = rows.reduce((sum, t) => sum + x[t]!, 0) / rows.length;
          return rows.reduce((sum, t) => sum + (x[t]! - mean) ** 2, 0) / (rows.length - 1);
        };
        const found = effect(u, h, 3, 28);
        expect(found.days).toBe(rows.length);
        expect(found.saved).toBeCloseTo(1 - variance(h) / variance(u), 8);
        expect(found.volatility).toBeCloseTo(Math.sqrt(252 * variance(h)), 10);
        expect(found.low!).toBeLessThanOrEqual(found.saved! + 1e-12);
        expect(found.high!).toBeGreaterThanOrEqual(found.saved! - 1e-12);
        expect(found.high!).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60 },
    );
  });

  it('has an interval that holds the truth nineteen times in twenty, also of series that move together', () => {
    let hits = 0;
    const rounds = 400;
    for (let round = 0; round < rounds; round++) {
      const next = normal(500 + round);
      const u = new Float64Array(250);
      // Hedged: 0.36 of the variance is left.
      const h = u.map((_, t) => {
        const e = 0.006 * next();
        u[t] = e + 0.008 * next();
        return e;
      });
      const { low, high } = effect(u, h, 0, 250);
      if (low! <= 0.64 && 0.64 <= high!) hits += 1;
    }
    expect(hits / rounds).toBeGreaterThan(0.91);
    expect(hits / rounds).toBeLessThan(0.98);
  });

  it('says nothing of what it cannot know', () => {
    const few = Float64Array.from([0.01, NaN]);
    expect(effect(few, few, 0, 2)).toEqual({ days: 1, volatility: null, saved: null, low: null, high: null });
    const short = Float64Array.from({ length: 10 }, (_, t) => Math.sin(t));
    expect(effect(short, short, 0, 10)).toMatchObject({ saved: 0, low: null, high: null });
    const flat = new Float64Array(30);
    expect(effect(flat, short, 0, 10).saved).toBeNull();
    expect(
      effect(
        Float64Array.from({ length: 30 }, (_, t) => Math.sin(t)),
        flat,
        0,
        30,
      ),
    ).toMatchObject({ saved: 1, low: 1, high: 1 });
  });

  it('rolls and cumulates over the days that are there', () => {
    const u = Float64Array.from({ length: 80 }, (_, t) => (t === 10 ? NaN : 0.02 * (t % 2 ? 1 : -1)));
    const h = u.map((x) => x / 2);
    const rolling = rollingSaved(u, h);
    expect(rolling[41]).toBeNaN();
    expect(rolling[42]).toBeCloseTo(0.75, 12);
    expect(rolling[79]).toBeCloseTo(0.75, 12);
    const sums = cumulativeSquares(u);
    expect(sums[79]! / (79 * 0.0004)).toBeCloseTo(1, 12);
    expect(sums[10]).toBe(sums[9]);
  });
});

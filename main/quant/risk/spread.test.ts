import fc from 'fast-check';
import { expect, it } from 'vitest';
import { spreadMoves } from './spread.ts';

const covariance = (series: readonly (readonly number[])[]): Float64Array => {
  const n = series.length;
  const mean = series.map((one) => one.reduce((a, b) => a + b, 0) / one.length);
  return Float64Array.from({ length: n * n }, (_, k) => {
    const [i, j] = [Math.floor(k / n), k % n];
    return series[i]!.reduce((sum, x, t) => sum + (x - mean[i]!) * (series[j]![t]! - mean[j]!), 0) / (series[0]!.length - 1);
  });
};
const market = fc.array(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 12, maxLength: 12 }), {
  minLength: 3,
  maxLength: 3,
});

it('moves the others by their regression on the stated ones', () => {
  fc.assert(
    fc.property(market, fc.double({ min: -0.5, max: 0.5, noNaN: true }), fc.double({ min: -0.5, max: 0.5, noNaN: true }), (raw, x, y) => {
      const series = raw.map((one, i) => one.map((value, t) => value + Math.sin((i + 1) * (t + 1))));
      const c = covariance(series);
      const at = (i: number, j: number): number => c[i * 3 + j]!;
      const [one] = [spreadMoves([x, null, null], c)];
      expect(one![0]).toBe(x);
      expect(one![1]).toBeCloseTo((at(1, 0) / at(0, 0)) * x, 9);
      // Two stated: Cramer's rule on the normal equations.
      const determinant = at(0, 0) * at(1, 1) - at(0, 1) ** 2;
      fc.pre(determinant > 1e-3 * at(0, 0) * at(1, 1));
      const b0 = (at(2, 0) * at(1, 1) - at(2, 1) * at(0, 1)) / determinant;
      const b1 = (at(2, 1) * at(0, 0) - at(2, 0) * at(0, 1)) / determinant;
      expect(spreadMoves([x, y, null], c)[2]).toBeCloseTo(b0 * x + b1 * y, 7);
    }),
    { numRuns: 60 },
  );
});

it('takes a stated one that is a combination of the others for nothing new, and knows what it cannot know', () => {
  const a = [0.1, -0.2, 0.3, 0.05, -0.1];
  const twice = covariance([a, a.map((value) => 2 * value), [0.2, 0.1, -0.1, 0.3, 0]]);
  const moves = spreadMoves([-0.1, -0.3, null], twice);
  expect(moves.slice(0, 2)).toEqual([-0.1, -0.3]);
  expect(moves[2]).toBeCloseTo(spreadMoves([-0.1, null, null], twice)[2]!, 12);
  expect(spreadMoves([null, null, null], twice)).toEqual([0, 0, 0]);
  const unknown = spreadMoves([-0.1, null], new Float64Array(4).fill(NaN));
  expect(unknown[0]).toBe(-0.1);
  expect(unknown[1]).toBeNaN();
});

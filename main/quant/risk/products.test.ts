import fc from 'fast-check';
import { expect, test } from 'vitest';
import { productsOf } from './products.ts';
import { dot } from './series.ts';

const matrix = fc
  .record({ count: fc.integer({ min: 0, max: 7 }), n: fc.constantFrom(0, 1, 5, 127, 128, 129, 300) })
  .chain(({ count, n }) =>
    fc.array(fc.float64Array({ minLength: n, maxLength: n, min: -9, max: 9, noNaN: true }), { minLength: count, maxLength: count }),
  );

test('is symmetric, and each place has the product of its two rows', () => {
  fc.assert(
    fc.property(matrix, (lines) => {
      const products = productsOf(lines);
      expect(products).toHaveLength(lines.length);
      lines.forEach((a, i) =>
        lines.forEach((b, j) => {
          const size = dot(a.map(Math.abs), b.map(Math.abs));
          expect(Math.abs(products[i]![j]! - dot(a, b))).toBeLessThanOrEqual(1e-13 * size);
          expect(products[j]![i]).toBe(products[i]![j]);
        }),
      );
    }),
    { numRuns: 300, seed: 2 },
  );
});

import { expect, test } from 'vitest';
import { digestRows } from './digest.ts';
import { createCascade } from './index.ts';

const nRows = 300;
const SETTINGS = { window: 60, minObs: 30, intercept: true, halfLife: null };

test('both implementations answer the same for any rows, and any changed bit, even a sign, shows', () => {
  const cascade = createCascade(SETTINGS, { firstSession: 0, nRows }, { kernel: 'wasm-simd' });
  const { values } = cascade.tile();
  values.forEach((_, i) => (values[i] = Math.sin(i) * 10 ** (i % 7)));
  for (let from = 0; from < 40; from += 3)
    for (const to of [from + 1, from + 2, from + 7, from + 8, from + 9, 299, nRows])
      expect(cascade.digest(from, to)).toBe(digestRows(values, nRows, from, to));
  const before = cascade.digest(10, 200);
  for (let i = 10; i < values.length; i += 997) {
    const inside = i % nRows >= 10 && i % nRows < 200;
    values[i]! *= -1;
    expect(cascade.digest(10, 200) !== before).toBe(inside);
    values[i]! *= -1;
  }
  // Two signs at once.
  for (const k of [20, 22, 24, 28]) values[k]! *= -1;
  expect(cascade.digest(10, 200)).not.toBe(before);
});

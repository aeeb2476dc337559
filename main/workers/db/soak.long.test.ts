/** The soak: 10,000 appended days with corrections, undos, new classes and dividends end with the bits of a bulk run. */
import { expect, test } from 'vitest';
import { proveSoak } from './testing/soak-proof.ts';

test('10,000 days', { timeout: 7_200_000 }, () => {
  const { continued, done } = proveSoak(10_000, 17, 2_000);
  expect(continued).toBeGreaterThan(8_500);
  expect(done.undone).toBeGreaterThan(400);
  expect(done.corrected).toBeGreaterThan(1_000);
});

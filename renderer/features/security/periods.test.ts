import { expect, it } from 'vitest';
import { startOf } from './periods.ts';

it('begins the day after the same day so many months before', () => {
  expect(startOf('1m', '2026-06-30')).toBe('2026-05-31');
  expect(startOf('1m', '2026-03-31')).toBe('2026-03-01');
  expect(startOf('1y', '2024-02-29')).toBe('2023-03-01');
  expect(startOf('3m', '2026-01-15')).toBe('2025-10-16');
  expect(startOf('3y', '2026-06-30')).toBe('2023-07-01');
  expect(startOf('ytd', '2026-06-30')).toBe('2026-01-01');
});

import { expect, it } from 'vitest';
import { dayTicks } from './days.ts';

const seconds = (...days: string[]): number[] => days.map((day) => Date.parse(`${day}T00:00:00Z`) / 1000);

it('names the year where the axis or a year begins', () => {
  expect(dayTicks(seconds('2024-11-01', '2025-01-01', '2025-03-01'))).toEqual(['Nov 2024', '2025', 'Mar']);
  expect(dayTicks(seconds('2023-01-01', '2024-01-01', '2025-01-01'))).toEqual(['2023', '2024', '2025']);
  expect(dayTicks(seconds('2024-12-23', '2024-12-30', '2025-01-06'))).toEqual(['23 Dec 2024', '30 Dec', '6 Jan 2025']);
  expect(dayTicks([])).toEqual([]);
});

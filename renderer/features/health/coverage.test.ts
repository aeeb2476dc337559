import { expect, it } from 'vitest';
import { calendarOf } from './coverage.ts';

const days = Array.from({ length: 60 }, (_, i) => new Date(Date.UTC(2024, 0, 2 + i)).toISOString().slice(0, 10));

it('says per month how complete the worst session is, within the time of the source', () => {
  const counts = days.map((_, i) => (i < 5 || i > 50 ? 0 : i === 20 ? 0 : i === 40 ? 90 : 100));
  const [year] = calendarOf(days, counts);
  expect(year!.year).toBe(2024);
  expect(year!.months[0]).toMatchObject({ month: 1, sessions: 25, least: 0, leastDay: days[20], leastCount: 0, most: 100 });
  expect(year!.months[0]!.short).toEqual([{ day: days[20], count: 0, expected: 100 }]);
  expect(year!.months[1]).toMatchObject({ least: 0.9, leastDay: days[40], short: [{ day: days[40], count: 90, expected: 100 }] });
  expect(year!.months.slice(2).every((month) => month === null)).toBe(true);
});

it('a source that grows slowly has no short session, and one without values no calendar', () => {
  const counts = days.map((_, i) => 1000 + i);
  expect(calendarOf(days, counts)[0]!.months.every((month) => month === null || month.short.length === 0)).toBe(true);
  expect(
    calendarOf(
      days,
      days.map(() => 0),
    ),
  ).toEqual([]);
});

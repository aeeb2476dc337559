import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatIsoDay, parseIsoDay } from '../contract/units.ts';
import type { EpochDay, Session } from '../contract/units.ts';
import {
  dayOfSession,
  isEarlyClose,
  isMonthEnd,
  isSession,
  newYorkClock,
  sessionAtOrAfter,
  sessionAtOrBefore,
  sessionDays,
  sessionToTrade,
  sessionOfDay,
} from './index.ts';

const day = (text: string): EpochDay => parseIsoDay(text)!;
const data = process.env.HEDGEROW_TEST_DATA ?? '../shared/data';
const read = (name: string): string => gunzipSync(readFileSync(join(data, name))).toString('utf8');

/** Session dates between two days, included. */
function between(from: string, to: string): string[] {
  return [...sessionDays()].filter((d) => d >= day(from) && d <= day(to)).map((d) => formatIsoDay(d as EpochDay));
}

describe('rules', () => {
  test('sessions number from 1970-01-02 and both directions agree', () => {
    expect(sessionOfDay(day('1970-01-02'))).toBe(0);
    expect(sessionOfDay(day('1970-01-01'))).toBeNull();
    const days = sessionDays();
    expect(formatIsoDay(days.at(-1) as EpochDay)).toBe('2100-12-31');
    for (let s = 0; s < days.length; s++) {
      expect(sessionOfDay(dayOfSession(s as Session))).toBe(s);
      expect(dayOfSession(s as Session)).toBe(days[s]);
    }
  });

  test('the caller cannot damage the calendar through the array it gets', () => {
    sessionDays().fill(0);
    expect(dayOfSession(0 as Session)).toBe(1);
  });

  test.each([
    ['1970-02-23', "Washington's Birthday on a Sunday"],
    ['1972-11-07', 'presidential election'],
    ['1976-11-02', 'presidential election'],
    ['1980-11-04', 'presidential election'],
    ['1971-12-24', 'Christmas on a Saturday'],
    ['1972-12-28', 'Truman'],
    ['1973-01-25', 'Johnson'],
    ['1977-07-14', 'blackout'],
    ['1985-09-27', 'Gloria'],
    ['1994-04-27', 'Nixon'],
    ['1998-01-19', 'first Martin Luther King Jr. Day'],
    ['2001-09-11', 'attacks'],
    ['2001-09-14', 'attacks'],
    ['2004-06-11', 'Reagan'],
    ['2007-01-02', 'Ford'],
    ['2012-10-30', 'Sandy'],
    ['2018-12-05', 'Bush'],
    ['2022-06-20', 'Juneteenth on a Sunday'],
    ['2025-01-09', 'Carter'],
    ['2026-04-03', 'Good Friday'],
    ['2026-07-03', 'Independence Day on a Saturday'],
    ['2027-06-18', 'Juneteenth on a Saturday'],
    ['2100-03-26', 'Good Friday'],
  ])('shut on %s (%s)', (text) => expect(isSession(day(text))).toBe(false));

  test.each([
    ['1970-05-29', 'Memorial Day 1970 was a Saturday'],
    ['1971-12-31', "New Year's Day on a Saturday"],
    ['1984-11-06', 'elections after 1980'],
    ['1997-01-20', 'before Martin Luther King Jr. Day was kept'],
    ['2001-09-10', ''],
    ['2001-09-17', ''],
    ['2021-06-18', 'before Juneteenth was kept'],
    ['2021-12-31', "New Year's Day on a Saturday"],
    ['2027-12-31', "New Year's Day on a Saturday"],
  ])('open on %s (%s)', (text) => expect(isSession(day(text))).toBe(true));

  test.each([
    '1974-12-24',
    '1987-11-11',
    '1996-07-05',
    '1999-12-31',
    '2002-07-05',
    '2013-07-03',
    '2023-07-03',
    '2024-11-29',
    '2025-07-03',
    '2025-12-24',
  ])('early close on %s', (text) => expect(isEarlyClose(day(text))).toBe(true));

  test.each(['2013-07-05', '2015-07-02', '2021-12-24', '2022-12-23', '2026-07-02', '2026-07-03'])('no early close on %s', (text) =>
    expect(isEarlyClose(day(text))).toBe(false),
  );

  test('the session at, before and after a day', () => {
    const friday = sessionOfDay(day('2021-01-08'))!;
    expect(sessionAtOrBefore(day('2021-01-10'))).toBe(friday);
    expect(sessionAtOrAfter(day('2021-01-09'))).toBe(friday + 1);
    expect(sessionAtOrAfter(day('2021-01-08'))).toBe(friday);
    expect(sessionAtOrAfter(day('1960-01-01'))).toBe(0);
    expect(() => sessionAtOrBefore(day('1970-01-01'))).toThrow(/1970-01-02 to 2100-12-31/);
    expect(() => sessionAtOrAfter(day('2101-01-01'))).toThrow(/2101-01-01/);
    expect(() => dayOfSession(-1 as Session)).toThrow(/session -1/);
  });

  test('month ends follow the rules', () => {
    const ends = between('2024-01-01', '2024-12-31').filter((text) => isMonthEnd(sessionOfDay(day(text))!));
    expect(ends).toEqual([
      ...['2024-01-31', '2024-02-29', '2024-03-28', '2024-04-30', '2024-05-31', '2024-06-28'],
      ...['2024-07-31', '2024-08-30', '2024-09-30', '2024-10-31', '2024-11-29', '2024-12-31'],
    ]);
  });
});

describe.skipIf(!existsSync(join(data, 'modern_adj_close_etfs.csv.gz')))('real dates', () => {
  test('modern ETFs 2021-2026 have exactly these sessions', () => {
    const text = read('modern_adj_close_etfs.csv.gz');
    const dates = text.slice(0, text.indexOf('\n')).trim().split(',').slice(1);
    expect(dates).toHaveLength(1400);
    expect(between('2021-01-04', '2026-07-31')).toEqual(dates);
  });

  test('classic SPY 2010-2020 has exactly these sessions', () => {
    const dates = read('classic_etf_ohlcv_long.csv.gz')
      .split('\n')
      .filter((line) => line.includes(',SPY,'))
      .map((line) => line.slice(0, 10));
    expect(between('2010-01-04', '2020-12-11')).toEqual(dates);
  });

  test('the union of the old files 1998-2021 has exactly these sessions', () => {
    const lines = read('lean_daily_raw.csv.gz').trim().split('\n').slice(1);
    const dates = [...new Set(lines.map((line) => line.slice(0, 10)))].sort();
    expect(between(dates[0]!, dates.at(-1)!)).toEqual(dates);
  });
});

test.each([
  ['before the open', '2026-11-25T05:05:00Z', '2026-11-25', '00:05'],
  ['the last minute, winter', '2026-11-25T20:59:59Z', '2026-11-25', '15:59'],
  ['the close, and a holiday behind it', '2026-11-25T21:00:00Z', '2026-11-27', null],
  ['a holiday', '2026-11-26T15:00:00Z', '2026-11-27', null],
  ['the last minute of a half day', '2026-11-27T17:59:00Z', '2026-11-27', '12:59'],
  ['the close of a half day, and a weekend', '2026-11-27T18:00:00Z', '2026-11-30', null],
  ['after midnight in New York, evening further west', '2026-11-28T05:15:00Z', '2026-11-30', null],
  ['the evening in New York, the next day further east', '2026-03-05T00:30:00Z', '2026-03-05', null],
  ['the session of the day before in Asia', '2026-03-04T18:00:00Z', '2026-03-04', '13:00'],
  ['the last minute, first day of summer time', '2026-03-09T19:59:00Z', '2026-03-09', '15:59'],
  ['the close, first day of summer time', '2026-03-09T20:00:00Z', '2026-03-10', null],
  ['the last minute, first day of winter time', '2026-11-02T20:59:00Z', '2026-11-02', '15:59'],
])('orders are for the session that New York has: %s', (_, at, day, time) => {
  const found = sessionToTrade(new Date(at));
  expect([formatIsoDay(found.day), found.time]).toEqual([day, time]);
});

test('New York has a day of its own: the one before in Asia, the next one in the evening further west', () => {
  const at = (moment: string): unknown => {
    const { day, time } = newYorkClock(new Date(moment));
    return [formatIsoDay(day), time];
  };
  expect(at('2026-11-28T17:30:00+09:00')).toEqual(['2026-11-28', '03:30']);
  expect(at('2026-11-28T01:30:00+09:00')).toEqual(['2026-11-27', '11:30']);
  expect(at('2026-11-27T21:17:00-08:00')).toEqual(['2026-11-28', '00:17']);
  expect(at('2026-07-01T00:00:00-04:00')).toEqual(['2026-07-01', '00:00']);
});

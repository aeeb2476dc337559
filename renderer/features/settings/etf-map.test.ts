import { expect, it } from 'vitest';
import { mapCsv, problemsOf, type MapRow } from './etf-map.ts';

const row = (key: number, more: Partial<MapRow>): MapRow => ({
  key,
  level: 'sector',
  code: 'Energy',
  scheme: 'gics',
  etf: 'XLE',
  validFrom: null,
  validTo: null,
  knownFrom: null,
  ...more,
});
const market = row(1, { level: 'market', code: '*', etf: 'SPY', scheme: '' });
const words = (rows: MapRow[]): string[] => problemsOf(rows).map((problem) => problem.words);

it('a map wants a market ETF, tickers, dates that are dates, and one ETF of a sector at a time', () => {
  expect(problemsOf([market, row(2, {})])).toEqual([]);
  expect(words([row(2, {})])).toEqual(['There is no market ETF.']);
  expect(words([market, row(2, { etf: 'x l e' })])).toEqual(['"x l e" is not the ticker of an ETF.']);
  expect(words([market, row(2, { validFrom: '2020-13-01' })])).toEqual(['valid from: "2020-13-01" is not a date: there is no month 13.']);
  expect(words([market, row(2, { validFrom: '2020-01-01', validTo: '2019-01-01' })])).toEqual(['Its validity ends before it begins.']);
  expect(words([market, row(2, {}), row(3, { etf: 'VDE', code: ' energy' })])[0]).toMatch(/has XLE at the same time/);
  expect(words([market, row(2, { validTo: '2020-01-01' }), row(3, { etf: 'VDE', validFrom: '2020-01-01' })])).toEqual([]);
});

it('is written as a file with quoted names', () => {
  expect(mapCsv([market, row(2, { code: 'Oil, Gas "and" more', validFrom: '2020-01-01' })])).toBe(
    'level,code,etf,scheme,valid_from,valid_to,known_from\nmarket,*,SPY,,,,\nsector,"Oil, Gas ""and"" more",XLE,gics,2020-01-01,,\n',
  );
});

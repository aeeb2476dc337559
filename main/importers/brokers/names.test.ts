import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatIsoDay } from '../../contract/units.ts';
import { readDay } from './days.ts';
import { instrumentOf, readOption, referTo } from './names.ts';

const share = (symbol: string): string => {
  const found = referTo({ kind: 'share', symbol, cusip: '', isin: '', name: '' });
  return typeof found === 'string' ? found : `${found.code} [${found.raw}]`;
};

describe('symbols', () => {
  test.each([
    ['BRK/B', 'BRK.B [BRK/B]'],
    ['BRK B', 'BRK.B [BRK B]'],
    ['BRK.B', 'BRK.B [BRK.B]'],
    ['BRK-B', 'BRK.B [BRK-B]'],
    ['BRKB', 'BRK.B [BRKB]'],
    ['BRK/B US Equity', 'BRK.B [BRK/B US Equity]'],
    ['GOOGL', 'GOOGL [GOOGL]'],
    ['CRDA', 'CRDA [CRDA]'],
    ['HUBB', 'HUBB [HUBB]'],
    ['NYSE:GE', 'GE [NYSE:GE]'],
    ['SPY ARCA', 'SPY [SPY ARCA]'],
    ['IBM.N', 'IBM [IBM.N]'],
    ['AAPL.OQ', 'AAPL [AAPL.OQ]'],
    ['BRKb.N', 'BRK.B [BRKb.N]'],
    ['US0378331005', 'US0378331005 [US0378331005]'],
    ['037833100', 'US0378331005 [037833100]'],
  ])('%s is %s', (symbol, expected) => expect(share(symbol)).toBe(expected));

  test.each([
    ['AGG', 'Fixed Income', 'fund'],
    ['912797ZZ3', 'Fixed Income', 'bond'],
    ['T 4 1/4 11/15/34', 'Bonds', 'bond'],
    ['', 'Treasury Bills', 'bond'],
    ['MSFT', 'OPTION', 'option'],
    ['SWVXX', '', 'money_fund'],
  ])('%s of the class %s is a %s', (symbol, assetClass, kind) => expect(instrumentOf(symbol, '', assetClass, true)).toBe(kind));

  test('nothing but shares and funds gets a code a listed share could have', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('bond', 'option', 'future', 'crypto', 'other'),
        fc.stringMatching(/^[A-Z]{1,5}([./ ][A-Z])?$/),
        (kind, symbol) => {
          const found = referTo({ kind: kind as 'bond', symbol, cusip: '', isin: '', name: '' });
          expect(typeof found === 'object' && found.code.startsWith(`${kind.toUpperCase()}_`)).toBe(true);
        },
      ),
    );
  });
});

describe('options', () => {
  test.each([
    'AAPL 06/18/2026 262.50 C',
    '-AAPL260618C262.5',
    'AAPL  260618C00262500',
    'AAPL 18JUN26 262.5 C',
    "AAPL Jun 18 '26 $262.50 Call",
    'AAPL CALL 06/18/26 $262.50',
    "AAPL JUN18'26 262.5 CALL",
  ])('%s', (text) => expect(readOption(text)).toEqual({ underlying: 'AAPL', code: 'AAPL260618C00262500' }));

  test('an option of thinkorswim takes its underlying from above', () => {
    expect(readOption('100 (Weeklys) 4 JUN 26 4130 PUT', 'SPX')?.code).toBe('SPX260604P04130000');
    expect(readOption('100 (Weeklys) 4 JUN 26 4130 PUT')).toBeNull();
  });

  test.each(['AAPL', 'BRK B', 'AAPL 02/30/2026 260.00 C', 'AAPL260618C0', '912797ZZ3', ''])('%s is none', (text) =>
    expect(readOption(text)).toBeNull(),
  );
});

test.each([
  ['2026/03/06', '2026-03-06'],
  ['2026-03-06', '2026-03-06'],
  ['20260306', '2026-03-06'],
  ['20260306160000.000[-5:EST]', '2026-03-06'],
  ['20260306;160000', '2026-03-06'],
  ['03/06/2026 16:00:00', '2026-03-06'],
  ['3/6/26 16:21:07', '2026-03-06'],
  ['12-31-2025', '2025-12-31'],
  ['Mar-06-2026 4:31 p.m ET', '2026-03-06'],
  ['Mar 06 2026 04:31 PM ET', '2026-03-06'],
  ['March 6, 2026', '2026-03-06'],
  ['Jul-31-2026 at 8:24 p.m ET', '2026-07-31'],
])('the day %s', (text, expected) => expect(formatIsoDay(readDay(text)!)).toBe(expected));

const INSIDE = ['as of 2026-03-06', 'No. 20260306', 'as of 03/06/2026', '1 Mar-06-2026'];
const LONGER = ['2026-03-061', '03/06/202612', 'Mar-06-20261'];
test.each(['', '2026-02-30', '13/13/2026', '2026030', 'Foo 06 2026', '6 March 2026', ...INSIDE, ...LONGER])('%s is no day', (text) =>
  expect(readDay(text)).toBeNull(),
);

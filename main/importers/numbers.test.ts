import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BAD_DAY, dayOf, detectDateOrder, parseDayText } from './dates.ts';
import { parseDecimal } from './decimal.ts';
import { epochDay } from '../contract/units.ts';
import { parseNumber } from './numbers.ts';
import { canonicalTicker, isCusip, isFigi, isIsin, isSedol, tickerFromName } from './symbols.ts';

const encoder = new TextEncoder();
const read = (text: string, decimal = 46): number => parseNumber(encoder.encode(text), 0, text.length, decimal);

describe('numbers', () => {
  test('agree with Number() bit for bit on 100,000 texts', () => {
    const digits = fc.stringMatching(/^\d{0,20}$/);
    const text = fc
      .tuple(
        fc.constantFrom('', '-', '+'),
        digits,
        fc.constantFrom('', '.'),
        digits,
        fc.constantFrom('', 'e', 'E-', 'e+'),
        fc.stringMatching(/^\d{0,3}$/),
      )
      .map((parts) => parts.join(''));
    const anyDouble = fc.double({ noNaN: true, noDefaultInfinity: true }).map(String);
    const price = fc.tuple(fc.nat(99999), fc.nat(999999)).map(([whole, part]) => `${whole}.${part}`);
    fc.assert(
      fc.property(fc.oneof(text, anyDouble, price), (sample) => {
        const expected = sample === '' ? NaN : Number(sample);
        if (!Object.is(read(sample), expected)) throw new Error(`${sample}: ${read(sample)} is not ${expected}`);
      }),
      { numRuns: 100_000, seed: 7 },
    );
  });

  test.each(['', '.', '-', 'e5', '1e', '1e+', '1.2.3', '1,5', '0x10', 'Infinity', '1 2', '--1', '1-'])('%j is no number', (text) => {
    expect(read(text)).toBeNaN();
  });

  test('the decimal separator is the one given', () => {
    expect(read('1,5', 44)).toBe(1.5);
    expect(read('12345678901234567890,5', 44)).toBe(Number('12345678901234567890.5'));
    expect(read('1.5', 44)).toBeNaN();
  });
});

describe('exact decimals of holdings', () => {
  test.each([
    ['1,200.50', '.', '1200.5'],
    ['1.200,50', ',', '1200.5'],
    ['($250.00)', '.', '-250'],
    ['$(250.00)', '.', '-250'],
    ['-$1,234.56', '.', '-1234.56'],
    ['$-25.00', '.', '-25'],
    ['25-', '.', '-25'],
    ['- $ 25 ', '.', '-25'],
    ['\u22125', '.', '-5'],
    ['100 shares', '.', '100'],
    ['00.10', '.', '0.1'],
    ['-0.00', '.', '0'],
    ['90071992547409931.000000000000000000000001', '.', '90071992547409931.000000000000000000000001'],
  ] as const)('%s (%s) is %s', (text, decimal, expected) => {
    expect(parseDecimal(text, decimal)?.text).toBe(expected);
  });

  test.each(['', '--', 'n/a', 'N/A', '*', 'Incomplete'])('%j is no value', (text) => {
    expect(parseDecimal(text, '.')).toBeNull();
  });

  test.each([
    'abc',
    '1,20',
    '1,2000',
    '12,34,567',
    '1.2.3',
    '1e5',
    '5%',
    '-(5)',
    '--5',
    '-5-',
    '#REF!',
    '1 50',
    '1\ufeff50',
    '1.23457E+17',
    '100 shares 5',
    '5shares0',
    '(5)0',
    '5(0)',
  ])('%j is not a number', (text) => {
    expect(parseDecimal(text, '.')).toBeUndefined();
  });
});

describe('dates', () => {
  test('every real day is read, in every form', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date('1800-01-01'), max: new Date('2200-12-31'), noInvalidDate: true }), (date) => {
        const [year, month, day] = date.toISOString().slice(0, 10).split('-') as [string, string, string];
        const expected = epochDay(Number(year), Number(month), Number(day));
        expect(dayOf(Number(year), Number(month), Number(day))).toBe(expected);
        expect(parseDayText(`${year}-${month}-${day}`, 'DMY')).toBe(expected);
        expect(parseDayText(`${year}${month}${day}`, 'YMD')).toBe(expected);
        expect(parseDayText(`${year}/${month}/${day} 16:00:00-05:00`, 'YMD')).toBe(expected);
        expect(parseDayText(`${Number(day)}.${Number(month)}.${year}`, 'DMY')).toBe(expected);
        expect(parseDayText(`${Number(month)}/${Number(day)}/${year}`, 'MDY')).toBe(expected);
      }),
    );
  });

  test('a leap day is one in years that have it', () => {
    const years = [1896, 1900, 1999, 2000, 2023, 2024, 2100];
    expect(years.filter((year) => parseDayText(`${year}-02-29`, 'YMD') !== BAD_DAY)).toEqual([1896, 2000, 2024]);
    expect(dayOf(2024, 2, 29)).toBe(epochDay(2024, 2, 29));
    expect(dayOf(2024, 3, 30)).toBe(epochDay(2024, 3, 30));
    expect(dayOf(2024, 4, 31)).toBe(BAD_DAY);
  });

  test.each([
    '2021-02-29',
    '2021-13-01',
    '2021-00-10',
    '2021-1-4',
    '20210230',
    '1/2/21',
    '2021-01-04x',
    '2021-01/04',
    '',
    'abc',
    '2100-02-29',
  ])('%j is none', (text) => {
    expect(parseDayText(text, 'MDY')).toBe(BAD_DAY);
  });

  test('day and month are told apart by a day above 12', () => {
    expect(detectDateOrder(['1/2/2021', '13/2/2021']).order).toBe('DMY');
    expect(detectDateOrder(['1/2/2021', '2/13/2021']).order).toBe('MDY');
    expect(detectDateOrder(['1/2/2021']).order).toBeNull();
    expect(detectDateOrder(['13/2/2021', '2/13/2021']).order).toBeNull();
    expect(detectDateOrder(['2021-01-04']).order).toBe('YMD');
  });
});

describe('names', () => {
  test('share classes have one spelling', () => {
    expect(['brk-b', 'BRK.B', 'BRK/B', 'BRK B'].map(canonicalTicker)).toEqual(Array(4).fill('BRK.B'));
    expect(['', '-', 'A..', 'a,b', '<x>'].map(canonicalTicker)).toEqual(['', '', '', '', '']);
  });

  test('check digits', () => {
    expect([isCusip('037833100'), isCusip('037833101'), isIsin('US0378331005'), isIsin('US0378331006')]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect([isFigi('BBG000B9XRY4'), isFigi('BBG000B9XRY5'), isSedol('B0YBKJ7'), isSedol('B0YBKJ8')]).toEqual([true, false, true, false]);
  });

  test('a ticker comes from a file name only when it looks like one', () => {
    const names = ['SPY.csv', 'dir/brk-b.csv.gz', 'aapl_us_d.csv', 'aapl.us.txt', 'AAPL (1).csv', '^GSPC.csv', 'C:\\x\\T.csv'];
    expect(names.map((name) => tickerFromName(name)?.code)).toEqual(['SPY', 'BRK.B', 'AAPL', 'AAPL', 'AAPL', '^GSPC', 'T']);
    expect(['HistoricalData_170.csv', 'data.csv', 'prices.csv', '2021.csv', '.csv'].map(tickerFromName)).toEqual(Array(5).fill(null));
  });
});

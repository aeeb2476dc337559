import fc from 'fast-check';
import { fineDecimals } from '../../main/contract/units.ts';
import { afterEach, describe, expect, it } from 'vitest';
import {
  ageInDays,
  bytes,
  dated,
  coverageWords,
  day,
  deviation,
  dollars,
  exact,
  fixed,
  localDay,
  milliseconds,
  MISSING,
  percent,
  percentUnit,
  plural,
  signClass,
  signed,
  typedDay,
  whyNotTyped,
  unwritten,
  typedNumber,
  writeAs,
} from './format.ts';

describe('numbers', () => {
  it('leaves three digits of what is small', () => {
    expect([3, 0.5, -0.00032145, 1.2e-7, -1.2345e-9].map((x) => fixed(x, fineDecimals(x)))).toEqual([
      '3',
      '0.50000000',
      '−0.00032145',
      '0.000000120',
      '−0.00000000123',
    ]);
    expect(fineDecimals(1e-300)).toBe(11);
  });

  it('shows missing as n/a, never blank and never 0', () => {
    for (const value of [null, undefined, NaN]) {
      for (const format of [
        dollars,
        percent,
        percentUnit,
        bytes,
        deviation,
        (x: typeof value) => fixed(x, 2),
        (x: typeof value) => signed(x, 2),
      ]) {
        expect(format(value)).toBe(MISSING);
      }
    }
    expect(fixed(0, 2)).toBe('0.00');
  });

  it('uses U+2212, separators and fixed decimals', () => {
    expect(fixed(-1234567.891, 2)).toBe('−1,234,567.89');
    expect(dollars(-1234.4)).toBe('−$1,234');
    expect(signed(0.324, 3)).toBe('+0.324');
    expect(percent(-0.1234)).toBe('−12.3');
    expect(deviation(1.27e-13)).toBe('1.3e−13');
    expect(plural(1, 'row')).toBe('1 row');
  });

  it('tells beside the coverage what has no value, and so no part in it', () => {
    expect(unwritten(coverageWords({ coverage: 1, unvalued: 2 }))).toBe('100.0 %, 2 without a value');
    expect(unwritten(coverageWords({ coverage: 0.9, unvalued: 0 }))).toBe('90.0 %');
    expect([coverageWords({ coverage: null, unvalued: 1 }), coverageWords(null)]).toEqual(['n/a, 1 without a value', 'n/a']);
  });

  it('writes a stored number with all its digits, and with the minus of a screen', () => {
    expect([exact(-0.34888074795369345), exact(300.27), exact(-12), exact(-1.5e-17)]).toEqual([
      '−0.34888074795369345',
      '300.27',
      '−12',
      '−1.5e−17',
    ]);
  });

  it('keeps a number and its unit on one line', () => {
    expect(bytes(98_765_432)).toBe('98.8\u00a0MB');
    expect(percentUnit(-0.0768, 2)).toBe('−7.68\u00a0%');
    expect(milliseconds(1234)).toBe('1.2\u00a0s');
    expect(milliseconds(111)).toBe('111\u00a0ms');
    // A copy for other programs has a plain space.
    expect(unwritten(percentUnit(0.5))).toBe('50.0 %');
  });

  it('gives no sign to what rounds to zero', () => {
    expect([fixed(-0.001, 2), fixed(-0, 2), signed(0.001, 2)]).toEqual(['0.00', '0.00', '0.00']);
  });

  it('reads back to the rounded value', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e12, max: 1e12, noNaN: true }), fc.integer({ min: 0, max: 6 }), (value, decimals) => {
        const back = Number(fixed(value, decimals).replaceAll(',', '').replace('−', '-'));
        expect(Math.abs(back - value)).toBeLessThanOrEqual(0.5 * 10 ** -decimals * (1 + 1e-9) + Math.abs(value) * 1e-15);
      }),
    );
  });
});

it('colours no sign of what is nothing', () => {
  expect([0.1 + 0.2 - 0.3, -1e-17, null, NaN, 0].map(signClass)).toEqual(['', '', '', '', '']);
  expect([1e-6, -0.01].map(signClass)).toEqual(['positive', 'negative']);
});

describe('other ways to write', () => {
  const ways = [
    { thousands: '.', decimal: ',', dates: 'dmy' },
    { thousands: '\u202f', decimal: ',', dates: 'mdy' },
    { thousands: '\u202f', decimal: '.', dates: 'text' },
    { thousands: '’', decimal: '.', dates: 'ymd' },
  ] as const;
  it('change the signs and nothing else, and can be read back whole', () => {
    try {
      for (const way of ways) {
        writeAs(() => way);
        expect(fixed(-1234567.891, 2)).toBe(`−1${way.thousands}234${way.thousands}567${way.decimal}89`);
        expect(unwritten(fixed(-1234567.891, 2))).toBe('-1234567.89');
        expect(unwritten(signed(1234.5, 1))).toBe('1234.5');
        expect(unwritten('AB-1')).toBe('AB-1');
        expect(typedNumber(fixed(-1234567.891, 2))).toBe(-1234567.89);
        expect([typedNumber(`0${way.decimal}5`), typedNumber('-20'), typedNumber('')]).toEqual([0.5, -20, NaN]);
      }
      writeAs(() => ways[0]);
      expect([day('2026-06-03'), day(null), day('x')]).toEqual(['03.06.2026', MISSING, MISSING]);
      writeAs(() => ways[2]);
      expect(day('2026-06-03')).toBe('3 Jun 2026');
    } finally {
      writeAs(() => ({ thousands: ',', decimal: '.', dates: 'ymd' }));
    }
    // A comma that parts no thousands was meant as something else: 0,5 is not 5.
    expect([typedNumber('0,5'), typedNumber('1,5'), typedNumber('1,500')]).toEqual([NaN, NaN, 1500]);
  });

  it('counts the age of data in calendar days', () => {
    expect(ageInDays('2026-06-30', localDay(new Date(2026, 6, 2, 23, 59)))).toBe(2);
    expect(ageInDays('2026-06-30', '2026-06-29')).toBe(0);
    expect(ageInDays(null, '2026-06-29')).toBeNull();
  });
});

describe('days as a person writes them', () => {
  const write = (dates: 'ymd' | 'dmy' | 'mdy' | 'text'): void => writeAs(() => ({ thousands: ',', decimal: '.', dates }));
  afterEach(() => write('ymd'));

  it('writes every day in a text, and leaves what only looks like one', () => {
    write('dmy');
    expect(dated('closes of 2026-06-30 and 2026-07-01, file prices-2026-06-30.csv')).toBe(
      'closes of 30.06.2026 and 01.07.2026, file prices-2026-06-30.csv',
    );
    write('ymd');
    expect(dated('2026-06-30')).toBe('2026-06-30');
  });

  it('reads a day as it writes it, and always as ISO', () => {
    for (const dates of ['ymd', 'dmy', 'mdy', 'text'] as const) {
      write(dates);
      expect(typedDay(day('2026-02-09'))).toBe('2026-02-09');
      expect(typedDay('2026-02-09')).toBe('2026-02-09');
      expect(typedDay('2026-02-30')).toBeNull();
      expect(whyNotTyped('2026-02-30')).toBe('February 2026 has no day 30');
      expect(typedDay('soon')).toBeNull();
    }
    write('dmy');
    expect([typedDay('9.2.2026'), typedDay('30.2.2026'), typedDay('02/09/2026')]).toEqual(['2026-02-09', null, null]);
    write('mdy');
    expect(typedDay('2/9/2026')).toBe('2026-02-09');
  });
});

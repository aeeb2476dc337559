import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytes, deviation, dollars, fixed, MISSING, percent, percentUnit, plural, signed } from './format.ts';

describe('numbers', () => {
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
    expect(bytes(98_765_432)).toBe('98.8 MB');
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

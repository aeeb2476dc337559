import { describe, expect, it } from 'vitest';
import { bookExposure, weightedAggregate, type ExposedPosition } from './index.ts';

const stock = (value: number, etfs: string[], exposure: number[]): ExposedPosition => ({ value, role: 'stock', etfs, exposure });

describe('book exposure', () => {
  const book: ExposedPosition[] = [
    stock(1000, ['SPY', 'XLP', 'PBJ'], [0.324, 0.16, 0.2]),
    stock(-500, ['SPY'], [1.2]),
    { value: 300, role: 'investment', etfs: ['XLP'], exposure: [1] },
    { value: -400, role: 'hedge', etfs: ['SPY'], exposure: [1] },
    { value: 200, role: 'unmodelled', etfs: [], exposure: [] },
    { value: null, role: 'unmodelled', etfs: [], exposure: [] },
    { value: 5000, role: 'cash', etfs: [], exposure: [] },
  ];
  const result = bookExposure(book);

  it('adds dollars per ETF over stocks and investment ETFs, hedge holdings beside them', () => {
    expect(result.etfs.map(({ etf }) => etf)).toEqual(['PBJ', 'SPY', 'XLP']);
    const [pbj, spy, xlp] = result.etfs;
    expect(pbj).toEqual({ etf: 'PBJ', exposure: 200, hedgeHolding: 0, net: 200, shareOfGross: 200 / 2400 });
    expect(spy!.exposure).toBeCloseTo(324 - 600, 9);
    expect(spy!.hedgeHolding).toBe(-400);
    expect(spy!.net).toBeCloseTo(-676, 9);
    expect(xlp!.exposure).toBeCloseTo(460, 9);
  });

  it('states gross, net, coverage of everything but hedges, and positions without a price; cash is in none of it', () => {
    expect(result).toMatchObject({ gross: 2400, net: 600, weightBase: 'net', covered: 1800, coverage: 0.9, unpriced: 1 });
    expect(result.weights).toEqual([1000 / 600, -500 / 600, 0.5, -400 / 600, 1 / 3, null, null]);
  });

  it('weighs on gross when net is under 5 % of it', () => {
    const at = (short: number) => bookExposure([stock(100, ['SPY'], [1]), stock(-short, ['SPY'], [1])]);
    expect(at(90).weightBase).toBe('net');
    expect(at(95).weightBase).toBe('gross');
    expect(at(95).weights[0]).toBeCloseTo(100 / 195, 12);
    expect(at(100)).toMatchObject({ weightBase: 'gross', net: 0, weights: [0.5, -0.5] });
  });

  it('has no coverage and no weights without value', () => {
    expect(bookExposure([])).toMatchObject({ gross: 0, coverage: null, etfs: [] });
    expect(bookExposure([stock(0, ['SPY'], [1])])).toMatchObject({ coverage: null, weights: [null] });
  });

  it('refuses a modelled position without a value or an exposure instead of counting 0', () => {
    expect(() => bookExposure([stock(NaN, ['SPY'], [1])])).toThrow('no value');
    expect(() => bookExposure([{ value: null, role: 'stock', etfs: ['SPY'], exposure: [1] }])).toThrow('no value');
    expect(() => bookExposure([stock(1, ['SPY', 'XLP'], [1, NaN])])).toThrow('exposure to XLP');
    expect(() => bookExposure([stock(1, ['SPY', 'XLP'], [1])])).toThrow('exposure to XLP');
    expect(() => bookExposure([stock(1, [], [])])).toThrow('no ETF');
  });

  it('aggregates a field without renormalising', () => {
    expect(weightedAggregate([0.5, 0.25, null, 0.25], [2, NaN, 7, 4])).toBe(2);
  });
});

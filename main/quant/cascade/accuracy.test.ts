import { describe, expect, it } from 'vitest';
import type { KernelSettings } from './index.ts';
import { compareWithOracle, createComparison, createMarket, createNoise, punch, runOne, worstOf } from './testing/market.ts';
import type { OracleChain } from './testing/oracle.ts';

const BASE: KernelSettings = { window: 252, minObs: 126, intercept: true, halfLife: null };
const { m, s, u, r } = createMarket(1, 900);
const noise = createNoise(77);
/** A fund equal to 1.1 times another up to noise of the given share of its standard deviation. */
const twin = (x: Float64Array, share: number) => x.map((value) => 1.1 * value + share * 0.0155 * noise());

const cases: Record<string, [OracleChain, Float64Array]> = {
  complete: [{ m, s, u }, r],
  '2 % missing': [{ m, s, u }, punch(r, 3, 0.02)],
  'ETFs missing too': [{ m, s: punch(s, 9, 0.01), u: punch(u, 5, 0.02) }, punch(r, 3, 0.02)],
  'late subsector ETF, young and ended stock': [
    { m, s, u: u.map((x, t) => (t < 400 ? NaN : x)) },
    r.map((x, t) => (t < 100 || t > 700 ? NaN : x)),
  ],
  'ETF -90 % on a day that the stock misses': [
    { m, s: s.map((x, t) => (t === 300 ? -0.9 : x)), u },
    r.map((x, t) => (t % 60 === 0 ? NaN : x)),
  ],
  'ETF x 1,000 on a day that the stock misses': [
    { m, s, u: u.map((x, t) => (t === 300 ? 1000 : x)) },
    r.map((x, t) => (t % 60 === 0 ? NaN : x)),
  ],
  'no subsector ETF': [{ m, s, u: null }, r],
  'market ETF only': [{ m, s: null, u: null }, r],
  '+1000 % move in and gone from the window': [{ m, s, u }, r.map((x, t) => (t === 300 ? 10 : x))],
  'ETF -90 % in and gone from the window': [{ m, s: s.map((x, t) => (t === 300 ? -0.9 : x)), u }, r],
  'collinear subsector ETF': [{ m, s, u: twin(s, 4e-4) }, r],
  'collinear sector ETF': [{ m, s: twin(m, 4e-4), u }, r],
  'constant sector ETF': [{ m, s: m.map(() => 0), u }, r],
  'stock without variance': [{ m, s, u }, r.map((x, t) => (t < 400 ? 0 : x))],
};
const settings: Record<string, KernelSettings> = {
  'ols-252': BASE,
  'no intercept': { ...BASE, intercept: false },
  'half-life 63': { ...BASE, halfLife: 63 },
  'half-life 63, no intercept': { ...BASE, halfLife: 63, intercept: false },
  'window 60': { ...BASE, window: 60, minObs: 30 },
};

describe.each(Object.entries(settings))('%s against the brute-force oracle', (_, config) => {
  it.each(Object.entries(cases))('%s: relative error within 1e-10, same missing fields and flags', (_name, [chain, returns]) => {
    const tile = runOne(config, chain, returns);
    const comparison = createComparison();
    compareWithOracle(comparison, config, chain, returns, returns.length - 1, tile, (t) => t % 13 < 2);
    expect(comparison.mismatches).toEqual([]);
    expect(worstOf(comparison)).toBeLessThan(1e-10);
  });

  it.each([1.2e-3, 2e-3, 1e-2])('a nearly collinear pair, cleaned deviation %d of the raw one: within 1e-8', (share) => {
    for (const chain of [
      { m, s, u: twin(s, share) },
      { m, s: twin(m, share), u },
    ]) {
      for (const returns of [r, punch(r, 3, 0.02)]) {
        const tile = runOne(config, chain, returns);
        const comparison = createComparison();
        compareWithOracle(comparison, config, chain, returns, returns.length - 1, tile, (t) => t % 17 < 2);
        expect(comparison.mismatches).toEqual([]);
        expect(worstOf(comparison)).toBeLessThan(1e-8);
      }
    }
  });
});

import { describe, expect, it } from 'vitest';
import type { KernelSettings } from './index.ts';
import { compareWithOracle, createComparison, runOne, worstOf } from './testing/market.ts';
import { GROUPS, readReturns, realPricesPresent } from './testing/real-prices.ts';

describe.skipIf(!realPricesPresent)('real adjusted closes against the brute-force oracle', () => {
  const settings: KernelSettings = { window: 252, minObs: 126, intercept: true, halfLife: null };
  it('agrees on every field; one window in nine of every stock, all of them in the long run', { timeout: 240_000 }, () => {
    const pairs = Object.keys(GROUPS).map((key) => key.split(' ') as [string, string]);
    const etfs = readReturns('modern_adj_close_etfs.csv.gz', new Set(['SPY', ...pairs.flat()]));
    const stocks = readReturns('modern_adj_close_stocks.csv.gz', new Set(Object.values(GROUPS).flat()));
    const step = process.env.HEDGEROW_LONG ? 1 : 9;
    const comparison = createComparison();
    for (const [key, tickers] of Object.entries(GROUPS)) {
      const [sector, subsector] = key.split(' ') as [string, string];
      const chain = { m: etfs.get('SPY')!, s: etfs.get(sector)!, u: subsector === '' ? null : etfs.get(subsector)! };
      for (const ticker of tickers) {
        const r = stocks.get(ticker)!;
        const tile = runOne(settings, chain, r);
        compareWithOracle(comparison, settings, chain, r, r.length - 1, tile, (t) => t % step === 0);
      }
    }
    expect(comparison.mismatches).toEqual([]);
    const [wire, worst] = [...comparison.worst].sort((a, b) => b[1].error - a[1].error)[0]!;
    console.log(`${stocks.size} stocks, ${comparison.compared} values: largest relative error ${worst.error.toExponential(2)} (${wire})`);
    expect(stocks.size).toBe(Object.values(GROUPS).flat().length);
    expect(worstOf(comparison)).toBeLessThan(1e-10);
  });
});

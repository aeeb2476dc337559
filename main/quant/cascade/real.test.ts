import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { KernelSettings } from './index.ts';
import { compareWithOracle, createComparison, runOne, worstOf } from './testing/market.ts';

const folder = process.env.HEDGEROW_TEST_DATA ?? join(import.meta.dirname, '../../../../shared/data');
const present = existsSync(join(folder, 'modern_adj_close_stocks.csv.gz'));

/** Sector and subsector ETF of each group; ARM and RIVN are young listings. */
const GROUPS: Record<string, readonly string[]> = {
  'XLK SMH': ['NVDA', 'AMD', 'AVGO', 'INTC', 'MU', 'QCOM', 'ARM'],
  'XLK IGV': ['MSFT', 'ORCL', 'CRM', 'ADBE', 'PLTR'],
  'XLF KBE': ['JPM', 'BAC', 'WFC', 'C', 'KEY'],
  'XLF KIE': ['AIG', 'TRV', 'PGR'],
  'XLE XOP': ['XOM', 'CVX', 'COP', 'OXY', 'EOG'],
  'XLP PBJ': ['WMT', 'KO', 'PEP', 'MDLZ', 'COST'],
  'XLV XBI': ['AMGN', 'GILD', 'MRNA', 'VRTX'],
  'XLY XRT': ['AMZN', 'HD', 'TSLA', 'RIVN', 'GME'],
  'XLU ': ['NEE', 'DUK'],
};

/** Daily returns of the tickers asked for, from adjusted closes of consecutive dates. */
function readReturns(file: string, wanted: ReadonlySet<string>): Map<string, Float64Array> {
  const out = new Map<string, Float64Array>();
  for (const line of gunzipSync(readFileSync(join(folder, file)))
    .toString('utf8')
    .split('\n')) {
    const comma = line.indexOf(',');
    const ticker = line.slice(0, comma);
    if (!wanted.has(ticker)) continue;
    const price = line
      .slice(comma + 1)
      .split(',')
      .map((cell) => (cell === '' ? NaN : Number(cell)));
    out.set(
      ticker,
      Float64Array.from(price, (x, t) => (t > 0 ? x / price[t - 1]! - 1 : NaN)),
    );
  }
  return out;
}

describe.skipIf(!present)('real adjusted closes against the brute-force oracle', () => {
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

/** Returns of the modern data set, for tests on real prices. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const folder = process.env.HEDGEROW_TEST_DATA ?? join(import.meta.dirname, '../../../../../shared/data');
export const realPricesPresent = existsSync(join(folder, 'modern_adj_close_stocks.csv.gz'));

/** Sector and subsector ETF of each group; ARM and RIVN are young listings. */
export const GROUPS: Record<string, readonly string[]> = {
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
export function readReturns(file: string, wanted: ReadonlySet<string>): Map<string, Float64Array> {
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

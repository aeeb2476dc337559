/** Columns of price and master files chosen by hand: which heading is which column of which kind. */
import * as v from 'valibot';
import { text } from './schemas.ts';

/** One column of each group must be there; a test holds this against the importers. */
export const NATIVE_COLUMNS = {
  prices: {
    required: [['date'], ['ticker', 'figi', 'isin'], ['close', 'adj_close']],
    optional: ['open', 'high', 'low', 'volume', 'exchange', 'currency', 'known_from'],
  },
  returns: { required: [['date'], ['ticker', 'figi', 'isin'], ['return']], optional: ['exchange', 'currency', 'known_from'] },
  securities: {
    required: [['ticker'], ['valid_from']],
    optional: ['figi', 'isin', 'cusip', 'sedol', 'exchange', 'name', 'type', 'valid_to', 'known_from'],
  },
  classification: {
    required: [['ticker', 'figi', 'isin'], ['sector']],
    optional: ['industry', 'scheme', 'exchange', 'valid_from', 'valid_to', 'known_from'],
  },
  market_cap: { required: [['date'], ['ticker', 'figi', 'isin'], ['market_cap']], optional: ['exchange', 'currency', 'known_from'] },
  actions: { required: [['ticker', 'figi', 'isin'], ['ex_date'], ['type'], ['value']], optional: ['exchange', 'currency', 'known_from'] },
  shares: { required: [['ticker', 'figi', 'isin'], ['shares'], ['valid_from']], optional: ['exchange', 'valid_to', 'known_from'] },
  'etf-map': { required: [['level'], ['code'], ['etf']], optional: ['scheme', 'proxy', 'valid_from', 'valid_to', 'known_from'] },
  universe: { required: [['ticker', 'figi', 'isin'], ['universe']], optional: ['exchange', 'valid_from', 'valid_to', 'known_from'] },
} as const;
export type MappedKind = keyof typeof NATIVE_COLUMNS;

/** Heading in the file → column; '' leaves the heading out. A heading that is not named is read as it always is. */
export const chosenColumns = v.pipe(
  v.record(v.pipe(text(200), v.minLength(1)), v.pipe(v.string(), v.regex(/^[a-z_]{0,30}$/, 'the name of a column'))),
  v.check((columns) => Object.keys(columns).length <= 300, 'at most 300 columns'),
);

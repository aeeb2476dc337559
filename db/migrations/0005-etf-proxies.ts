import type { Migration } from './index.ts';

/** ETF whose returns serve before the first of the row's own ETF; null for none. The text never changes once released. */
const SCHEMA = 'ALTER TABLE etf_map ADD COLUMN proxy_id INTEGER REFERENCES symbol (symbol_id)';

/** Proxies of young funds. */
export const etfProxies: Migration = { version: 5, name: 'etf-proxies', up: (sql) => sql.exec(SCHEMA) };

import type { Migration } from './index.ts';

/**
 * Days are EpochDays, slots weekday numbers (main/contract/units.ts); *_day, valid_* and known_from null = open.
 * The text of a released migration never changes: opening compares every object of the file with it.
 */
const SCHEMA = `
CREATE TABLE meta (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE batch (
  batch_id INTEGER PRIMARY KEY AUTOINCREMENT,
  revision INTEGER NOT NULL UNIQUE,
  undone_revision INTEGER UNIQUE CHECK (undone_revision > revision),
  undone_at TEXT,
  kind TEXT NOT NULL,
  file TEXT NOT NULL,
  source TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  importer_version TEXT NOT NULL,
  imported_at TEXT NOT NULL,
  import_day INTEGER NOT NULL,
  counts TEXT NOT NULL,
  report TEXT NOT NULL,
  options TEXT NOT NULL
) STRICT;
CREATE INDEX batch_by_hash ON batch (sha256, kind);

CREATE TABLE symbol (
  symbol_id INTEGER PRIMARY KEY AUTOINCREMENT,
  type TEXT NOT NULL CHECK (type IN ('ticker', 'figi', 'isin')),
  code TEXT NOT NULL CHECK (code <> ''),
  exchange TEXT NOT NULL,
  UNIQUE (type, code, exchange)
) STRICT;

CREATE TABLE security (
  security_id INTEGER PRIMARY KEY AUTOINCREMENT,
  created_batch INTEGER NOT NULL REFERENCES batch (batch_id),
  provisional INTEGER NOT NULL CHECK (provisional IN (0, 1)),
  name TEXT,
  type TEXT
) STRICT;

CREATE TABLE identity (
  identity_id INTEGER PRIMARY KEY AUTOINCREMENT,
  security_id INTEGER NOT NULL REFERENCES security (security_id),
  symbol_id INTEGER NOT NULL REFERENCES symbol (symbol_id),
  valid_from INTEGER,
  valid_to INTEGER,
  known_from INTEGER,
  provisional INTEGER NOT NULL CHECK (provisional IN (0, 1)),
  batch_id INTEGER NOT NULL REFERENCES batch (batch_id),
  line INTEGER NOT NULL,
  figi TEXT, isin TEXT, cusip TEXT, sedol TEXT, exchange TEXT, name TEXT, type TEXT
) STRICT;

CREATE TABLE series_block (
  block_id INTEGER PRIMARY KEY,
  symbol_id INTEGER NOT NULL REFERENCES symbol (symbol_id),
  field TEXT NOT NULL,
  batch_id INTEGER NOT NULL REFERENCES batch (batch_id),
  first_slot INTEGER NOT NULL,
  n INTEGER NOT NULL CHECK (n > 0),
  anchored INTEGER NOT NULL CHECK (anchored IN (0, 1)),
  crc INTEGER NOT NULL,
  known_day INTEGER,
  known BLOB,
  "values" BLOB NOT NULL
) STRICT;
CREATE INDEX series_block_by_series ON series_block (field, symbol_id, batch_id, first_slot, n);

CREATE TABLE series_tile (
  tile_id INTEGER PRIMARY KEY,
  field TEXT NOT NULL,
  batch_id INTEGER NOT NULL REFERENCES batch (batch_id),
  first_slot INTEGER NOT NULL,
  n INTEGER NOT NULL CHECK (n > 0),
  anchored INTEGER NOT NULL CHECK (anchored IN (0, 1)),
  crc INTEGER NOT NULL,
  known_day INTEGER,
  symbols BLOB NOT NULL,
  known BLOB,
  "values" BLOB NOT NULL
) STRICT;
CREATE INDEX series_tile_by_field ON series_tile (field, batch_id, first_slot, n);

CREATE TABLE classification (
  symbol_id INTEGER NOT NULL REFERENCES symbol (symbol_id),
  sector TEXT NOT NULL,
  industry TEXT,
  scheme TEXT NOT NULL,
  valid_from INTEGER, valid_to INTEGER, known_from INTEGER,
  batch_id INTEGER NOT NULL REFERENCES batch (batch_id),
  line INTEGER NOT NULL
) STRICT;
CREATE INDEX classification_by_symbol ON classification (symbol_id, batch_id);

CREATE TABLE action (
  symbol_id INTEGER NOT NULL REFERENCES symbol (symbol_id),
  ex_day INTEGER NOT NULL,
  type TEXT NOT NULL CHECK (type IN ('split', 'dividend', 'special_dividend', 'spinoff', 'merger', 'delisting')),
  value REAL NOT NULL,
  known_from INTEGER,
  batch_id INTEGER NOT NULL REFERENCES batch (batch_id),
  line INTEGER NOT NULL
) STRICT;
CREATE INDEX action_by_symbol ON action (symbol_id, batch_id);

CREATE TABLE shares (
  symbol_id INTEGER NOT NULL REFERENCES symbol (symbol_id),
  shares REAL NOT NULL,
  valid_from INTEGER, valid_to INTEGER, known_from INTEGER,
  batch_id INTEGER NOT NULL REFERENCES batch (batch_id),
  line INTEGER NOT NULL
) STRICT;
CREATE INDEX shares_by_symbol ON shares (symbol_id, batch_id);

CREATE TABLE etf_map (
  level TEXT NOT NULL CHECK (level IN ('market', 'sector', 'subsector')),
  code TEXT NOT NULL,
  scheme TEXT NOT NULL,
  symbol_id INTEGER NOT NULL REFERENCES symbol (symbol_id),
  valid_from INTEGER, valid_to INTEGER, known_from INTEGER,
  batch_id INTEGER NOT NULL REFERENCES batch (batch_id),
  line INTEGER NOT NULL
) STRICT;
CREATE INDEX etf_map_by_batch ON etf_map (batch_id);

CREATE TABLE holdings_snapshot (
  snapshot_id INTEGER PRIMARY KEY AUTOINCREMENT,
  batch_id INTEGER NOT NULL REFERENCES batch (batch_id),
  as_of INTEGER NOT NULL,
  source TEXT NOT NULL
) STRICT;

CREATE TABLE holdings_line (
  snapshot_id INTEGER NOT NULL REFERENCES holdings_snapshot (snapshot_id),
  line INTEGER NOT NULL,
  disposition TEXT NOT NULL CHECK (disposition IN ('position', 'cash', 'option', 'total', 'note', 'error')),
  account TEXT NOT NULL,
  ticker TEXT NOT NULL,
  symbol_id INTEGER REFERENCES symbol (symbol_id),
  quantity TEXT,
  quantity_e8 INTEGER,
  price TEXT, market_value TEXT, currency TEXT,
  name TEXT, cusip TEXT, isin TEXT,
  raw TEXT NOT NULL,
  CHECK ((quantity IS NULL) = (quantity_e8 IS NULL))
) STRICT;
CREATE INDEX holdings_line_by_snapshot ON holdings_line (snapshot_id, line);

CREATE TABLE run (
  run_id INTEGER PRIMARY KEY AUTOINCREMENT,
  created_at TEXT NOT NULL,
  settings TEXT NOT NULL,
  known_as_of INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  fingerprint TEXT NOT NULL,
  digest TEXT NOT NULL,
  summary TEXT NOT NULL,
  deleted_at TEXT
) STRICT;
CREATE INDEX run_by_fingerprint ON run (fingerprint);

CREATE TABLE order_set (
  order_set_id INTEGER PRIMARY KEY AUTOINCREMENT,
  created_at TEXT NOT NULL,
  run_id INTEGER NOT NULL REFERENCES run (run_id),
  snapshot_id INTEGER NOT NULL REFERENCES holdings_snapshot (snapshot_id),
  request TEXT NOT NULL,
  legs TEXT NOT NULL,
  format TEXT NOT NULL,
  file_name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  manifest TEXT NOT NULL
) STRICT;

CREATE TABLE finding (
  finding_id INTEGER PRIMARY KEY AUTOINCREMENT,
  batch_id INTEGER REFERENCES batch (batch_id),
  severity TEXT NOT NULL CHECK (severity IN ('error', 'warning', 'info')),
  code TEXT NOT NULL,
  subject TEXT NOT NULL,
  day INTEGER,
  message TEXT NOT NULL,
  detail TEXT NOT NULL,
  dismissed_reason TEXT,
  dismissed_at TEXT
) STRICT;
CREATE INDEX finding_by_batch ON finding (batch_id);

CREATE TABLE journal (
  seq INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  action TEXT NOT NULL,
  detail TEXT NOT NULL,
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
`;

/** The first schema. */
export const initial: Migration = { version: 1, name: 'initial', up: (sql) => sql.exec(SCHEMA) };

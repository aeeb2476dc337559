import type { Migration } from './index.ts';

/**
 * Short blocks of many days joined to one per series: `series_join` says which tiles (all of a field with ids from the first to the last) and
 * at which revision, `series_joined` holds the blocks. Both are made of the tiles and may be made anew. The text never changes once released.
 */
const SCHEMA = `
CREATE TABLE series_join (
  join_id INTEGER PRIMARY KEY,
  field TEXT NOT NULL,
  first_tile INTEGER NOT NULL,
  last_tile INTEGER NOT NULL CHECK (last_tile >= first_tile),
  first_batch INTEGER NOT NULL REFERENCES batch (batch_id),
  last_batch INTEGER NOT NULL REFERENCES batch (batch_id),
  revision INTEGER NOT NULL
) STRICT;
CREATE INDEX series_join_by_field ON series_join (field, first_tile);

CREATE TABLE series_joined (
  block_id INTEGER PRIMARY KEY,
  join_id INTEGER NOT NULL REFERENCES series_join (join_id),
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
CREATE INDEX series_joined_by_series ON series_joined (join_id, symbol_id, batch_id, first_slot, n);

CREATE INDEX batch_undone ON batch (undone_revision) WHERE undone_revision IS NOT NULL;
`;

export const seriesJoins: Migration = {
  version: 9,
  name: 'series-joins',
  up: (sql) => sql.exec(SCHEMA),
};

import type { Migration } from './index.ts';

/**
 * Lines of the files that series came from, by batch and runs of symbols; db/lines.ts says how they are packed. Files imported before
 * have none. The text never changes once released.
 */
const SCHEMA = `
CREATE TABLE series_line (
  batch_id INTEGER NOT NULL REFERENCES batch (batch_id),
  first_symbol INTEGER NOT NULL,
  last_symbol INTEGER NOT NULL CHECK (last_symbol >= first_symbol),
  packed BLOB NOT NULL,
  PRIMARY KEY (batch_id, first_symbol)
) STRICT;
`;

/** Where in its file a value stood. */
export const seriesLines: Migration = { version: 4, name: 'series-lines', up: (sql) => sql.exec(SCHEMA) };

import type { Migration } from './index.ts';

/**
 * What the doctor found: one row per look, and findings that a later look finds again under their key. Lists of securities
 * that a user defines as a universe. The text of a released migration never changes.
 */
const SCHEMA = `
CREATE TABLE look (
  look_id INTEGER PRIMARY KEY AUTOINCREMENT,
  looked_at TEXT NOT NULL,
  revision INTEGER NOT NULL,
  known_as_of INTEGER NOT NULL,
  version TEXT NOT NULL,
  summary TEXT NOT NULL
) STRICT;

ALTER TABLE finding ADD COLUMN key TEXT;
ALTER TABLE finding ADD COLUMN look_id INTEGER REFERENCES look (look_id);
CREATE UNIQUE INDEX finding_by_key ON finding (key) WHERE key IS NOT NULL;

CREATE TABLE universe_member (
  name TEXT NOT NULL CHECK (name <> ''),
  symbol_id INTEGER NOT NULL REFERENCES symbol (symbol_id),
  valid_from INTEGER, valid_to INTEGER, known_from INTEGER,
  batch_id INTEGER NOT NULL REFERENCES batch (batch_id),
  line INTEGER NOT NULL
) STRICT;
CREATE INDEX universe_member_by_name ON universe_member (name, batch_id);
`;

export const looksAndLists: Migration = { version: 2, name: 'looks-and-lists', up: (sql) => sql.exec(SCHEMA) };

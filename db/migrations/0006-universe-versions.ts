import type { Migration } from './index.ts';

/**
 * Versions of the lists of `universe_member`: what a batch says of a list as a whole. `known_from` null: known always. `removed`: the
 * list ends with this batch, and one imported later begins anew. The text never changes once released.
 */
const SCHEMA = `
CREATE TABLE universe_list (
  batch_id INTEGER NOT NULL REFERENCES batch (batch_id),
  name TEXT NOT NULL CHECK (name <> ''),
  known_from INTEGER,
  removed INTEGER NOT NULL CHECK (removed IN (0, 1)),
  PRIMARY KEY (name, batch_id)
) STRICT, WITHOUT ROWID;
`;

/** When each version of a list was known, and lists that were deleted. */
export const universeVersions: Migration = { version: 6, name: 'universe-versions', up: (sql) => sql.exec(SCHEMA) };

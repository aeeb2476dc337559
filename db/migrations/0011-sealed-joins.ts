import type { Migration } from './index.ts';

/**
 * Joins say by a checksum which tiles they stand for: one that stood for more hid what was imported. Those of before have none; they are made
 * anew of their days while the writer rests. The text never changes once released.
 */
const SCHEMA = `
DELETE FROM series_joined;
DELETE FROM series_join;
ALTER TABLE series_join ADD COLUMN crc INTEGER NOT NULL DEFAULT 0;
`;

export const sealedJoins: Migration = {
  version: 11,
  name: 'sealed-joins',
  up: (sql) => sql.exec(SCHEMA),
};

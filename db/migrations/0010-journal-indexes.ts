import type { Migration } from './index.ts';

/** A field of an entry, as the indexes have it; of a damaged entry there is none, and the file opens all the same. */
export const journalField = (name: 'packageId' | 'specSha256'): string =>
  `CASE WHEN json_valid(detail) THEN json_extract(detail, '$.${name}') END`;

/**
 * Frozen sets are found by their number and by what they were made of without reading all of them, and entries of one kind without
 * walking the whole journal: after years it is mostly the contents of frozen sets.
 */
const SCHEMA = `
CREATE INDEX journal_by_action ON journal (action, seq);
CREATE INDEX journal_package ON journal (${journalField('packageId')}) WHERE action = 'freeze';
CREATE INDEX journal_package_spec ON journal (${journalField('specSha256')}) WHERE action = 'freeze';
`;

export const journalIndexes: Migration = {
  version: 10,
  name: 'journal-indexes',
  up: (sql) => sql.exec(SCHEMA),
};

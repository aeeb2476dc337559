import type { Migration } from './index.ts';

/**
 * What kind of thing a line of a holdings file holds (share, fund, bond, option …), where its importer could tell; null for lines
 * stored before. The text never changes once released.
 */
const SCHEMA = 'ALTER TABLE holdings_line ADD COLUMN kind TEXT;';

/** An option or a bond is known as one: it is listed, not modelled, and no security is looked for. */
export const holdingsKinds: Migration = { version: 7, name: 'holdings-kinds', up: (sql) => sql.exec(SCHEMA) };

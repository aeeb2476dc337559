import type { Migration } from './index.ts';

/**
 * Decisions about who is who, made by hand. `merge`: other_id is security_id. `assign`: on days [valid_from, valid_to) the
 * symbol is security_id, whatever master rows say (null = open). The text never changes once released.
 */
const SCHEMA = `
CREATE TABLE identity_decision (
  decision_id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL CHECK (kind IN ('merge', 'assign')),
  security_id INTEGER NOT NULL REFERENCES security (security_id),
  other_id INTEGER REFERENCES security (security_id),
  symbol_id INTEGER REFERENCES symbol (symbol_id),
  valid_from INTEGER,
  valid_to INTEGER,
  known_from INTEGER NOT NULL,
  reason TEXT NOT NULL,
  batch_id INTEGER NOT NULL REFERENCES batch (batch_id),
  CHECK ((kind = 'merge') = (other_id IS NOT NULL)),
  CHECK ((kind = 'assign') = (symbol_id IS NOT NULL)),
  CHECK (other_id IS NOT security_id),
  CHECK (valid_to > valid_from)
) STRICT;
`;

/** Merges, splits and resolved names. */
export const identityDecisions: Migration = { version: 3, name: 'identity-decisions', up: (sql) => sql.exec(SCHEMA) };

/** What securities are called. */
import { readIdentities, readSecurities } from '../../../db/index.ts';
import { ALWAYS } from './identity.ts';
import { ofRevision } from './remembered.ts';

export type Names = ReadonlyMap<number, string | null>;

/** Names by security: of its latest master row that has one (an adopted provisional security has none of its own), else its first. */
export const securityNames = ofRevision((ws, revision): Names => {
  const names = new Map<number, string | null>(readSecurities(ws, { revision }).map((row) => [row.securityId, row.name]));
  const from = new Map<number, number>();
  for (const row of readIdentities(ws, { revision })) {
    const valid = row.validFrom ?? ALWAYS;
    if (row.name === null || valid < (from.get(row.securityId) ?? -Infinity)) continue;
    from.set(row.securityId, valid);
    names.set(row.securityId, row.name);
  }
  return names;
});

/** What securities are called. */
import { readIdentities, readSecurities, type Workspace } from '../../../db/index.ts';
import { ALWAYS } from './identity.ts';

/** What a revision says never changes; asking for one security should not cost the names of all. */
const latest = new WeakMap<Workspace, { readonly revision: number; readonly names: ReadonlyMap<number, string | null> }>();

/** Names by security: of its latest master row that has one (an adopted provisional security has none of its own), else its first. */
export function securityNames(ws: Workspace, revision: number): ReadonlyMap<number, string | null> {
  const held = latest.get(ws);
  if (held?.revision === revision) return held.names;
  const names = new Map<number, string | null>(readSecurities(ws, { revision }).map((row) => [row.securityId, row.name]));
  const from = new Map<number, number>();
  for (const row of readIdentities(ws, { revision })) {
    const valid = row.validFrom ?? ALWAYS;
    if (row.name === null || valid < (from.get(row.securityId) ?? -Infinity)) continue;
    from.set(row.securityId, valid);
    names.set(row.securityId, row.name);
  }
  latest.set(ws, { revision, names });
  return names;
}

/** The user's own lists as universes: their versions with names resolved to securities, and their memberships. */
import { createHash } from 'node:crypto';
import {
  allSymbols,
  commitBatch,
  currentRevision,
  getBatch,
  readUniverses,
  type StoredUniverseVersion,
  type Workspace,
} from '../../../db/index.ts';
import { HedgerowError } from '../../contract/errors.ts';
import type { BatchRow } from '../../contract/results.ts';
import type { UniverseListRow } from '../../contract/results-universes.ts';
import type { EpochDay } from '../../contract/units.ts';
import { listMemberships, type ListRow, type ListVersion, type Membership, type UniverseOptions } from '../../quant/universe/index.ts';
import { ALWAYS, type IdentityIndex, type Name } from './identity.ts';
import { groupBy } from './group.ts';
import { batchRow } from './look-ups.ts';
import type { Master } from './master.ts';
import { isoOrNull } from './provenance.ts';

/** Versions of a list in force at a revision. Throws `usage` when there is no such list. */
function versionsOf(ws: Workspace, revision: number, name: string): StoredUniverseVersion[] {
  const found = readUniverses(ws, { revision, name });
  if (found.length > 0) return found;
  const own = [...new Set(readUniverses(ws, { revision }).map((one) => one.name))];
  throw new HedgerowError(
    'usage',
    `There is no universe "${name}".`,
    `Universes are mc_50, mc_500, mc_1000, mc_3000 and dv_50 … dv_3000${own.length > 0 ? `, and the lists ${own.join(', ')}` : '; a list of your own is imported as a file with the columns universe and ticker'}.`,
  );
}

/**
 * A name on a list means its owner on the day the row begins, else the first owner afterwards. An undated one means on every day its
 * owner of that day, else the last one before: a later rename or owner changes no earlier row, and a renamed company stays.
 */
function resolved(versions: readonly StoredUniverseVersion[], names: ReadonlyMap<number, Name>, view: IdentityIndex): ListVersion[] {
  return versions.map((version) => ({
    known: version.knownFrom ?? ALWAYS,
    order: version.batchId,
    rows: version.members.flatMap((row): ListRow[] => {
      const { validFrom, validTo, line: order } = row;
      const known = row.knownFrom ?? validFrom ?? ALWAYS;
      if (validFrom !== null) {
        const securityId = view.resolveFact(row.symbolId, validFrom);
        return securityId === null ? [] : [{ securityId, validFrom, validTo, known, order }];
      }
      const taken = view.stretches(names.get(row.symbolId)!).filter(({ owners }) => owners.length > 0);
      return taken.flatMap(({ from, owners }, i) => {
        const until = [validTo, taken[i + 1]?.from].filter((day) => typeof day === 'number');
        return owners.length === 1
          ? [{ securityId: owners[0]!, validFrom: from, validTo: until.length > 0 ? Math.min(...until) : null, known, order }]
          : [];
      });
    }),
  }));
}

/** Memberships of a list over the whole axis. */
export function listMembershipsOf(
  ws: Workspace,
  { axis, views }: Pick<Master, 'axis' | 'views'>,
  { revision, name, ...options }: UniverseOptions & { readonly revision: number; readonly name: string },
): Membership[] {
  const versions = versionsOf(ws, revision, name);
  const names = new Map(allSymbols(ws).map((symbol) => [symbol.symbolId as number, symbol]));
  return views().flatMap(({ fromRow, toRow, view }) => listMemberships(resolved(versions, names, view), axis, options, fromRow, toRow));
}

/** Names of the version in force on a day that mean no security, as the file spells them. */
export function unresolvedNames(ws: Workspace, revision: number, name: string, view: IdentityIndex, day: number): string[] {
  const versions = versionsOf(ws, revision, name);
  const version = versions.findLast((one) => (one.knownFrom ?? ALWAYS) <= day) ?? versions[0]!;
  const codes = new Map(allSymbols(ws).map(({ symbolId, code }) => [symbolId as number, code]));
  const none = version.members.filter((row) => view.resolveFact(row.symbolId, row.validFrom ?? day) === null);
  return [...new Set(none.map((row) => codes.get(row.symbolId)!))].sort();
}

/** The lists in force at a revision, by name. */
export function universeLists(ws: Workspace, { revision }: { readonly revision: number }): UniverseListRow[] {
  const byName = groupBy(readUniverses(ws, { revision }), (one) => one.name);
  return [...byName].map(([name, versions]) => {
    const last = versions.at(-1)!;
    const days = last.members.map((row) => row.validFrom).filter((day) => day !== null);
    return {
      name,
      batchId: last.batchId,
      file: last.file,
      imported: isoOrNull(last.importDay)!,
      versions: versions.length,
      knownFrom: isoOrNull(last.knownFrom),
      rows: last.members.length,
      members: new Set(last.members.map((row) => row.symbolId)).size,
      undated: last.members.length - days.length,
      first: days.length > 0 ? isoOrNull(Math.min(...days)) : null,
    };
  });
}

/** Ends a list: one batch, which undo takes back. Throws `usage` when there is no such list. */
export function deleteUniverse(
  ws: Workspace,
  { name, at, today }: { readonly name: string; readonly at: string; readonly today: number },
): BatchRow {
  const versions = versionsOf(ws, currentRevision(ws), name);
  const { batchId } = commitBatch(
    ws,
    {
      kind: 'universe',
      file: `universe ${name} deleted`,
      source: 'by hand',
      sha256: createHash('sha256').update(`${at} ${name}`).digest('hex'),
      bytes: 0,
      importerVersion: 'by hand',
      importedAt: at,
      importDay: today as EpochDay,
      counts: { rows: versions.at(-1)!.members.length, new: 0, unchanged: 0, restated: 0, rebased: 0, rejected: 0, nonSession: 0 },
      report: null,
      options: {},
    },
    (writer) => writer.universe({ name, knownFrom: null, removed: true, members: [] }),
  );
  return batchRow(getBatch(ws, batchId)!);
}

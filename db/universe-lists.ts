/**
 * Lists of securities that a user defined as a universe. A later batch of the same name is a further version of the list, which holds
 * whole; a removal ends the list.
 */
import type { BatchId, EpochDay, SymbolId } from '../main/contract/units.ts';
import { all, insertText, run, selectList } from './connection.ts';
import type { Workspace } from './connection.ts';
import { VISIBLE } from './visibility.ts';

export interface UniverseMember {
  readonly symbolId: SymbolId;
  readonly validFrom: EpochDay | null;
  /** Exclusive. */
  readonly validTo: EpochDay | null;
  /** null: known since `validFrom`, else as long as its version. */
  readonly knownFrom: EpochDay | null;
  readonly line: number;
}

/** What a batch says of one list. */
export interface UniverseVersion {
  readonly name: string;
  /** Day from which this version counts; null: always. */
  readonly knownFrom: EpochDay | null;
  readonly removed: boolean;
  readonly members: readonly UniverseMember[];
}

export interface StoredUniverseVersion extends UniverseVersion {
  readonly batchId: BatchId;
  readonly importDay: EpochDay;
  readonly file: string;
}

const MEMBER = ['symbolId', 'validFrom', 'validTo', 'knownFrom', 'line'];

/** Stores a version of a list for a batch. */
export function insertUniverse(ws: Workspace, batchId: number, { name, knownFrom, removed, members }: UniverseVersion): void {
  const head = { batchId, name, knownFrom, removed: Number(removed) };
  run(ws, insertText('universe_list', ['batchId', 'name', 'knownFrom', 'removed']), head);
  const text = insertText('universe_member', ['batchId', 'name', ...MEMBER]);
  for (const row of members) run(ws, text, { ...row, batchId, name });
}

/** Versions in force at a revision of the lists that are not removed, by name, then batch; of one list when `name` is given. */
export function readUniverses(ws: Workspace, query: { readonly revision: number; readonly name?: string }): StoredUniverseVersion[] {
  const { revision } = query;
  const name = query.name ?? null;
  const heads = all<Omit<StoredUniverseVersion, 'removed' | 'members'> & { removed: number }>(
    ws,
    `SELECT ${selectList(['batchId', 'name', 'knownFrom', 'removed'], 'l')}, ${selectList(['importDay', 'file'], 'b')}
     FROM universe_list l JOIN batch b ON b.batch_id = l.batch_id
     WHERE ${VISIBLE} AND (@name IS NULL OR l.name = @name) ORDER BY l.name, l.batch_id`,
    { revision, name },
  );
  const alive = heads.filter((head, i) => !heads.slice(i).some((later) => later.name === head.name && later.removed === 1));
  const members = new Map<string, UniverseMember[]>(alive.map((head) => [`${head.batchId}/${head.name}`, []]));
  const rows = all<UniverseMember & { batchId: number; name: string }>(
    ws,
    `SELECT ${selectList(['batchId', 'name', ...MEMBER], 't')} FROM universe_member t JOIN batch b ON b.batch_id = t.batch_id
     WHERE ${VISIBLE} AND (@name IS NULL OR t.name = @name) ORDER BY t.rowid`,
    { revision, name },
  );
  for (const { batchId, name: list, ...row } of rows) members.get(`${batchId}/${list}`)?.push(row);
  return alive.map((head) => ({ ...head, removed: false, members: members.get(`${head.batchId}/${head.name}`)! }));
}

/** Lists of securities that a user defined as a universe. A later batch of the same name replaces the list whole. */
import type { BatchId, EpochDay, SymbolId } from '../main/contract/units.ts';
import { all, insertText, run, selectList } from './connection.ts';
import type { Workspace } from './connection.ts';
import { VISIBLE } from './visibility.ts';

export interface UniverseMember {
  /** Name of the list. */
  readonly name: string;
  readonly symbolId: SymbolId;
  readonly validFrom: EpochDay | null;
  /** Exclusive. */
  readonly validTo: EpochDay | null;
  readonly knownFrom: EpochDay | null;
  readonly line: number;
}

const COLUMNS = ['name', 'symbolId', 'validFrom', 'validTo', 'knownFrom', 'line'];

/** Stores rows of lists for a batch. */
export function insertUniverseMembers(ws: Workspace, batchId: number, rows: readonly UniverseMember[]): void {
  const text = insertText('universe_member', ['batchId', ...COLUMNS]);
  for (const row of rows) run(ws, text, { ...row, batchId });
}

/** Rows of the lists in force (one list: the latest visible batch that brought its name), by name, then line. */
export function readUniverseMembers(
  ws: Workspace,
  query: { readonly revision: number },
): (UniverseMember & { readonly batchId: BatchId })[] {
  const latest = `SELECT max(u.batch_id) FROM universe_member u JOIN batch b ON b.batch_id = u.batch_id WHERE u.name = t.name AND ${VISIBLE}`;
  const text = `SELECT ${selectList(['batchId', ...COLUMNS], 't')} FROM universe_member t WHERE t.batch_id = (${latest}) ORDER BY t.name, t.line, t.rowid`;
  return all(ws, text, { revision: query.revision });
}

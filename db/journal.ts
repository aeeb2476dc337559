/** The audit journal: an append-only chain in which every entry carries the hash of the one before it. */
import * as path from 'node:path';
import { createHash } from 'node:crypto';
import { all, connect, fromJson, get, run, toJson, transaction } from './connection.ts';
import type { Workspace } from './connection.ts';
import { BACKUPS, listBackupNames } from './files.ts';

export interface JournalEntry {
  readonly seq: number;
  /** ISO time, UTC. */
  readonly at: string;
  readonly action: string;
  readonly detail: unknown;
  readonly prevHash: string;
  readonly hash: string;
}

interface Row extends Omit<JournalEntry, 'detail'> {
  readonly detail: string;
}

const SELECT = 'SELECT seq, at, action, detail, prev_hash AS prevHash, hash FROM journal ORDER BY seq';

/** Hash of the chain before its first entry. */
const ORIGIN = '0'.repeat(64);

function hashOf(entry: Omit<Row, 'hash'>): string {
  return createHash('sha256')
    .update(JSON.stringify([entry.seq, entry.at, entry.action, entry.detail, entry.prevHash]))
    .digest('hex');
}

/** Appends an entry, inside the caller's transaction if there is one; answers its hash, the new head of the chain. */
export function appendJournal(ws: Workspace, action: string, detail: unknown, at: string = new Date().toISOString()): string {
  return transaction(ws, () => {
    const last = get<{ seq: number; hash: string }>(ws, 'SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1');
    const entry = { seq: (last?.seq ?? 0) + 1, at, action, detail: toJson(detail), prevHash: last?.hash ?? ORIGIN };
    const hash = hashOf(entry);
    run(ws, 'INSERT INTO journal (seq, at, action, detail, prev_hash, hash) VALUES (@seq, @at, @action, @detail, @prevHash, @hash)', {
      ...entry,
      hash,
    });
    return hash;
  });
}

/** All entries, oldest first. */
export function listJournal(ws: Workspace): JournalEntry[] {
  return all<Row>(ws, SELECT).map((row) => ({ ...row, detail: fromJson(ws, row.detail, `journal entry ${row.seq}`) }));
}

/** How many entries of one kind there are; none is read. */
export const countJournal = (ws: Workspace, action: string): number =>
  get<{ n: number }>(ws, 'SELECT count(*) AS n FROM journal WHERE action = ?', action)!.n;

/** Entries of one kind after the one of this number (default: all), oldest first. */
export function journalOf(ws: Workspace, action: string, after = 0): JournalEntry[] {
  return all<Row>(ws, SELECT.replace('ORDER BY', 'WHERE action = ? AND seq > ? ORDER BY'), action, after).map((row) => ({
    ...row,
    detail: fromJson(ws, row.detail, `journal entry ${row.seq}`),
  }));
}

/**
 * Walks the chain. `brokenAt` is the first entry that was changed, lost or put in; null when every link holds. Entries cut off
 * the end cannot be seen from within: compare `head` with one written down elsewhere (order manifests carry it).
 */
export function verifyJournal(ws: Workspace): { readonly entries: number; readonly brokenAt: number | null; readonly head: string } {
  return walked(all<Row>(ws, SELECT));
}

function walked(rows: readonly Row[]): ReturnType<typeof verifyJournal> {
  let [head, seq] = [ORIGIN, 0];
  for (const row of rows) {
    seq++;
    if (row.seq !== seq || row.prevHash !== head || row.hash !== hashOf(row)) return { entries: seq - 1, brokenAt: seq, head };
    head = row.hash;
  }
  return { entries: seq, brokenAt: null, head };
}

/** File name of the newest backup of the workspace in which every link of the chain holds; null when there is none. */
export function newestWholeBackup({ dir, nativeBinding }: Workspace): string | null {
  const isWhole = (name: string): boolean => {
    try {
      const sql = connect(path.join(dir, BACKUPS, name), { readonly: true, nativeBinding });
      try {
        return walked(sql.prepare<[], Row>(SELECT).all()).brokenAt === null;
      } finally {
        sql.close();
      }
    } catch {
      return false;
    }
  };
  return listBackupNames(dir).findLast(isWhole) ?? null;
}

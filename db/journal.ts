/** The audit journal: an append-only chain in which every entry carries the hash of the one before it. */
import * as path from 'node:path';
import { createHash } from 'node:crypto';
import { all, connect, fromJson, get, guarded, run, snapshotRead, toJson, transaction } from './connection.ts';
import type { Sql, Workspace } from './connection.ts';
import { BACKUPS, listBackupNames } from './files.ts';
import { getMeta, setMeta } from './meta.ts';
import { alteredBatches, lastRows, type AlteredBatch, type JournaledBatches, type RowIds, type Seal } from './seals.ts';

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

const SELECT = 'SELECT seq, at, action, detail, prev_hash AS prevHash, hash FROM journal WHERE seq > ? ORDER BY seq';

/** Hash of the chain before its first entry. */
const ORIGIN = '0'.repeat(64);

function hashOf(entry: Omit<Row, 'hash'>): string {
  return createHash('sha256')
    .update(JSON.stringify([entry.seq, entry.at, entry.action, entry.detail, entry.prevHash]))
    .digest('hex');
}

/** Where the chain ended when something was last appended, kept beside it: without it, entries cut off the end would leave a whole chain. */
const END = 'journalEnd';
type End = Pick<JournalCheck, 'entries' | 'head'>;

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
    // A cut stays seen, whatever is appended behind it.
    const end = getMeta(ws, END) as End | undefined;
    if (!end || entry.seq - 1 > end.entries || entry.prevHash === end.head)
      setMeta(ws, END, { entries: entry.seq, head: hash } satisfies End);
    return hash;
  });
}

/** All entries, oldest first. */
export function listJournal(ws: Workspace): JournalEntry[] {
  return all<Row>(ws, SELECT, 0).map((row) => ({ ...row, detail: fromJson(ws, row.detail, `journal entry ${row.seq}`) }));
}

/** How many entries of one kind there are; none is read. */
export const countJournal = (ws: Workspace, action: string): number =>
  get<{ n: number }>(ws, 'SELECT count(*) AS n FROM journal WHERE action = ?', action)!.n;

/** Entries of one kind after the one of this number (default: all), oldest first. */
export function journalOf(ws: Workspace, action: string, after = 0): JournalEntry[] {
  return all<Row>(ws, SELECT.replace('ORDER BY', 'AND action = ? ORDER BY'), after, action).map((row) => ({
    ...row,
    detail: fromJson(ws, row.detail, `journal entry ${row.seq}`),
  }));
}

/** How far a walk found everything whole. */
export interface JournalMark {
  readonly entries: number;
  readonly head: string;
  /** The last row of every table that batches bring rows to. */
  readonly rows: RowIds;
}

/** Whether the journal is whole, and what batches brought is what it says. */
export interface JournalCheck {
  readonly entries: number;
  /** The first entry that was changed, lost or put in; null when every link holds. */
  readonly brokenAt: number | null;
  /** Hash of the last entry. */
  readonly head: string;
  /** Batches that are not what the journal says; none where it is broken itself. */
  readonly altered: readonly AlteredBatch[];
  /** Null where something is wrong. */
  readonly whole: JournalMark | null;
}

const START: JournalMark = { entries: 0, head: ORIGIN, rows: {} };

/**
 * Walks the chain to the end that was kept beside it and compares every batch with its seal. Whoever changes that end too is seen only by
 * comparing `head` with one written down elsewhere (`verify` tells it). `since`: goes on from what an earlier walk found whole, for a caller who knows that
 * nothing but Hedgerow wrote since (`foreignWrites`).
 */
export const verifyJournal = (ws: Workspace, since: JournalMark = START): JournalCheck =>
  snapshotRead(ws, () => walked(ws, all<Row>(ws, SELECT, since.entries), since));

function walked(ws: Workspace, rows: readonly Row[], since: JournalMark): JournalCheck {
  // A program from before there was an end may have appended behind it; it keeps none.
  const end = getMeta(ws, END) as End | undefined;
  let { head, entries } = since;
  for (const row of rows) {
    if (row.seq !== entries + 1 || row.prevHash !== head || row.hash !== hashOf(row))
      return { entries, brokenAt: entries + 1, head, altered: [], whole: null };
    head = row.hash;
    entries++;
    if (entries === end?.entries && head !== end.head)
      return { entries: entries - 1, brokenAt: entries, head: row.prevHash, altered: [], whole: null };
  }
  if (end && end.entries > entries) return { entries, brokenAt: entries + 1, head, altered: [], whole: null };
  const altered = alteredBatches(ws, batchesOf(rows), since.rows);
  return { entries, brokenAt: null, head, altered, whole: altered.length > 0 ? null : { entries, head, rows: lastRows(ws) } };
}

function batchesOf(rows: readonly Row[]): JournaledBatches {
  const told = <T>(action: string): T[] => rows.filter((row) => row.action === action).map(({ detail }) => JSON.parse(detail) as T);
  return {
    commits: told<{ batchId: number; file: string; seal?: Seal }>('commit'),
    undone: new Map(told<{ batchId: number; revision: number }>('undo').map(({ batchId, revision }) => [batchId, revision])),
  };
}

/** A number that changes when another connection than this one writes to the workspace's file. */
export const foreignWrites = (ws: Workspace): number => guarded(ws.dir, () => ws.sql.pragma('data_version', { simple: true }) as number);

/** `verifyJournal` of another database file of a workspace, on a connection to it; of any format. */
export const verifyFile = (sql: Sql, of: FileOf): JournalCheck =>
  verifyJournal({ ...of, mode: 'read', sql, statements: new Map(), close: () => sql.close() });

/** The workspace that a file is of. */
export type FileOf = Pick<Workspace, 'dir' | 'nativeBinding' | 'softwareVersion'>;

/** File name of the newest backup of the workspace that `verifyJournal` finds nothing wrong with; null when there is none. */
export function newestWholeBackup(of: FileOf): string | null {
  const isWhole = (name: string): boolean => {
    try {
      const sql = connect(path.join(of.dir, BACKUPS, name), { readonly: true, nativeBinding: of.nativeBinding });
      try {
        return verifyFile(sql, of).whole !== null;
      } finally {
        sql.close();
      }
    } catch {
      return false;
    }
  };
  return listBackupNames(of.dir).findLast(isWhole) ?? null;
}

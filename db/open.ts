/** Making, opening and closing a workspace. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { HedgerowError } from '../main/contract/errors.ts';
import { UNFINISHED } from '../main/contract/workspace.ts';
import { checkRuntime, connect, guarded } from './connection.ts';
import type { Sql, Workspace } from './connection.ts';
import {
  APPLICATION_ID,
  ARTIFACTS,
  BACKUPS,
  databaseFile,
  entry,
  ownFiles,
  makeFolder,
  removeDatabase,
  restoreDraft,
  sync,
} from './files.ts';
import { checkIntegrity, checkSchema, inspectFolder, latestVersion } from './inspect.ts';
import { appendJournal } from './journal.ts';
import { acquireLock } from './lock.ts';
import { getMeta, setMeta } from './meta.ts';
import { migrate } from './migrate.ts';

export interface OpenOptions {
  /** `write` takes the workspace's lock; any number of `read` connections may stand beside it. */
  readonly mode: 'write' | 'read';
  /** Path of a better-sqlite3 native module for runtimes the stock one does not fit. */
  readonly nativeBinding?: string;
  /** Who holds the lock: a worker thread that died and began again passes the same one. Default: a new one. */
  readonly lockToken?: string;
  /** Written to the journal and to `meta` when the file is made or changed. */
  readonly softwareVersion: string;
}

export interface CreateOptions extends Omit<OpenOptions, 'mode' | 'lockToken'> {
  /** A simulated market: stated wherever its numbers show. */
  readonly simulated?: boolean;
  /** It is to be filled: a file says so until `finishWorkspace`. */
  readonly unfinished?: boolean;
}

/**
 * Makes a workspace in a new or empty folder and opens it for writing. The database appears under its name only when it is
 * complete. Throws `io` when the folder holds something else.
 */
export function createWorkspace(dir: string, options: CreateOptions): Workspace {
  checkRuntime(options.nativeBinding);
  const file = databaseFile(dir);
  const draft = `${file}.new`;
  const refuseSecond = (): void => {
    if (entry(file) !== null) throw new HedgerowError('io', `There is a workspace in ${dir} already.`, 'Open it, or choose another name.');
  };
  guarded(dir, () => {
    if (entry(dir) !== null) {
      refuseSecond();
      const own = new Set([BACKUPS, ARTIFACTS, UNFINISHED, 'lock', ...ownFiles(draft).map((name) => path.basename(name))]);
      const foreign = fs.readdirSync(dir).find((name) => !own.has(name) && !name.startsWith('lock.'));
      if (foreign !== undefined)
        throw new HedgerowError('io', `The folder ${dir} is not empty (${foreign}).`, 'Choose another name or an empty folder.');
    }
    for (const folder of [BACKUPS, ARTIFACTS]) makeFolder(path.join(dir, folder));
  });
  const release = guarded(dir, () => acquireLock(dir));
  try {
    guarded(dir, () => {
      // Another program may have made one meanwhile.
      refuseSecond();
      removeDatabase(draft);
      const sql = connect(draft, { readonly: false, nativeBinding: options.nativeBinding, create: true });
      try {
        // The page size is fixed by the first write; blocks of 12 kB then need one overflow page, not a chain of them.
        sql.pragma('page_size = 16384');
        sql.pragma(`application_id = ${APPLICATION_ID}`);
        sql.pragma('synchronous = FULL');
        migrate(dir, sql, options.nativeBinding);
        // In its place it would write a rollback journal, which a killed process leaves there and no opening takes.
        sql.pragma('journal_mode = WAL');
      } finally {
        sql.close();
      }
      sync(draft);
      if (options.unfinished === true) fs.writeFileSync(path.join(dir, UNFINISHED), '');
      fs.renameSync(draft, file);
      sync(dir);
    });
  } finally {
    release();
  }
  const ws = openWorkspace(dir, { ...options, mode: 'write' });
  setMeta(ws, 'simulated', options.simulated === true);
  setMeta(ws, 'createdWith', options.softwareVersion);
  appendJournal(ws, 'create', { softwareVersion: options.softwareVersion });
  return ws;
}

/** Of a workspace that was made `unfinished`: it is whole now, and after a power cut still is. */
export function finishWorkspace(dir: string): void {
  guarded(dir, () => {
    fs.rmSync(path.join(dir, UNFINISHED), { force: true });
    sync(dir);
  });
}

/**
 * Opens a workspace. Writing also checks the file, brings it to the present format (after a verified backup) and holds the
 * lock until `close()` or the end of the process. Throws `not_found`, `workspace_locked`, `workspace_newer` (file untouched),
 * `workspace_damaged` (names the newest backup), and for reading `blocked` when the file has an older format.
 */
export function openWorkspace(dir: string, options: OpenOptions): Workspace {
  checkRuntime(options.nativeBinding);
  guarded(dir, () => inspectFolder(dir, options.nativeBinding));
  const release = options.mode === 'write' ? guarded(dir, () => acquireLock(dir, options.lockToken)) : () => {};
  try {
    return guarded(dir, () => {
      if (options.mode === 'write') {
        inspectFolder(dir, options.nativeBinding);
        // A restore that was killed left it; the lock says that none is at work.
        removeDatabase(restoreDraft(dir));
      }
      return openDatabase(dir, databaseFile(dir), options, release);
    });
  } catch (error) {
    release();
    throw error;
  }
}

/** Opens a database of a workspace: the one in its place, or under the lock one that is to take it. Only closing it calls `release`. */
export function openDatabase(dir: string, file: string, options: OpenOptions, release: () => void): Workspace {
  const sql = connect(file, { readonly: options.mode === 'read', nativeBinding: options.nativeBinding });
  try {
    checkSchema(dir, sql, options.nativeBinding);
    if (options.mode === 'write') prepareForWriting(dir, sql, options.nativeBinding);
    else refuseOlder(sql);
    sql.pragma('foreign_keys = ON');
    // kB. Every block of an import touches an index page somewhere else, so the writer keeps them all; readers walk once.
    sql.pragma(`cache_size = ${options.mode === 'write' ? -131_072 : -16_384}`);
    const ws = handle(dir, options, sql, release);
    if (options.mode === 'write' && getMeta(ws, 'softwareVersion') !== options.softwareVersion)
      setMeta(ws, 'softwareVersion', options.softwareVersion);
    return ws;
  } catch (error) {
    sql.close();
    throw error;
  }
}

function prepareForWriting(dir: string, sql: Sql, nativeBinding: string | undefined): void {
  checkIntegrity(dir, sql);
  const mode = sql.pragma('journal_mode = WAL', { simple: true });
  if (mode !== 'wal')
    throw new HedgerowError(
      'io',
      `The drive does not support safe writing (journal mode ${String(mode)}).`,
      'Keep the workspace on a local drive.',
    );
  // FULL: a committed import survives a power cut, not only a crash of the program.
  sql.pragma('synchronous = FULL');
  sql.pragma('wal_autocheckpoint = 4000');
  sql.pragma('journal_size_limit = 67108864');
  migrate(dir, sql, nativeBinding);
}

function refuseOlder(sql: Sql): void {
  const version = Number(sql.pragma('user_version', { simple: true }));
  if (version < latestVersion()) {
    throw new HedgerowError(
      'blocked',
      `The workspace has an older format (${version}).`,
      'Open it once for writing, which backs it up and brings it up to date.',
    );
  }
}

function handle(dir: string, options: OpenOptions, sql: Sql, release: () => void): Workspace {
  return {
    dir,
    mode: options.mode,
    softwareVersion: options.softwareVersion,
    nativeBinding: options.nativeBinding,
    sql,
    statements: new Map(),
    close() {
      if (!sql.open) return;
      try {
        sql.close();
      } finally {
        release();
      }
    },
  };
}

/** Backups on demand, and putting one back. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { HedgerowError } from '../main/contract/errors.ts';
import { checkRuntime, connect, guarded } from './connection.ts';
import type { Workspace } from './connection.ts';
import { backupName, copyDatabase } from './copy.ts';
import { forgottenOrders, type ForgottenOrders, type RestoreDetail } from './forgotten.ts';
import { BACKUPS, databaseFile, entry, listBackupNames, removeDatabase, restoreDraft, sha256OfFile, sync } from './files.ts';
import { checkHeader, checkIntegrity, checkSchema, inspectFolder, sizeOf } from './inspect.ts';
import { appendJournal, newestWholeBackup, verifyFile, type FileOf } from './journal.ts';
import { acquireLock } from './lock.ts';
import { finishWorkspace, openDatabase } from './open.ts';
import type { OpenOptions } from './open.ts';

export interface BackupRow {
  /** File name inside `backups/`. */
  readonly name: string;
  readonly bytes: number;
}

/** Writes a verified backup to `file` (default: a new name in backups/, never removed by us); answers its path. */
export function backupWorkspace(ws: Workspace, file?: string): string {
  return copyDatabase(ws.dir, ws.sql, ws.nativeBinding, 'manual', file);
}

/** The backups of a workspace folder, oldest first. */
export function listBackups(dir: string): BackupRow[] {
  return listBackupNames(dir).map((name) => ({ name, bytes: sizeOf(path.join(dir, BACKUPS, name)) }));
}

/**
 * Puts a backup in the place of the workspace's database; every connection to it must be closed. The backup is checked
 * first, the present file is kept in backups/ (as a verified backup, or bit for bit when it is damaged) and the journal
 * notes both, and the orders that were sent since. Answers the path of what was kept, restoring which undoes the restore, and
 * the files of these orders, null where the present file is too damaged to tell. Throws `workspace_locked`, `workspace_newer`,
 * `workspace_damaged`, `not_found`, and `blocked` when what the backup holds is not what was stored, but for `altered`.
 */
export function restoreWorkspace(
  dir: string,
  file: string,
  options: Omit<OpenOptions, 'mode'> & { readonly altered?: boolean },
): { readonly kept: string | null; readonly forgotten: readonly string[] | null } {
  const { nativeBinding } = options;
  checkRuntime(nativeBinding);
  if (entry(file)?.isFile() !== true)
    throw new HedgerowError('not_found', `There is no backup file ${file}.`, 'Choose a file from the backups folder.');
  return guarded(dir, () => {
    const release = acquireLock(dir);
    const draft = restoreDraft(dir);
    let kept: string | null;
    let forgotten: readonly ForgottenOrders[] | null;
    try {
      removeDatabase(draft);
      fs.copyFileSync(file, draft);
      try {
        checkBackup(draft, { dir, nativeBinding, softwareVersion: options.softwareVersion }, options.altered ? null : file);
      } catch (error) {
        throw isDamage(error) ? unfit(file, error) : error;
      }
      kept = keepPresent(dir, nativeBinding);
      // Everything that can fail comes before the change of place: of the present format, write-ahead and with its entry in the journal.
      const ws = openDatabase(dir, draft, { ...options, mode: 'write' }, () => undefined);
      try {
        forgotten = forgottenOf(kept, ws);
        const detail: RestoreDetail = {
          file: path.basename(file),
          sha256: sha256OfFile(file),
          kept: kept === null ? null : path.basename(kept),
          ...(forgotten?.length ? { forgotten } : {}),
        };
        appendJournal(ws, 'restore', detail);
        // Closing does the same, but says nothing where it fails; the log does not change place with the file.
        ws.sql.pragma('wal_checkpoint(TRUNCATE)');
      } finally {
        ws.close();
      }
      // A log left beside the new file would be replayed into it, so it goes before the file changes place.
      for (const suffix of ['-wal', '-shm', '-journal']) fs.rmSync(`${databaseFile(dir)}${suffix}`, { force: true });
      sync(draft);
      fs.renameSync(draft, databaseFile(dir));
      // Whatever was being made there, a whole state is in its place.
      finishWorkspace(dir);
    } finally {
      removeDatabase(draft);
      release();
    }
    return { kept, forgotten: forgotten && forgotten.map((one) => one.file) };
  });
}

/** Orders that the state that was kept has sent and the one that is put in its place does not know; null where it is too damaged to tell. */
function forgottenOf(kept: string | null, backup: Workspace): readonly ForgottenOrders[] | null {
  if (kept === null) return [];
  try {
    const sql = connect(kept, { readonly: true, nativeBinding: backup.nativeBinding });
    try {
      return forgottenOrders({ ...backup, mode: 'read', sql, statements: new Map(), close: () => sql.close() }, backup);
    } finally {
      sql.close();
    }
  } catch {
    return null;
  }
}

/** `named`: the file to be told about when it is not what was stored; null: it is taken all the same. */
function checkBackup(file: string, of: FileOf, named: string | null): void {
  const { dir, nativeBinding } = of;
  checkHeader(dir, file);
  // For writing: constraints are not checked on a reading connection, and what breaks one could not be opened afterwards.
  const sql = connect(file, { readonly: false, nativeBinding });
  try {
    checkSchema(dir, sql, nativeBinding);
    checkIntegrity(dir, sql);
    if (named !== null && verifyFile(sql, of).whole === null) throw altered(named, of);
  } finally {
    sql.close();
  }
}

function altered(file: string, of: FileOf): HedgerowError {
  const whole = newestWholeBackup(of);
  return new HedgerowError(
    'blocked',
    `${path.basename(file)} is not what was stored: its journal or what batches brought was altered, by a hand or a failing drive.`,
    `${whole === null ? 'None of the backups is whole: choose one kept elsewhere' : `Put back ${whole}, the newest that is whole`}; the workspace is as it was. The command restore --altered takes this one all the same.`,
  );
}

function isDamage(error: unknown): boolean {
  const code = error instanceof HedgerowError ? error.data.code : String((error as { code?: unknown }).code);
  return code === 'workspace_damaged' || code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB';
}

/** Of the file that was chosen: the workspace itself was not looked at. */
const unfit = (file: string, error: unknown): HedgerowError =>
  new HedgerowError(
    'workspace_damaged',
    `${path.basename(file)} is damaged or is no backup of Hedgerow.`,
    'Choose another file of the backups folder; the workspace is as it was.',
    (error as Error).message,
  );

/** Keeps the present database: a verified copy when it is sound, else its files as they are. Null when there is none. */
function keepPresent(dir: string, nativeBinding: string | undefined): string | null {
  const present = databaseFile(dir);
  if (entry(present) === null) return null;
  try {
    inspectFolder(dir, nativeBinding);
    const sql = connect(present, { readonly: false, nativeBinding });
    try {
      return copyDatabase(dir, sql, nativeBinding, 'before-restore');
    } finally {
      sql.close();
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  const folder = path.join(dir, BACKUPS);
  fs.mkdirSync(folder, { recursive: true });
  const name = backupName(dir, 'damaged').replace(/\.db$/, '.damaged');
  for (const suffix of ['', '-wal', '-journal']) {
    const from = `${present}${suffix}`;
    // Links are not followed: what they name is not ours to copy.
    if (entry(from)?.isFile() === true) fs.copyFileSync(from, path.join(folder, `${name}${suffix}`), fs.constants.COPYFILE_EXCL);
  }
  return path.join(folder, name);
}

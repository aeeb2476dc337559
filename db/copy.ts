/** A verified copy of an open database: written, opened again, checked and counted before it gets its name. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { HedgerowError } from '../main/contract/errors.ts';
import { connect, guarded } from './connection.ts';
import type { Sql } from './connection.ts';
import { BACKUPS, entry, listBackupNames, sync } from './files.ts';
import { checkIntegrity, countRows } from './inspect.ts';

/** Automatic backups kept; those the user asked for are never removed. */
const KEEP = 5;
let lastTime = 0;

/** `20261122T224921123Z-reason.db`, later than every backup present even when the clock was set back: text order is time order. */
export function backupName(dir: string, reason: string): string {
  lastTime = Math.max(Date.now(), lastTime + 1, ...listBackupNames(dir).map((name) => timeOf(name) + 1));
  return `${new Date(lastTime).toISOString().replace(/[-:.]/g, '')}-${reason}.db`;
}

function timeOf(name: string): number {
  const iso = name.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z.*$/, '$1-$2-$3T$4:$5:$6.$7Z');
  return Date.parse(iso) || 0;
}

/**
 * Copies the database to `file` (default: a new name in backups/) and proves the copy: full integrity check and equal row
 * counts in every table. Answers the path. The caller's connection must not be inside a transaction. Throws `io` when the
 * file exists, `workspace_damaged` when the copy does not agree; a copy that is not proven is removed.
 */
export function copyDatabase(dir: string, sql: Sql, nativeBinding: string | undefined, reason: string, file?: string): string {
  return guarded(dir, () => write(dir, sql, nativeBinding, reason, file), file === undefined ? dir : path.dirname(path.resolve(file)));
}

function write(dir: string, sql: Sql, nativeBinding: string | undefined, reason: string, file: string | undefined): string {
  if (file === undefined) {
    fs.mkdirSync(path.join(dir, BACKUPS), { recursive: true });
    removeUnfinished(dir);
  }
  const target = file ?? path.join(dir, BACKUPS, backupName(dir, reason));
  if (entry(target) !== null)
    throw new HedgerowError('io', `${target} exists already.`, 'Choose another name; backups are never overwritten.');
  const partial = `${target}.partial`;
  fs.rmSync(partial, { force: true });
  try {
    sql.prepare('VACUUM INTO ?').run(partial);
    verifyCopy(dir, sql, partial, nativeBinding);
    sync(partial);
    fs.renameSync(partial, target);
  } finally {
    for (const name of [partial, `${partial}-journal`, `${partial}-wal`, `${partial}-shm`]) fs.rmSync(name, { force: true });
  }
  sync(path.dirname(target));
  if (file === undefined && reason !== 'manual') prune(dir);
  return target;
}

/** Copies that a killed process left behind: whoever copies into backups/ holds the lock, so nobody is at work on them. */
function removeUnfinished(dir: string): void {
  const folder = path.join(dir, BACKUPS);
  for (const name of fs.readdirSync(folder))
    if (/^\d{8}T\d{9}Z-.*\.db\.partial(-\w+)?$/.test(name)) fs.rmSync(path.join(folder, name), { force: true });
}

function verifyCopy(dir: string, original: Sql, file: string, nativeBinding: string | undefined): void {
  const copy = connect(file, { readonly: true, nativeBinding });
  try {
    checkIntegrity(dir, copy);
    const [before, after] = [countRows(original), countRows(copy)];
    for (const [table, rows] of Object.entries(before)) {
      if (after[table] !== rows) {
        throw new HedgerowError(
          'io',
          `The backup is incomplete: ${table} has ${after[table] ?? 0} rows instead of ${rows}.`,
          'Try again, on another drive if need be.',
        );
      }
    }
  } finally {
    copy.close();
  }
}

function prune(dir: string): void {
  const automatic = listBackupNames(dir).filter((name) => !name.endsWith('-manual.db'));
  for (const name of automatic.slice(0, -KEEP)) fs.rmSync(path.join(dir, BACKUPS, name), { force: true });
}

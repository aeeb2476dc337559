/** Names inside a workspace folder, and what may be known about its files without opening them as a database. */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';

/** 'Hdgr': marks the file as ours in the SQLite header. */
export const APPLICATION_ID = 0x48646772;
const DATABASE = 'workspace.db';
export const BACKUPS = 'backups';
export const ARTIFACTS = 'artifacts';

/** Path of the database of a workspace folder. */
export function databaseFile(dir: string): string {
  return path.join(dir, DATABASE);
}

/** Where a restore prepares what takes the database's place. */
export const restoreDraft = (dir: string): string => `${databaseFile(dir)}.restore`;

/** A database file and those that SQLite keeps beside it. */
export const ownFiles = (file: string): string[] => ['', '-wal', '-shm', '-journal'].map((suffix) => `${file}${suffix}`);

/** Removes a database that is nobody's with what SQLite keeps beside it. */
export function removeDatabase(file: string): void {
  for (const name of ownFiles(file)) fs.rmSync(name, { force: true });
}

const PIECE = 2 ** 20;

/** SHA-256 of a file of any size, in pieces: a backup may be larger than one array. */
export function sha256OfFile(file: string): string {
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(PIECE);
  const handle = fs.openSync(file, 'r');
  try {
    for (let n = fs.readSync(handle, piece); n > 0; n = fs.readSync(handle, piece)) hash.update(piece.subarray(0, n));
  } finally {
    fs.closeSync(handle);
  }
  return hash.digest('hex');
}

/** Name of the newest backup of a workspace, or null. Backup names begin with their UTC time, so text order is time order. */
export function newestBackup(dir: string): string | null {
  return listBackupNames(dir).at(-1) ?? null;
}

/** Names in `backups/`, oldest first. */
export function listBackupNames(dir: string): string[] {
  try {
    return fs
      .readdirSync(path.join(dir, BACKUPS))
      .filter((name) => /^\d{8}T\d{9}Z-.*\.db$/.test(name))
      .sort();
  } catch {
    return [];
  }
}

/** Makes a folder and those above it, one by one: asked for all at once, Node says of a read-only drive that there is no such file. */
export function makeFolder(dir: string): void {
  if (fs.existsSync(dir)) return;
  const above = path.dirname(dir);
  if (above !== dir) makeFolder(above);
  try {
    fs.mkdirSync(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** lstat that answers null for a missing file. */
export function entry(file: string): fs.Stats | null {
  return fs.lstatSync(file, { throwIfNoEntry: false }) ?? null;
}

/** The header fields that say whose file this is, read without SQLite so that a foreign file stays untouched. */
export function readHeader(file: string): { readonly sqlite: boolean; readonly applicationId: number; readonly userVersion: number } {
  const header = Buffer.alloc(100);
  const handle = fs.openSync(file, 'r');
  try {
    const read = fs.readSync(handle, header, 0, 100, 0);
    const sqlite = read === 100 && header.toString('latin1', 0, 16) === 'SQLite format 3\0';
    return { sqlite, applicationId: header.readInt32BE(68), userVersion: header.readInt32BE(60) };
  } finally {
    fs.closeSync(handle);
  }
}

/** Forces a file, or a folder's list of names, onto the disk. Folders cannot be synced on Windows, where renames are journalled. */
export function sync(file: string): void {
  let handle: number;
  try {
    handle = fs.openSync(file, fs.statSync(file).isDirectory() ? 'r' : 'r+');
  } catch (error) {
    if (process.platform === 'win32') return;
    throw error;
  }
  try {
    fs.fsyncSync(handle);
  } catch (error) {
    if (process.platform !== 'win32') throw error;
  } finally {
    fs.closeSync(handle);
  }
}

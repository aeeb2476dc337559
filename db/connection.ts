/** The open database behind a workspace, and the few ways the stores talk SQL. Nothing outside `db/` uses these helpers. */
import Database from 'better-sqlite3';
import { fileReason, HedgerowError } from '../main/contract/errors.ts';
import { newestBackup } from './files.ts';

export type Sql = Database.Database;

/** An open workspace. Synchronous and not shareable between threads: each worker opens its own. */
export interface Workspace {
  readonly dir: string;
  readonly mode: 'write' | 'read';
  readonly softwareVersion: string;
  /** The native module given at opening; later connections (backup checks) use the same one. */
  readonly nativeBinding: string | undefined;
  /** For `db/` and its tests only. */
  readonly sql: Sql;
  readonly statements: Map<string, Database.Statement>;
  /** Closes the file and, in write mode, frees the lock. Safe to call twice. */
  close(): void;
}

/** Refuses the runtimes on which the stock native module crashes the process at its first use (it needs Node-API 10). */
export function checkRuntime(nativeBinding: string | undefined, versions: { node?: string; napi?: string } = process.versions): void {
  if (nativeBinding === undefined && Number(versions.napi ?? 0) < 10) {
    throw new HedgerowError(
      'internal',
      `Node ${versions.node ?? '?'} is too old for the workspace store; it needs Node 22.14 or later.`,
      'Start Hedgerow through its own npm scripts, which bring the right Node with them.',
    );
  }
}

/** Opens an SQLite file with the checks that must precede the first look at its content. */
export function connect(file: string, options: { readonly: boolean; nativeBinding: string | undefined; create?: boolean }): Sql {
  checkRuntime(options.nativeBinding);
  const sql = new Database(file, {
    readonly: options.readonly,
    fileMustExist: options.create !== true,
    timeout: 5000,
    ...(options.nativeBinding === undefined ? {} : { nativeBinding: options.nativeBinding }),
  });
  // A planted schema must not run functions of ours, and a corrupt cell must not be read past its page.
  sql.pragma('trusted_schema = OFF');
  sql.pragma('cell_size_check = ON');
  sql.pragma('temp_store = MEMORY');
  return sql;
}

/** The damage error every path ends in: says what, and which backup is the newest. */
export function damaged(dir: string, what: string, details?: unknown): HedgerowError {
  const backup = newestBackup(dir);
  return new HedgerowError(
    'workspace_damaged',
    `The workspace file is damaged or is not a Hedgerow file: ${what}`,
    backup === null
      ? 'There is no backup in this workspace. Keep the folder as it is, and import the source files into a new workspace.'
      : `Restore the newest backup, backups/${backup}; the present file is kept beside it.`,
    details,
  );
}

/** Turns an SQLite failure into a catalogue error; anything else passes unchanged. `place` is the folder that was written to. */
function translate(error: unknown, dir: string, place: string): unknown {
  const code = (error as { code?: unknown } | null)?.code;
  if (!(error instanceof Error) || typeof code !== 'string') return error;
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT') {
    return new HedgerowError('disk_full', `The disk of ${place} is full.`, 'Free some space and try again; nothing was changed.');
  }
  if (['EROFS', 'EACCES', 'EPERM'].includes(code) || code.startsWith('SQLITE_READONLY')) {
    return new HedgerowError(
      'io',
      `The folder ${place} may not be written to: ${code.startsWith('SQLITE') ? code : fileReason(error)}.`,
      'Allow writing to it, or use a folder where you may write; a workspace can be copied there whole.',
    );
  }
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return damaged(dir, error.message);
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new HedgerowError(
      'workspace_locked',
      'The workspace file is in use by another program.',
      'Close the other program and try again.',
    );
  }
  if (code.startsWith('SQLITE_IOERR') || code.startsWith('SQLITE_CANTOPEN') || /^E[A-Z]+$/.test(code)) {
    return new HedgerowError(
      'io',
      `${place === dir ? `The workspace ${dir} cannot be used` : `Nothing can be written in ${place}`}: ${fileReason(error)}.`,
      code.startsWith('SQLITE_IOERR') || code === 'EFBIG' || code === 'EIO'
        ? 'See that the drive is there, has free space and takes files so large, and try again.'
        : 'A workspace is a folder: check the name, the drive and its permissions.',
    );
  }
  return error;
}

/** Runs `work`, letting only catalogue errors out for storage failures. */
export function guarded<T>(dir: string, work: () => T, place = dir): T {
  try {
    return work();
  } catch (error) {
    throw translate(error, dir, place);
  }
}

/** The prepared statement of a text, kept for the life of the connection. */
export function statement(ws: Workspace, text: string): Database.Statement {
  let found = ws.statements.get(text);
  if (found === undefined) {
    found = guarded(ws.dir, () => ws.sql.prepare(text));
    ws.statements.set(text, found);
  }
  return found;
}

/** All rows of a query. `Row` is the caller's word for the columns it selects. */
export function all<Row>(ws: Workspace, text: string, ...parameters: unknown[]): Row[] {
  return guarded(ws.dir, () => statement(ws, text).all(...parameters) as Row[]);
}

/** The first row of a query, if any. */
export function get<Row>(ws: Workspace, text: string, ...parameters: unknown[]): Row | undefined {
  return guarded(ws.dir, () => statement(ws, text).get(...parameters) as Row | undefined);
}

/** Runs a statement that changes something; answers the row id of an insert and the count of changed rows. */
export function run(ws: Workspace, text: string, ...parameters: unknown[]): { readonly rowId: number; readonly changes: number } {
  const result = guarded(ws.dir, () => statement(ws, text).run(...parameters));
  return { rowId: Number(result.lastInsertRowid), changes: result.changes };
}

/** One transaction (a savepoint when already inside one): all of `work` or nothing. */
export function transaction<T>(ws: Workspace, work: () => T): T {
  if (ws.mode === 'read') throw new HedgerowError('internal', 'This workspace was opened for reading.', 'Use the writing connection.');
  return guarded(ws.dir, () => ws.sql.transaction(work).immediate());
}

/** Several reads of one state, whatever another connection commits meanwhile; within a transaction they have one already. */
export function snapshotRead<T>(ws: Workspace, work: () => T): T {
  return ws.sql.inTransaction ? work() : guarded(ws.dir, () => ws.sql.transaction(work).deferred());
}

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** `batch_id AS batchId, ...` for camelCase names, with an optional table prefix. */
export function selectList(names: readonly string[], table = ''): string {
  const prefix = table === '' ? '' : `${table}.`;
  return names.map((name) => `${prefix}${snake(name)} AS ${name}`).join(', ');
}

/** `INSERT INTO table (batch_id, ...) VALUES (@batchId, ...)` for camelCase names. */
export function insertText(table: string, names: readonly string[]): string {
  return `INSERT INTO ${table} (${names.map(snake).join(', ')}) VALUES (${names.map((name) => `@${name}`).join(', ')})`;
}

/** Text of a JSON column; refuses what JSON cannot hold. */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new HedgerowError('internal', 'A value to be stored is not JSON.', 'Report this with the steps.');
  return text;
}

/** Value of a JSON column. */
export function fromJson(ws: Workspace, text: string, what: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw damaged(ws.dir, `${what} is not readable.`);
  }
}

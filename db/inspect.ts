/** Whether a file may be opened at all: ours, not newer, not a trap. Everything here reads; nothing writes. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { HedgerowError } from '../main/contract/errors.ts';
import { connect, damaged } from './connection.ts';
import type { Sql } from './connection.ts';
import { APPLICATION_ID, ARTIFACTS, BACKUPS, databaseFile, entry, readHeader } from './files.ts';
import { MIGRATIONS } from './migrations/index.ts';
import type { Migration } from './migrations/index.ts';

/** The schema version this program writes. */
export function latestVersion(migrations: readonly Migration[] = MIGRATIONS): number {
  return migrations.at(-1)?.version ?? 0;
}

/** Refuses a folder that is no workspace, links out of it, and a database that is foreign or newer; touches nothing. */
export function inspectFolder(dir: string, nativeBinding: string | undefined): void {
  const file = databaseFile(dir);
  if (entry(file) === null) {
    throw new HedgerowError(
      'not_found',
      `There is no workspace in ${dir}.`,
      'Choose a folder that Hedgerow made (NAME.hedgerow), or make a new workspace.',
    );
  }
  // A link would let a folder from elsewhere make us write to a file of its choice.
  for (const name of [file, `${file}-wal`, `${file}-shm`]) {
    const found = entry(name);
    if (found !== null && !found.isFile()) throw damaged(dir, `${path.basename(name)} is a link, not a file of its own.`);
  }
  for (const name of [BACKUPS, ARTIFACTS]) {
    const found = entry(path.join(dir, name));
    if (found !== null && !found.isDirectory()) throw damaged(dir, `${name} is not a folder of its own.`);
  }
  // A write-ahead database has no rollback journal; SQLite would act on a planted one before any check of ours.
  if (entry(`${file}-journal`) !== null) throw damaged(dir, 'a rollback journal lies beside it, which Hedgerow never leaves.');
  checkHeader(dir, file);
  if ((entry(`${file}-wal`)?.size ?? 0) > 0) {
    // The newest header may still be in the log; a reader cannot fold it into the file.
    const sql = connect(file, { readonly: true, nativeBinding });
    try {
      checkVersion(Number(sql.pragma('user_version', { simple: true })));
    } finally {
      sql.close();
    }
  }
}

/** Refuses a file whose header is not that of a Hedgerow database this program can read. */
export function checkHeader(dir: string, file: string): void {
  const header = readHeader(file);
  if (!header.sqlite) throw damaged(dir, `${path.basename(file)} is not a database.`);
  if (header.applicationId !== APPLICATION_ID || header.userVersion < 1)
    throw damaged(dir, `${path.basename(file)} was not made by Hedgerow.`);
  checkVersion(header.userVersion);
}

function checkVersion(version: number): void {
  if (version > latestVersion()) {
    throw new HedgerowError(
      'workspace_newer',
      `The workspace was written by a newer Hedgerow (format ${version}; this program knows up to ${latestVersion()}).`,
      'Open it with the newer program. Nothing in it was changed.',
    );
  }
}

/** Every object of a schema as comparable text. */
function schemaOf(sql: Sql): string[] {
  const rows = sql.prepare('SELECT type, name, tbl_name AS tableName, sql FROM sqlite_schema').all() as Record<string, string | null>[];
  return rows.map((row) => [row.type, row.name, row.tableName, row.sql?.replace(/\s+/g, ' ').trim()].join('|')).sort();
}

const expected = new Map<Migration, readonly string[]>();

function expectedSchema(version: number, nativeBinding: string | undefined, migrations: readonly Migration[]): readonly string[] {
  const last = migrations.find((migration) => migration.version === version);
  const known = last === undefined ? undefined : expected.get(last);
  if (known !== undefined) return known;
  const sql = connect(':memory:', { readonly: false, nativeBinding, create: true });
  try {
    for (const migration of migrations) if (migration.version <= version) migration.up(sql);
    const schema = schemaOf(sql);
    if (last !== undefined) expected.set(last, schema);
    return schema;
  } finally {
    sql.close();
  }
}

/**
 * Refuses a database that holds anything but exactly the objects its version's migrations make: no trigger, view, virtual
 * table, expression index or strange table can be smuggled in, and no constraint left out.
 */
export function checkSchema(dir: string, sql: Sql, nativeBinding: string | undefined, migrations: readonly Migration[] = MIGRATIONS): void {
  const version = Number(sql.pragma('user_version', { simple: true }));
  const wanted = expectedSchema(version, nativeBinding, migrations);
  const found = schemaOf(sql);
  const surplus = found.filter((object) => !wanted.includes(object));
  const lacking = wanted.filter((object) => !found.includes(object));
  if (surplus.length + lacking.length === 0) return;
  const named = (objects: string[]) => objects.map((object) => object.split('|').slice(0, 2).join(' ')).join(', ');
  const parts = [
    surplus.length > 0 ? `it holds what Hedgerow did not make (${named(surplus)})` : '',
    lacking.length > 0 ? `it lacks ${named(lacking)}` : '',
  ];
  throw damaged(dir, `${parts.filter((part) => part !== '').join('; ')}.`);
}

/** SQLite's own check, indexes compared with their tables: reads find rows by indexes alone. Throws `workspace_damaged` with its first words. */
export function checkIntegrity(dir: string, sql: Sql): void {
  const answer = String(sql.pragma('integrity_check(1)', { simple: true }));
  if (answer !== 'ok') throw damaged(dir, answer.replace('*** in database main ***', '').replace(/\s+/g, ' ').trim());
}

/** Rows per table, for comparing a copy with its original. */
export function countRows(sql: Sql): Record<string, number> {
  const tables = sql.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck().all() as string[];
  return Object.fromEntries(tables.map((name) => [name, sql.prepare(`SELECT count(*) FROM "${name}"`).pluck().get() as number]));
}

/** Size of a file, 0 when missing. */
export function sizeOf(file: string): number {
  return fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

import * as fs from 'node:fs';
import * as path from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { commitBatch, listBackups, listBatches } from './index.ts';
import { checkSchema } from './inspect.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import type { Migration } from './migrations/index.ts';
import { freshWorkspace, meta } from './testing/workspace.ts';

const next = MIGRATIONS.length + 1;
const second: Migration = {
  version: next,
  name: 'second',
  up: (sql) => sql.exec('CREATE TABLE extra (x INTEGER) STRICT; INSERT INTO extra VALUES (5)'),
};
const failing: Migration = {
  version: next + 1,
  name: 'failing',
  up: (sql) => {
    sql.exec('DROP TABLE extra');
    throw new Error('no');
  },
};

it('the migrations are numbered from 1 without holes', () => {
  expect(MIGRATIONS.map((migration) => migration.version)).toEqual(MIGRATIONS.map((_, i) => i + 1));
});

it('a migration keeps the data, after a verified backup of the file as it was', () => {
  const ws = freshWorkspace();
  commitBatch(ws, meta(), () => {});
  migrate(ws.dir, ws.sql, undefined, [...MIGRATIONS, second]);
  expect(ws.sql.pragma('user_version', { simple: true })).toBe(next);
  expect(ws.sql.prepare('SELECT x FROM extra').pluck().all()).toEqual([5]);
  expect(listBatches(ws)).toHaveLength(1);
  checkSchema(ws.dir, ws.sql, undefined, [...MIGRATIONS, second]);
  const [backup] = listBackups(ws.dir);
  expect(backup?.name).toMatch(new RegExp(`-before-format-${next}\\.db$`));
  const sql = new Database(path.join(ws.dir, 'backups', backup!.name), { readonly: true });
  expect(sql.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);
  expect(sql.prepare('SELECT count(*) FROM batch').pluck().get()).toBe(1);
  sql.close();
  migrate(ws.dir, ws.sql, undefined, [...MIGRATIONS, second]);
  expect(listBackups(ws.dir)).toHaveLength(1);
});

it('a migration that fails leaves the file at the version before it', () => {
  const ws = freshWorkspace();
  expect(() => migrate(ws.dir, ws.sql, undefined, [...MIGRATIONS, second, failing])).toThrow('no');
  expect(ws.sql.pragma('user_version', { simple: true })).toBe(next);
  expect(ws.sql.prepare('SELECT x FROM extra').pluck().all()).toEqual([5]);
});

it('nothing is migrated when the backup cannot be made', () => {
  const ws = freshWorkspace();
  fs.rmSync(path.join(ws.dir, 'backups'), { recursive: true });
  fs.writeFileSync(path.join(ws.dir, 'backups'), 'in the way');
  expect(() => migrate(ws.dir, ws.sql, undefined, [...MIGRATIONS, second])).toThrow();
  expect(ws.sql.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);
});

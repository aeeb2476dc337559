import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { HedgerowError } from '../main/contract/errors.ts';
import { UNFINISHED } from '../main/contract/workspace.ts';
import {
  backupWorkspace,
  commitBatch,
  currentRevision,
  getMeta,
  listBackups,
  listJournal,
  readBlocks,
  restoreWorkspace,
  setMeta,
  verifyJournal,
} from './index.ts';
import { MIGRATIONS } from './migrations/index.ts';
import type { Workspace } from './index.ts';
import { copyDatabase } from './copy.ts';
import { APPLICATION_ID, sha256OfFile } from './files.ts';
import { freshDir, freshWorkspace, meta, reopen } from './testing/workspace.ts';

const options = { softwareVersion: '0.0.0-test' };

function commit(ws: Workspace, value: number): void {
  commitBatch(ws, meta(), (writer) => {
    const [symbolId] = writer.symbols([{ type: 'ticker', code: 'A' }]);
    writer.block({ symbolId: symbolId!, field: 'close', firstSlot: 0, values: Float64Array.of(value), known: null, anchored: false });
  });
}

function values(dir: string): number[] {
  const ws = reopen(dir, 'read');
  const found: number[] = [];
  readBlocks(ws, { fields: ['close'], symbolIds: null, revision: currentRevision(ws) }, (block) => found.push(...block.values));
  ws.close();
  return found;
}

const code = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return error instanceof HedgerowError ? error.data.code : String(error);
  }
  return 'nothing thrown';
};

it('a backup holds everything, the log included, and is a workspace database of its own', () => {
  const ws = freshWorkspace();
  commit(ws, 1);
  const file = backupWorkspace(ws);
  expect(path.dirname(file)).toBe(path.join(ws.dir, 'backups'));
  expect(listBackups(ws.dir)).toEqual([{ name: path.basename(file), bytes: fs.statSync(file).size }]);
  expect(fs.readdirSync(path.dirname(file))).toEqual([path.basename(file)]);
  const sql = new Database(file, { readonly: true });
  expect([
    sql.pragma('page_size', { simple: true }),
    sql.pragma('user_version', { simple: true }),
    sql.pragma('integrity_check', { simple: true }),
  ]).toEqual([16384, MIGRATIONS.length, 'ok']);
  sql.close();
  commit(ws, 2);
});

it('a backup to a chosen place never overwrites', () => {
  const ws = freshWorkspace();
  const file = path.join(path.dirname(ws.dir), 'copy.db');
  expect(backupWorkspace(ws, file)).toBe(file);
  const bytes = fs.readFileSync(file);
  expect(code(() => backupWorkspace(ws, file))).toBe('io');
  expect(fs.readFileSync(file)).toEqual(bytes);
});

it('restoring brings the state back, keeps the present one, and can be undone', () => {
  const ws = freshWorkspace();
  commit(ws, 1);
  const first = backupWorkspace(ws);
  commit(ws, 2);
  setMeta(ws, 'later', true);
  ws.close();
  const { kept } = restoreWorkspace(ws.dir, first, options);
  expect(values(ws.dir)).toEqual([1]);
  const restored = reopen(ws.dir);
  expect(getMeta(restored, 'later')).toBeUndefined();
  expect(listJournal(restored).at(-1)).toMatchObject({
    action: 'restore',
    detail: { file: path.basename(first), kept: path.basename(kept!) },
  });
  expect(verifyJournal(restored).brokenAt).toBeNull();
  expect(code(() => restoreWorkspace(ws.dir, kept!, options))).toBe('workspace_locked');
  restored.close();
  restoreWorkspace(ws.dir, kept!, options);
  expect(values(ws.dir)).toEqual([1, 2]);
  expect(fs.readdirSync(ws.dir).filter((name) => /restore|lock|journal/.test(name))).toEqual([]);
});

it('a damaged workspace is put back from its backup; the damaged file is kept bit for bit', () => {
  const ws = freshWorkspace();
  commit(ws, 1);
  const backup = backupWorkspace(ws);
  ws.close();
  const file = path.join(ws.dir, 'workspace.db');
  fs.writeFileSync(file, 'not a database');
  expect(code(() => reopen(ws.dir))).toBe('workspace_damaged');
  const { kept, forgotten } = restoreWorkspace(ws.dir, backup, options);
  expect(fs.readFileSync(kept!, 'utf8')).toBe('not a database');
  // Whether it has sent orders since is not known, which is not none.
  expect(forgotten).toBeNull();
  expect(values(ws.dir)).toEqual([1]);
});

it('what is no sound backup is refused, and the workspace stays as it was', () => {
  const ws = freshWorkspace();
  commit(ws, 1);
  const backup = backupWorkspace(ws);
  ws.close();
  const bad = path.join(path.dirname(ws.dir), 'bad.db');
  const attempt = (prepare: (sql: Database.Database) => void) => {
    fs.rmSync(bad, { force: true });
    fs.copyFileSync(backup, bad);
    const sql = new Database(bad);
    prepare(sql);
    sql.close();
    return code(() => restoreWorkspace(ws.dir, bad, options));
  };
  expect(attempt((sql) => sql.exec('CREATE VIEW evil AS SELECT 1'))).toBe('workspace_damaged');
  expect(attempt((sql) => sql.pragma('user_version = 99'))).toBe('workspace_newer');
  const broken = 'PRAGMA ignore_check_constraints = ON; UPDATE series_block SET anchored = 7';
  expect(attempt((sql) => sql.exec(broken))).toBe('workspace_damaged');
  fs.writeFileSync(bad, 'x');
  expect(code(() => restoreWorkspace(ws.dir, bad, options))).toBe('workspace_damaged');
  // Of the file that was chosen: a sound workspace is not called damaged.
  expect(() => restoreWorkspace(ws.dir, bad, options)).toThrow(`${path.basename(bad)} is damaged or is no backup of Hedgerow.`);
  expect(code(() => restoreWorkspace(ws.dir, path.join(ws.dir, 'none.db'), options))).toBe('not_found');
  expect(values(ws.dir)).toEqual([1]);
  expect(listBackups(ws.dir)).toHaveLength(1);
});

it('a backup that is not what was stored is refused with the newest that is, and put back when it is asked for all the same', () => {
  const ws = freshWorkspace();
  commit(ws, 1);
  const [whole, bad] = [backupWorkspace(ws), path.join(path.dirname(ws.dir), 'bad.db')];
  ws.close();
  fs.copyFileSync(whole, bad);
  const sql = new Database(bad);
  sql.exec("UPDATE batch SET source = 'another'");
  sql.close();
  const bytes = fs.readFileSync(bad);
  const refused = () => restoreWorkspace(ws.dir, bad, options);
  expect(code(refused)).toBe('blocked');
  expect(refused).toThrow('bad.db is not what was stored');
  expect(listBackups(ws.dir).map(({ name }) => name)).toEqual([path.basename(whole)]);
  try {
    refused();
  } catch (error) {
    expect((error as HedgerowError).data.action).toContain(`Put back ${path.basename(whole)}`);
  }
  restoreWorkspace(ws.dir, bad, { ...options, altered: true });
  expect(values(ws.dir)).toEqual([1]);
  expect(fs.readFileSync(bad)).toEqual(bytes);
  restoreWorkspace(ws.dir, whole, options);
});

it('a backup of the first format is put back and brought up to date', () => {
  const ws = freshWorkspace();
  ws.close();
  const old = path.join(path.dirname(ws.dir), 'old.db');
  const sql = new Database(old);
  sql.pragma(`application_id = ${APPLICATION_ID}`);
  MIGRATIONS[0]!.up(sql);
  sql.pragma('user_version = 1');
  sql.close();
  restoreWorkspace(ws.dir, old, options);
  expect(listBackups(ws.dir).map(({ name }) => name.replace(/^\w+-/, ''))).toEqual(['before-restore.db', 'before-format-2.db']);
  const restored = reopen(ws.dir);
  expect(listJournal(restored).map(({ action }) => action)).toEqual(['restore']);
  restored.close();
});

it('to a folder that is not there names that folder, not the workspace', () => {
  const ws = freshWorkspace();
  const none = path.join(ws.dir, 'none');
  expect(() => backupWorkspace(ws, path.join(none, 'x.db'))).toThrow(`Nothing can be written in ${none}: `);
});

it('what a killed restore left behind is removed at the next opening', () => {
  const ws = freshWorkspace();
  ws.close();
  fs.writeFileSync(path.join(ws.dir, 'workspace.db.restore'), 'x');
  reopen(ws.dir).close();
  expect(fs.readdirSync(ws.dir).filter((name) => name.includes('restore'))).toEqual([]);
});

it('a restore cut off as soon as the backup is in its place is a whole one: the workspace opens, and its journal has the entry', () => {
  const ws = freshWorkspace();
  const made = backupWorkspace(ws);
  ws.close();
  // Not empty: what is done next fails, as if the process had been killed.
  const unfinished = path.join(ws.dir, UNFINISHED);
  fs.mkdirSync(path.join(unfinished, 'x'), { recursive: true });
  expect(() => restoreWorkspace(ws.dir, made, options)).toThrow();
  // Write-ahead by its header already: to turn it in its place leaves a rollback journal behind where that is cut off.
  expect([...fs.readFileSync(path.join(ws.dir, 'workspace.db')).subarray(18, 20)]).toEqual([2, 2]);
  expect(fs.readdirSync(ws.dir).filter((name) => /restore|wal|shm|journal/.test(name))).toEqual([]);
  fs.rmSync(unfinished, { recursive: true });
  expect(listJournal(reopen(ws.dir)).at(-1)).toMatchObject({ action: 'restore', detail: { file: path.basename(made) } });
});

it('removes what a killed backup left behind, and no file of anybody else', () => {
  const ws = freshWorkspace();
  const folder = path.join(ws.dir, 'backups');
  const left = ['20261101T000000000Z-manual.db.partial', '20261101T000000000Z-before-format-3.db.partial-journal'];
  for (const name of [...left, 'mine.db.partial']) fs.writeFileSync(path.join(folder, name), 'x');
  const made = path.basename(backupWorkspace(ws));
  expect(fs.readdirSync(folder).sort()).toEqual([made, 'mine.db.partial'].sort());
});

it('keeps the last five automatic backups and every one that was asked for', () => {
  const ws = freshWorkspace();
  const asked = path.basename(backupWorkspace(ws));
  const automatic = Array.from({ length: 7 }, () => path.basename(copyDatabase(ws.dir, ws.sql, undefined, 'before-restore')));
  expect(listBackups(ws.dir).map((row) => row.name)).toEqual([asked, ...automatic.slice(-5)]);
});

it('tells the checksum of a backup that is larger than an array can be', () => {
  const file = `${freshDir()}.db`;
  fs.writeFileSync(file, 'some bytes');
  expect(sha256OfFile(file)).toBe(createHash('sha256').update('some bytes').digest('hex'));
  // Without a byte on the disk: the rest is a hole.
  fs.truncateSync(file, 2 ** 31 + 1);
  expect(() => fs.readFileSync(file)).toThrow('2 GiB');
  expect(sha256OfFile(file)).toMatch(/^[0-9a-f]{64}$/);
});

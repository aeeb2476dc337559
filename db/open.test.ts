import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { HedgerowError } from '../main/contract/errors.ts';
import { checkRuntime } from './connection.ts';
import {
  allSymbols,
  commitBatch,
  createWorkspace,
  currentRevision,
  getMeta,
  listBatches,
  openWorkspace,
  setMeta,
  storeInfo,
} from './index.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { freshDir, freshWorkspace, meta, reopen } from './testing/workspace.ts';

const options = { softwareVersion: '0.0.0-test' };
const open = (dir: string, mode: 'read' | 'write' = 'write', lockToken?: string) =>
  openWorkspace(dir, { ...options, mode, ...(lockToken === undefined ? {} : { lockToken }) });

/** The catalogue error of a call that must fail. */
function failure(work: () => unknown): HedgerowError['data'] {
  try {
    work();
  } catch (error) {
    if (error instanceof HedgerowError) return error.data;
    throw error;
  }
  throw new Error('it did not fail');
}

/** Changes the closed database behind the program's back. */
function tamper(dir: string, text: string): void {
  const sql = new Database(path.join(dir, 'workspace.db'));
  sql.unsafeMode();
  sql.exec(text);
  sql.close();
}

function closed(): string {
  const ws = freshWorkspace();
  ws.close();
  return ws.dir;
}

/** Name and content of everything in a folder. */
function contents(dir: string): Record<string, string> {
  return Object.fromEntries(
    fs
      .readdirSync(dir)
      .map((name) => [name, fs.statSync(path.join(dir, name)).isFile() ? fs.readFileSync(path.join(dir, name), 'base64') : '']),
  );
}

describe('a new workspace', () => {
  it('has its parts, its name and its pragmas', () => {
    const ws = freshWorkspace();
    expect(fs.readdirSync(ws.dir).sort()).toEqual(['artifacts', 'backups', 'lock', 'workspace.db', 'workspace.db-shm', 'workspace.db-wal']);
    expect(storeInfo(ws)).toMatchObject({ name: 'test', simulated: false, revision: 0, batches: 0, schemaVersion: MIGRATIONS.length });
    const pragma = (name: string) => ws.sql.pragma(name, { simple: true });
    expect(
      ['journal_mode', 'synchronous', 'foreign_keys', 'trusted_schema', 'cell_size_check', 'page_size', 'busy_timeout'].map(pragma),
    ).toEqual(['wal', 2, 1, 0, 1, 16384, 5000]);
    const strict = ws.sql
      .prepare("SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND NOT strict AND name NOT LIKE 'sqlite%'")
      .pluck()
      .get();
    expect(strict).toBe(0);
  });

  it('keeps what was stored', () => {
    const ws = freshWorkspace();
    setMeta(ws, 'settings', { a: [1, null] });
    commitBatch(ws, meta({ file: 'é "x".csv' }), () => {});
    ws.close();
    const again = reopen(ws.dir, 'read');
    expect(getMeta(again, 'settings')).toEqual({ a: [1, null] });
    expect(listBatches(again)).toMatchObject([{ batchId: 1, revision: 1, undoneRevision: null, ...meta({ file: 'é "x".csv' }) }]);
  });

  it('of a copied or renamed folder has the name of that folder', () => {
    const copy = path.join(freshDir(), 'Desk, a copy.hedgerow');
    fs.cpSync(closed(), copy, { recursive: true });
    expect(storeInfo(reopen(copy)).name).toBe('Desk, a copy');
  });

  it('is refused in a folder that holds something else, which is left alone', () => {
    const dir = freshDir();
    fs.mkdirSync(dir);
    fs.writeFileSync(path.join(dir, 'mine.txt'), 'x');
    expect(failure(() => createWorkspace(dir, options)).code).toBe('io');
    expect(fs.readdirSync(dir)).toEqual(['mine.txt']);
  });

  it('is not made over an existing one', () => {
    const dir = closed();
    expect(failure(() => createWorkspace(dir, options))).toMatchObject({ code: 'io', message: `There is a workspace in ${dir} already.` });
    expect(currentRevision(reopen(dir))).toBe(0);
  });
});

it('a reader has the state before while a batch is written, all of it afterwards, and waits for neither', () => {
  const ws = freshWorkspace();
  const reader = reopen(ws.dir, 'read');
  const seen = () => [currentRevision(reader), listBatches(reader).length, allSymbols(reader).map(({ code }) => code)];
  commitBatch(ws, meta(), (writer) => {
    writer.symbols([
      { type: 'ticker', code: 'A' },
      { type: 'ticker', code: 'B' },
    ]);
    expect(allSymbols(ws).length).toBe(2);
    expect(seen()).toEqual([0, 0, []]);
  });
  expect(seen()).toEqual([1, 1, ['A', 'B']]);
});

describe('the lock', () => {
  it('keeps a second writer out, names the first, and lets readers in', () => {
    const ws = freshWorkspace();
    const error = failure(() => open(ws.dir));
    expect(error).toMatchObject({ code: 'workspace_locked', retryable: true, details: { pid: process.pid, host: os.hostname() } });
    expect(error.message).toContain(`process ${process.pid} on ${os.hostname()}`);
    const reader = reopen(ws.dir, 'read');
    commitBatch(ws, meta(), () => {});
    expect(currentRevision(reader)).toBe(1);
    expect(() => setMeta(reader, 'x', 1)).toThrow(HedgerowError);
    ws.close();
    expect(fs.existsSync(path.join(ws.dir, 'lock'))).toBe(false);
    reopen(ws.dir);
  });

  const lock = (dir: string, owner: object) =>
    fs.writeFileSync(
      path.join(dir, 'lock'),
      JSON.stringify({ pid: 1, host: os.hostname(), started: '', token: 't', since: 's', ...owner }),
    );
  const deadPid = () => spawnSync(process.execPath, ['-e', '']).pid;

  it('of a process that is gone is taken over', () => {
    const dir = closed();
    lock(dir, { pid: deadPid() });
    const ws = reopen(dir);
    expect(JSON.parse(fs.readFileSync(path.join(dir, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid });
    expect(fs.readdirSync(dir).filter((name) => name.startsWith('lock'))).toEqual(['lock']);
    ws.close();
  });

  it.skipIf(process.platform !== 'linux')('of an earlier process with the same number is taken over', () => {
    const dir = closed();
    lock(dir, { pid: process.pid, started: 'another-boot:1' });
    reopen(dir);
  });

  it('of a dead process goes to exactly one of several who want it', async () => {
    const dir = closed();
    lock(dir, { pid: deadPid() });
    const script = `import { openWorkspace } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};
      let mine = 'no';
      try { openWorkspace(${JSON.stringify(dir)}, { mode: 'write', softwareVersion: 'x' }); mine = 'yes'; } catch (error) { mine = error.data.code; }
      process.stdout.write(mine);
      process.stdin.on('end', () => process.exit()).resume();`;
    // Each lives, and holds what it has, until all have answered.
    const racers = Array.from({ length: 4 }, () => spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'pipe' }));
    const answers = await Promise.all(racers.map(async ({ stdout }) => String((await once(stdout, 'data'))[0])));
    await Promise.all(racers.map((racer) => (racer.stdin.end(), once(racer, 'exit'))));
    expect(answers.sort()).toEqual(['workspace_locked', 'workspace_locked', 'workspace_locked', 'yes']);
  });

  it('of a worker thread that died is taken over by its next life, and by nobody else', () => {
    const dir = closed();
    // Its process lives on, so nothing but the token tells.
    const lost = open(dir, 'write', 'first');
    expect(failure(() => open(dir, 'write', 'second')).code).toBe('workspace_locked');
    lost.sql.close();
    const again = open(dir, 'write', 'first');
    expect(failure(() => open(dir, 'write')).code).toBe('workspace_locked');
    again.close();
    expect(fs.existsSync(path.join(dir, 'lock'))).toBe(false);
  });

  it('of another computer is never taken over', () => {
    const dir = closed();
    lock(dir, { pid: deadPid(), host: 'elsewhere' });
    const error = failure(() => open(dir));
    expect(error.code).toBe('workspace_locked');
    expect(error.action).toContain('delete the file "lock"');
    expect(fs.readFileSync(path.join(dir, 'lock'), 'utf8')).toContain('elsewhere');
  });

  it('that was left half written is taken over', () => {
    const dir = closed();
    fs.writeFileSync(path.join(dir, 'lock'), '');
    reopen(dir);
  });

  it('is freed when opening fails', () => {
    const dir = closed();
    tamper(dir, 'CREATE TABLE strange (x)');
    expect(failure(() => open(dir)).code).toBe('workspace_damaged');
    expect(fs.existsSync(path.join(dir, 'lock'))).toBe(false);
  });

  it('is freed by a process that ends without closing', () => {
    const dir = closed();
    const script = `import { openWorkspace } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};
      openWorkspace(${JSON.stringify(dir)}, { mode: 'write', softwareVersion: 'x' });`;
    expect(spawnSync(process.execPath, ['--input-type=module', '-e', script]).status).toBe(0);
    expect(fs.existsSync(path.join(dir, 'lock'))).toBe(false);
  });
});

describe('a file that must not be opened', () => {
  it('from a newer version is refused and left byte for byte', () => {
    const dir = closed();
    tamper(dir, 'PRAGMA user_version = 99');
    const before = contents(dir);
    for (const mode of ['read', 'write'] as const) {
      expect(failure(() => open(dir, mode))).toMatchObject({ code: 'workspace_newer', action: expect.stringContaining('newer program') });
    }
    expect(contents(dir)).toEqual(before);
  });

  it('whose newer version is still in its log is refused, database and log untouched', () => {
    const dir = closed();
    const other = fs.mkdtempSync(path.join(os.tmpdir(), 'hedgerow-db-'));
    const file = path.join(dir, 'workspace.db');
    const sql = new Database(file);
    sql.pragma('user_version = 99');
    for (const suffix of ['', '-wal']) fs.copyFileSync(file + suffix, path.join(other, `db${suffix}`));
    sql.close();
    for (const suffix of ['', '-wal']) fs.copyFileSync(path.join(other, `db${suffix}`), file + suffix);
    fs.rmSync(other, { recursive: true });
    const before = contents(dir);
    expect(failure(() => open(dir)).code).toBe('workspace_newer');
    const after = contents(dir);
    expect([after['workspace.db'], after['workspace.db-wal']]).toEqual([before['workspace.db'], before['workspace.db-wal']]);
  });

  it('is missing, empty, text, or another program’s database', () => {
    const dir = closed();
    const file = path.join(dir, 'workspace.db');
    for (const content of ['', 'hello', 'x'.repeat(20_000)]) {
      fs.writeFileSync(file, content);
      expect(failure(() => open(dir)).code).toBe('workspace_damaged');
      expect(fs.readFileSync(file, 'utf8')).toBe(content);
    }
    fs.rmSync(file);
    new Database(file).exec('CREATE TABLE t (x)').close();
    expect(failure(() => open(dir)).message).toContain('not made by Hedgerow');
    fs.rmSync(file);
    expect(failure(() => open(dir)).code).toBe('not_found');
    expect(failure(() => open(path.join(dir, 'nowhere'))).code).toBe('not_found');
  });

  it.each([
    ['trigger', 'CREATE TRIGGER evil AFTER INSERT ON meta BEGIN DELETE FROM batch; END'],
    ['view', 'CREATE VIEW evil AS SELECT 1'],
    ['table', 'CREATE TABLE evil (x)'],
    ['table', 'CREATE VIRTUAL TABLE evil USING fts5(x)'],
    ['index', 'CREATE INDEX evil ON meta (abs(value))'],
    ['table', 'ALTER TABLE meta RENAME TO evil'],
  ])('holds a planted %s: %s', (type, text) => {
    const dir = closed();
    tamper(dir, text);
    for (const mode of ['read', 'write'] as const) {
      const error = failure(() => open(dir, mode));
      expect(error.code).toBe('workspace_damaged');
      expect(error.message).toContain(`${type} evil`);
    }
  });

  it('lacks a constraint', () => {
    const dir = closed();
    tamper(
      dir,
      `PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (undone_revision > revision)', '') WHERE name = 'batch'`,
    );
    expect(failure(() => open(dir)).message).toContain('table batch');
  });

  it.skipIf(process.platform === 'win32').each(['workspace.db', 'workspace.db-wal', 'backups'])('has a link for its %s', (name) => {
    const dir = closed();
    const target = path.join(path.dirname(dir), 'target');
    const link = path.join(dir, name);
    if (fs.existsSync(link)) fs.renameSync(link, target);
    else fs.writeFileSync(target, 'precious');
    fs.symlinkSync(target, link);
    const bytes = fs.statSync(target).isFile() ? fs.readFileSync(target) : null;
    for (const mode of ['read', 'write'] as const) expect(failure(() => open(dir, mode)).code).toBe('workspace_damaged');
    if (bytes !== null) expect(fs.readFileSync(target)).toEqual(bytes);
  });

  it('comes with a planted rollback journal', () => {
    const dir = closed();
    fs.writeFileSync(path.join(dir, 'workspace.db-journal'), 'x');
    expect(failure(() => open(dir)).message).toContain('journal');
  });
});

it('names the runtime it needs instead of crashing an older one', () => {
  expect(failure(() => checkRuntime(undefined, { node: '20.20.2', napi: '9' })).message).toContain('Node 20.20.2 is too old');
  expect(() => checkRuntime('/some/module.node', { node: '18.15.0', napi: '8' })).not.toThrow();
});

it.skipIf(process.platform === 'win32')('a workspace whose making was cut off when the file had its name is write-ahead already', () => {
  const dir = freshDir();
  fs.mkdirSync(path.join(dir, 'artifacts'), { recursive: true });
  // What opens it next refuses the link, as if the process had been killed.
  fs.symlinkSync('artifacts', path.join(dir, 'backups'));
  expect(failure(() => createWorkspace(dir, options)).message).toContain('backups is not a folder of its own');
  // To turn it in its place leaves a rollback journal behind where that is cut off.
  expect([...fs.readFileSync(path.join(dir, 'workspace.db')).subarray(18, 20)]).toEqual([2, 2]);
});

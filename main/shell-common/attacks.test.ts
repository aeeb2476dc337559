/**
 * Attacks on the real program behind the handler of both shells: real core, workers, SQLite and importers. Each is refused in
 * words, nothing is written outside the home folder, memory stays bounded, and the program goes on.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorData } from '../contract/errors.ts';
import type { JobView, Method } from '../contract/methods.ts';
import type { OpenWorkspace, WorkspaceInfo } from '../contract/results.ts';
import { testEnvironment } from '../core/testing/environment.ts';
import { workbookBombs } from '../importers/testing/workbook-bombs.ts';
import { createCore, type Core } from '../core/index.ts';
import { createHandler, type Handler } from './handler.ts';
import { newHandles } from './handles.ts';

const outside = mkdtempSync(join(tmpdir(), 'hedgerow-attack-'));
const home = join(outside, 'home');
const site = join(outside, 'site');
const given = join(outside, 'given');
for (const folder of [site, given]) mkdirSync(folder, { recursive: true });
writeFileSync(join(site, 'index.html'), '<!doctype html>');

const spool = `session-${hostname().replaceAll(/[^\w.]/g, '')}-`;

/** Every thread the program starts, by the label of what it does first. */
const threads: Worker[] = [];
const noteThread = (worker: Worker): void => void threads.push(worker);

let core: Core;
let handler: Handler;
const own = newHandles();

beforeAll(async () => {
  process.on('worker', noteThread);
  // Left by a program that was killed; no process has this number.
  for (const left of [`${spool}999999999-x`, 'session-elsewhere-999999999-x']) mkdirSync(join(home, 'spool', left), { recursive: true });
  core = await createCore({ ...testEnvironment(), home, threads: 1, today: '2026-07-01' });
  handler = createHandler(core, { assetsDir: site, authorize: () => own });
  await ask('workspace.create', { name: 'Desk' });
  await importText('spy.csv', 'date,ticker,close\n2024-01-02,SPY,470\n2024-01-03,SPY,471\n');
});

afterAll(async () => {
  process.off('worker', noteThread);
  await core.close();
  rmSync(outside, { recursive: true, force: true });
});

const send = (path: string, body: string | Uint8Array, type = 'application/json'): Promise<Response> =>
  handler(new Request(`app://hedgerow/api/${path}`, { method: 'POST', body: body as BodyInit, headers: { 'content-type': type } }));

/** A call by the handler; throws the ErrorData of a refusal. */
async function ask<T>(method: Method, input: object): Promise<T> {
  const response = await send(method, JSON.stringify(input));
  const answer = (await response.json()) as T & { error?: ErrorData };
  if (!response.ok) throw answer.error;
  return answer;
}

/** A job by the handler, to its end. */
async function job<T>(method: Method, input: object): Promise<T> {
  const { jobId } = await ask<{ jobId: number }>(method, input);
  const ended = new Promise<void>((done) => {
    const stop = core.events((event) => {
      if (event.type !== 'job' || event.job.jobId !== jobId || event.job.status === 'running') return;
      stop();
      done();
    });
  });
  if ((await ask<JobView>('jobs.get', { jobId })).status === 'running') await ended;
  const view = await ask<JobView>('jobs.get', { jobId });
  if (view.status !== 'done') throw view.error as unknown;
  return view.result as T;
}

async function upload(name: string, content: string | Uint8Array): Promise<string> {
  const response = await send(`upload?name=${encodeURIComponent(name)}`, content, 'application/octet-stream');
  return ((await response.json()) as { handle: string }).handle;
}

const stage = (handle: string): Promise<{ stageId: number; report: { outcome: string; issues: unknown[] } }> =>
  job('import.stage', { handle });

async function importText(name: string, text: string): Promise<void> {
  const { stageId } = await stage(await upload(name, text));
  await job('import.commit', { stageId });
}

/** A path as a window gets it from a native dialog. */
function choose(path: string): string {
  const handle = core.files.registerPath(path);
  own.grant(handle);
  return handle;
}

const refusal = (work: Promise<unknown>): Promise<ErrorData> =>
  work.then(
    (answer) => Promise.reject(new Error(`not refused: ${JSON.stringify(answer).slice(0, 200)}`)),
    (error: unknown) => error as ErrorData,
  );

/** Names outside the home folder: what an attack must not change. */
const elsewhere = (): string[] => [...readdirSync(outside), ...readdirSync(given), ...readdirSync(site)].sort();

/** The program still answers, and the workspace has what it had. */
async function goesOn(): Promise<void> {
  expect(await ask('workspace.info', {})).toMatchObject({ name: 'Desk', batches: 2 });
}

/** A statement that is read but for what stands before it. */
const statement = (before: string, symbol: string): string =>
  `<?xml version="1.0"?>${before}<FlexQueryResponse queryName="a" type="AF"><FlexStatements count="1"><FlexStatement accountId="U1234567" fromDate="20260306" toDate="20260306"><OpenPositions><OpenPosition accountId="U1234567" symbol="${symbol}" position="40"/></OpenPositions></FlexStatement></FlexStatements></FlexQueryResponse>`;

describe('files that are bombs', () => {
  it.each([
    [
      'a gzip of 64 MB of one row',
      'bomb.csv.gz',
      () => gzipSync(`date,ticker,close\n${'2024-01-02,SPY,470\n'.repeat(3_600_000)}`, { level: 2 }),
      /150 times/,
    ],
    ...workbookBombs.slice(0, 3).map(([what, make, why]) => [what, 'bomb.xlsx', make, why] as const),
    ['a gzip of empty lines', 'lines.csv.gz', () => gzipSync(Buffer.alloc(70 << 20, 10)), /150 times|empty|no rows/],
    ['a gzip of zeros', 'zeros.csv.gz', () => gzipSync(Buffer.alloc(20 << 20)), /NUL/],
    ['a gzip in a gzip', 'twice.csv.gz', () => gzipSync(gzipSync(Buffer.alloc(50 << 20, 44))), /./],
    ['ten million columns', 'wide.csv', () => `date${',A'.repeat(10_000_000)}\n`, /50000 columns|16 MiB/],
    ['100 MB in one line', 'line.csv', () => Buffer.alloc(100 << 20, 97), /16 MiB/],
    ['20 MB in one cell', 'cell.csv', () => `date,ticker,close\n2024-01-02,"${'A'.repeat(20 << 20)}",1\n`, /quote|16 MiB/],
    [
      'entities that grow',
      'laughs.xml',
      () =>
        statement(
          `<!DOCTYPE l [<!ENTITY a "ha">${Array.from({ length: 30 }, (_, i) => `<!ENTITY a${i + 1} "${`&a${i || ''};`.repeat(10)}">`).join('')}]>`,
          '&a30;',
        ),
      /document type definition/,
    ],
    [
      'an entity that reads a file',
      'xxe.xml',
      () => statement('<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]>', '&a;'),
      /document type definition/,
    ],
  ] as readonly (readonly [string, string, () => string | Uint8Array, RegExp])[])('%s', async (_what, name, content, why) => {
    const before = process.memoryUsage();
    const handle = await upload(name, content());
    const error = await refusal(stage(handle));
    expect(error.message).toContain(name.replace(/\.gz$/, ''));
    expect(error.message + error.action).toMatch(why);
    expect(error.message).not.toContain('root:');
    expect(error.message.length + JSON.stringify(error.details ?? '').length).toBeLessThan(20_000);
    expect(process.memoryUsage().rss - before.rss).toBeLessThan(700 << 20);
    await goesOn();
  });

  it('cells that make careless patterns slow are read or rejected in a moment', async () => {
    const long = 60_000;
    for (const cell of [
      '1,'.repeat(long / 2),
      '-'.repeat(long),
      ' '.repeat(long),
      '1'.repeat(long),
      `${'a.'.repeat(long / 2)}!`,
      `${'('.repeat(long)}1`,
    ]) {
      for (const text of [
        `date,ticker,close\n2024-01-02,"${cell}",1\n2024-01-03,SPY,"${cell}"\n"${cell}",SPY,1\n`,
        `ticker,quantity,as_of\n"${cell}",1,2024-01-02\nSPY,"${cell}",2024-01-02\n`,
        `"${cell}"\n"${cell}","${cell}"\n`,
      ])
        await stage(await upload('slow.csv', text)).catch((error: ErrorData) => expect(error.message).toContain('slow.csv'));
    }
    await goesOn();
  });
});

describe('words that mean something to the language', () => {
  const WORDS = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype'];

  it('are headings, tickers, sectors and accounts like others', async () => {
    const { opened } = await ask<OpenWorkspace>('workspace.info', {});
    // A second one of that name is told from the first.
    expect((await ask<WorkspaceInfo>('workspace.create', { name: 'Desk' })).name).toBe('Desk 2');
    expect((await ask<OpenWorkspace>('workspace.info', {})).opened).not.toBe(opened);
    const rows = (cells: (word: string) => string): string => WORDS.map((word) => `${cells(word)}\n`).join('');
    for (const [name, text] of [
      [
        'prices.csv',
        `date,ticker,close,${WORDS.join(',')}\n${rows((word) => `2024-01-02,${word},10,1,1,1,1,1`)}2024-01-02,SPY,470,1,1,1,1,1\n`,
      ],
      ['wide.csv', `date,${WORDS.join(',')}\n2024-01-03,11,11,11,11,11\n`],
      ['classes.csv', `ticker,sector,industry\n${rows((word) => `${word},${word},${word}`)}`],
      ['names.csv', `ticker,valid_from,name,type,exchange\n${rows((word) => `${word},2020-01-01,${word},stock,${word}`)}`],
      ['book.csv', `ticker,quantity,account,as_of\n${rows((word) => `${word},5,${word},2024-01-02`)}`],
    ] as const) {
      const options = name === 'wide.csv' ? { value: 'close' } : {};
      const { stageId } = await job<{ stageId: number }>('import.stage', { handle: await upload(name, text), options });
      await job('import.commit', { stageId, skipRejected: true });
    }
    // Too short for a regression, which is said in words.
    await job('run.start', {}).catch((error: ErrorData) => expect(error.code).not.toBe('internal'));
    for (const word of WORDS) await ask('security.search', { text: word });
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as Record<string, unknown>).close).toBeUndefined();
    const recent = await ask<{ name: string; handle: string }[]>('workspace.recent', {});
    await ask('workspace.open', { handle: recent.find(({ name }) => name === 'Desk')!.handle });
    await goesOn();
  });
});

describe('paths', () => {
  it('in the name of an upload lead nowhere', async () => {
    const before = elsewhere();
    for (const name of [
      '../../evil.csv',
      '..\\..\\evil.csv',
      '/etc/evil.csv',
      'C:\\evil.csv',
      'a\0b.csv',
      '....//evil.csv',
      '%2e%2e%2fevil.csv',
    ]) {
      const handle = await upload(name, 'date,ticker,close\n2024-01-02,SPY,470\n');
      expect(handle).toMatch(/^[\w-]{16,64}$/);
    }
    for (const name of ['..', '.', '', '/', '\0']) expect(await upload(name, 'x')).toBeUndefined();
    expect(elsewhere()).toEqual(before);
    expect(readdirSync(home).sort()).toEqual(expect.arrayContaining(['spool', 'workspaces']));
    expect(readdirSync(home).filter((name) => /evil/.test(name))).toEqual([]);
    // Another computer's may still be in use.
    expect(readdirSync(join(home, 'spool')).filter((name) => !name.startsWith(`${spool}${process.pid}-`))).toEqual([
      'session-elsewhere-999999999-x',
    ]);
  });

  it.each(['../../../../etc/passwd', '/etc/passwd', 'a'.repeat(65), '__proto__', 'constructor', 'h'.repeat(24)])(
    'as a handle are refused: %s',
    async (handle) => {
      for (const method of ['workspace.open', 'import.stage', 'orders.fills'] as const)
        expect((await refusal(ask(method, method === 'orders.fills' ? { file: handle } : { handle }))).code).toMatch(/usage|not_found/);
      await goesOn();
    },
  );

  it('as a workspace or artifact name are refused', async () => {
    for (const name of ['../evil', '..', 'a/b', 'a\\b', 'CON:', 'a\0b', ' evil', '.evil'])
      expect((await refusal(ask('workspace.create', { name }))).code).toBe('usage');
    for (const name of ['../evil.csv', 'a/b.csv', '/etc/evil.csv', '.csv'])
      expect((await refusal(ask('files.offer', { name, text: 'x' }))).code).toBe('usage');
    for (const id of ['../../x', '..%2fx', '__proto__', 'h'.repeat(24)])
      expect((await handler(new Request(`app://hedgerow/api/artifact/${id}`))).status).toBe(404);
    await goesOn();
  });

  it.skipIf(process.platform === 'win32')('that are no regular files are refused without being read', async () => {
    execFileSync('mkfifo', [join(given, 'pipe.csv')]);
    symlinkSync('/dev/zero', join(given, 'zero.csv'));
    symlinkSync(join(given, 'nowhere'), join(given, 'dangling.csv'));
    mkdirSync(join(given, 'folder.csv'));
    for (const [name, why] of [
      ['pipe.csv', /not a regular file/],
      ['zero.csv', /not a regular file/],
      ['dangling.csv', /no file/],
      ['folder.csv', /directory/],
    ] as const)
      expect((await refusal(stage(choose(join(given, name))))).message).toMatch(why);
    await goesOn();
  });
});

describe('a workspace from an enemy', () => {
  /** A copy of a sound workspace, changed behind the program's back. */
  function hostile(name: string, change: (dir: string, file: string) => void): string {
    const dir = join(given, `${name}.hedgerow`);
    cpSync(join(home, 'workspaces', 'Desk.hedgerow'), dir, { recursive: true });
    for (const left of ['lock', 'workspace.db-wal', 'workspace.db-shm']) rmSync(join(dir, left), { force: true });
    change(dir, join(dir, 'workspace.db'));
    return dir;
  }
  const sql =
    (text: string) =>
    (_dir: string, file: string): void => {
      const db = new Database(file).unsafeMode();
      db.pragma('writable_schema = ON');
      db.exec(text);
      db.close();
    };
  const patch =
    (offset: number, bytes: readonly number[]) =>
    (_dir: string, file: string): void => {
      const content = readFileSync(file);
      content.set(bytes, offset);
      writeFileSync(file, content);
    };

  beforeAll(async () => {
    // Everything into the file itself, so that a copy is a whole workspace.
    const db = new Database(join(home, 'workspaces', 'Desk.hedgerow', 'workspace.db'));
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.close();
  });

  it.each<[string, (dir: string, file: string) => void]>([
    ['a trigger', sql('CREATE TRIGGER evil AFTER INSERT ON meta BEGIN DELETE FROM batch; END')],
    ['a view over a table', sql("CREATE VIEW evil AS SELECT load_extension('/tmp/evil.so')")],
    ['a malformed schema', sql("UPDATE sqlite_schema SET sql = 'CREATE TABLE batch (' WHERE name = 'batch'")],
    ['a schema that calls itself', sql('CREATE VIEW a AS SELECT * FROM b; CREATE VIEW b AS SELECT * FROM a')],
    ['a table beside ours', sql('CREATE TABLE evil (x)')],
    ['another page size in the header', patch(16, [0, 1])],
    ['a page size that is none', patch(16, [3, 7])],
    ['four thousand million pages', patch(28, [0xff, 0xff, 0xff, 0xff])],
    ['a version from the future', patch(60, [0x7f, 0xff, 0xff, 0xff])],
    [
      'rubbish in the middle',
      patch(
        5000,
        Array.from({ length: 4000 }, (_, i) => i & 255),
      ),
    ],
    ['half a file', (_dir, file) => writeFileSync(file, readFileSync(file).subarray(0, 20_000))],
    [
      'a database that is a link',
      (dir, file) => {
        cpSync(file, join(given, 'target.db'));
        rmSync(file);
        symlinkSync(join(given, 'target.db'), join(dir, 'workspace.db'));
      },
    ],
    [
      'a backup folder that is a link',
      (dir) => (rmSync(join(dir, 'backups'), { recursive: true }), symlinkSync(given, join(dir, 'backups'))),
    ],
    ['a rollback journal', (_dir, file) => writeFileSync(`${file}-journal`, Buffer.alloc(512))],
  ])('with %s is refused, and the open one stays open', async (what, change) => {
    const dir = hostile(what.replaceAll(' ', '-'), change);
    const before = elsewhere();
    const error = await refusal(ask('workspace.open', { handle: choose(dir) }));
    expect(error.code).toMatch(/^workspace_(damaged|newer)$/);
    expect(error.message).toMatch(/damaged|newer/);
    expect(error.action).not.toBe('');
    expect(elsewhere()).toEqual(before);
    await goesOn();
  });
});

describe('a thread that dies', () => {
  const crash = async (): Promise<void> => {
    const alive = threads.filter((thread) => thread.threadId > 0);
    threads.length = 0;
    await Promise.all(alive.map((thread) => thread.terminate()));
  };

  it('fails its jobs in words, begins again, and loses nothing', async () => {
    const handle = await upload('more.csv', `date,ticker,close\n${'2024-01-02,SPY,470\n'.repeat(400_000)}`);
    const running = refusal(stage(handle));
    // The file is being read once the first progress arrives.
    await new Promise<void>((started) => {
      const stop = core.events((event) => {
        if (event.type !== 'job' || event.job.progress === null) return;
        stop();
        started();
      });
    });
    await crash();
    const error = await running;
    expect(error.message).toMatch(/worker stopped/);
    expect(error.action).toMatch(/try again/);
    // The writer died too: its lock is its own, not that of another program.
    await goesOn();
    const { stageId, report } = await stage(await upload('spy2.csv', 'date,ticker,close\n2024-01-04,SPY,472\n'));
    expect(report.outcome).toBe('staged');
    await crash();
    // A stage lives in the thread: gone with it, and said so.
    expect((await refusal(job('import.commit', { stageId }))).message).toMatch(/not staged|no stage|stage/i);
    await goesOn();
    expect(statSync(join(home, 'workspaces', 'Desk.hedgerow', 'lock')).isFile()).toBe(true);
  });
});

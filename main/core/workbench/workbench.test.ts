import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Input, Method, Output } from '../../contract/methods.ts';
import { isModelled, type BookPosition, type BookView } from '../../contract/results.ts';
import { testEnvironment } from '../testing/environment.ts';
import { createCore, type Core } from '../index.ts';
import { compareBooks } from './compare-books.ts';
import { template } from './templates.ts';

const home = mkdtempSync(join(tmpdir(), 'hedgerow-workbench-'));
let core: Core;

const call = <M extends Method>(method: M, input: Input<M>): Promise<Output[M]> => core.call(method, input) as Promise<Output[M]>;

/** A job to its end; rejects with the message of its error. */
async function job<M extends Method>(method: M, input: Input<M>): Promise<Output[M]> {
  const { jobId } = (await core.call(method, input)) as unknown as { jobId: number };
  return new Promise((done, failed) => {
    const look = async (): Promise<void> => {
      const view = await core.call('jobs.get', { jobId });
      if (view.status === 'running') return;
      stop();
      if (view.status === 'done') done(view.result as Output[M]);
      else failed(new Error(view.error?.message ?? view.status));
    };
    const stop = core.events((event) => void (event.type === 'job' && event.job.jobId === jobId && look()));
    void look();
  });
}

beforeAll(async () => {
  core = await createCore({ ...testEnvironment(), home, threads: 1, today: '2026-07-01' });
  await job('workspace.createSample', {});
  await job('run.start', {});
}, 120_000);

afterAll(async () => {
  await core.close();
  rmSync(home, { recursive: true, force: true });
});

const position = (ticker: string, marketValue: number, exposure: number[], more: Partial<BookPosition> = {}): BookPosition => ({
  account: 'A',
  securityId: ticker.charCodeAt(0),
  ticker,
  name: null,
  quantity: 1,
  price: marketValue,
  priceDay: null,
  marketValue,
  weight: null,
  role: 'stock',
  level: 2,
  chain: ['SPY', 'XLK'].slice(0, exposure.length),
  exposure,
  hedgeRatio: [],
  explained: [],
  residual: null,
  volatility: null,
  flags: [],
  reason: null,
  ...more,
});
const bookOf = (positions: BookPosition[], spy: number): BookView =>
  ({ positions, etfs: [{ etf: 'SPY', exposure: spy, hedgeHolding: 0, net: spy, shareOfGross: null }] }) as unknown as BookView;

describe('two books', () => {
  it('change in dollars of exposure, lots added up, largest first; what the model lost is said', () => {
    const before = bookOf([position('B', 100, [1, 0.5]), position('A', 1000, [0.5]), position('A', 1000, [0.5])], 1100);
    const after = bookOf(
      [
        position('B', 200, [1, 0.5]),
        position('A', 2000, [], { role: 'unmodelled', chain: [], reason: 'no price' }),
        position('C', 10, [2]),
      ],
      220,
    );
    const { etfs, positions } = compareBooks(before, after);
    expect(etfs).toEqual([{ etf: 'SPY', before: 1100, after: 220, change: -880 }]);
    expect(positions.map(({ ticker, moved }) => [ticker, moved])).toEqual([
      ['A', 1000],
      ['B', 150],
      ['C', 20],
    ]);
    expect(positions[0]).toMatchObject({ before: 2000, after: 2000, covered: { before: true, after: false }, reason: 'no price' });
    expect(positions[2]).toMatchObject({ before: null, after: 10, covered: { before: null, after: true } });
  });

  it('of which one is the other do not move', () => {
    const book = bookOf([position('A', 5, [1])], 5);
    expect(compareBooks(book, book).positions[0]).toMatchObject({ moved: 0 });
  });
});

describe('stored runs', () => {
  it('are compared on a book: the changes of the ETFs are the differences of the two books', async () => {
    const { lineage } = await job('run.start', { settings: { window: 126, minObs: 63 } });
    expect(lineage.runId).toBe('R2');
    const compared = await job('runs.compare', { first: 'R1', second: 'R2' });
    expect(compared.note).toBeNull();
    const [a, b] = [
      await call('book.get', { runId: 'R1', date: compared.date! }),
      await call('book.get', { runId: 'R2', date: compared.date! }),
    ];
    for (const { etf, before, after, change } of compared.etfs) {
      expect(before ?? 0).toBe(a.etfs.find((one) => one.etf === etf)?.net ?? 0);
      expect(after ?? 0).toBe(b.etfs.find((one) => one.etf === etf)?.net ?? 0);
      expect(change).toBe((after ?? 0) - (before ?? 0));
    }
    expect(compared.positions[0]!.moved).toBeGreaterThan(0);
    expect([...compared.positions].sort((x, y) => y.moved - x.moved)).toEqual(compared.positions);
    expect((await job('runs.compare', { first: 'R1', second: 'R1' })).positions.every(({ moved }) => moved === 0)).toBe(true);
    await expect(job('runs.compare', { first: 'R1', second: 'R9' })).rejects.toThrow('There is no run R9.');
  });

  it('a pinned run is what a view without a run takes, until it is unpinned or deleted', async () => {
    const used = async (): Promise<string> => (await call('book.get', {})).lineage.runId;
    expect(await used()).toBe('R2');
    await call('runs.pin', { runId: 'R1' });
    expect(await used()).toBe('R1');
    expect((await call('runs.list', {})).map((run) => [run.lineage.runId, run.pinned])).toEqual([
      ['R2', undefined],
      ['R1', true],
    ]);
    await call('runs.pin', { runId: null });
    expect(await used()).toBe('R2');
    await call('runs.pin', { runId: 'R1' });
    await call('runs.delete', { runId: 'R1' });
    expect((await call('runs.list', {})).map((run) => run.lineage.runId)).toEqual(['R2']);
    expect(await used()).toBe('R2');
    await expect(call('runs.pin', { runId: 'R1' })).rejects.toThrow('R1 is deleted.');
    await call('runs.restore', { runId: 'R1' });
    expect((await call('runs.list', {})).map((run) => run.lineage.runId)).toEqual(['R2', 'R1']);
    await expect(call('runs.delete', { runId: 'R7' })).rejects.toThrow('There is no run R7.');
  });

  it('one that is damaged on the disk is listed apart, and neither compared, pinned nor run again from', async () => {
    const { handle } = (await call('workspace.recent', {}))[0]!;
    const alter = (by: string): void => {
      const store = new Database(join(core.files.path(handle)!, 'workspace.db'));
      store.exec(`UPDATE run SET revision = revision ${by} WHERE run_id = 2`);
      store.close();
    };
    alter('+ 1');
    expect((await call('runs.list', {})).map((run) => run.lineage.runId)).toEqual(['R1']);
    const [damaged] = await call('runs.damaged', {});
    expect(damaged).toMatchObject({ runId: 'R2', meant: true, message: expect.stringContaining('run R2 does not agree') });
    for (const work of [
      () => job('runs.compare', { first: 'R1', second: 'R2' }),
      () => call('runs.pin', { runId: 'R2' }),
      () => call('book.get', {}),
    ])
      await expect(work()).rejects.toThrow('run R2 does not agree with its checksum');
    expect(await job('today.refresh', { handles: [] })).toMatchObject({ runId: null, note: expect.stringContaining('Delete R2') });
    await call('runs.pin', { runId: 'R1' });
    expect((await call('book.get', {})).lineage.runId).toBe('R1');
    await call('runs.pin', { runId: null });
    await call('runs.delete', { runId: 'R2' });
    expect([await call('runs.damaged', {}), (await call('book.get', {})).lineage.runId]).toEqual([[], 'R1']);
    alter('- 1');
    await call('runs.restore', { runId: 'R2' });
  });

  it('a security is shown under settings that were not run, as a run with them shows it', async () => {
    const securityId = (await call('book.get', {})).positions.find((one) => one.role === 'stock' && one.level === 3)!.securityId!;
    const { lineage: _, ...tried } = await call('settings.try', { securityId, runId: 'R1', settings: { window: 126, minObs: 63 } });
    const { lineage: __, ...run } = await call('security.show', { securityId, runId: 'R2' });
    expect(tried).toEqual(run);
    await expect(call('settings.try', { securityId, settings: { window: 20, minObs: 60 } })).rejects.toThrow('larger than the window');
  });
});

describe('presets', () => {
  it('are kept by name beside those of the program, which stay', async () => {
    const shipped = await call('presets.list', {});
    expect(shipped[0]).toMatchObject({ name: 'ols-252', own: false, settings: { window: 252 } });
    await call('presets.save', { name: 'fast', settings: { window: 63, minObs: 42 } });
    await call('presets.save', { name: 'fast', settings: { window: 84, minObs: 42 } });
    expect((await call('presets.list', {})).at(-1)).toMatchObject({ name: 'fast', own: true, settings: { window: 84, intercept: true } });
    await expect(call('presets.save', { name: 'ols-252', settings: {} })).rejects.toThrow('preset of the program');
    await expect(call('presets.save', { name: 'bad', settings: { window: 20, minObs: 60 } })).rejects.toThrow('larger than the window');
    expect(await call('presets.delete', { name: 'fast' })).toEqual(shipped);
    await expect(call('presets.delete', { name: 'ols-252' })).rejects.toThrow('no own preset');
  });
});

describe('the ETF map and the lineage of a batch', () => {
  it('names every row, its validity, and whether its ETF has prices', async () => {
    const map = await call('etfmap.get', {});
    expect(map.entries[0]).toMatchObject({ level: 'market', code: '*', etf: 'SPY' });
    expect(map.priced.SPY).toMatchObject({ last: '2026-06-30' });
    const lineage = await call('batches.show', { batchId: map.batchId! });
    expect(lineage.batch).toMatchObject({ kind: 'etf-map', undone: false });
    expect(lineage.runs).toEqual(['R1', 'R2']);
    expect(lineage.report!.counts.rows).toBe(map.entries.length);
  });
});

describe('templates', () => {
  it.each(['prices', 'classification', 'holdings'] as const)('%s: imports as it is', async (kind) => {
    const path = join(home, template(kind).name);
    writeFileSync(path, template(kind).text);
    const { stageId, report } = await job('import.stage', { handle: core.files.registerPath(path) });
    expect(report.detected.kind).toBe(kind);
    expect(report.issues.filter((issue) => issue.severity === 'error')).toEqual([]);
    await call('import.discard', { stageId });
  });
});

describe('backups', () => {
  it('are made, listed and put back; the replaced state is kept and can be put back too', async () => {
    const made = await job('backups.make', {});
    expect(made).toMatchObject({ why: 'manual' });
    await call('presets.save', { name: 'after the backup', settings: {} });
    expect(await job('backups.restore', { name: made.name })).toMatchObject({ name: expect.stringContaining('Sample'), forgotten: [] });
    expect((await call('presets.list', {})).map((preset) => preset.name)).not.toContain('after the backup');
    const [kept] = await call('backups.list', {});
    expect(kept!.why).toBe('before-restore');
    await job('backups.restore', { name: kept!.name });
    expect((await call('presets.list', {})).map((preset) => preset.name)).toContain('after the backup');
    await expect(job('backups.restore', { name: '20200101T000000000Z-manual.db' })).rejects.toThrow('There is no backup');
    expect((await call('workspace.info', {}))!.name).toContain('Sample');
  });
});

describe('today', () => {
  it('files in, a run, and what changed since the last exported hedge', async () => {
    const before = await call('today.get', {});
    expect(before.since).toBeNull();
    await job('hedge.export', { request: { level: 3 }, format: 'generic', override: 'a test of the simulated market' });
    expect(await call('today.get', {})).toMatchObject({ since: { runId: 'R2' }, lost: [], note: null });

    // Tomorrow's files lie in the inbox: half of one position, a name nobody knows, a price that must be asked about, and nonsense.
    const book = await call('book.get', {});
    const [held, other] = book.positions.filter((one) => one.role === 'stock' && one.level === 3);
    const watched = await call('today.setWatch', { folder: 'inbox' });
    expect(watched).toMatchObject({ folder: { inbox: true, missing: false } });
    expect(await call('today.waiting', {})).toEqual([]);
    const inbox = join(home, 'workspaces', 'Sample (simulated).hedgerow', 'inbox');
    const put = (name: string, text: string): void => writeFileSync(join(inbox, name), text);
    const lines = book.positions
      .filter(isModelled)
      .map((one) => `${one.account},${one.ticker},${one.ticker === held!.ticker ? one.quantity! / 2 : one.quantity}`);
    put('holdings.csv', `account,ticker,quantity,as_of\n${lines.map((line) => `${line},2026-06-30\n`).join('')}MAIN,ZZNEW,10,2026-06-30\n`);
    put('restated.csv', `date,ticker,close,adj_close\n2026-06-30,${other!.ticker},1,1\n`);
    put('nonsense.csv', 'a,b\n1,2\n');
    put('.hidden.csv', 'x');
    expect((await call('today.waiting', {})).map((file) => file.name)).toEqual(['holdings.csv', 'nonsense.csv', 'restated.csv']);

    const result = await job('today.refresh', {});
    expect(result.files[0]!.why).toBeNull();
    expect(result.files.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['holdings.csv', 'committed'],
      ['nonsense.csv', 'not_read'],
      ['restated.csv', 'asks'],
    ]);
    expect(result.files[2]!.why).toMatch(/restated/);
    expect(result.runId).toBe('R3');
    const now = await call('today.get', {});
    expect(now).toMatchObject({ runId: 'R3', since: { runId: 'R2' } });
    expect(now.positions[0]).toMatchObject({ ticker: held!.ticker, after: now.positions[0]!.before! / 2 });
    const spy = now.etfs.find((one) => one.etf === held!.chain[0])!;
    expect(spy.change).toBeCloseTo((-held!.marketValue! / 2) * held!.exposure[0]!, 4);
    expect(now.drift!.etfs.length).toBeGreaterThan(0);
    // An earlier run and day are the other side when they are asked for.
    expect(await call('today.get', { runId: 'R1', date: '2026-03-31' })).toMatchObject({ runId: 'R1', date: '2026-03-31' });
    // What was imported waits no longer; what asks still does; a second refresh makes no second run.
    expect((await call('today.waiting', {})).map((file) => file.name)).toEqual(['nonsense.csv', 'restated.csv']);
    rmSync(join(inbox, 'nonsense.csv'));
    rmSync(join(inbox, 'restated.csv'));
    expect(await job('today.refresh', {})).toMatchObject({ files: [], runId: 'R3', note: 'Nothing changed since the last run.' });
    copyFileSync(join(inbox, 'holdings.csv'), join(inbox, 'holdings again.csv'));
    expect(await call('today.waiting', {})).toEqual([]);
    expect((await call('today.setWatch', { folder: null })).folder).toBeNull();
    expect(readFileSync(join(inbox, 'holdings.csv'), 'utf8')).toContain('ZZNEW');
  });

  it('a hedge of some accounts is compared with the holdings of these accounts', async () => {
    const { positions } = await call('book.get', {});
    const inbox = join(home, 'workspaces', 'Sample (simulated).hedgerow', 'inbox');
    await call('today.setWatch', { folder: 'inbox' });
    const [held] = positions.filter((one) => one.role === 'stock' && one.level === 3);
    writeFileSync(join(inbox, 'second.csv'), `account,ticker,quantity,as_of\nSECOND,${held!.ticker},100,2026-06-30\n`);
    // Nobody sees the report of a file that a refresh takes in.
    const { files } = await job('today.refresh', {});
    expect(files).toMatchObject([
      {
        name: 'second.csv',
        outcome: 'committed',
        warningCount: 1,
        warnings: [expect.stringContaining('Account SECOND is new here') as string],
      },
    ]);
    await call('today.setWatch', { folder: null });
    expect((await call('book.get', {})).positions).toHaveLength(positions.length + 1);
    const accounts = [held!.account];
    for (const part of [{ accounts }, { account: held!.account }]) {
      await job('hedge.export', { request: part, format: 'generic', override: 'a test of the simulated market' });
      const view = await call('today.get', {});
      expect(view.since!.accounts).toEqual(accounts);
      expect(view.positions.filter((one) => one.moved > 0 || one.account !== held!.account)).toEqual([]);
      expect(view.etfs.every(({ change }) => change === 0)).toBe(true);
    }
  });
});

describe('which workspace is open', () => {
  const folders = (): string[] => readdirSync(join(home, 'workspaces')).sort();
  const handleOf = async (name: string): Promise<string> => (await call('workspace.recent', {})).find((one) => one.name === name)!.handle;

  it('does not change while a job works in it, by whatever asks, and nothing is made that is then not opened', async () => {
    const before = folders();
    const run = job('run.start', { settings: { window: 200, minObs: 100 } });
    const others = [call('workspace.create', { name: 'Other' }), job('workspace.createSample', {}), call('workspace.close', {})];
    for (const other of others) await expect(other).rejects.toThrow('A job is running in the open workspace.');
    expect(folders()).toEqual(before);
    expect((await run).lineage.settings.window).toBe(200);
  });

  it('is the one asked for last, and the others are free again, when windows ask at the same time', async () => {
    await call('workspace.create', { name: 'One' });
    const [one, sample] = await Promise.all(['One', 'Sample (simulated)'].map(handleOf));
    await Promise.all([sample, one].map((handle) => call('workspace.open', { handle: handle! })));
    expect((await call('workspace.info', {}))!.name).toBe('One');
    await call('workspace.open', { handle: sample! });
    expect((await call('workspace.info', {}))!.name).toBe('Sample (simulated)');
    expect((await call('runs.list', {})).length).toBeGreaterThan(0);
  });

  it('is asked for no file that was read into another: a number of that one names none of this one', async () => {
    const path = join(home, template('prices').name);
    writeFileSync(path, template('prices').text);
    const read = (): Promise<Output['import.stage']> => job('import.stage', { handle: core.files.registerPath(path) });
    const before = await read();
    await call('workspace.open', { handle: await handleOf('One') });
    const { stageId } = await read();
    const { length } = await call('batches.list', {});
    await expect(job('import.commit', { stageId: before.stageId })).rejects.toThrow('This staged import is gone.');
    await call('import.discard', { stageId: before.stageId });
    expect(await call('batches.list', {})).toHaveLength(length);
    expect((await call('import.staged', {})).map((staged) => staged.stageId)).toEqual([stageId]);
    expect(await job('import.commit', { stageId })).toMatchObject({ outcome: 'committed' });
  });
});

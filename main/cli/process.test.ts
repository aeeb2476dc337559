import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunSummary, WorkspaceInfo } from '../contract/results.ts';
import { Cli, ROOT, scratch } from './testing/cli.ts';
import { CLASSES, MAP, pricesText, SHORT, smallMarket } from './testing/market.ts';

const folder = scratch();
const market = smallMarket(90);
let base: Cli;

beforeAll(async () => {
  base = new Cli(folder, 'base');
  await base.value('init');
  await base.give('map.csv', MAP);
  await base.give('prices.csv', pricesText(market));
});

/** The command line as a process of its own. */
function start(cli: Cli, ...args: string[]): ChildProcess & { output: () => string; errors: () => string } {
  const child = spawn(process.execPath, [join(ROOT, 'main', 'cli', 'index.ts'), '--workspace', cli.dir, ...args], {
    env: { ...process.env, HEDGEROW_TODAY: '2026-07-01', HEDGEROW_THREADS: '1', HEDGEROW_HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return Object.assign(child, { output: () => out, errors: () => err });
}
const ended = async (child: ChildProcess): Promise<number | null> => {
  const [code] = (await once(child, 'close')) as [number | null];
  return code;
};
async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(condition()).toBe(true);
}

/** A price file of so many names that reading and storing it takes seconds. */
function largeText(names: number): string {
  const rows: string[] = ['date,ticker,close'];
  for (let n = 0; n < names; n++) for (const [t, day] of market.days.entries()) rows.push(`${day},N${n},${market.closes.CCC![t]}`);
  return `${rows.join('\n')}\n`;
}

describe('the process', () => {
  it('answers on stdout, complains on stderr, and ends with the codes of the help', async () => {
    const good = start(base, '--json', 'batches');
    expect(await ended(good)).toBe(0);
    expect(JSON.parse(good.output())).toHaveLength(3);
    expect(good.errors()).toBe('');
    const bad = start(base, 'import', join(folder, 'nothing.csv'));
    expect(await ended(bad)).toBe(1);
    expect([bad.output(), bad.errors()]).toEqual(['', expect.stringContaining('error: There is no file nothing.csv.')]);
    const unknown = start(base, 'nonsense');
    expect(await ended(unknown)).toBe(2);
  });

  it('a reader that stops early is no error', async () => {
    const child = start(base, 'findings');
    child.stdout!.destroy();
    expect(await ended(child)).toBe(0);
    expect(child.errors()).toBe('');
  });

  it('a workspace whose making was killed says so when it is opened, and how to go on', async () => {
    const cli = new Cli(folder, 'killed');
    const child = start(cli, 'init', '--sample');
    await until(() => existsSync(join(cli.dir, 'workspace.db')));
    child.kill('SIGKILL');
    await ended(child);
    expect(await cli.error('batches')).toMatchObject({
      code: 'workspace_damaged',
      message: `The workspace ${cli.dir} is not finished: its making goes on, or was cut off.`,
      action: expect.stringContaining('remove the folder and make it anew'),
    });
    // A backup put in its place is a whole workspace; so is one made anew.
    await cli.value('restore', (await base.value<{ file: string }>('backup')).file);
    expect(await cli.batches()).toHaveLength(3);
    rmSync(cli.dir, { recursive: true });
    expect(await ended(start(cli, 'init'))).toBe(0);
    expect((await cli.run('batches')).code).toBe(0);
    expect(readdirSync(cli.dir)).not.toContain('unfinished');
  });

  it('Ctrl-C ends an import with 130 and leaves the workspace as it was', async () => {
    const cli = base.copy('interrupted');
    const bytes = cli.bytes();
    const child = start(cli, 'import', cli.file('large.csv', largeText(6_000)));
    await until(() => existsSync(join(cli.dir, 'lock')));
    await new Promise((resolve) => setTimeout(resolve, 150));
    child.kill('SIGINT');
    expect(await ended(child)).toBe(130);
    expect(child.errors()).toContain('Cancelled.');
    expect(existsSync(join(cli.dir, 'lock'))).toBe(false);
    expect(cli.bytes()).toBe(bytes);
    expect(await cli.batches()).toHaveLength(3);
  });

  it('killed in the middle of an import, it leaves the last good state, and the next command takes over the lock', async () => {
    const path = base.file('large2.csv', largeText(6_000));
    // On a busy machine the commit may come before the signal: then all of the import must be there, and another kill is tried.
    for (let attempt = 1; ; attempt++) {
      const cli = base.copy(`killed-${attempt}`);
      const before = await cli.batches();
      const child = start(cli, 'import', path);
      const log = join(cli.dir, 'workspace.db-wal');
      // In the middle of writing: the log grows while the transaction is open.
      await until(() => child.exitCode !== null || (existsSync(log) && statSync(log).size > 1_000_000));
      child.kill('SIGKILL');
      const killed = (await ended(child)) === null;
      expect(existsSync(join(cli.dir, 'lock'))).toBe(killed);
      const after = await cli.batches();
      expect(existsSync(join(cli.dir, 'lock'))).toBe(false);
      expect((await cli.run('run', ...SHORT)).code).toBe(0);
      if (after.length > before.length && attempt < 5) {
        expect(after.slice(0, -1)).toEqual(before);
        expect(after.at(-1)).toMatchObject({ file: 'large2.csv', rows: 540_000, new: 540_000 });
        continue;
      }
      expect(after).toEqual(before);
      break;
    }
    rmSync(path);
  });
});

describe('backup and restore', () => {
  it('bring a state back whole; the state before is kept and can be brought back too', async () => {
    const cli = base.copy('backup');
    const out = join(folder, 'kept.db');
    await cli.value('run', ...SHORT);
    expect(await cli.value('backup', '--out', out)).toEqual({ file: out });
    expect((await cli.error('backup', '--out', out)).exit).toBe(1);
    const first = await cli.value<RunSummary[]>('runs');

    await cli.give('classes.csv', CLASSES);
    const later = await cli.digest(...SHORT);
    expect(later).not.toBe(first[0]!.digest);
    const { previous } = await cli.value<{ previous: string }>('restore', out);
    expect(await cli.batches()).toHaveLength(3);
    expect(await cli.value('check')).toMatchObject({ same: true, ok: true });
    expect(await cli.digest(...SHORT)).toBe(first[0]!.digest);
    await cli.value('restore', previous);
    expect(await cli.batches()).toHaveLength(4);
    expect(await cli.digest(...SHORT)).toBe(later);
  });

  it('refuse a file that is no backup and a missing one, without touching the workspace', async () => {
    const cli = base.copy('refuse');
    const bytes = cli.bytes();
    expect(await cli.error('restore', cli.file('no.db', 'not a database'))).toMatchObject({ exit: 1, code: 'workspace_damaged' });
    expect(await cli.error('restore', join(folder, 'gone.db'))).toMatchObject({ exit: 1, code: 'not_found' });
    expect(cli.bytes()).toBe(bytes);
  });

  it('a backup without a name goes into the workspace', async () => {
    const cli = base.copy('unnamed');
    const { file } = await cli.value<{ file: string }>('backup');
    expect(readdirSync(join(cli.dir, 'backups'))).toContain(file.split(/[/\\]/).at(-1));
    expect(readFileSync(file).subarray(0, 15).toString()).toBe('SQLite format 3');
  });
});

describe('findings', () => {
  it('are listed with the most severe first, put away with a reason, and gone with their batch', async () => {
    const cli = base.copy('findings');
    const [a, b] = market.days as [string, string];
    const report = await cli.give('jump.csv', `date,ticker,close\n${a},ZZZ,100\n${b},ZZZ,10\n`);
    const found = await cli.findings();
    expect(found[0]).toMatchObject({ code: 'split_suspected', severity: 'warning', subject: 'ZZZ', day: b });
    const id = found[0]!.findingId;
    await cli.value('dismiss', String(id), '--why', 'a real crash');
    expect((await cli.findings()).map((finding) => finding.findingId)).not.toContain(id);
    expect((await cli.findings('--all')).find((finding) => finding.findingId === id)?.dismissed).toBe('a real crash');
    expect((await cli.error('dismiss', '4711', '--why', 'x')).exit).toBe(1);
    await cli.value('undo', String(report.batchId));
    expect((await cli.findings('--all')).filter((finding) => finding.subject === 'ZZZ')).toEqual([]);
  });
});

describe('making a workspace', () => {
  it('takes a new folder, names it, and brings the starter map; a stopped start leaves nothing behind', async () => {
    const cli = new Cli(folder, 'Fresh');
    expect(await cli.value<WorkspaceInfo>('init')).toMatchObject({ name: 'Fresh', simulated: false, batches: 1, securities: 0 });
    expect((await cli.batches())[0]).toMatchObject({ kind: 'etf-map', source: 'starter' });
    const stopped = new AbortController();
    stopped.abort();
    const never = new Cli(folder, 'Never', { signal: stopped.signal });
    expect((await never.run('init', '--sample')).code).toBe(130);
    expect(existsSync(never.dir)).toBe(false);
  });
});

/** A run that a failing drive changed: the others go on, it is used for nothing, and can be deleted. */
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { DamagedRun, RunSummary } from '../contract/results.ts';
import { Cli, scratch } from './testing/cli.ts';
import { CLASSES, MAP, pricesText, SHORT, smallMarket } from './testing/market.ts';

const folder = scratch();

it('is listed as damaged beside the whole ones, refused by name wherever it would be used, and out of the way once deleted', async () => {
  const cli = new Cli(folder, 'damaged');
  const market = smallMarket(90);
  await cli.value('init');
  await cli.give('map.csv', MAP);
  await cli.give('classes.csv', CLASSES);
  await cli.give('prices.csv', pricesText(market));
  await cli.give('holdings.csv', `ticker,quantity,as_of\nAAA,10,${market.days.at(-1)!}\n`);
  await cli.value('run', ...SHORT);
  const second = await cli.value<RunSummary>('run', ...SHORT, '--set', 'riskShares=removed');
  expect((await cli.run('runs')).code).toBe(0);
  const store = new Database(join(cli.dir, 'workspace.db'));
  store.exec('UPDATE run SET known_as_of = known_as_of - 1 WHERE run_id = 2');
  store.close();

  const list = await cli.run('--json', 'runs');
  expect(list.code).toBe(3);
  const [damaged, whole] = JSON.parse(list.out) as [DamagedRun, RunSummary];
  expect(damaged).toMatchObject({ damaged: true, runId: 'R2', createdAt: second.createdAt, meant: true });
  expect(whole.lineage.runId).toBe('R1');
  expect((await cli.run('runs')).out).toMatch(/^R2 .*DAMAGED$[^]*^R1 [^]*Delete it with "runs --delete R2"\.$/m);

  const out = join(folder, 'orders.csv');
  for (const words of [
    ['book'],
    ['book', '--run', 'R2'],
    ['risk'],
    ['hedge', '--format', 'generic', '--out', out],
    ['run', '--like', 'R2'],
    ['check'],
    ['show', 'AAA'],
  ]) {
    const refused = await cli.error(...words);
    expect([words, refused.code, refused.message]).toEqual([words, 'workspace_damaged', expect.stringContaining('run R2 does not agree')]);
    expect(refused.action).toMatch(/^Delete R2;/);
  }
  expect((await cli.value<{ lineage: { runId: string } }>('book', '--run', 'R1')).lineage.runId).toBe('R1');

  await cli.value('doctor');
  const told = async (): Promise<unknown[]> =>
    (await cli.findings('--code', 'altered')).map(({ severity, subject }) => [severity, subject]);
  expect(await told()).toEqual([['error', 'R2']]);

  expect((await cli.value<RunSummary[]>('runs', '--delete', 'R2')).map(({ lineage }) => lineage.runId)).toEqual(['R1']);
  expect(await told()).toEqual([]);
  expect((await cli.value<{ lineage: { runId: string } }>('book')).lineage.runId).toBe('R1');
  expect((await cli.run('runs', '--restore', 'R2')).code).toBe(3);
  expect((await cli.error('runs', '--delete', 'R7')).message).toBe('There is no run R7.');
  // The same run again is another one: what is damaged is nobody's twin.
  expect((await cli.value<RunSummary>('run', ...SHORT, '--set', 'riskShares=removed')).lineage.runId).toBe('R3');
  expect((await cli.value<{ lineage: { runId: string } }>('book')).lineage.runId).toBe('R3');
});

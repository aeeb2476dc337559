/** A file a day: what the writer joins of them changes no number and no origin. */
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Cli, scratch } from '../cli/testing/cli.ts';
import { CLASSES, MAP, pricesText, smallMarket } from '../cli/testing/market.ts';
import { importAll, inSession } from '../cli/testing/session.ts';
import { explainValue } from './explain.ts';
import { startRun } from './runs.ts';

const market = smallMarket(200);
const extra = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`X${i}`, market.closes.AAA!.map((x) => x + i)]));
const all = { ...market, closes: { ...market.closes, ...extra } };
const names = Object.keys(all.closes);
const settings = { window: 60, minObs: 30 } as const;

it('are joined when a session ends, and every price still names its own file', async () => {
  const cli = new Cli(scratch(), 'daily');
  await cli.value('init');
  const before = await inSession(cli, async (session) => {
    await importAll(session, cli, { 'map.csv': MAP, 'classes.csv': CLASSES, 'prices.csv': pricesText(all, names, 0, 180) });
    for (let t = 180; t < 200; t++) await importAll(session, cli, { [`day-${t}.csv`]: pricesText(all, names, t, t + 1) });
    return (await startRun(session, { settings })).summary;
  });
  const sql = new Database(join(cli.dir, 'workspace.db'), { readonly: true });
  const count = (table: string): number => Number(sql.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
  expect([count('series_tile'), count('series_join'), count('series_joined')]).toEqual([20, 1, names.length]);
  sql.close();
  await inSession(cli, async (session) => {
    const again = await startRun(session, { like: before.lineage.runId });
    expect([again.same, again.summary.digest]).toEqual([true, before.digest]);
    const why = await explainValue(session, { ticker: 'AAA', date: market.days[190]!, field: 'returns_gross' });
    expect(JSON.stringify(why)).toContain('day-190.csv');
    expect(JSON.stringify(why)).toContain('day-189.csv');
    expect(JSON.stringify(why)).not.toContain('day-199.csv');
  });
});

/** "As known on D" from a terminal: after whatever was learned since, the bytes of the day itself. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { RunSummary } from '../contract/results.ts';
import { Cli, scratch } from './testing/cli.ts';
import { CLASSES, MAP, pricesText, SHORT, smallMarket } from './testing/market.ts';
import { importAll, inSession } from './testing/session.ts';

it('a run as known on D exports the bytes that the run of D exported', async () => {
  const market = smallMarket(140);
  const [D, today] = [market.days[110]!, '2026-07-01'];
  const then = new Cli(scratch(), 'known', { today: D });
  await then.value('init');
  await inSession(then, (session) =>
    importAll(session, then, { 'prices.csv': pricesText(market, undefined, 0, 111), 'map.csv': MAP, 'classes.csv': CLASSES }),
  );
  const first = await then.value<RunSummary>('run', ...SHORT);
  const bytes = async (cli: Cli, name: string, run: string): Promise<string> => {
    const out = cli.file(name, '');
    await cli.value('export', 'metrics', '--format', 'csv', '--out', out, '--run', run);
    // Lines of lineage name the run, its revision and the day.
    return readFileSync(out, 'utf8').replace(/^#.*\n/gm, '');
  };
  const before = await bytes(then, 'then.csv', first.lineage.runId);
  expect(before.split('\n').length).toBeGreaterThan(200);

  const now = then.with({ today });
  const old = market.days[80]!;
  await inSession(now, (session) =>
    importAll(session, now, {
      'rest.csv': pricesText(market, undefined, 111),
      'restated.csv': `date,ticker,close\n${old},AAA,${market.closes.AAA![80]! * 1.1}\n`,
      'split.csv': `ticker,ex_date,type,value,known_from\nBBB,${old},split,2,${market.days[115]!}\n`,
      'classes2.csv': `ticker,sector,industry,scheme,valid_from\nCCC,Technology,Semiconductors,gics,2020-01-01\n`,
      'securities.csv': `ticker,figi,name,valid_from\nAAA,BBG000BLNNH6,Alpha,2024-01-02\n`,
    }),
  );
  const again = await now.value<RunSummary>('run', ...SHORT, '--known-as-of', D);
  expect([again.lineage.knownAsOf, again.digest, again.rows]).toEqual([D, first.digest, first.rows]);
  expect(again.lineage.revision).toBeGreaterThan(first.lineage.revision);
  expect(await bytes(now, 'again.csv', again.lineage.runId)).toBe(before);
  const present = await now.value<RunSummary>('run', ...SHORT, '--set', 'knowledge=corrected');
  expect(await bytes(now, 'now.csv', present.lineage.runId)).not.toContain(before.slice(-4000));
});

/** Calls that meet at the compute workers: other panels in between, and a worker that is lost. */
import { beforeAll, describe, expect, it } from 'vitest';
import { Cli, scratch } from '../cli/testing/cli.ts';
import { CLASSES, MAP, pricesText, SHORT, smallMarket } from '../cli/testing/market.ts';
import { inSession } from '../cli/testing/session.ts';
import { getRisk } from './risk/view.ts';

const market = smallMarket(160);
const last = market.days.at(-1)!;
const RUNS = ['R1', 'R2', 'R3', 'R4'];
let cli: Cli;

beforeAll(async () => {
  cli = new Cli(scratch(), 'engine');
  await cli.value('init');
  await cli.give('map.csv', MAP);
  await cli.give('classes.csv', CLASSES);
  await cli.give('prices.csv', pricesText(market));
  await cli.give('book.csv', `ticker,quantity,account,as_of\nAAA,100,ONE,${last}\nBBB,50,ONE,${last}\nSPY,-10,ONE,${last}\n`);
  for (const window of [60, 50, 45, 40]) await cli.value('run', ...SHORT, '--set', `window=${window}`);
}, 60_000);

describe('compute workers', () => {
  it('serve calls on more panels than they hold, all at once, as they serve each alone', async () => {
    const alone: unknown[] = [];
    for (const runId of RUNS) alone.push(await inSession(cli, (session) => getRisk(session, { runId })));
    expect(new Set(alone.map((view) => JSON.stringify(view))).size).toBe(RUNS.length);
    const together = await inSession(cli, (session) =>
      Promise.all([...RUNS, ...RUNS, ...RUNS].map((runId) => getRisk(session, { runId }))),
    );
    expect(together).toEqual([...alone, ...alone, ...alone]);
  });

  it('are given the panel again after they were lost', async () => {
    await inSession(cli, async (session) => {
      const before = await getRisk(session, { runId: 'R1' });
      await session.compute[0]!.stop();
      expect(await getRisk(session, { runId: 'R1' })).toEqual(before);
    });
  });
});

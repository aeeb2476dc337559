/** A run after an import computes what the import can have changed; its digest is that of a program that computes everything. */
import { expect, it } from 'vitest';
import { Cli, scratch } from '../cli/testing/cli.ts';
import { CLASSES, MAP, pricesText, smallMarket } from '../cli/testing/market.ts';
import { importAll, inSession } from '../cli/testing/session.ts';
import { startRun } from './runs.ts';

const market = smallMarket(560);
const { days, closes } = market;
const NAMES = Object.keys(closes);

/** What a restated close is known to be since today changes rows of the past under this knowledge only. */
const settings = { window: 60, minObs: 30, knowledge: 'corrected' } as const;

/** A close five per cent higher than it was. */
const restated = (name: string, day: number): string =>
  pricesText(
    { days, closes: { ...closes, [name]: closes[name]!.map((x, t) => (t === day ? Math.round(x * 105) / 100 : x)) } },
    [name],
    day,
    day + 1,
  );

it('takes over what an import leaves as it was, and nothing when a run is asked for again', async () => {
  const cli = new Cli(scratch(), 'taken');
  await cli.value('init');
  const run = (session: Parameters<typeof startRun>[0]) => startRun(session, { settings }).then(({ summary }) => summary);
  const runs = await inSession(cli, async (session) => {
    await importAll(session, cli, { 'map.csv': MAP, 'classes.csv': CLASSES, 'prices.csv': pricesText(market, NAMES, 0, 550) });
    const first = await run(session);
    await importAll(session, cli, { 'day.csv': pricesText(market, NAMES, 550, 552) });
    const day = await run(session);
    await importAll(session, cli, { 'stock.csv': restated('AAA', 300) });
    const stock = await run(session);
    await importAll(session, cli, { 'etf.csv': restated('XLF', 100) });
    const etf = await run(session);
    const again = await startRun(session, { like: etf.lineage.runId });
    expect(again.same).toBe(true);
    expect(again.summary.computedRows).toBe(first.computedRows! + 2 * stocks(first));
    return { first, day, stock, etf };
  });
  const { first, day, stock, etf } = runs;
  // The last segment of every stock, the segments that a window from the restated day reaches, and those of the fund's own chain.
  expect(day.computedRows).toBeLessThanOrEqual(128 * stocks(first));
  expect(stock.computedRows).toBeLessThanOrEqual(256);
  expect(etf.computedRows).toBeLessThanOrEqual(256);
  for (const one of [day, stock, etf]) expect(one.computedRows).toBeGreaterThan(0);
  expect(new Set([first, day, stock, etf].map(({ digest }) => digest)).size).toBe(4);
  // A program that starts anew has nothing to take over.
  for (const one of [first, day, stock, etf]) {
    const { computedRows, ...anew } = await inSession(cli, (session) =>
      startRun(session, { like: one.lineage.runId }).then(({ summary }) => summary),
    );
    expect(computedRows).toBeGreaterThan(550 * 2);
    expect([anew.digest, anew.rows, anew.checks]).toEqual([one.digest, one.rows, one.checks]);
  }
});

const stocks = ({ securities }: { readonly securities: number }): number => securities;

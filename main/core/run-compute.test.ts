/** A run after an import computes what the import can have changed; its digest is that of a program that computes everything. */
import { expect, it } from 'vitest';
import { Cli, scratch } from '../cli/testing/cli.ts';
import { CLASSES, MAP, pricesText, smallMarket } from '../cli/testing/market.ts';
import { importAll, inSession } from '../cli/testing/session.ts';
import type { ComputeProcedures } from '../workers/compute/procedures.ts';
import { SPAN, type Panel } from '../workers/panel.ts';
import { WorkerClient } from '../workers/rpc.ts';
import { panelFor } from './engine.ts';
import { allUnits, workOf } from './run-compute.ts';
import { basisOf, startRun } from './runs.ts';
import type { Session } from './session.ts';

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

it('computes on the returns of its own panel, though one of the same request was made, forgotten and made again', async () => {
  const cli = new Cli(scratch(), 'again');
  await cli.value('init');
  const run = (session: Session) => startRun(session, { settings }).then(({ summary }) => summary);
  const day = await inSession(cli, async (session) => {
    // As at a desk, where the pool has not seen what the screens asked for meanwhile.
    const answering = new WorkerClient<ComputeProcedures>('answering', session.environment.workers.compute, { workerData: {} });
    const desk = { ...session, answering };
    await importAll(desk, cli, { 'map.csv': MAP, 'classes.csv': CLASSES, 'prices.csv': pricesText(market, NAMES, 0, 548) });
    await importAll(desk, cli, { 'a.csv': pricesText(market, NAMES, 548, 549), 'b.csv': pricesText(market, NAMES, 549, 550) });
    await run(desk);
    const basis = await basisOf(desk, {});
    for (const revision of [1, 2]) await panelFor(desk, { ...basis, revision: basis.revision - revision }, null);
    const { returns } = await panelFor(desk, basis, null);
    await importAll(desk, cli, { 'day.csv': pricesText(market, NAMES, 550, 552) });
    const summary = await run(desk);
    // The day was written behind the rows there were: nothing was formed anew.
    expect((await panelFor(desk, await basisOf(desk, {}), null)).returns.buffer).toBe(returns.buffer);
    await answering.stop();
    return summary;
  });
  const anew = await inSession(cli, (session) => startRun(session, { like: day.lineage.runId }).then(({ summary }) => summary));
  expect(anew.digest).toBe(day.digest);
});

const stocks = ({ securities }: { readonly securities: number }): number => securities;

it('shares units out by chain and industry: each once, none in long turns, and short ones where there are few', () => {
  // Two hundred series of five chains, ten of them in an industry of their own, and one without any span.
  const chains = Array.from({ length: 200 }, (_, i) => [0, 1 + (i % 5), 9, i % 20 === 0 ? 1 : 0]);
  const plan = Int32Array.from(chains.flatMap((chain) => [0, 50, ...chain, ...Array<number>(SPAN - 6).fill(0)]));
  const planStart = Int32Array.from([...chains.keys(), chains.length, chains.length]);
  const panel = { series: Array(201).fill(null), plan, planStart } as unknown as Panel;
  const units = allUnits(panel, 0, 50);
  expect(units.length).toBe(3 * 200);
  for (const workers of [1, 2]) {
    const { turns, units: same } = workOf(panel, units, workers);
    expect(same).toBe(units);
    expect([turns[0], turns.at(-1)]).toEqual([0, 200]);
    const longest = Math.floor(200 / (8 * workers));
    turns.slice(0, -1).forEach((first, k) => {
      const members = Array.from({ length: turns[k + 1]! - first }, (_, i) => chains[units[3 * (first + i)]!]!.join());
      expect([new Set(members).size, members.length > 0 && members.length <= longest]).toEqual([1, true]);
    });
  }
  expect([...workOf(panel, units.subarray(0, 9), 2).turns]).toEqual([0, 1, 2, 3]);
});

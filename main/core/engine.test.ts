/** Calls that meet at the workers: panels that serve other questions too, quotes looked up once, and a worker that is lost. */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { Cli, scratch } from '../cli/testing/cli.ts';
import { CLASSES, MAP, pricesText, SHORT, smallMarket } from '../cli/testing/market.ts';
import { environmentOf, inSession } from '../cli/testing/session.ts';
import { F } from '../quant/cascade/index.ts';
import { getBook } from './book.ts';
import { fieldsOf, fitterKey, panelFor, seriesIndex } from './engine.ts';
import { attribution } from './risk/attribution.ts';
import { riskChange } from './risk/change.ts';
import { effectiveness } from './risk/effectiveness.ts';
import { getRisk } from './risk/view.ts';
import { whatIf } from './risk/what-if.ts';
import { basisOf, listRuns, startRun } from './runs.ts';
import { withSession, type Session } from './session.ts';

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

  it('compute the positions of a book once for every screen that asks, and anew for another level, row or run', async () => {
    const flat = await inSession(cli, (session) => getBook(session, { runId: 'R1', level: 1 }));
    await inSession(cli, async (session) => {
      const calls = vi.spyOn(session.answering, 'call');
      const computed = (): number => calls.mock.calls.filter(([method]) => method === 'levelFields').length;
      const first = await getBook(session, { runId: 'R1' });
      await getRisk(session, { runId: 'R1' });
      expect(await getBook(session, { runId: 'R1' })).toEqual(first);
      expect(computed()).toBe(1);
      expect(await getBook(session, { runId: 'R1', level: 1 })).toEqual(flat);
      await getBook(session, { runId: 'R1', date: market.days.at(-2)! });
      await getBook(session, { runId: 'R2' });
      expect(computed()).toBe(4);
    });
  });

  it('share a cross-section of many series, the bits those of one; a busy one has no part', async () => {
    const [alone, shared, busy] = await withSession({ ...environmentOf(cli), threads: 2 }, cli.dir, async (session) => {
      const basis = await basisOf(session, { runId: 'R1' });
      const panel = await panelFor(session, basis, null);
      const many = Array.from({ length: 1000 }, (_, i) => i % panel.series.length);
      const [answering, other] = session.compute as [Session['answering'], Session['answering']];
      other.start();
      const parts = vi.spyOn(other, 'call');
      const ask = async (compute = session.compute): Promise<[Float64Array, number]> => {
        parts.mockClear();
        const fields = [F.l3_mkt_exp!, F.l3_res_er!, F.returns_gross!];
        const { values } = await fieldsOf({ answering, compute }, panel, basis.settings, many, fields, 150, 153);
        return [values, parts.mock.calls.filter(([method]) => method === 'fields').length];
      };
      const first = await ask([answering]);
      const second = await ask();
      const taken = other.call('counts', { key: fitterKey(panel, basis.settings), series: [0], row: 0, from: 0, to: 1 });
      const third = await ask();
      await taken;
      return [first, second, third];
    });
    expect(alone![0].some((value) => !Number.isNaN(value))).toBe(true);
    expect([alone![1], shared, busy]).toEqual([0, [alone![0], 1], [alone![0], 0]]);
  });

  it('keep the returns of the positions to themselves when a book is taken apart, compared, tried otherwise, attributed or hedged', async () => {
    await inSession(cli, async (session) => {
      const basis = await basisOf(session, { runId: 'R1' });
      const { positions } = await getBook(session, { runId: 'R1' });
      const asked = vi.spyOn(session.answering, 'call');
      const change = await riskChange(session, { runId: 'R1', date: market.days.at(-31)! }, { runId: 'R1' });
      const tried = await whatIf(session, { runId: 'R1' }, [{ account: 'ONE', ticker: 'AAA', quantity: 200 }]);
      const attributed = await attribution(session, { runId: 'R1', from: market.days.at(-31)! });
      const saved = await effectiveness(session, { runId: 'R1' });
      expect([attributed.positions.length, saved.lineage.runId]).toEqual([3, 'R1']);
      expect(change.to.volatility).toBeGreaterThan(0);
      expect(tried.totals.find(({ name }) => name === 'volatility')!.difference).not.toBe(0);
      const index = seriesIndex(await panelFor(session, basis, null));
      const stocks = positions.filter(({ role }) => role === 'stock').map(({ securityId }) => index.get(securityId!)!);
      const returned = asked.mock.calls.flatMap(([method, argument]) =>
        method === 'returns' ||
        (method === 'fields' && (argument as { to: number; from: number }).to - (argument as { from: number }).from > 1)
          ? (argument as unknown as { series: number[] }).series
          : [],
      );
      expect(stocks.length).toBe(2);
      expect(returned.filter((series) => stocks.includes(series))).toEqual([]);
    });
  });

  it('sum up the history of a book as its risk does', async () => {
    await inSession(cli, async (session) => {
      const { volatility } = await getBook(session, { runId: 'R1' });
      const { risk, rows } = await getRisk(session, { runId: 'R1' });
      expect(volatility.rows).toBe(rows);
      expect(volatility.historical! / risk!.volatility).toBeCloseTo(1, 12);
    });
  });
});

describe('a run', () => {
  it('that is cancelled in the middle leaves nothing, on one thread or several, and the next one has the same digest', async () => {
    await inSession(cli.copy('cancelled'), async (session) => {
      const settings = { ...(await basisOf(session, { runId: 'R1' })).settings, window: 55 };
      const before = [await listRuns(session), await session.reader.call('state', null)];
      for (const threads of [1, session.threads]) {
        const stop = new AbortController();
        // The first word of the panel being made: what follows finds the run given up.
        const cancelled = startRun(session, { settings, threads }, { signal: stop.signal, onProgress: () => stop.abort() });
        await expect(cancelled).rejects.toMatchObject({ data: { code: 'cancelled' } });
        expect([await listRuns(session), await session.reader.call('state', null)]).toEqual(before);
        session.panels.clear();
      }
      const { summary } = await startRun(session, { settings, threads: 1 });
      const again = await startRun(session, { like: summary.lineage.runId, threads: 2 });
      expect([again.same, again.summary.digest]).toEqual([true, summary.digest]);
    });
  });
});

describe('a panel that is given up', () => {
  it('with the question that asked for it first is made anew for those who wait for it as well', async () => {
    await inSession(cli, async (session) => {
      const basis = await basisOf(session, { runId: 'R1' });
      const { series } = await panelFor(session, basis, null);
      session.panels.clear();
      const stop = new AbortController();
      const first = panelFor(session, basis, null, { signal: stop.signal });
      const others = [panelFor(session, basis, null), panelFor(session, basis, [])];
      stop.abort();
      await expect(first).rejects.toMatchObject({ data: { code: 'cancelled' } });
      const [second, third] = await Promise.all(others);
      expect(second!.series).toEqual(series);
      expect(third).toBe(second);
    });
  });
});

describe('the panel of some securities', () => {
  const idsOf = async (session: Session): Promise<number[]> =>
    (await getBook(session, { runId: 'R1' })).positions.map(({ securityId }) => securityId!);

  it('serves every question about some of them, and none about others, another run or shrunk slopes', async () => {
    await inSession(cli, async (session) => {
      const [a, b, spy] = (await idsOf(session)) as [number, number, number];
      session.panels.clear();
      const asked = vi.spyOn(session.reader, 'call');
      const made = (): number => asked.mock.calls.filter(([method]) => method === 'panel').length;
      const basis = await basisOf(session, { runId: 'R1' });
      const both = await panelFor(session, basis, [b, a]);
      expect([await panelFor(session, basis, [a, b, a]), await panelFor(session, basis, [a])]).toEqual([both, both]);
      expect(made()).toBe(1);
      const other = await panelFor(session, basis, [a, spy]);
      expect(seriesIndex(other).has(spy)).toBe(true);
      expect(made()).toBe(2);
      await panelFor(session, { ...basis, revision: basis.revision - 1 }, [a]);
      expect(made()).toBe(3);
      const all = await panelFor(session, { ...basis, settings: { ...basis.settings, shrink: 'vasicek' } }, [a]);
      expect(all.series.length).toBeGreaterThan(both.series.length);
      expect(made()).toBe(4);
      // The oldest of more than are kept is made again.
      await panelFor(session, basis, [b]);
      expect(made()).toBe(5);
    });
  });

  it('has the same numbers as the panel of all', async () => {
    await inSession(cli, async (session) => {
      const [a] = (await idsOf(session)) as [number];
      const basis = await basisOf(session, { runId: 'R1' });
      const rowsOf = async (securities: readonly number[] | null): Promise<Float64Array> => {
        session.panels.clear();
        const panel = await panelFor(session, basis, securities);
        const fields = [F.l3_mkt_exp!, F.l3_res_er!, F.returns_gross!];
        return (await fieldsOf(session, panel, basis.settings, [seriesIndex(panel).get(a)!], fields, 0, panel.nRows)).values;
      };
      const alone = await rowsOf([a]);
      expect(alone.some((value) => !Number.isNaN(value))).toBe(true);
      expect(await rowsOf(null)).toEqual(alone);
    });
  });

  it('that could not be made is asked for again', async () => {
    await inSession(cli, async (session) => {
      const basis = await basisOf(session, { runId: 'R1' });
      const [a] = (await idsOf(session)) as [number];
      session.panels.clear();
      vi.spyOn(session.reader, 'call').mockRejectedValueOnce(new Error('the thread ended'));
      await expect(panelFor(session, basis, [a])).rejects.toThrow('the thread ended');
      expect((await panelFor(session, basis, [a])).nRows).toBeGreaterThan(0);
    });
  });
});

describe('quotes looked up once', () => {
  it('are those of the day, the knowledge and the names asked for, whatever was asked before', async () => {
    const own = cli.copy('quotes');
    const before = market.days.at(-3)!;
    // A close that was restated, and a name that only an edit brings in.
    await own.give('restated.csv', `date,ticker,close\n${last},AAA,123.45\n`, '--accept-restatements');
    await own.value('run', ...SHORT);
    const edits = [{ account: 'ONE', ticker: 'CCC', quantity: 10 }];
    const requests = [{ runId: 'R1' }, { runId: 'R1', date: before }, { runId: 'R5' }, { runId: 'R5', edits }, { runId: 'R1', edits }];
    const prices = async (session: Session, request: (typeof requests)[number]): Promise<unknown> =>
      (await getBook(session, request)).positions.map(({ ticker, price, priceDay }) => [ticker, price, priceDay]);
    const alone: unknown[] = [];
    for (const request of requests) alone.push(await inSession(own, (session) => prices(session, request)));
    expect(new Set(alone.map((one) => JSON.stringify(one))).size).toBe(requests.length);
    expect(JSON.stringify(alone[2])).toContain('123.45');
    await inSession(own, async (session) => {
      for (const order of [
        [0, 1, 2, 3, 4],
        [4, 0, 3, 2, 1, 0],
      ])
        for (const i of order) expect(await prices(session, requests[i]!)).toEqual(alone[i]);
    });
  });
});

/** Universes from a terminal: members, masks in runs, exports and `show`, and what they were known as of. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunSummary, SecurityView } from '../contract/results.ts';
import type { UniverseView } from '../contract/results-universes.ts';
import { Cli, scratch } from './testing/cli.ts';
import { CLASSES, MAP, pricesText, SHORT, smallMarket } from './testing/market.ts';
import { importAll, inSession } from './testing/session.ts';

const folder = scratch();
const market = smallMarket(160);
const cli = new Cli(folder, 'universe');
const at = (date: string): number => market.days.findIndex((day) => day >= date);

// CCC is the largest until its shares end on 2024-04-20; from 2024-06-10 a correction of AAA's count is known.
const SHARES = [
  'ticker,shares,valid_from,valid_to,known_from',
  'AAA,100,2023-01-03,,2023-01-03',
  'BBB,20,2023-01-03,,2023-01-03',
  'CCC,1000,2023-01-03,2024-04-20,2023-01-03',
  'SPY,100000,2023-01-03,,2023-01-03',
  'AAA,1,2023-01-03,,2024-06-10',
  '',
].join('\n');

const volumes = (): string =>
  [
    'date,ticker,close,volume',
    ...['AAA', 'BBB', 'CCC', 'SPY'].flatMap((name, i) =>
      market.days.map((day, t) => `${day},${name},${market.closes[name]![t]},${name === 'BBB' ? 9000 : 1000 * (i + 1)}`),
    ),
    '',
  ].join('\n');

beforeAll(async () => {
  await cli.value('init');
  await inSession(cli, (session) =>
    importAll(session, cli, {
      'prices.csv': pricesText(market, ['XLK', 'SOXX', 'XLF']),
      'volumes.csv': volumes(),
      'map.csv': MAP,
      'classes.csv': CLASSES,
      'shares.csv': SHARES,
    }),
  );
});

const universe = (name: string, date: string, ...flags: string[]): Promise<UniverseView> =>
  cli.value<UniverseView>('universe', name, '--date', date, ...flags);
const tickers = (view: UniverseView): string[] => view.members.map((member) => member.ticker);

describe('universe NAME', () => {
  it('lists the members in force on a day, with the month end that chose them and the counts', async () => {
    const view = await universe('mc_1', '2024-03-15');
    expect(view).toMatchObject({
      universe: 'mc_1',
      date: '2024-03-15',
      stamped: '2024-02-29',
      sized: '2024-02-29',
      inForce: { first: '2024-03-01', last: '2024-03-28' },
      knowledge: 'strict',
      counts: { active: 3, inMask: 1, outByValidity: 0, outByRank: 2 },
    });
    expect(view.members[0]).toMatchObject({ rank: 1, ticker: 'CCC', source: 'shares', size: 1000 * market.closes.CCC![at('2024-02-29')]! });
    const later = await universe('mc_2', '2024-05-15');
    expect(tickers(later)).toEqual(
      [
        ['AAA', 100 * market.closes.AAA![at('2024-04-30')]!],
        ['BBB', 20 * market.closes.BBB![at('2024-04-30')]!],
      ]
        .sort((a, b) => Number(b[1]) - Number(a[1]))
        .map(([name]) => name),
    );
    expect(later.counts).toEqual({ active: 3, inMask: 2, outByValidity: 1, outByRank: 0, notListed: 0 });
    const answer = await cli.run('universe', 'mc_1', '--date', '2024-03-15');
    expect(answer.out).toContain('active 3, in mask 1, out by validity 0, out by rank 2');
    expect(answer.out).toMatch(/1 {2}CCC .*shares x close/);
  });

  it('takes what was known at the month end; a correction reaches back only in `corrected`', async () => {
    const size = async (date: string, ...flags: string[]): Promise<number> =>
      (await universe('mc_3', date, ...flags)).members.find((member) => member.ticker === 'AAA')!.size!;
    const [may, june] = [market.closes.AAA![at('2024-05-31')]!, market.closes.AAA![at('2024-06-28')]!];
    expect(await size('2024-06-20')).toBe(100 * may);
    expect(await size('2024-07-05')).toBe(june);
    expect(await size('2024-06-20', '--knowledge', 'corrected')).toBe(may);
    expect(await size('2024-06-05', '--known-as-of', '2024-06-05', '--knowledge', 'corrected')).toBe(100 * may);
  });

  it('ranks by dollar volume', async () => {
    expect(tickers(await universe('dv_1', '2024-05-15'))).toEqual(['BBB']);
    // 42 rows of volume are there from the end of March on.
    expect(tickers(await universe('dv_3', '2024-02-15'))).toEqual([]);
  });

  it('refuses unknown names and days without a membership', async () => {
    expect(await cli.error('universe', 'sp500')).toMatchObject({ code: 'usage', exit: 2 });
    expect(await cli.error('universe', 'mc_2', '--date', '2024-01-15')).toMatchObject({ code: 'usage', exit: 2 });
    expect(await cli.error('universe', 'mc_2', '--date', '2031-01-15')).toMatchObject({ code: 'usage', exit: 2 });
  });
});

describe('run --universe', () => {
  it('masks rows by the membership of their own date, changes nothing else, and says so everywhere', async () => {
    const plain = await cli.value<RunSummary>('run', ...SHORT);
    const before = await cli.metrics('plain.csv', '--run', plain.lineage.runId);
    const run = await cli.value<RunSummary>('run', ...SHORT, '--universe', 'mc_1');
    expect(run.lineage.settings.universe).toBe('mc_1');
    expect(plain.lineage.settings.universe).toBeUndefined();
    expect(plain.universe).toBeUndefined();
    expect(run.fingerprint).not.toBe(plain.fingerprint);
    expect(run.digest).not.toBe(plain.digest);
    expect(run.rows).toBe(plain.rows);

    const after = await cli.metrics('masked.csv', '--run', run.lineage.runId);
    const flagsAt = before[0]!.split(',').indexOf('flags');
    let masked = 0;
    expect(after).toHaveLength(before.length);
    after.slice(1).forEach((line, i) => {
      const [cells, old] = [line.split(','), before[i + 1]!.split(',')];
      const flags = cells[flagsAt]!.split('|').filter(Boolean);
      if (flags.includes('masked')) masked++;
      expect([...cells.slice(0, flagsAt), flags.filter((flag) => flag !== 'masked').join('|'), ...cells.slice(flagsAt + 1)]).toEqual(old);
      const inForce = cells[0]! >= '2024-02-01' && cells[0]! < '2024-05-01' ? 'CCC' : cells[0]! < '2024-02-01' ? null : 'AAA or BBB';
      if (inForce === 'CCC' || inForce === null)
        expect([cells[1], cells[0], flags.includes('masked')]).toEqual([cells[1], cells[0], cells[1] !== inForce]);
      else if (cells[1] === 'CCC') expect(flags).toContain('masked');
    });
    expect(run.universe).toEqual({ name: 'mc_1', inMask: run.rows - masked, masked });

    const view = await cli.value<SecurityView>('show', 'CCC', '--date', '2024-06-03', '--run', run.lineage.runId);
    expect(view.flags).toContain('masked');
    const inside = await cli.value<SecurityView>('show', 'CCC', '--date', '2024-04-30', '--run', run.lineage.runId);
    expect(inside.flags).not.toContain('masked');
    expect((await cli.run('run', ...SHORT, '--universe', 'mc_1')).out).toContain(
      `universe mc_1: ${run.rows - masked} rows in mask, ${masked} masked`,
    );
  });

  it('repeats as it was after later facts, and is one run with its twin', async () => {
    const run = await cli.value<RunSummary>('run', ...SHORT, '--universe', 'mc_2');
    const later = cli.copy('later');
    await later.give(
      'more.csv',
      ['ticker,shares,valid_from,known_from', 'BBB,900000,2024-01-05,2024-01-05', ''].join('\n'),
      '--as',
      'shares',
      '--accept-restatements',
    );
    expect(await later.value('run', '--like', run.lineage.runId)).toMatchObject({ same: true });
    const anew = await later.value<RunSummary>('run', ...SHORT, '--universe', 'mc_2');
    expect(anew.lineage.runId).not.toBe(run.lineage.runId);
    expect(await cli.error('run', '--universe', 'top_9')).toMatchObject({ code: 'usage', exit: 2 });
  });
});

/** The same prices told another way are the same market: one file or several, in any order, shuffled, under other headings, taken back and told again. */
import { expect, it } from 'vitest';
import type { ImportOptions } from '../contract/report.ts';
import type { RunSummary } from '../contract/results.ts';
import { Cli, scratch } from './testing/cli.ts';
import { CLASSES, MAP, noise, SHORT, smallMarket } from './testing/market.ts';
import { importAll, inSession } from './testing/session.ts';

const market = smallMarket(140);
const last = market.days.at(-1)!;
const random = noise(7);
interface Row {
  readonly date: string;
  readonly ticker: string;
  readonly close: number;
  readonly adjusted: number;
}
/** Now and then a day is missing; adjusted closes differ from raw ones, so that it shows which of them served. */
const rows: readonly Row[] = Object.entries(market.closes).flatMap(([ticker, closes]) =>
  market.days.flatMap((date, i) => {
    if (ticker !== 'SPY' && random() > 0.95) return [];
    return [{ date, ticker, close: closes[i]!, adjusted: +(closes[i]! * (i < 70 ? 0.9 : 0.95)).toFixed(4) }];
  }),
);
const shuffled = [...rows].sort(({ ticker: a, date: b }, { ticker: c, date: d }) =>
  `${b.slice(-1)}${a}${b}`.localeCompare(`${d.slice(-1)}${c}${d}`),
);
const text = (of: readonly Row[]): string =>
  ['date,ticker,close,adj_close', ...of.map(({ date, ticker, close, adjusted }) => [date, ticker, close, adjusted].join()), ''].join('\n');
/** Rows of the days from one up to another, which is not included. */
const part = (from: number, to: number): string =>
  text(rows.filter(({ date }) => date >= market.days[from]! && (to >= market.days.length || date < market.days[to]!)));
const renamed = [
  'Symbol;Adj Close;Known From;Close;Date',
  ...rows.map((one) => [one.ticker, one.adjusted, one.date, one.close, one.date].join(';')),
  '',
];
/** Closes of a day a tenth higher, or as they were. */
const told = (factor: number): string => {
  const of = rows.filter(({ date }) => date === market.days[50]);
  return ['date,ticker,close', ...of.map(({ date, ticker, close }) => `${date},${ticker},${+(close * factor).toFixed(2)}`), ''].join('\n');
};

const folder = scratch();
async function digests(name: string, tell: (cli: Cli) => Promise<unknown>): Promise<unknown> {
  const cli = new Cli(folder, name, { today: last });
  await cli.value('init');
  await cli.give('map.csv', MAP);
  await cli.give('classes.csv', CLASSES);
  await cli.give('actions.csv', `ticker,ex_date,type,value\nBBB,${market.days[60]},split,2\nAAA,${market.days[70]},dividend,0.5\n`);
  await tell(cli);
  const found: unknown[] = [];
  for (const returns of ['auto', 'raw']) {
    const { digest, rows: count } = await cli.value<RunSummary>('run', ...SHORT, '--set', `returns=${returns}`);
    found.push([digest, count]);
  }
  return found;
}

const plain = digests('plain', (cli) => cli.give('all.csv', text(rows)));

it.each<[string, (cli: Cli) => Promise<unknown>]>([
  ['with the rows shuffled', (cli) => cli.give('all.csv', text(shuffled))],
  ['under other headings, each value known on its own day', (cli) => cli.give('all.csv', renamed.join('\n'))],
  [
    'in files that repeat some days, the oldest first',
    async (cli) => {
      for (const [from, to] of [
        [0, 31],
        [30, 33],
        [31, 78],
        [77, 140],
      ] as const)
        await cli.give(`${from}.csv`, part(from, to));
    },
  ],
  [
    'in files that repeat some days, the newest first',
    async (cli) => {
      for (const [from, to] of [
        [77, 140],
        [31, 80],
        [0, 33],
      ] as const)
        await cli.give(`${from}.csv`, part(from, to));
    },
  ],
  [
    'taken back and imported again',
    async (cli) => {
      await cli.give('all.csv', text(rows));
      const { batchId } = (await cli.batches()).find(({ file }) => file === 'all.csv')!;
      await cli.value('undo', String(batchId));
      await cli.give('all.csv', text(rows));
    },
  ],
  [
    'corrected, and corrected back',
    async (cli) => {
      await cli.give('all.csv', text(rows));
      for (const factor of [1.1, 1])
        await cli.give(`${factor}.csv`, told(factor), '--accept-restatements', '--known-as-of', market.days[100]!);
    },
  ],
])('prices %s give the same run', async (name, tell) => {
  const expected = await plain; // before another file of the same name is written
  expect(await digests(name.replace(/\W+/g, '-'), tell)).toEqual(expected);
});

it('a value that another file says was known earlier is known from then, in either order; nothing is said twice', async () => {
  const late = market.days[100]!;
  const texts = {
    prices: (known: string) => ['date,ticker,close,known_from', `${market.days[50]},AAA,51.5,${known}`, ''].join('\n'),
    shares: (known: string) => ['ticker,shares,valid_from,known_from', `AAA,1000,${market.days[20]},${known}`, ''].join('\n'),
    actions: (known: string) => ['ticker,ex_date,type,value,known_from', `AAA,${market.days[90]},split,2,${known}`, ''].join('\n'),
    classification: (known: string) =>
      ['ticker,sector,industry,scheme,valid_from,known_from', `CCC,Technology,Semiconductors,gics,${market.days[60]},${known}`, ''].join(
        '\n',
      ),
  };
  const early = { prices: market.days[50]!, shares: market.days[20]!, actions: market.days[90]!, classification: market.days[60]! };
  const told = async (name: string, lateFirst: boolean, byFlag = false): Promise<unknown> => {
    const cli = new Cli(folder, name, { today: last });
    await cli.value('init');
    await cli.give(`${name}-map.csv`, MAP);
    await cli.give(`${name}-classes.csv`, CLASSES);
    await cli.give(`${name}-all.csv`, text(rows.filter(({ date, ticker }) => ticker !== 'AAA' || date !== market.days[50])));
    for (const [kind, of] of Object.entries(texts)) {
      const days = [early[kind as keyof typeof early], late];
      // The day stands in the file, or is said of all of it.
      const give = (known: string, ...flags: string[]) =>
        byFlag
          ? cli.give(`${name}-${kind}.csv`, of(''), '--as', kind, '--known-as-of', known, ...flags)
          : cli.give(`${name}-${kind}.csv`, of(known), '--as', kind, ...flags);
      for (const known of lateFirst ? days.reverse() : days) await give(known, '--accept-restatements');
      const again = await give(early[kind as keyof typeof early]);
      expect([again.outcome, again.counts.unchanged]).toEqual(['nothing_new', 1]);
    }
    return [await cli.digest(...SHORT, '--set', 'returns=raw'), await cli.value('universe', 'mc_5', '--date', market.days[70]!)];
  };
  const [digest, universe] = (await told('early-first', false)) as [string, { members: unknown }];
  const [other, members] = (await told('late-first', true)) as [string, { members: unknown }];
  expect([other, members.members]).toEqual([digest, universe.members]);
  const [byFlag, list] = (await told('by-flag', true, true)) as [string, { members: unknown }];
  expect([byFlag, list.members]).toEqual([digest, universe.members]);
  expect(universe.members).toHaveLength(1);
});

it('a value told as known between two tellings of another one says that the later one must be told again, and so it is', async () => {
  const texts: Record<string, (value: 'one' | 'other', known: string) => string> = {
    prices: (value, known) => `date,ticker,close,known_from\n${market.days[50]},AAA,${value === 'one' ? 51 : 52},${known}\n`,
    shares: (value, known) => `ticker,shares,valid_from,known_from\nAAA,${value === 'one' ? 1000 : 2000},${market.days[20]},${known}\n`,
    securities: (value, known) => `ticker,name,valid_from,known_from\nAAA,${value},${market.days[0]},${known}\n`,
  };
  const [first, between, later] = [60, 70, 80].map((i) => market.days[i]!) as [string, string, string];
  const cli = new Cli(folder, 'between', { today: last });
  await cli.value('init');
  for (const [kind, of] of Object.entries(texts)) {
    const give = (value: 'one' | 'other', known: string) =>
      cli.give('between.csv', of(value, known), '--as', kind, '--accept-restatements');
    await give('one', first);
    expect((await give('one', later)).outcome).toBe('nothing_new');
    const told = (await give('other', between)).issues.find(({ code }) => code === 'restated');
    expect(told?.fix).toContain(`from ${between} to this day: import a file that is known later and says the old one again once more`);
    const again = await give('one', later);
    expect(again.counts.restated).toBe(1);
    const today = await give('other', last);
    expect(today.issues.find(({ code }) => code === 'restated')?.fix).not.toContain('once more');
  }
});

it('a securities row that another file says was known earlier is known from then, and so is its FIGI, in either order', async () => {
  const [end, early, late] = [market.days[70]!, market.days[75]!, market.days[100]!];
  const prices = (name: string, from: number, to: number): string =>
    [
      `date,${name === 'figi' ? 'ticker,figi' : 'ticker'},close`,
      ...market.days
        .slice(from, to)
        .map((date, i) => `${date},${name === 'figi' ? ',BBG000BLNNH6' : name},${market.closes.AAA![from + i]}`),
      '',
    ].join('\n');
  const told = async (name: string, order: readonly string[]): Promise<unknown> => {
    const cli = new Cli(folder, name, { today: last });
    await cli.value('init');
    await inSession(cli, async (session) => {
      await importAll(session, cli, {
        'map.csv': MAP,
        'spy.csv': text(rows.filter(({ ticker }) => ticker === 'SPY')),
        'aaa.csv': prices('AAA', 0, 70),
        'figi.csv': prices('figi', 70, 140),
      });
      for (const knownAsOf of order)
        await importAll(
          session,
          cli,
          { 'row.csv': `ticker,figi,valid_from,valid_to\nAAA,BBG000BLNNH6,${market.days[0]},${end}\n` },
          { knownAsOf },
        );
    });
    const again = await cli.give(
      'row.csv',
      `ticker,figi,valid_from,valid_to\nAAA,BBG000BLNNH6,${market.days[0]},${end}\n`,
      '--known-as-of',
      early,
    );
    expect(again.outcome).toBe('nothing_new');
    return cli.metrics(`${name}-out.csv`, '--run', (await cli.value<RunSummary>('run', ...SHORT)).lineage.runId);
  };
  expect(await told('row-late-first', [late, early])).toEqual(await told('row-early', [early]));
});

it('adjusted closes that another file says were known earlier give their returns from then, in either order', async () => {
  const closes = (from: number, to: number, factor: number, known?: (i: number) => number): string =>
    [
      `date,ticker,adj_close${known ? ',known_from' : ''}`,
      ...market.days.slice(from, to).map((date, j) => {
        // Factors are powers of two: the returns are the same bits.
        return [date, 'AAA', market.closes.AAA![from + j]! * factor, ...(known ? [market.days[known(from + j)]] : [])].join();
      }),
      '',
    ].join('\n');
  const files: Record<string, [text: string, options?: ImportOptions]> = {
    // The first value has no base and hides no return that another file told earlier.
    late: [closes(40, 81, 1, () => 100)],
    early: [closes(30, 61, 0.5, (i) => i)],
    between: [closes(60, 71, 0.25), { knownAsOf: market.days[90]! }],
    // The base of row 96 is known late, and so is the return; that of row 95 is known on its day by the file after it.
    lateBase: [closes(80, 111, 2, (i) => (i === 95 ? 99 : i))],
    plain: [closes(80, 96, 1, (i) => i)],
  };
  const told = async (order: readonly string[]): Promise<unknown> => {
    const name = order.join('-');
    const cli = new Cli(folder, name, { today: last });
    await cli.value('init');
    await inSession(cli, async (session) => {
      await importAll(session, cli, { 'map.csv': MAP, 'all.csv': text(rows.filter(({ ticker }) => ticker === 'SPY')) });
      for (const one of order) await importAll(session, cli, { [`${one}.csv`]: files[one]![0] }, files[one]![1]);
    });
    return cli.metrics(`${name}-out.csv`, '--run', (await cli.value<RunSummary>('run', ...SHORT)).lineage.runId);
  };
  const names = Object.keys(files);
  const expected = await told(names);
  expect(await told([...names].reverse())).toEqual(expected);
  expect(await told(['plain', 'between', 'late', 'lateBase', 'early'])).toEqual(expected);
});

it('two companies that share a ticker for some days stand in one order in the export, whichever master row came first', async () => {
  const [alpha, beta] = ['TTT,BBG000BLNNH6,Alpha', 'TTT,BBG000B9XRY4,Beta'];
  const master = [`${beta},${market.days[71]},`, `${alpha},${market.days[0]},${market.days[70]}`];
  const prices = market.days.flatMap((date, i) => (i === 70 ? [] : [`${date},TTT,${market.closes.AAA![i]}`]));
  const exported = async (name: string, order: readonly string[]): Promise<string[]> => {
    const cli = new Cli(folder, name, { today: last });
    await cli.value('init');
    await inSession(cli, (session) =>
      importAll(session, cli, {
        'map.csv': MAP,
        'spy.csv': text(rows.filter(({ ticker }) => ticker === 'SPY')),
        'master.csv': ['ticker,figi,name,valid_from,valid_to', ...order, ''].join('\n'),
        'ttt.csv': ['date,ticker,close', ...prices, ''].join('\n'),
      }),
    );
    await cli.value('run', ...SHORT);
    return cli.metrics(`${name}.csv`, '--from', market.days[75]!);
  };
  const first = await exported('beta-first', master);
  expect(first.filter((line) => line.startsWith(market.days[75]!))).toHaveLength(2);
  expect(await exported('alpha-first', [...master].reverse())).toEqual(first);
});

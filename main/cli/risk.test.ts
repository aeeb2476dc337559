/** Portfolio risk, attribution, what-if and correlation as a user meets them, against plain arithmetic on the exported metrics. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AttributionView, CorrelationView, RiskChange, RiskView, WhatIfView } from '../contract/results-risk.ts';
import type { OrderPackage } from '../contract/results-orders.ts';
import type { BookView } from '../contract/results.ts';
import { Cli, scratch } from './testing/cli.ts';
import { CLASSES, MAP, pricesText, SHORT, smallMarket } from './testing/market.ts';

const market = smallMarket(160);
const last = market.days.at(-1)!;
const folder = scratch();
let cli: Cli;
let metric: (ticker: string, date: string, field: string) => number;

beforeAll(async () => {
  cli = new Cli(folder, 'risk');
  await cli.value('init');
  await cli.give('map.csv', MAP);
  await cli.give('classes.csv', CLASSES);
  await cli.give('prices.csv', pricesText(market));
  await cli.give(
    'book.csv',
    [
      'ticker,quantity,account,as_of',
      `AAA,100,ONE,${last}`,
      `BBB,50,ONE,${last}`,
      `CCC,-40,ONE,${last}`,
      `SPY,-10,ONE,${last}`,
      `XLK,5,ONE,${last}`,
      `ZZZZ,7,ONE,${last}`,
      '',
    ].join('\n'),
  );
  await cli.value('run', ...SHORT);
  const lines = await cli.metrics('cube.csv');
  const header = lines[0]!.split(',');
  const cells = new Map(lines.slice(1).map((line) => [line.split(',').slice(0, 2).join(' '), line.split(',')]));
  metric = (ticker, date, field) => {
    const text = cells.get(`${date} ${ticker}`)?.[header.indexOf(field)] ?? '';
    return text === '' ? NaN : Number(text);
  };
}, 60_000);

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const returnsOf = (ticker: string): number[] => market.closes[ticker]!.map((close, t, all) => (t === 0 ? NaN : close / all[t - 1]! - 1));

describe('risk', () => {
  it('is the volatility of the holdings on their own returns, taken apart without a rest', async () => {
    const view = await cli.value<RiskView>('risk');
    const book = await cli.value<BookView>('book');
    const values = new Map(book.positions.filter(({ role }) => role !== 'unmodelled').map((one) => [one.ticker, one.marketValue!]));
    expect([...values.keys()].sort()).toEqual(['AAA', 'BBB', 'CCC', 'SPY', 'XLK']);
    const profit = Array.from({ length: 60 }, (_, t) => sum([...values].map(([ticker, value]) => value * returnsOf(ticker)[100 + t]!)));
    const mean = sum(profit) / 60;
    const volatility = Math.sqrt((252 * sum(profit.map((x) => (x - mean) ** 2))) / 59);
    const risk = view.risk!;
    expect([view.rows, view.window.sessions]).toEqual([60, 60]);
    expect(risk.volatility / volatility).toBeCloseTo(1, 12);
    expect(book.volatility.historical! / volatility).toBeCloseTo(1, 12);
    expect(risk.identities.map(({ ok }) => ok)).toEqual([true, true, true, true]);
    expect(sum(risk.positions.map((line) => line.contribution)) / volatility).toBeCloseTo(1, 10);
    expect((sum(risk.etfs.map((line) => line.contribution)) + risk.residual) / volatility).toBeCloseTo(1, 10);
    const { variance: v } = risk;
    expect((v.factor + v.residual + v.cross + v.shrinkage) / v.total).toBeCloseTo(1, 9);
    expect(risk.layers.map(({ layer }) => layer).sort()).toEqual(['hedge holdings', 'market', 'sector', 'subsector']);
    expect(view.left.map(({ ticker }) => ticker)).toEqual(['ZZZZ']);
    // A mean of single-stock figures is another number, and is called so.
    expect(view.aggregate.find(({ field }) => field === 'residual share of variance')!.value).not.toBeCloseTo(v.residual / v.total, 2);
    const text = (await cli.run('risk')).out;
    expect(text).toContain('cross term');
    expect(text).toContain('not a risk');
  });

  it('explains a change in steps that sum to it', async () => {
    const earlier = market.days.at(-31)!;
    const change = await cli.value<RiskChange>('risk', '--against', earlier);
    expect(change.from.date).toBe(earlier);
    expect(change.from.volatility + sum(change.steps.map((one) => one.change))).toBeCloseTo(change.to.volatility, 8);
    expect(change.to.volatility / (await cli.value<RiskView>('risk')).risk!.volatility).toBeCloseTo(1, 9);
    const same = await cli.value<RiskChange>('risk', '--against', last);
    for (const { change: moved } of same.steps) expect(Math.abs(moved)).toBeLessThan(1e-8 * same.to.volatility);
  });
});

describe('what-if', () => {
  it('shows reference, scratch copy and difference, and stores nothing', async () => {
    const book = await cli.value<BookView>('book');
    const view = await cli.value<WhatIfView>('whatif', '--set', 'AAA=150,CCC=0,XLF=3');
    expect(view.reference).toEqual(book);
    const quantity = (of: BookView, ticker: string): number | null | undefined =>
      of.positions.find((one) => one.ticker === ticker)?.quantity;
    expect(['AAA', 'BBB', 'CCC', 'XLF'].map((ticker) => quantity(view.optimised, ticker))).toEqual([150, 50, undefined, 3]);
    for (const line of [...view.totals, ...view.etfs, ...view.orders]) expect(line.optimised! - line.reference!).toBe(line.difference);
    const spy = view.etfs.find(({ name }) => name === 'SPY')!;
    expect(spy.optimised).toBe(view.optimised.etfs.find(({ etf }) => etf === 'SPY')!.net);
    expect(await cli.value<BookView>('book')).toEqual(book);
    expect((await cli.error('whatif', '--set', 'AAA=x')).message).toContain('AAA=x');
    // A ticker that nothing answers to, such as a slip, changes no figure: that is said.
    expect([view.unmodelled, (await cli.run('whatif', '--set', 'AAAX=150')).out]).toEqual([
      [],
      expect.stringMatching(/\nAAAX is not modelled \(.+\): no exposure, risk or hedge of it is in these figures\.\n/),
    ]);
    expect((await cli.run('hedge', '--min-trade', '-5')).err).toContain('Write such a value as --min-trade=-5.');
  });

  it('is kept as a snapshot that can be undone', async () => {
    const before = await cli.value<BookView>('book');
    const { batchId } = await cli.value<{ batchId: number }>('whatif', '--set', 'AAA=150', '--keep', 'more of it');
    const after = await cli.value<BookView>('book');
    expect(after.positions.map((one) => [one.ticker, one.quantity])).toEqual(
      before.positions.map((one) => [one.ticker, one.ticker === 'AAA' ? 150 : one.quantity]),
    );
    expect((await cli.batches()).find((batch) => batch.batchId === batchId)!.source).toBe('what-if: more of it');
    await cli.value('undo', String(batchId));
    expect(await cli.value<BookView>('book')).toEqual({ ...before, lineage: (await cli.value<BookView>('book')).lineage });
  });
});

describe('portfolio', () => {
  it('is the weighted sum of the exported cube to the last bit', async () => {
    const { columns, rows } = await cli.value<{ columns: string[]; rows: (number | string | null)[][] }>(
      'portfolio',
      '--fields',
      'l3_mkt_hr,vol',
      '--weights',
      'BBB=0.3,AAA=0.5,CCC=-0.2',
    );
    expect(columns).toEqual(['date', 'coverage', 'l3_mkt_hr', 'vol']);
    for (const [date, coverage, ...values] of rows) {
      const expected = ['l3_mkt_hr', 'vol'].map((field) => {
        const parts = ([['AAA', 0.5], ['BBB', 0.3], ['CCC', -0.2]] as const).map(([ticker, weight]) => weight * metric(ticker, date as string, field)); // prettier-ignore
        const present = parts.filter((part) => !Number.isNaN(part));
        return present.length === 0 ? null : present.reduce((a, b) => a + b, 0);
      });
      expect(values).toEqual(expected);
      expect(coverage).toBe(expected[0] === null ? 0 : 1);
    }
    expect(rows.at(-1)![2]).not.toBeNull();
  });

  it('takes the snapshot in force on each day, and none before the first', async () => {
    const { rows } = await cli.value<{ rows: (number | string | null)[][] }>('portfolio', '--fields', 'vol', '--weights', 'dated');
    expect(rows.at(-2)![2]).toBeNull();
    expect(rows.at(-1)![2]).not.toBeNull();
  });

  it.each([
    ['a level, of which fields have their own', ['--level', '2']],
    ['holdings beside weights of its own', ['--weights', 'AAA=1', '--account', 'A']],
    ['a snapshot beside weights of its own', ['--weights', 'AAA=1', '--snapshot', '1']],
  ])('does not overlook %s', async (_, words) => {
    expect((await cli.run('portfolio', '--fields', 'vol', ...words)).code).toBe(2);
  });
});

describe('attribution', () => {
  const period = market.days.slice(120, 150);

  it('bridges a stock from its ex-ante parts', async () => {
    const view = await cli.value<AttributionView>('attribution', 'AAA', '--from', period[0]!, '--to', period.at(-1)!);
    const part = (field: string): number[] => period.map((date) => metric('AAA', date, field));
    const compound = (parts: number[][]): number => period.reduce((product, _, t) => product * (1 + sum(parts.map((one) => one[t]!))), 1);
    const [m, s, u, g] = ['l1_fr', 'l2_fr', 'l3_fr', 'returns_gross'].map(part) as [number[], number[], number[], number[]];
    const bars = [
      compound([m]) - 1,
      compound([m, s]) - compound([m]),
      compound([m, s, u]) - compound([m, s]),
      compound([g]) - compound([m, s, u]),
    ];
    expect(view.days).toBe(30);
    expect([view.geometric!.market, view.geometric!.sector, view.geometric!.subsector, view.geometric!.residual]).toEqual(
      bars.map((bar) => expect.closeTo(bar, 12) as number),
    );
    expect(sum(bars)).toBeCloseTo(market.closes.AAA![149]! / market.closes.AAA![119]! - 1, 12);
    expect(view.geometric!.total).toBeCloseTo(sum(bars), 12);
    expect(view.alpha.sum).toBeCloseTo(sum(period.map((date) => metric('AAA', date, 'l3_rr'))), 12);
    expect(view.series.cumulativeResidual.at(-1)).toBeCloseTo(view.alpha.sum, 12);
    expect(view.series.bridgeResidual.at(-1)).toBeCloseTo(view.geometric!.residual, 12);
  });

  it('has no bridge over days without every part, unless they are skipped', async () => {
    const args = ['attribution', 'AAA', '--from', market.days[10]!, '--to', market.days[60]!];
    const view = await cli.value<AttributionView>(...args);
    expect(view.geometric).toBeNull();
    expect(view.missing).toBeGreaterThan(0);
    const skipped = await cli.value<AttributionView>(...args, '--skip-missing');
    expect(skipped.geometric).not.toBeNull();
    expect(skipped.missing).toBe(view.missing);
  });

  it('says of a stock without a sector ETF that skipping days is no help', async () => {
    const own = cli.copy('no-sector');
    await own.give('more.csv', pricesText({ days: market.days, closes: { EEE: market.closes.AAA! } }));
    await own.value('run', ...SHORT);
    for (const flags of [[], ['--skip-missing']]) {
      const { out } = await own.run('attribution', 'EEE', '--from', period[0]!, '--to', period.at(-1)!, ...flags);
      expect(out).toContain('without every part: no bridge, there is no sector ETF in the chain');
      expect(out).not.toContain('skip');
    }
  });

  it('counts the unmodelled in the weight without parts, says what weights are on, and has no sum where no day has every part', async () => {
    const own = cli.copy('short');
    await own.give('more.csv', pricesText({ days: market.days, closes: { EEE: market.closes.AAA! } }));
    const lines = ['AAA,-100,1', 'EEE,-10,1', 'ZZZZ,-7,30', 'XLK,2,1'].map((line) => `${line},SHORT,${last}`);
    await own.give('short.csv', ['ticker,quantity,price,account,as_of', ...lines, ''].join('\n'));
    await own.value('run', ...SHORT);
    const { snapshotId } = await own.value<BookView>('book', '--account', 'SHORT');
    const flags = ['--from', period[0]!, '--to', period.at(-1)!, '--snapshot', String(snapshotId)];
    const view = await own.value<AttributionView>('attribution', ...flags);
    const ofLast = ['--date', period.at(-1)!, '--snapshot', String(snapshotId)];
    const { positions, gross, net } = await own.value<BookView>('book', ...ofLast);
    expect(net).toBeLessThan(0);
    const size = (ticker: string): number => Math.abs(positions.find((one) => one.ticker === ticker)!.marketValue!);
    expect(size('ZZZZ')).toBe(210);
    expect(view.uncovered).toBeCloseTo((size('EEE') + size('ZZZZ')) / gross, 12);
    expect([view.weightBase, view.netShort]).toEqual(['net', true]);
    expect((await own.run('attribution', ...flags)).out).toContain('weights on net, which is short: a return above 0 is a loss');
    const corr = ['corr', '--with', 'SPY', ...flags];
    expect((await own.value<CorrelationView>(...corr)).netShort).toBe(true);
    expect((await own.run(...corr)).out).toContain('Its profit correlates with the opposite sign');
    expect(view.positions.find(({ name }) => name === 'EEE')!.total).toBeNull();
    expect(view.arithmetic!.total).toBeCloseTo(sum(view.positions.map(({ total }) => total ?? 0)), 12);
    // Fields of the cube: neither the fund nor the unmodelled line has any.
    const { rows } = await own.value<{ rows: number[][] }>('portfolio', '--fields', 'vol', ...ofLast);
    expect(rows.at(-1)![1]).toBeCloseTo((size('AAA') + size('EEE')) / gross, 12);
  });

  it('attributes a book by position, sector and subsector, hedges included, each table summing to the whole', async () => {
    const view = await cli.value<AttributionView>('attribution', '--from', period[0]!, '--to', period.at(-1)!);
    for (const lines of [view.positions, view.sectors, view.subsectors])
      for (const key of ['market', 'sector', 'subsector', 'residual', 'total'] as const)
        expect(sum(lines.map((line) => line[key]!))).toBeCloseTo(view.arithmetic![key], 12);
    expect(view.positions.map(({ name }) => name).sort()).toEqual(['AAA', 'BBB', 'CCC', 'SPY', 'XLK']);
    const xlk = view.positions.find(({ name }) => name === 'XLK')!;
    expect([xlk.residual, xlk.subsector]).toEqual([expect.closeTo(0, 12), 0]);
    // A fund's slopes are of the window that ended the day before, like those of a stock: no day knows a later one.
    const book = await cli.value<BookView>('book', '--date', period.at(-1)!);
    const [m, f] = [returnsOf('SPY'), returnsOf('XLK')];
    const mean = (values: readonly number[]): number => sum(values) / values.length;
    const market = sum(
      Array.from({ length: 30 }, (_, i) => {
        const [x, y] = [m.slice(60 + i, 120 + i), f.slice(60 + i, 120 + i)];
        const [mx, my] = [mean(x), mean(y)];
        return (sum(x.map((v, t) => (v - mx) * (y[t]! - my))) / sum(x.map((v) => (v - mx) ** 2))) * m[120 + i]!;
      }),
    );
    const { weight } = book.positions.find(({ ticker }) => ticker === 'XLK')!;
    expect(xlk.market! / (weight! * market)).toBeCloseTo(1, 10);
    const bars = view.geometric!;
    expect(bars.market + bars.sector + bars.subsector + bars.residual).toBeCloseTo(bars.total, 12);
    expect((await cli.error('attribution', '--from', last, '--snapshot', '99')).exit).not.toBe(0);
  });
});

it('correlates gross and residual returns with any series, overlap stated', async () => {
  const view = await cli.value<CorrelationView>('corr', 'AAA', '--with', 'XLF,BBB');
  expect(view.rows.map((row) => [row.with, row.series])).toEqual(
    ['XLF', 'BBB'].flatMap((other) => ['gross', 'residual L1', 'residual L2', 'residual L3'].map((name) => [other, name])),
  );
  const [a, b] = [returnsOf('AAA').slice(100), returnsOf('XLF').slice(100)];
  const centre = (values: number[]): number[] => values.map((x) => x - sum(values) / values.length);
  const [x, y] = [centre(a), centre(b)];
  const pearson = sum(x.map((value, i) => value * y[i]!)) / Math.sqrt(sum(x.map((v) => v * v)) * sum(y.map((v) => v * v)));
  expect(view.rows[0]!.pearson).toBeCloseTo(pearson, 12);
  expect(view.rows[0]!.days).toBe(60);
  expect((await cli.error('corr', 'AAA', '--with', 'NOPE')).message).toContain('NOPE');
});

it('correlates what each layer leaves of the book, by the weights of its attribution', async () => {
  const view = await cli.value<CorrelationView>('corr', '--with', 'XLF', '--from', '2024-06-03');
  const { series } = await cli.value<AttributionView>('attribution', '--from', '2024-06-03');
  expect(view.ticker).toBe('book');
  expect(view.rows.map((row) => row.series)).toEqual(['gross', 'residual L1', 'residual L2', 'residual L3']);
  const xlf = returnsOf('XLF').slice(-series.day.length);
  const pairs = (mine: readonly (number | null)[]): number => {
    const both = mine.flatMap((x, t) => (x === null || Number.isNaN(xlf[t]) ? [] : [[x, xlf[t]!] as const]));
    const [a, b] = [0, 1].map((k) => both.map((pair) => pair[k]! - sum(both.map((other) => other[k]!)) / both.length)) as [
      number[],
      number[],
    ];
    return sum(a.map((x, t) => x * b[t]!)) / Math.sqrt(sum(a.map((x) => x * x)) * sum(b.map((x) => x * x)));
  };
  expect(view.rows[0]!.pearson).toBeCloseTo(pairs(series.gross), 12);
  expect(view.rows[3]!.pearson).toBeCloseTo(pairs(series.residual), 12);
});

describe('--known-as-of', () => {
  const then = ['--run', 'R2', '--known-as-of', '2024-12-31'];
  const now = ['--run', 'R2'];

  beforeAll(async () => {
    // Learned in January 2025: AAA closed a tenth lower on one day of the window.
    const wrong = market.days[140]!;
    const close = Math.round(market.closes.AAA![140]! * 90) / 100;
    const file = `date,ticker,close\n${wrong},AAA,${close}\n`;
    await cli.give('corrected.csv', file, '--accept-restatements', '--known-as-of', '2025-01-15');
    await cli.value('run', ...SHORT, '--set', 'knowledge=corrected');
  });

  /** Everything of an answer but where it comes from. */
  async function figures(...args: string[]): Promise<unknown> {
    const origin = ['lineage', 'runId', 'knownAsOf', 'orderId', 'settings', 'revision', 'checks', 'request'];
    return JSON.parse(JSON.stringify(await cli.value(...args), (key, value: unknown) => (origin.includes(key) ? undefined : value)));
  }

  // The correction moves every one of these figures: an answer that forgot the day would not be the one of R1.
  it.each([
    ['risk', '--against', market.days.at(-31)!],
    ['whatif', '--set', 'AAA=150'],
    ['portfolio', '--fields', 'vol,l3_mkt_hr'],
    ['attribution', '--from', market.days[120]!],
    ['corr', '--with', 'XLF'],
    ['hedge'],
  ])('%s answers with what was known then', async (...args) => {
    expect(await figures(...args, ...then)).toEqual(await figures(...args, '--run', 'R1'));
  });

  it('says which knowledge an answer has, and names the part a correction has in a change', async () => {
    expect((await cli.value<RiskView>('risk', ...then)).lineage).toMatchObject({ runId: 'R2', knownAsOf: '2024-12-31' });
    const change = await cli.value<RiskChange>('risk', ...now, '--against-known-as-of', '2024-12-31');
    const own = async (args: string[]): Promise<number> => (await cli.value<RiskView>('risk', ...args)).risk!.volatility;
    const [old, corrected] = [await own(then), await own(now)];
    expect([change.from.lineage.knownAsOf, change.from.volatility]).toEqual(['2024-12-31', expect.closeTo(old, 8)]);
    expect(change.to.volatility).toBeCloseTo(corrected, 8);
    expect(change.steps[0]).toEqual({ step: 'data corrections', change: expect.closeTo(corrected - old, 8) as number });
    for (const { change: rest } of change.steps.slice(1)) expect(Math.abs(rest)).toBeLessThan(1e-8 * corrected);
  });

  it('is pinned in a frozen set, which is written as it was frozen', async () => {
    const frozen = await cli.value<OrderPackage>('freeze', ...then, '--hedge-sleeve', 'none');
    expect(frozen.view.request.knownAsOf).toBe('2024-12-31');
    expect(frozen.view.lineage.knownAsOf).toBe('2024-12-31');
    const out = join(folder, 'then.csv');
    await cli.value('orders', String(frozen.packageId), '--format', 'generic', '--out', out, '--override', 'a hedge as known then');
    expect(readFileSync(`${out}.manifest.json`, 'utf8')).toContain('2024-12-31');
  });
});

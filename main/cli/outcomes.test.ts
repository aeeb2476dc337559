/** effectiveness and scenarios as a user meets them, against plain arithmetic on the exported metrics and the prices. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { AttributionView } from '../contract/results-risk.ts';
import type { EffectivenessView, ScenariosView } from '../contract/results-outcomes.ts';
import type { BookView, HedgeView } from '../contract/results.ts';
import { Cli, scratch } from './testing/cli.ts';
import { CLASSES, MAP, pricesText, SHORT, smallMarket } from './testing/market.ts';

const market = smallMarket(300);
const last = market.days.at(-1)!;
let cli: Cli;
let metric: (ticker: string, date: string, field: string) => number;

beforeAll(async () => {
  cli = new Cli(scratch(), 'outcomes');
  await cli.value('init');
  await cli.give('map.csv', MAP);
  await cli.give('classes.csv', CLASSES);
  await cli.give('prices.csv', pricesText(market));
  await cli.give('book.csv', `ticker,quantity,account,as_of\nAAA,1000,ONE,${last}\nCCC,-400,ONE,${last}\nZZZZ,7,ONE,${last}\n`);
  await cli.value('run', ...SHORT);
  const lines = await cli.metrics('cube.csv');
  const header = lines[0]!.split(',');
  const cells = new Map(lines.slice(1).map((line) => [line.split(',').slice(0, 2).join(' '), line.split(',')]));
  metric = (ticker, date, field) => {
    const found = cells.get(`${date} ${ticker}`)?.[header.indexOf(field)] ?? '';
    return found === '' ? NaN : Number(found);
  };
}, 60_000);

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const variance = (values: readonly number[]): number => {
  const mean = sum(values) / values.length;
  return sum(values.map((x) => (x - mean) ** 2)) / (values.length - 1);
};
const returnOf = (ticker: string, t: number): number => market.closes[ticker]![t]! / market.closes[ticker]![t - 1]! - 1;

describe('effectiveness', () => {
  it('compares what is left of a stock with its own return, on ratios of the day before', async () => {
    const view = await cli.value<EffectivenessView>('effectiveness', 'AAA', '--layers', '100,50,0');
    const days = market.days.filter((day) => !Number.isNaN(metric('AAA', day, 'l3_rr')));
    expect([view.subject, view.from, view.to, view.days, view.missing]).toEqual(['AAA', days[0], last, days.length, 0]);
    const gross = days.map((day) => metric('AAA', day, 'returns_gross'));
    const all = view.years.at(-1)!;
    expect(view.years.map(({ year }) => year)).toEqual([...new Set(days.map((day) => day.slice(0, 4))), 'all']);
    expect(sum(view.years.slice(0, -1).map((one) => one.days))).toBe(all.days);
    expect(all.unhedged).toBeCloseTo(Math.sqrt(252 * variance(gross)), 10);
    const left = {
      L1: days.map((day) => metric('AAA', day, 'l1_rr')),
      L2: days.map((day) => metric('AAA', day, 'l2_rr')),
      L3: days.map((day) => metric('AAA', day, 'l3_rr')),
      chosen: days.map((day, t) => gross[t]! - metric('AAA', day, 'l1_fr') - 0.5 * metric('AAA', day, 'l2_fr')),
    };
    for (const { hedge, saved, low, high, volatility } of all.lines) {
      expect(saved).toBeCloseTo(1 - variance(left[hedge]) / variance(gross), 10);
      expect(volatility).toBeCloseTo(Math.sqrt(252 * variance(left[hedge])), 10);
      expect(low!).toBeLessThan(saved!);
      expect(high!).toBeGreaterThan(saved!);
    }
    // Betas are real here: more layers leave less.
    const of = (hedge: string): number => all.lines.find((line) => line.hedge === hedge)!.saved!;
    expect(of('L3')).toBeGreaterThan(of('L1'));
    expect(view.series.cumulative.unhedged.at(-1)).toBe(1);
    expect(view.series.cumulative.L3.at(-1)).toBeCloseTo(sum(left.L3.map((x) => x * x)) / sum(gross.map((x) => x * x)), 10);
    expect(view.series.saved.L3.slice(0, 41).every((value) => value === null)).toBe(true);
    expect(view.series.saved.L3.at(-1)).toBeCloseTo(
      1 - sum(left.L3.slice(-63).map((x) => x * x)) / sum(gross.slice(-63).map((x) => x * x)),
      10,
    );
  });

  it('takes the book as its attribution does, and says what has no answer', async () => {
    const view = await cli.value<EffectivenessView>('effectiveness', '--from', market.days[200]!);
    const parts = await cli.value<AttributionView>('attribution', '--from', market.days[200]!);
    expect([view.subject, view.weights, view.days]).toEqual(['book', 'frozen', parts.days]);
    const residual = parts.series.residual.map((value) => value!);
    const gross = parts.series.gross.map((value) => value!);
    expect(view.years.at(-1)!.lines[2]!.saved).toBeCloseTo(1 - variance(residual) / variance(gross), 10);
    const text = await cli.run('effectiveness', '--from', market.days[200]!);
    expect(text.out).toContain('95 % interval');
    expect((await cli.run('effectiveness', 'SPY')).err).toContain('No day of the period has factor parts for SPY');
    expect((await cli.run('effectiveness', '--layers', '100,200,0')).err).toContain('three per cents');
  });

  it('counts the days and positions that it leaves out, and those on which most of the book is unmodelled', async () => {
    const own = cli.copy('thin');
    // GAP, most of what is modelled, has no price for ten days; NOPE is more than all of it; EEE has no price at all.
    const closes = { GAP: market.closes.BBB! };
    await own.give('before.csv', pricesText({ days: market.days, closes }, ['GAP'], 0, 250));
    await own.give('after.csv', pricesText({ days: market.days, closes }, ['GAP'], 260));
    await own.give('gap-class.csv', 'ticker,sector,industry,scheme,valid_from\nGAP,Technology,Semiconductors,gics,2020-01-01\n');
    const lines = ['AAA,1,', 'GAP,1000,', 'NOPE,1000,5000', 'EEE,7,'].map((line) => `${line},THIN,${last}`);
    await own.give('thin.csv', ['ticker,quantity,price,account,as_of', ...lines, ''].join('\n'));
    await own.value('run', ...SHORT);
    const flags = ['--account', 'THIN', '--from', market.days[200]!];
    const view = await own.value<EffectivenessView>('effectiveness', ...flags);
    expect([view.days, view.missing, view.thin, view.unvalued]).toEqual([89, 11, 89, 1]);
    expect(view.uncovered).toBeGreaterThan(0.5);
    const { out } = await own.run('effectiveness', ...flags);
    expect(out).toContain(`${view.missing} more left out: more than half of the modelled weight has no return or no exposures`);
    expect(out).toContain('positions without a value are in no weight: 1');
    expect(out).toContain(`On ${view.days} of the ${view.days} days that is more than half of the weight`);
    expect((await cli.value<EffectivenessView>('effectiveness')).thin).toBe(0);
    // Nothing of it is modelled at all: a state, on every screen.
    await own.give('nothing.csv', `ticker,quantity,account,as_of\nNOPE,10,NONE,${last}\n`);
    for (const words of [['effectiveness'], ['portfolio', '--fields', 'vol']])
      expect(await own.error(...words, '--snapshot', '3')).toMatchObject({
        code: 'not_found',
        message: 'No position of the book is modelled.',
      });
    expect((await own.run('scenarios', '--snapshot', '3')).out).toMatch(/modelled: no profit or loss is known\.$/m);
    expect((await own.value<HedgeView>('hedge', '--snapshot', '3')).volatility).toMatchObject({
      before: null,
      rounded: null,
      residual: null,
    });
    expect(await own.error('freeze', '--snapshot', '3')).toMatchObject({ message: 'No position of the book is modelled.' });
  });
});

describe('scenarios', () => {
  it('sum dollars times moves, the hedge being the orders of the ticket', async () => {
    const view = await cli.value<ScenariosView>('scenarios', '--shock', 'SPY=-10,XLK=-20', '--alone');
    const hedge = await cli.value<HedgeView>('hedge');
    const leg = (etf: string) => hedge.legs.find((one) => one.etf === etf)!;
    const before = -0.1 * leg('SPY').before - 0.2 * leg('XLK').before;
    expect(view.shock.before).toBeCloseTo(before, 6);
    expect(view.shock.after).toBeCloseTo(-0.1 * leg('SPY').rounded - 0.2 * leg('XLK').rounded, 6);
    expect(view.shock.before! + view.shock.hedge!).toBeCloseTo(view.shock.after!, 6);
    expect(Math.abs(view.shock.after!)).toBeLessThan(Math.abs(before) / 10);
    expect(view.etfs.find(({ etf }) => etf === 'SOXX')).toMatchObject({ move: 0, stated: false });
    const spread = await cli.value<ScenariosView>('scenarios', '--shock', 'SPY=-10');
    // XLK has a beta of 1.2 on SPY.
    expect(spread.etfs.find(({ etf }) => etf === 'XLK')!.move).toBeCloseTo(-0.12, 1);
  });

  it('replays past stretches with the dollars of today, worst ones found among all', async () => {
    const [from, to] = [market.days[250]!, market.days[259]!];
    const view = await cli.value<ScenariosView>('scenarios', '--from', from, '--to', to);
    const { positions } = await cli.value<BookView>('book');
    const value = new Map(positions.filter(({ role }) => role === 'stock').map((one) => [one.ticker, one.marketValue!]));
    const profit = market.days.map((_, t) => (t === 0 ? NaN : sum([...value].map(([ticker, dollars]) => dollars * returnOf(ticker, t)))));
    const own = view.past.find(({ name }) => name === 'your stretch')!;
    expect(own).toMatchObject({ from, to, sessions: 10, coverage: 1 });
    expect(own.before).toBeCloseTo(sum(profit.slice(250, 260)), 4);
    const orders = view.etfs.map(({ etf, before, after }) => ({ etf, dollars: after - before }));
    const trades = (t: number): number => sum(orders.map(({ etf, dollars }) => dollars * returnOf(etf, t)));
    expect(own.hedge).toBeCloseTo(sum(Array.from({ length: 10 }, (_, i) => trades(250 + i))), 4);
    expect(own.after).toBeCloseTo(own.before! + own.hedge!, 6);
    const day = view.past.find(({ name }) => /^worst day of .*the book/.test(name))!;
    expect(day.before).toBeCloseTo(Math.min(...profit.slice(1)), 4);
    const five = view.past.find(({ name }) => name.startsWith('worst 5 sessions of SPY'))!;
    const sums = market.days.map((_, t) => (t < 5 ? Infinity : sum(Array.from({ length: 5 }, (_, i) => returnOf('SPY', t - i)))));
    expect(five.to).toBe(market.days[sums.indexOf(Math.min(...sums))]);
    expect((await cli.run('scenarios', '--shock', 'NOPE=-10')).err).toContain('NOPE is not an ETF of the map');
    expect((await cli.run('scenarios', '--shock', 'SPY')).err).toContain('--shock takes ETF=PER CENT');
    expect((await cli.run('scenarios')).out).toMatch(/worst 21 sessions of .*the hedged book/);
    const late = await cli.run('scenarios', '--date', market.days[200]!, '--from', from, '--to', to);
    expect([late.code, late.err]).toEqual([2, expect.stringContaining(`that is not after ${market.days[200]}, the day of the book`)]);
  });

  it('name the worst day of the book also where a fund of the hedge has no return on it', async () => {
    const dollars = new Map([
      ['AAA', 1000 * market.closes.AAA!.at(-1)!],
      ['CCC', -400 * market.closes.CCC!.at(-1)!],
    ]);
    const profit = market.days.map((_, t) => (t === 0 ? Infinity : sum([...dollars].map(([name, value]) => value * returnOf(name, t)))));
    const least = Math.min(...profit);
    const at = market.days[profit.indexOf(least)]!;
    const holes = new Cli(scratch(), 'holes');
    await holes.value('init');
    await holes.give('map.csv', MAP);
    await holes.give('classes.csv', CLASSES);
    await holes.give(
      'prices.csv',
      pricesText(market)
        .split('\n')
        .filter((line) => !line.startsWith(`${at},SOXX,`))
        .join('\n'),
    );
    await holes.give('book.csv', `ticker,quantity,as_of\nAAA,1000,${last}\nCCC,-400,${last}\n`);
    await holes.value('run', ...SHORT);
    const { past } = await holes.value<ScenariosView>('scenarios');
    const day = past.find(({ name }) => /^worst day of .*the book/.test(name))!;
    expect(day).toMatchObject({ from: at, to: at, hedge: null, after: null, coverage: 1 });
    expect(day.before).toBeCloseTo(least, 4);
    expect(past.find(({ name }) => /^worst day of .*the hedged book/.test(name))!.after).toEqual(expect.any(Number));
  });
});

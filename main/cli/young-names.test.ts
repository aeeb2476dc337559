/** A book early in the life of its names: what cannot be had of one of them is stated, and never takes the figures of all away. */
import { expect, it } from 'vitest';
import type { AttributionView } from '../contract/results-risk.ts';
import type { BookView } from '../contract/results.ts';
import { Cli, scratch } from './testing/cli.ts';
import { CLASSES, MAP, pricesText, SHORT, smallMarket } from './testing/market.ts';

it('measures the residual part of a stock without shares of variance, and names what is too young for the window', async () => {
  const market = smallMarket(90);
  const [row, from] = [60, 60 - 59];
  const date = market.days[row]!;
  const cli = new Cli(scratch(), 'young');
  await cli.value('init');
  await cli.give('map.csv', MAP);
  await cli.give('classes.csv', CLASSES);
  const old = Object.keys(market.closes).filter((name) => name !== 'XLF');
  await cli.give('prices.csv', pricesText(market, old));
  await cli.give('xlf.csv', pricesText(market, ['XLF'], 45));
  const quantities = { AAA: 100, BBB: 50, CCC: -40, SPY: -10, XLF: -20 };
  await cli.give(
    'book.csv',
    ['ticker,quantity,as_of', ...Object.entries(quantities).map((pair) => `${pair.join(',')},${date}`), ''].join('\n'),
  );
  await cli.value('run', '--preset', 'robust-held', '--set', 'window=60', '--set', 'minObs=30');
  const book = await cli.value<BookView>('book', '--date', date);

  const returnOf = (name: string, t: number): number => market.closes[name]![t]! / market.closes[name]![t - 1]! - 1;
  const variance = (of: (t: number) => number): number => {
    const x = Array.from({ length: 60 }, (_, i) => of(from + i));
    const mean = x.reduce((a, b) => a + b, 0) / 60;
    return x.reduce((sum, one) => sum + (one - mean) ** 2, 0) / 59;
  };
  const stocks = book.positions.filter(({ role }) => role === 'stock');
  // At the first month end with a slope there is no residual yet that it left.
  expect(stocks.map(({ ticker, residual }) => [ticker, residual])).toEqual([
    ['AAA', null],
    ['BBB', null],
    ['CCC', null],
  ]);
  const residual = stocks.reduce((sum, { ticker, chain, exposure, marketValue }) => {
    const left = (t: number): number => chain.reduce((rest, etf, i) => rest - exposure[i]! * returnOf(etf, t), returnOf(ticker, t));
    return sum + marketValue! ** 2 * variance(left);
  }, 0);
  expect(book.volatility.residual! / Math.sqrt(252 * residual)).toBeCloseTo(1, 12);
  expect(book.volatility.measured).toEqual(['AAA', 'BBB', 'CCC']);
  const aged = book.positions.filter(({ ticker }) => ticker !== 'XLF');
  const historical = variance((t) => aged.reduce((sum, { ticker, marketValue }) => sum + marketValue! * returnOf(ticker, t), 0));
  expect(book.volatility.historical! / Math.sqrt(252 * historical)).toBeCloseTo(1, 12);
  expect(book.volatility.young).toEqual(['XLF']);
  const text = (await cli.run('book', '--date', date)).out;
  expect(text).toContain('too young for the window, not in the historical volatility: XLF');
  expect(text).toContain('residual part measured on the window: AAA, BBB, CCC');
});

it('counts a name of dated holdings from the day on which it is of age, and its growth from the day of the holdings', async () => {
  const { days, closes } = smallMarket(150);
  const cli = new Cli(scratch(), 'of-age');
  await cli.value('init');
  await cli.give('map.csv', MAP);
  await cli.give('classes.csv', CLASSES);
  const old = Object.keys(closes).filter((name) => name !== 'CCC');
  const [first, held] = [80, 90];
  await cli.give('prices.csv', pricesText({ days, closes }, old) + pricesText({ days, closes }, ['CCC'], first).replace(/^.*\n/, ''));
  await cli.value('run', ...SHORT);
  const quantities: Record<string, number> = { AAA: 100, BBB: 50, CCC: 90 };
  const lines = Object.entries(quantities).map(([ticker, quantity]) => `${ticker},${quantity},${days[held]}`);
  await cli.give('book.csv', ['ticker,quantity,as_of', ...lines, ''].join('\n'));
  expect((await cli.value<BookView>('book', '--date', days[held]!)).positions.map(({ role }) => role)).toEqual([
    'stock',
    'stock',
    'unmodelled',
  ]);

  const parts = new Map((await cli.metrics('cube.csv', '--fields', 'l2_fr')).map((line) => [line.slice(0, 14), line.split(',')[2]]));
  const totals: Record<string, number> = { AAA: 0, BBB: 0, CCC: 0 };
  let silent = 0;
  const then = (name: string): number => quantities[name]! * closes[name]![held]!;
  const silentShare = then('CCC') / (then('AAA') + then('BBB') + then('CCC'));
  for (let t = held + 1; t < 150; t++) {
    const value = (name: string): number => quantities[name]! * closes[name]![t - 1]!;
    const whole = value('AAA') + value('BBB') + value('CCC');
    for (const name of Object.keys(totals))
      if (parts.get(`${days[t]},${name}`)) totals[name]! += (value(name) / whole) * (closes[name]![t]! / closes[name]![t - 1]! - 1);
      else silent += value(name) / whole;
  }
  const found = await cli.value<AttributionView>('attribution', '--weights', 'dated', '--from', days[held + 1]!);
  expect(Object.fromEntries(found.positions.map(({ name, total }) => [name, total]))).toEqual({
    AAA: expect.closeTo(totals.AAA!, 12),
    BBB: expect.closeTo(totals.BBB!, 12),
    CCC: expect.closeTo(totals.CCC!, 12),
  });
  expect(silent).toBeGreaterThan(0);
  expect(found.uncovered).toBeCloseTo(silent / (149 - held), 12);
  const { rows } = await cli.value<{ rows: number[][] }>('portfolio', '--fields', 'l2_fr', '--weights', 'dated');
  expect([rows[held + 1]![1], rows[149]![1]]).toEqual([expect.closeTo(1 - silentShare, 12), 1]);
});

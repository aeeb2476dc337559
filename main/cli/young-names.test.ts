/** A book early in the life of its names: what cannot be had of one of them is stated, and never takes the figures of all away. */
import { expect, it } from 'vitest';
import type { BookView } from '../contract/results.ts';
import { Cli, scratch } from './testing/cli.ts';
import { CLASSES, MAP, pricesText, smallMarket } from './testing/market.ts';

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

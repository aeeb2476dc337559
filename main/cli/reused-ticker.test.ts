/** A book through time that holds a name by the ticker of its day, which another company has since. */
import { expect, it } from 'vitest';
import type { BookView } from '../contract/results.ts';
import { Cli, scratch } from './testing/cli.ts';
import { CLASSES, MAP, pricesText, SHORT, smallMarket } from './testing/market.ts';

const market = smallMarket(160);
const { days, closes } = market;
const renamed = 90;

it('weights the security that was held then, and tells the weights of the last holdings until the day asked for', async () => {
  const cli = new Cli(scratch(), 'reused');
  await cli.value('init');
  await cli.give('map.csv', MAP);
  await cli.give('classes.csv', CLASSES);
  const rows = (ticker: string, of: string, from: number, to: number): string[] =>
    days.slice(from, to).map((day, i) => `${day},${ticker},${closes[of]![from + i]}`);
  const names = [...rows('ONE', 'AAA', 0, renamed), ...rows('TWO', 'AAA', renamed, 160), ...rows('ONE', 'CCC', renamed + 5, 160)];
  const texts = ['ticker,isin,valid_from,valid_to', `ONE,US0378331005,${days[0]},${days[renamed]}`, `TWO,US0378331005,${days[renamed]},`];
  await cli.give('securities.csv', [...texts, `ONE,US5949181045,${days[renamed + 5]},`, ''].join('\n'));
  await cli.give('prices.csv', pricesText(market, ['SPY', 'XLK', 'SOXX', 'XLF', 'BBB']) + names.join('\n'));
  await cli.value('run', ...SHORT);
  for (const at of [80, 150])
    await cli.give(`h${at}.csv`, `account,ticker,quantity,as_of\nA,ONE,100,${days[at]}\nA,BBB,${at},${days[at]}\n`);

  const { positions } = await cli.value<BookView>('book', '--date', days[80]!);
  const words = ['portfolio', '--fields', 'returns_gross', '--weights', 'dated'];
  const { rows: all } = await cli.value<{ rows: (number | string)[][] }>(...words);
  for (const at of [81, 120, 149]) {
    const returns: Record<string, number> = {
      ONE: closes.AAA![at]! / closes.AAA![at - 1]! - 1,
      BBB: closes.BBB![at]! / closes.BBB![at - 1]! - 1,
    };
    const sum = positions.reduce((total, { ticker, weight }) => total + weight! * returns[ticker]!, 0);
    const [day, coverage, value] = all[at]!;
    expect([day, coverage, value]).toEqual([days[at], 1, expect.closeTo(sum, 12)]);
  }
  const until = await cli.value<{ used: Record<string, number>; rows: unknown[] }>(...words, '--date', days[149]!);
  expect(until.rows).toEqual(all.slice(0, 150));
  expect(until.used).toEqual(Object.fromEntries(positions.map(({ ticker, weight }) => [ticker, weight])));
});

/** A book through time that holds a name by the ticker of its day, which another company has since. */
import { beforeAll, expect, it } from 'vitest';
import type { RiskChange, RiskView, WhatIfView } from '../contract/results-risk.ts';
import type { BookView } from '../contract/results.ts';
import { Cli, scratch } from './testing/cli.ts';
import { CLASSES, MAP, pricesText, SHORT, smallMarket } from './testing/market.ts';

const market = smallMarket(160);
const { days, closes } = market;
const renamed = 90;

const cli = new Cli(scratch(), 'reused');
const give = (at: number, ...lines: string[]) =>
  cli.give(`h${at}.csv`, ['account,ticker,quantity,as_of', ...lines.map((line) => `A,${line},${days[at]}`), ''].join('\n'));

beforeAll(async () => {
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
  await give(80, 'ONE,100', 'BBB,80');
  await give(150, 'ONE,100', 'BBB,150');
});

it('weights the security that was held then, and tells the weights of the last holdings until the day asked for', async () => {
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

it('compares the risk of two days security by security, whatever each was called', async () => {
  await give(155, 'TWO,100', 'BBB,80');
  const alone = async (at: number): Promise<number> => (await cli.value<RiskView>('risk', '--date', days[at]!)).risk!.volatility;
  const change = (at: number): Promise<RiskChange> => cli.value<RiskChange>('risk', '--date', days[at]!, '--against', days[80]!);
  const renamed = await change(155);
  expect(renamed.left).toEqual([]);
  expect([renamed.from.volatility, renamed.to.volatility]).toEqual([
    expect.closeTo(await alone(80), 8),
    expect.closeTo(await alone(155), 8),
  ]);
  // One side alone holds it, and it is called otherwise there.
  await give(85, 'BBB,80');
  for (const words of [
    ['--date', days[155]!, '--against', days[85]!],
    ['--date', days[85]!, '--against', days[155]!],
  ])
    expect((await cli.value<RiskChange>('risk', ...words)).left).toEqual([]);
  // The other company was not there yet, and the first one is held no more.
  const reused = await change(150);
  expect(reused.left).toEqual([{ ticker: 'ONE', reason: `not modelled on ${days[80]}` }]);
  expect(reused.from.volatility).toBeCloseTo(await alone(80), 8);
});

it('takes a what-if of a name for the position that it means, whatever the file called it', async () => {
  const of = async (name: string) => (await cli.value<WhatIfView>('whatif', '--date', days[80]!, '--set', `${name}=0`)).optimised.positions;
  expect((await of('TWO')).map(({ ticker }) => ticker)).toEqual(['BBB']);
  expect(await of('ONE')).toEqual(await of('TWO'));
});

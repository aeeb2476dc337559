/** An ETF that is called otherwise now than the map names it: its series goes on, and no order may go out under the old name. */
import { expect, it } from 'vitest';
import type { HedgeView } from '../contract/results.ts';
import { Cli, scratch } from './testing/cli.ts';
import { CLASSES, MAP, pricesText, SHORT, smallMarket } from './testing/market.ts';

it('blocks orders under the old name until the map has the present one', async () => {
  const market = smallMarket(120);
  const { days, closes } = market;
  const [renamed, last] = [80, days.at(-1)!];
  const cli = new Cli(scratch(), 'renamed', { today: last });
  await cli.value('init');
  await cli.give('map.csv', MAP);
  await cli.give('classes.csv', CLASSES);
  const rows = days.map((day, t) => `${day},${t < renamed ? 'XLF' : 'XLFX'},${closes.XLF![t]}`);
  const names = [`XLF,US0378331005,${days[0]},${days[renamed]}`, `XLFX,US0378331005,${days[renamed]},`];
  await cli.give('securities.csv', ['ticker,isin,valid_from,valid_to', ...names, ''].join('\n'));
  await cli.give('prices.csv', `${pricesText(market, ['SPY', 'XLK', 'SOXX', 'AAA', 'BBB', 'CCC'])}${rows.join('\n')}\n`);
  await cli.give('book.csv', `ticker,quantity,as_of\nCCC,1000,${last}\n`);
  const ticket = async () => {
    await cli.value('run', ...SHORT);
    const { orders, checks } = await cli.value<HedgeView>('hedge', '--min-trade', '0');
    const { status, severity, message } = checks.find(({ id }) => id === 'fields')!;
    return { shares: orders.map(({ quantity }) => quantity), etfs: orders.map(({ symbol }) => symbol), status, severity, message };
  };
  const old = await ticket();
  expect(old).toMatchObject({ status: 'fail', severity: 'block', message: expect.stringMatching(/^XLF is called XLFX now, /) });
  await cli.give('new-map.csv', MAP.replaceAll('XLF', 'XLFX'));
  const now = await ticket();
  expect(now).toMatchObject({ status: 'pass', shares: old.shares });
  expect([old.etfs, now.etfs]).toEqual([
    ['SPY', 'XLF'],
    ['SPY', 'XLFX'],
  ]);
});

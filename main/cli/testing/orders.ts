/** A small workspace with prices, a book of one account and a run, of which orders can be made. */
import { Cli } from './cli.ts';
import { CLASSES, MAP, pricesText, SHORT, smallMarket } from './market.ts';

export const market = smallMarket(160);
export const last = market.days.at(-1)!;
/** The invented market is of years ago: its ages block every export. */
export const OVERRIDE = ['--override', 'a test of the whole way'];

/** A holdings file of the account ONE. */
export const holdings = (lines: readonly string[], asOf = last): string =>
  ['ticker,quantity,account,as_of', ...lines.map((line) => `${line},ONE,${asOf}`), ''].join('\n');

/** A workspace with the market alone. */
export async function marketBase(folder: string, name: string): Promise<Cli> {
  const base = new Cli(folder, name);
  await base.value('init');
  await base.give('map.csv', MAP);
  await base.give('classes.csv', CLASSES);
  await base.give('prices.csv', pricesText(market));
  return base;
}

export async function ordersBase(folder: string): Promise<Cli> {
  const base = await marketBase(folder, 'orders');
  await base.give('book.csv', holdings(['AAA,1000', 'BBB,500', 'SPY,-10']));
  await base.value('run', ...SHORT);
  return base;
}

/** A book of two accounts in three files, and the desk rules of a test. */
import type { DeskRules } from '../../contract/desk.ts';
import type { HedgeView } from '../../contract/results.ts';
import { type Cli, scratch } from './cli.ts';
import { SHORT } from './market.ts';
import { last, market, marketBase, OVERRIDE } from './orders.ts';

export { last, market, OVERRIDE };
export const before = market.days.at(-2)!;

export const holdings = (account: string, asOf: string, ...lines: string[]): string =>
  ['ticker,quantity,account,as_of', ...lines.map((line) => `${line},${account},${asOf}`), ''].join('\n');
export const checkOf = (view: HedgeView, id: string) => view.checks.find((check) => check.id === id)!;
export const legOf = (view: HedgeView, etf: string) => view.legs.find((leg) => leg.etf === etf)!;

export async function rules(cli: Cli, desk: DeskRules): Promise<DeskRules> {
  return cli.value<DeskRules>('desk', '--file', cli.file('desk.json', JSON.stringify(desk)), '--replace', '--by', 'head of desk');
}

/** A workspace in a folder of its own, removed at the end of the test file. */
export async function accountsBook(): Promise<Cli> {
  const base = await marketBase(scratch(), 'accounts');
  await base.give('one-old.csv', holdings('ONE', before, 'AAA,900', 'BBB,100', 'CCC,10'));
  await base.give('two.csv', holdings('MY IRA', before, 'BBB,500', 'SPY,40.5'));
  await base.give('one.csv', holdings('ONE', last, 'AAA,1000'));
  await base.value('run', ...SHORT);
  return base;
}

/** A run up to the last session before today, and books to look at with it. */
import type { SecurityView } from '../../contract/results.ts';
import { Cli, scratch } from './cli.ts';
import { CLASSES, MAP, pricesText, SHORT, smallMarket } from './market.ts';

export const market = smallMarket(121);
/** Day of the last closes. */
export const last = market.days[119]!;
export const today = market.days[120]!;
export const close = (name: string): number => market.closes[name]![119]!;

/** The run's workspace, in a folder of its own that is removed at the end of the test file. */
export async function runBefore(): Promise<Cli> {
  const base = new Cli(scratch(), 'base', { today });
  await base.value('init');
  await base.give('map.csv', MAP);
  await base.give('classes.csv', CLASSES);
  await base.give('prices.csv', pricesText(market, undefined, 0, 120));
  await base.value('run', ...SHORT);
  return base;
}

/** A copy of a workspace with a book: `ticker,quantity` lines, or a whole file. */
export async function holding(base: Cli, name: string, lines: string[], head = 'ticker,quantity,as_of'): Promise<Cli> {
  const cli = base.copy(name);
  const rows = head === 'ticker,quantity,as_of' ? lines.map((line) => `${line},${last}`) : lines;
  await cli.give('positions.csv', [head, ...rows, ''].join('\n'));
  return cli;
}

/** Exposures of the deepest level, by ETF. */
export function exposures(view: SecurityView): Record<string, number> {
  const level = view.levels.at(-1)!;
  return Object.fromEntries(level.etf.map((etf, i) => [etf, level.exposure[i]!]));
}

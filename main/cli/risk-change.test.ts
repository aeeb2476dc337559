/** Why the risk changed, where the holdings are of after the last day of the run: they are the ones that are compared. */
import { expect, it } from 'vitest';
import type { AttributionView, RiskChange, RiskView } from '../contract/results-risk.ts';
import { last, runBefore, today } from './testing/book.ts';

it("compares today's holdings with yesterday's on yesterday's run, names of both sides included", async () => {
  const cli = await runBefore();
  const holdings = (day: string, ...lines: string[]): string =>
    ['ticker,quantity,as_of', ...lines.map((line) => `${line},${day}`), ''].join('\n');
  await cli.give('yesterday.csv', holdings(last, 'AAA,100', 'BBB,50'));
  await cli.give('today.csv', holdings(today, 'AAA,100', 'CCC,70'));

  const { from, to, steps, left } = await cli.value<RiskChange>('risk', '--against', last);
  expect(left).toEqual([]);
  const ofToday = (await cli.value<RiskView>('risk')).risk!.volatility;
  const ofYesterday = (await cli.value<RiskView>('risk', '--date', last)).risk!.volatility;
  expect([to.volatility, from.volatility]).toEqual([expect.closeTo(ofToday, 8), expect.closeTo(ofYesterday, 8)]);
  expect(steps.reduce((sum, { change }) => sum + change, 0)).toBeCloseTo(ofToday - ofYesterday, 8);
  expect(Math.abs(steps.find(({ step }) => step === 'positions')!.change)).toBeGreaterThan(1);

  // Frozen weights are those of today's holdings, too; asked as known yesterday, of yesterday's.
  const names = async (...words: string[]): Promise<string[]> =>
    (await cli.value<AttributionView>('attribution', ...words)).positions.map(({ name }) => name).sort();
  expect(await names()).toEqual(['AAA', 'CCC']);
  expect(await names('--known-as-of', last)).toEqual(['AAA', 'BBB']);
});

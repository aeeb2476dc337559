/** A line called CASH or USD in the program's own layout: money, or the share of that ticker. */
import { expect, it } from 'vitest';
import { parse } from './testing/harness.ts';

it.each([
  ['cash', ['US DOLLARS', 'U.S. Dollar', 'US Dollar', 'Cash & equivalents', 'cash', 'Euro', '(Cash)']],
  ['position', ['PATHWARD FINANCIAL INC', 'Pathward Financial Inc (CASH)', 'Pathward (Cash Store)']],
])('is %s under the names that say so', async (disposition, names) => {
  const lines = names.map((name) => `CASH,"${name}",5,2026-03-06`);
  const { staged } = await parse('book.csv', ['ticker,name,quantity,as_of', 'AAPL,Apple,1,2026-03-06', ...lines, ''].join('\n'), {
    kind: 'holdings',
  });
  if (staged.kind !== 'holdings') throw new Error('no holdings');
  expect(staged.lines.slice(2, 2 + names.length).map((line) => line.disposition)).toEqual(names.map(() => disposition));
});

it('is money at a price of 1 or worth its quantity; of what may be either way the report says what it was taken for', async () => {
  const lines = ['USD,10000,,10000', 'USD,250,1,', 'CASH,10,,10', 'USD,100,75.5,', 'USD,100,,', 'CASH,7,,'].map(
    (line) => `${line},2026-03-06`,
  );
  const { staged, issues } = await parse('book.csv', ['ticker,quantity,price,market_value,as_of', ...lines, ''].join('\n'), {
    kind: 'holdings',
  });
  if (staged.kind !== 'holdings') throw new Error('no holdings');
  expect(staged.lines.slice(1, 7).map((line) => line.disposition)).toEqual(['cash', 'cash', 'cash', 'position', 'position', 'position']);
  expect(issues.kept.filter(({ code }) => code === 'cash_or_share').map(({ line, found }) => [line, found])).toEqual([
    [6, 'USD'],
    [7, 'CASH'],
  ]);
});

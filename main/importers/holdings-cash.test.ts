/** A line called CASH in the program's own layout: money, or the share of that ticker. */
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

import { expect, it } from 'vitest';
import type { BookLine } from './book-lines.ts';
import { editLines } from './position-edits.ts';

const line = (number: number, account: string, ticker: string, quantity: string, disposition = 'position') =>
  ({ line: number, account, ticker, quantity, disposition, price: '5', symbolId: number, asOf: 20_000 }) as unknown as BookLine;
const book = [line(1, 'ONE', 'AAA', '10'), line(2, 'TWO', 'AAA', '7'), line(3, 'ONE', 'aaa', '5'), line(4, 'ONE', 'AAA', '90', 'cash')];
const edited = (...edits: [string, string, number][]) =>
  editLines(
    book,
    edits.map(([account, ticker, quantity]) => ({ account, ticker, quantity })),
  ).map(({ account, ticker, quantity, symbolId, price, asOf }) => [account, ticker, quantity, symbolId, price, asOf]);

it('an edit is the whole quantity: the lots of the account become one, other accounts and cash stay', () => {
  const rest = [
    ['TWO', 'AAA', '7', 2, '5', 20_000],
    ['ONE', 'AAA', '90', 4, '5', 20_000],
  ];
  expect(edited(['ONE', 'Aaa', 20])).toEqual([['ONE', 'AAA', '20', 1, null, 20_000], ...rest]);
  expect(edited(['ONE', 'AAA', 0])).toEqual(rest);
  expect(edited(['ONE', 'AAA', 0], ['ONE', 'AAA', -3])).toEqual([['ONE', 'AAA', '-3', 1, null, 20_000], ...rest]);
  // What is not held is added, and looked up by its ticker.
  expect(edited(['TWO', 'NEW', 4]).at(-1)).toEqual(['TWO', 'NEW', '4', null, null, 20_000]);
});

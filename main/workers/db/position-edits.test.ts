import { expect, it } from 'vitest';
import type { BookLine } from './book-lines.ts';
import { editLines } from './position-edits.ts';

const line = (number: number, account: string, ticker: string, quantity: string, disposition = 'position') =>
  ({ line: number, account, ticker, quantity, disposition, price: '5', symbolId: number, asOf: 20_000 }) as unknown as BookLine;
let book = [line(1, 'ONE', 'AAA', '10'), line(2, 'TWO', 'AAA', '7'), line(3, 'ONE', 'aaa', '5'), line(4, 'ONE', 'AAA', '90', 'cash')];
/** BRK.B has a number, however it is spelled. */
const numberOf = (ticker: string): number | null => (/^BRK.?B$/.test(ticker) ? 7 : null);
const edited = (...edits: [string, string, number][]) =>
  editLines(
    book,
    edits.map(([account, ticker, quantity]) => ({ account, ticker, quantity })),
    { ofLine: ({ ticker }) => numberOf(ticker), ofTicker: numberOf },
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

it('an edit is of a security, however the file spells its ticker and with what else it names it', () => {
  book = [line(1, 'ONE', 'BRK/B', '10'), line(2, 'ONE', 'BRKB', '4'), line(3, 'TWO', 'BRK B', '7')];
  const other = ['TWO', 'BRK B', '7', 3, '5', 20_000];
  expect(edited(['ONE', 'BRK.B', 20])).toEqual([['ONE', 'BRK/B', '20', 1, null, 20_000], other]);
  expect(edited(['ONE', 'BRKB', 20])).toEqual([['ONE', 'BRKB', '20', 2, null, 20_000], other]);
  expect(edited(['ONE', 'BRK.B', 0])).toEqual([other]);
  // Two names that nothing here knows are two.
  book = [line(1, 'ONE', 'QQQA', '10')];
  expect(edited(['ONE', 'QQQB', 20])).toHaveLength(2);
});

import { expect, it } from 'vitest';
import { filledOf } from './ledger.ts';

it('legs that undo each other are filled or not, which an unmoved holding does not tell', () => {
  const [buy, sale] = [10, -10].map((shares) => ({
    account: 'A',
    symbol: 'SPY',
    next: 1,
    shares,
    filled: 0,
    nextLater: true,
    known: false,
  }));
  const both = [buy!, sale!].map((leg) => ({ leg, splits: 1 }));
  expect(both.map(({ leg }) => filledOf(leg, 0, both))).toEqual([null, null]);
  expect(both.map(({ leg }) => filledOf(leg, 10, both))).toEqual([null, null]);
  // What fills tell of one tells the other.
  const told = [{ leg: { ...buy!, filled: 10, nextLater: true, known: true }, splits: 1 }, both[1]!];
  expect(filledOf(sale!, 0, told)).toBe(-10);
});

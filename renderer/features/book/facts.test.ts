import { expect, it } from 'vitest';
import type { BookPosition, BookView } from '../../../main/contract/results.ts';
import { bookFacts } from './facts.ts';

const position = (part: Partial<BookPosition>): BookPosition =>
  ({ role: 'unmodelled', marketValue: null, priceDay: null, ...part }) as BookPosition;

/** Value of the fact `name`; undefined without one. */
function fact(name: string, ...positions: BookPosition[]): string | undefined {
  const volatility = { historical: null, factor: null, residual: null, rows: 0, young: [], measured: [] };
  const view = { date: '2026-06-30', snapshotAsOf: '2026-06-30', positions, volatility, lineage: { runId: 'R1' } } as unknown as BookView;
  return bookFacts(view).find((one) => one.name === name)?.value;
}

it('says of the unmodelled what they are worth, and that a value is not known', () => {
  const priced = position({ marketValue: 98_250 });
  expect(fact('Unmodelled')).toBe('none');
  expect(fact('Unmodelled', priced)).toBe('1 position, $98,250');
  expect(fact('Unmodelled', priced, position({}))).toBe('2 positions, $98,250, 1 without a value');
  expect(fact('Unmodelled', position({}))).toBe('1 position, 1 without a value');
});

it('says of cash in other currencies that its value is not known', () => {
  const [own, abroad] = [position({ role: 'cash', marketValue: -12_000 }), position({ role: 'cash' })];
  expect(fact('Cash', own)).toBe('−$12,000');
  expect(fact('Cash', own, abroad)).toBe('−$12,000, 1 without a value');
  expect(fact('Cash', abroad)).toBe('1 without a value');
});

it('counts the positions whose last close is of before the day', () => {
  const closes = ['2026-06-30', '2026-06-29', '2026-06-12'].map((priceDay) => position({ role: 'stock', marketValue: 1, priceDay }));
  expect(fact('Older closes', closes[0]!)).toBeUndefined();
  expect(fact('Older closes', ...closes)).toBe('2, from 2026-06-12 on');
});

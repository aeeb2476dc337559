import { expect, it } from 'vitest';
import { legNote } from './leg-note.ts';
import type { HedgeLeg, HedgeView } from './results.ts';

const held = (role: 'hedge' | 'investment', shares: number) => ({
  account: 'A',
  etf: 'XLF',
  role,
  shares,
  value: null,
  marked: true,
  sent: false,
});
const note = (heldEtfs: HedgeView['heldEtfs'], leg: Partial<HedgeLeg>): string | null =>
  legNote(
    { heldEtfs },
    { etf: 'XLF', side: 'SELL', dropped: null, ...leg } as HedgeLeg,
    (count, decimals) => `${count.toFixed(decimals)} shares`,
  );

it('an order of an ETF that is held as an investment says so; what holds a leg back comes first', () => {
  const both = [held('investment', 30), held('investment', 20), held('hedge', 7)];
  expect(note(both, {})).toBe('sold from 50 shares held as an investment');
  expect(note(both, { side: 'BUY' })).toBe('beside 50 shares held as an investment');
  expect(note([held('investment', -5)], { side: 'BUY_TO_COVER' })).toBe('bought to cover -5 shares held as an investment');
  expect(note([held('investment', 0.1), held('investment', -50.6)], { side: 'BUY' })).toBe('beside -50.5 shares held as an investment');
  expect(note(both, { dropped: 'excluded' })).toBe('excluded');
  expect([note(both, { side: null }), note(both, { etf: 'XLK' }), note([held('hedge', 7)], {})]).toEqual([null, null, null]);
});

import { expect, it } from 'vitest';
import { readings } from './reading.ts';

const first = (explained: (number | null)[], residual: number | null): string[] =>
  readings(explained, residual).map((sentence) => sentence.split(':')[0]!);

it('reads the shares as the thresholds say, and says nothing in between', () => {
  expect(first([0.3, 0.1, 0.05], 0.55)).toEqual(['Mostly its own story']);
  expect(first([0.5, 0.3, 0.1], 0.1)).toEqual(['Mostly a sector bet']);
  expect(first([0.4, 0.2, 0.1], 0.3)).toEqual([]);
  expect(first([0.2, 0.45, 0.05], 0.3)).toEqual(['Sector dynamics dominate']);
  expect(first([0.1, 0.2, 0], 0.7)).toEqual(['Mostly its own story', 'Sector dynamics dominate']);
});

it('stands on the edges as written: 50 % and 85 % say nothing', () => {
  expect(readings([0.5], 0.5)).toEqual([]);
  expect(readings([0.5, 0.25, 0.1], 0.15)).toEqual([]);
});

it('claims no sector bet without a sector ETF, and nothing of missing shares', () => {
  expect(readings([0.9], 0.1)).toEqual([]);
  expect(readings([0.9, null], 0.1)).toEqual([]);
  expect(readings([], null)).toEqual([]);
});

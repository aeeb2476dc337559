import { afterEach, expect, it, vi } from 'vitest';
import type { GridColumn, GridLine } from './grid.ts';
import { createTypeAhead } from './grid-keys.ts';

const column: GridColumn<string> = { key: 'name', label: 'Name', width: '80px', value: (row) => row };
const lines: GridLine<string>[] = ['AMD', 'BAC', 'BB', 'GS', 'HD'].map((row) => ({ kind: 'row', row }));
afterEach(() => void vi.useRealTimers());

it('letters find the row that begins with them; the two of a shortcut to a screen are left to it', () => {
  vi.useFakeTimers();
  const find = createTypeAhead<string>();
  const type = (letter: string): number => find(letter, lines, column, 0);
  expect([type('b'), type('b')]).toEqual([1, 2]);
  vi.advanceTimersByTime(1000);
  // Whatever names there are: Book and Hedge.
  expect([type('g'), type('b'), type('g'), type('h')]).toEqual([-1, -1, -1, -1]);
  expect(type('h')).toBe(4);
  vi.advanceTimersByTime(1000);
  expect(type('g')).toBe(-1);
  vi.advanceTimersByTime(1500);
  expect(type('h')).toBe(4);
});

import { expect, it } from 'vitest';
import { heatClass, heatEdges, heatFull } from './heat.ts';

it('steps symmetrically, changes at its edges, and leaves missing values without colour', () => {
  const full = 70;
  expect([0, 9, 11, 29, 31, 49, 51, 70, 1000].map((value) => heatClass(value, full))).toEqual(
    ['0', '0', 'p1', 'p1', 'p2', 'p2', 'p3', 'p3', 'p3'].map((step) => `heat-${step}`),
  );
  expect([-9, -11, -31, -51].map((value) => heatClass(value, full))).toEqual(['heat-0', 'heat-n1', 'heat-n2', 'heat-n3']);
  expect(heatEdges(full)).toEqual([10, 30, 50]);
  expect(heatClass(null, full)).toBe('');
  expect(heatClass(5, 0)).toBe('heat-0');
});

it('is not set by one giant', () => {
  expect(heatFull([...Array.from({ length: 99 }, (_, i) => i + 1), 1e9])).toBe(95);
  expect(heatFull([])).toBe(0);
});

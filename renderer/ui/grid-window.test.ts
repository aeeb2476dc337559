import fc from 'fast-check';
import { expect, it } from 'vitest';
import { columnEdges, columnsInView, createPlaces, linesInView, tracks } from './grid-window.ts';

const view = { top: 0, left: 0, width: 300, height: 100 };

it('has the lines in view, two more on either side, and the one under the cursor', () => {
  expect(linesInView({ ...view, top: 240 }, 24, 1000, -1)).toEqual(Array.from({ length: 9 }, (_, i) => 8 + i));
  expect(linesInView({ ...view, top: 240 }, 24, 1000, 2).at(-1)).toBe(2);
  expect(linesInView({ ...view, top: 90_000 }, 24, 3, 0)).toEqual([0, 1, 2]);
  expect(linesInView(view, 24, 0, 0)).toEqual([]);
});

it('has the first column, those in view beside it and the one under the cursor', () => {
  const edges = columnEdges([
    { width: '80px' },
    { width: 'minmax(100px, 1fr)' },
    { width: '120px' },
    { width: '90px' },
    { width: '400px' },
  ]);
  expect(edges).toEqual([0, 80, 180, 300, 390, 790]);
  expect(columnsInView({ ...view, width: 170 }, edges, 0)).toEqual([0, 1, 2]);
  expect(columnsInView({ ...view, width: 170, left: 310 }, edges, 0)).toEqual([0, 3, 4]);
  expect(columnsInView({ ...view, width: 170, left: 310 }, edges, 1)).toEqual([0, 1, 3, 4]);
  expect(columnsInView({ ...view, width: 900 }, edges, 0)).toEqual([0, 1, 2, 3, 4]);
  expect(columnsInView(view, columnEdges([]), 0)).toEqual([]);
});

it('has as many lines and columns wherever the view stands, and all that is in view', () => {
  const widths = fc.array(fc.integer({ min: 20, max: 300 }), { minLength: 1, maxLength: 30 });
  const size = fc.integer({ min: 1, max: 900 });
  fc.assert(
    fc.property(widths, size, size, fc.nat(400), fc.double({ min: 0, max: 1, noNaN: true }), (tracks, width, height, count, share) => {
      const edges = columnEdges(tracks.map((track) => ({ width: `${track}px` })));
      const at = (part: number): { lines: number[]; columns: number[]; top: number; left: number } => {
        const top = Math.floor(part * Math.max(0, count * 24 - height));
        const left = Math.floor(part * Math.max(0, edges.at(-1)! - width));
        const port = { top, left, width, height };
        return { lines: linesInView(port, 24, count, -1), columns: columnsInView(port, edges, 0), top, left };
      };
      const { lines, columns, top, left } = at(share);
      expect([lines.length, columns.length]).toEqual([at(0).lines.length, at(0).columns.length]);
      for (let r = 0; r < count; r++) if (r * 24 < top + height && (r + 1) * 24 > top) expect(lines).toContain(r);
      const covered = left + edges[1]!;
      tracks.forEach((_, c) => {
        if (c > 0 && edges[c]! < left + width && edges[c + 1]! > covered) expect(columns).toContain(c);
      });
    }),
  );
});

it('keeps a line in its element while it is wanted, and uses the elements of those that left', () => {
  const place = createPlaces();
  const before = place([0, 1, 2, 3]);
  const after = place([2, 3, 4, 5]);
  expect(after.map(({ at }) => at)).toEqual([4, 5, 2, 3]);
  expect([after[2], after[3]]).toEqual([before[2], before[3]]);
  expect(after[2]).toBe(before[2]);
  expect(place([2, 3, 4, 5])).toBe(after);
  expect(place([2, 3, 4, 5], true).map(({ at, slot }) => [at, slot])).toEqual([
    [2, 2],
    [3, 3],
    [4, 0],
    [5, 1],
  ]);
  expect(place([3]).map(({ at, slot }) => [at, slot])).toEqual([[3, 0]]);
});

it('always shows exactly what is wanted, each in an element of its own', () => {
  const wanted = fc.uniqueArray(fc.nat(60), { maxLength: 20 });
  fc.assert(
    fc.property(fc.array(fc.tuple(wanted, fc.boolean()), { maxLength: 12 }), (turns) => {
      const place = createPlaces();
      for (const [lines, inOrder] of turns) {
        const places = place(lines, inOrder);
        expect(places.map(({ at }) => at).sort((a, b) => a - b)).toEqual([...lines].sort((a, b) => a - b));
        expect(places.map(({ slot }) => slot).sort((a, b) => a - b)).toEqual(lines.map((_, i) => i));
      }
    }),
  );
});

it('lays columns out in plain pixels where they do not all fit, and lets them stretch where they do', () => {
  const columns = [{ width: '90px' }, { width: 'minmax(120px, 1fr)' }];
  const edges = columnEdges(columns);
  expect(tracks(columns, edges, 209)).toBe('90px 120px');
  expect(tracks(columns, edges, 210)).toBe('90px minmax(120px, 1fr)');
});

import { deflateRawSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { commitBatch, readLine } from './index.ts';
import { freshWorkspace, meta } from './testing/workspace.ts';

it('every row finds the line it came from, in any order of the file; others have none', () => {
  const rows = fc.uniqueArray(fc.record({ slot: fc.integer({ min: 0, max: 20_000 }), line: fc.integer({ min: 1, max: 9_000_000 }) }), {
    selector: (row) => row.slot,
    maxLength: 40,
  });
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 400 }), rows), { selector: ([id]) => id, maxLength: 90 }), (symbols) => {
      const ws = freshWorkspace();
      const { batchId } = commitBatch(ws, meta(), (writer) =>
        writer.lines(
          symbols.map(([symbolId, list]) => {
            const sorted = [...list].sort((a, b) => a.slot - b.slot);
            return { symbolId, slots: sorted.map((row) => row.slot), lines: sorted.map((row) => row.line) };
          }),
        ),
      );
      for (const [symbolId, list] of symbols) {
        for (const { slot, line } of list) expect(readLine(ws, batchId, symbolId, slot)).toBe(line);
        expect(readLine(ws, batchId, symbolId, 20_001)).toBeNull();
      }
      expect(readLine(ws, batchId, 401, 0)).toBeNull();
      expect(readLine(ws, batchId + 1, 1, 0)).toBeNull();
      ws.close();
    }),
    { numRuns: 15 },
  );
});

it('a history of many years, in a file that is not sorted, keeps every line', () => {
  const ws = freshWorkspace();
  const slots = Array.from({ length: 40_000 }, (_, i) => i);
  const lines = slots.map((slot) => 2 + ((slot * 7_919) % 40_000));
  const { batchId } = commitBatch(ws, meta(), (writer) => writer.lines([{ symbolId: 1, slots, lines }]));
  for (const slot of [0, 1, 20_000, 32_767, 39_999]) expect(readLine(ws, batchId, 1, slot)).toBe(lines[slot]);
});

it.each([
  ['cut short', (packed: Uint8Array) => deflateRawSync(inflateRawSync(packed).subarray(0, -1))],
  ['altered', (packed: Uint8Array) => packed.map((byte, i) => (i === 0 ? 7 : byte))],
])('lines that were %s are told', (_, change) => {
  const ws = freshWorkspace();
  const { batchId } = commitBatch(ws, meta(), (writer) => writer.lines([{ symbolId: 1, slots: [5, 6], lines: [2, 900] }]));
  const packed = ws.sql.prepare('SELECT packed FROM series_line').pluck().get() as Uint8Array;
  ws.sql.prepare('UPDATE series_line SET packed = ?').run(change(packed));
  expect(() => readLine(ws, batchId, 1, 6)).toThrow(`the lines that values of batch ${batchId} came from are not readable`);
});

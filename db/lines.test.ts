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

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Tile } from '../../../db/index.ts';
import { parseIsoDay, slotOfDay } from '../../contract/units.ts';
import { sessionAtOrBefore } from '../../calendar/index.ts';
import { isPlain, plainReturns, rowAxis, SOURCE } from '../../quant/returns/index.ts';
import { addPart, createParts, nextDay, tailInputs, valueAt } from './panel-tail.ts';

const price = fc.oneof({ weight: 5, arbitrary: fc.double({ min: 0.01, max: 900, noNaN: true }) }, fc.constantFrom(NaN, 0));
const DAY = parseIsoDay('2026-03-09')!; // a Monday: its base lies three days back

/** A tile with a block as the second of its two series. */
function tileOf({ symbolId, values, anchored, ...block }: { symbolId: number; values: Float64Array; anchored: boolean }): Tile {
  const n = values.length;
  const both = new Float64Array(2 * n).fill(NaN);
  both.set(values, n);
  return { ...block, n, anchored: Number(anchored), knownDay: null, symbols: Int32Array.of(1, symbolId), values: both } as unknown as Tile;
}

test('the next day of a series has the bits that the general way gives, or is left to it', () => {
  const axis = rowAxis((sessionAtOrBefore(DAY) - 1) as Parameters<typeof rowAxis>[0], 2);
  const [before, slot] = [axis.slots[0]!, axis.slots[1]!];
  expect(slot).toBe(slotOfDay(DAY));
  const about = { symbolId: 7, batchId: 3, order: 9, known: null };
  const block = fc.oneof(
    {
      weight: 4,
      arbitrary: price.map((x) => ({ ...about, field: 'close', firstSlot: slot, values: Float64Array.of(x), anchored: false })),
    },
    {
      weight: 4,
      arbitrary: fc.tuple(price, price).map(([base, x]) => {
        const values = new Float64Array(slot - before + 1).fill(NaN);
        values[0] = base;
        values[slot - before] = x;
        return { ...about, field: 'adj_close', firstSlot: before, values, anchored: true };
      }),
    },
    price.map((x) => ({ ...about, field: 'return', firstSlot: slot, values: Float64Array.of(x), anchored: false })),
    price.map((x) => ({ ...about, symbolId: 8, field: 'close', firstSlot: slot, values: Float64Array.of(x), anchored: false })),
  );
  const pieces = fc.constantFrom(
    [{ symbolId: 7, fromDay: -1e6, toDay: 1e6 }],
    [{ symbolId: 7, fromDay: -1e6, toDay: DAY }],
    [{ symbolId: 7, fromDay: DAY, toDay: 1e6 }],
    [],
  );
  const mode = fc.constantFrom('auto' as const, 'adjusted' as const, 'raw' as const);
  let quick = 0;
  fc.assert(
    fc.property(fc.array(block, { maxLength: 3 }), pieces, fc.option(price), mode, (blocks, held, close, how) => {
      const parts = createParts(2);
      for (const one of blocks) addPart(parts, 1, tileOf(one), 1);
      const next = nextDay(parts, 1, held, axis, close, DAY, how);
      if (next === undefined) return;
      quick++;
      const inputs = tailInputs(parts, 1, held, axis, close ?? NaN);
      expect(isPlain(inputs, axis)).toBe(true);
      const [values, source] = [new Float64Array(2), new Uint8Array(2)];
      plainReturns(inputs, axis, DAY, how, values, source);
      const last = valueAt(inputs.close, axis, 1);
      if (close === null && source[1] === SOURCE.none && !Number.isNaN(last)) expect(next).toBeNull();
      else expect(next).toEqual({ value: values[1], close: last });
    }),
    { numRuns: 3000, seed: 9 },
  );
  expect(quick).toBeGreaterThan(300);
});

/** Lays the stored blocks of one field on rows: the value in force at a day, which batch it came from, and where batches contradict. */
import { lowerBound } from '../returns/index.ts';
import type { RowAxis, SeriesBlock } from '../returns/types.ts';
import type { Overlap } from './types.ts';

/** Scratch of one field, used again for every security. */
export interface Laid {
  readonly value: Float64Array;
  readonly batch: Int32Array;
  readonly known: Int32Array;
}

export const makeLaid = (nRows: number): Laid => ({
  value: new Float64Array(nRows),
  batch: new Int32Array(nRows),
  known: new Int32Array(nRows),
});

interface Sum {
  readonly earlier: number;
  readonly later: number;
  days: number;
  logs: number;
  lastRow: number;
}

/**
 * Writes the values known by `knowledgeDay` into `out` (NaN, batch 0 for none): later knowledge over earlier, then later batches.
 * `blocks` come in commit order. Answers the pairs of batches that hold different values for the same days.
 */
export function lay(blocks: readonly SeriesBlock[], axis: RowAxis, knowledgeDay: number, out: Laid): Overlap[] {
  out.value.fill(NaN);
  out.batch.fill(0);
  const sums = new Map<string, Sum>();
  for (const block of blocks) {
    const from = Math.max(lowerBound(axis.slots, block.firstSlot), lowerBound(axis.days, block.fromDay));
    const to = Math.min(lowerBound(axis.slots, block.firstSlot + block.values.length), lowerBound(axis.days, block.toDay));
    for (let row = from; row < to; row++) {
      const at = axis.slots[row]! - block.firstSlot;
      const value = block.values[at]!;
      if (value !== value || (block.anchored && at === 0)) continue;
      const known = block.known === null ? axis.days[row]! : block.known[at]!;
      if (known > knowledgeDay) continue;
      const held = out.value[row]!;
      if (held === held) {
        if (out.batch[row] !== block.batchId && held > 0 && value > 0) note(sums, out.batch[row]!, block.batchId, value / held, row);
        if (known < out.known[row]!) continue;
      }
      out.value[row] = value;
      out.batch[row] = block.batchId;
      out.known[row] = known;
    }
  }
  return [...sums.values()].map(({ earlier, later, days, logs, lastRow }) => ({
    earlier,
    later,
    days,
    ratio: Math.exp(logs / days),
    lastRow,
  }));
}

function note(sums: Map<string, Sum>, earlier: number, later: number, ratio: number, row: number): void {
  const key = `${earlier}/${later}`;
  let sum = sums.get(key);
  if (!sum) sums.set(key, (sum = { earlier, later, days: 0, logs: 0, lastRow: row }));
  sum.days++;
  sum.logs += Math.log(ratio);
  sum.lastRow = Math.max(sum.lastRow, row);
}

/** How many securities have a value on each session, per source and field. */
import type { BatchRecord } from '../../../db/index.ts';
import type { CoverageSource } from '../../contract/results-health.ts';
import type { RowAxis } from '../../quant/returns/index.ts';

interface Block {
  readonly field: string;
  readonly batchId: number;
  readonly firstSlot: number;
  readonly values: Float64Array;
  readonly anchored: boolean;
}

export interface CoverageCount {
  add(block: Block): void;
  sources(): CoverageSource[];
}

export function countCoverage(batches: readonly BatchRecord[], axis: RowAxis): CoverageCount {
  const nameOf = new Map(batches.map((batch) => [batch.batchId as number, batch.source || batch.file]));
  const first = axis.slots[0] ?? 0;
  const rowOfSlot = new Int32Array((axis.slots[axis.nRows - 1] ?? -1) - first + 1).fill(-1);
  axis.slots.forEach((slot, row) => (rowOfSlot[slot - first] = row));
  const found = new Map<string, { source: string; field: string; batches: Set<number>; counts: Int32Array }>();
  return {
    add({ field, batchId, firstSlot, values, anchored }) {
      const source = nameOf.get(batchId) ?? `batch ${batchId}`;
      const key = `${source}\n${field}`;
      let entry = found.get(key);
      if (!entry) found.set(key, (entry = { source, field, batches: new Set(), counts: new Int32Array(axis.nRows) }));
      entry.batches.add(batchId);
      for (let i = anchored ? 1 : 0; i < values.length; i++) {
        if (values[i] !== values[i]) continue;
        const row = rowOfSlot[firstSlot + i - first];
        if (row !== undefined && row >= 0) entry.counts[row]!++;
      }
    },
    sources: () =>
      [...found.values()]
        .map(({ source, field, batches: ids, counts }) => ({ source, field, batches: [...ids].sort((a, b) => a - b), counts: [...counts] }))
        .sort((a, b) => (a.source + a.field < b.source + b.field ? -1 : 1)),
  };
}

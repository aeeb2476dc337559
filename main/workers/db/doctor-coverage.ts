/** How many securities have a value on each session, per source and field. */
import { listBatches, visitByBatch, type Workspace } from '../../../db/index.ts';
import type { CoverageSource } from '../../contract/results-health.ts';
import type { RowAxis } from '../../quant/returns/index.ts';
import { FIELDS } from './doctor-series.ts';

/** Read batch by batch: of joined days nobody can tell any more which source each came from. */
export function coverageOf(ws: Workspace, revision: number, axis: RowAxis, check: () => void): CoverageSource[] {
  const nameOf = new Map(listBatches(ws).map((batch) => [batch.batchId as number, batch.source || batch.file]));
  const first = axis.slots[0] ?? 0;
  const rowOfSlot = new Int32Array((axis.slots[axis.nRows - 1] ?? -1) - first + 1).fill(-1);
  axis.slots.forEach((slot, row) => (rowOfSlot[slot - first] = row));
  const found = new Map<string, { source: string; field: string; batches: Set<number>; counts: Int32Array }>();
  let read = 0;
  visitByBatch(ws, { fields: FIELDS, revision }, ({ field, batchId, firstSlot, n, values, anchored }) => {
    if ((++read & 255) === 0) check();
    const source = nameOf.get(batchId) ?? `batch ${batchId}`;
    const key = `${source}\n${field}`;
    let entry = found.get(key);
    if (!entry) found.set(key, (entry = { source, field, batches: new Set(), counts: new Int32Array(axis.nRows) }));
    entry.batches.add(batchId);
    for (let at = 0; at < values.length; at += n)
      for (let i = anchored; i < n; i++) {
        if (values[at + i] !== values[at + i]) continue;
        const row = rowOfSlot[firstSlot + i - first];
        if (row !== undefined && row >= 0) entry.counts[row]!++;
      }
  });
  return [...found.values()]
    .map(({ source, field, batches, counts }) => ({ source, field, batches: [...batches].sort((a, b) => a - b), counts: [...counts] }))
    .sort((a, b) => (a.source + a.field < b.source + b.field ? -1 : 1));
}

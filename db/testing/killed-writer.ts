/** Run as a process of its own: commits one batch, then is killed by its parent in the middle of a second one. */
import * as fs from 'node:fs';
import { commitBatch, createWorkspace } from '../index.ts';
import type { BatchMeta, BatchWriter } from '../index.ts';

const [dir, metaText] = process.argv.slice(2) as [string, string];
const meta = JSON.parse(metaText) as BatchMeta;
const ws = createWorkspace(dir, { softwareVersion: '0.0.0-test' });
ws.sql.pragma('cache_size = 10'); // spill: uncommitted pages reach the log

function fill(writer: BatchWriter, symbols: number, value: number): void {
  const ids = writer.symbols(Array.from({ length: symbols }, (_, i) => ({ type: 'ticker' as const, code: `T${i}` })));
  for (const symbolId of ids)
    writer.block({ symbolId, field: 'close', firstSlot: 0, values: new Float64Array(500).fill(value), known: null, anchored: false });
}

commitBatch(ws, meta, (writer) => fill(writer, 300, 1));
commitBatch(ws, meta, (writer) => {
  fill(writer, 600, 2);
  fs.writeSync(1, 'middle\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
});

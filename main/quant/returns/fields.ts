import { lowerBound } from './axis.ts';
import type { RowAxis, SeriesBlock } from './types.ts';

/**
 * Every stored version of one field by row: the versions of row r are entries offsets[r] … offsets[r+1]-1, ordered by
 * (known, order), so that of those known by a day the last is in force.
 */
export interface FieldTable {
  readonly offsets: Int32Array;
  readonly value: Float64Array;
  readonly known: Int32Array;
  /** Entries of one group come from one batch and symbol: only they share a base of adjusted closes. */
  readonly group: Int32Array;
  /** 1: a base for the next row, not a value. */
  readonly anchor: Uint8Array;
}

/** Rows [from, to) on which a block has slots and its symbol is the security's. */
export function blockRows(block: SeriesBlock, axis: RowAxis): { from: number; to: number } {
  const from = Math.max(lowerBound(axis.slots, block.firstSlot), lowerBound(axis.days, block.fromDay));
  const to = Math.min(lowerBound(axis.slots, block.firstSlot + block.values.length), lowerBound(axis.days, block.toDay));
  return { from, to: Math.max(from, to) };
}

/** Whether two blocks share a base of adjusted closes. */
export function sameGroup(a: SeriesBlock, b: SeriesBlock): boolean {
  return a.batchId === b.batchId && a.symbolId === b.symbolId;
}

/** Tabulates the versions known by `limit`. O(values). */
export function buildField(blocks: readonly SeriesBlock[], axis: RowAxis, limit: number): FieldTable {
  const offsets = new Int32Array(axis.nRows + 1);
  forEachEntry(blocks, axis, limit, (row) => offsets[row + 1]!++);
  for (let row = 0; row < axis.nRows; row++) offsets[row + 1]! += offsets[row]!;
  const count = offsets[axis.nRows]!;
  const entryBlock = new Int32Array(count);
  const value = new Float64Array(count);
  const known = new Int32Array(count);
  const next = offsets.slice();
  forEachEntry(blocks, axis, limit, (row, block, v, k) => {
    const precedes = (entry: number): boolean =>
      compare(blocks[entryBlock[entry]!]!, known[entry]!, value[entry]!, blocks[block]!, k, v) <= 0;
    let at = next[row]!++;
    for (; at > offsets[row]! && !precedes(at - 1); at--) {
      entryBlock[at] = entryBlock[at - 1]!;
      value[at] = value[at - 1]!;
      known[at] = known[at - 1]!;
    }
    entryBlock[at] = block;
    value[at] = v;
    known[at] = k;
  });
  const numbers = new Map<string, number>();
  const groupOf = blocks.map((block) => {
    const key = `${block.batchId}/${block.symbolId}`;
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
  const group = entryBlock.map((block) => groupOf[block]!);
  const anchor = new Uint8Array(count);
  for (let row = 0; row < axis.nRows; row++) {
    for (let entry = offsets[row]!; entry < offsets[row + 1]!; entry++) {
      const block = blocks[entryBlock[entry]!]!;
      if (block.anchored && block.firstSlot === axis.slots[row]) anchor[entry] = 1;
    }
  }
  return { offsets, value, known, group, anchor };
}

/**
 * Entry of the value of a row in force at knowledge day k, or -1. Strict: the last version known by k. Corrected: the
 * last version of the table, from the day the first one was known.
 */
export function valueInForce(table: FieldTable, row: number, k: number, corrected: boolean): number {
  let last = -1;
  for (let entry = table.offsets[row]!; entry < table.offsets[row + 1]!; entry++) {
    if (table.anchor[entry] === 1) continue;
    if (table.known[entry]! > k && (!corrected || last < 0)) return last;
    last = entry;
  }
  return last;
}

/** Entry that serves a group as base at a row (an anchor or a value), under the same rules, or -1. */
export function baseInForce(table: FieldTable, row: number, group: number, k: number, corrected: boolean): number {
  let last = -1;
  for (let entry = table.offsets[row]!; entry < table.offsets[row + 1]!; entry++) {
    const late = table.known[entry]! > k;
    if (late && (!corrected || entry === table.offsets[row]!)) return last;
    if (table.group[entry] === group) last = entry;
  }
  return last;
}

/**
 * Entry of the adjusted close that serves the return of a row, under the same rules, or -1: the last version with a base of its own.
 * Where a file begins, its first value has none; it hides no return that another file told.
 */
export function adjustedInForce(table: FieldTable, row: number, k: number, corrected: boolean): number {
  if (row === 0) return -1;
  let entry = valueInForce(table, row, k, corrected);
  for (; entry >= table.offsets[row]!; entry--)
    if (table.anchor[entry] === 0 && baseInForce(table, row - 1, table.group[entry]!, k, corrected) >= 0) return entry;
  return -1;
}

function forEachEntry(
  blocks: readonly SeriesBlock[],
  axis: RowAxis,
  limit: number,
  visit: (row: number, block: number, value: number, known: number) => void,
): void {
  blocks.forEach((block, b) => {
    const { from, to } = blockRows(block, axis);
    for (let row = from; row < to; row++) {
      const index = axis.slots[row]! - block.firstSlot;
      const value = block.values[index]!;
      const known = block.known === null ? axis.days[row]! : block.known[index]!;
      if (!Number.isNaN(value) && known <= limit) visit(row, b, value, known);
    }
  });
}

/** Total order of versions, so that the order of the blocks never shows: later knowledge last, then later batches. */
function compare(a: SeriesBlock, aKnown: number, aValue: number, b: SeriesBlock, bKnown: number, bValue: number): number {
  return aKnown - bKnown || a.order - b.order || a.batchId - b.batchId || (a.symbolId ?? 0) - (b.symbolId ?? 0) || aValue - bValue;
}

import { buildActions, combine } from './actions.ts';
import { lowerBound } from './axis.ts';
import { blockRows, sameGroup } from './fields.ts';
import { SOURCE } from './types.ts';
import type { RowAxis, SecurityInputs, SeriesBlock } from './types.ts';

/**
 * Whether the inputs are of the usual kind: every value known on its own day, one version of each, every action known by its
 * ex-date, no delisting and no merger. Then one array serves every row and every knowledge day, by one pass.
 */
export function isPlain(inputs: SecurityInputs, axis: RowAxis): boolean {
  return (
    [inputs.close, inputs.adjClose, inputs.returns].every((blocks) => oneVersion(blocks, axis)) &&
    inputs.actions.every((action) => action.known <= action.exDay && action.type !== 'merger' && action.type !== 'delisting')
  );
}

/** Returns of plain inputs as known at k, the same bits as `returnAt` row by row. Allocates nothing the size of the axis. */
export function plainReturns(
  inputs: SecurityInputs,
  axis: RowAxis,
  k: number,
  mode: 'auto' | 'adjusted' | 'raw',
  out: Float64Array,
  source: Uint8Array | null,
): void {
  const limit = lowerBound(axis.days, k + 1);
  out.fill(NaN, 0, axis.nRows);
  source?.fill(SOURCE.none, 0, axis.nRows);
  if (mode !== 'adjusted' && inputs.close.length > 0) rawReturns(inputs, axis, limit, k, out, source);
  if (mode !== 'raw') for (const block of inputs.adjClose) adjustedReturns(block, inputs.adjClose, axis, limit, out, source);
  for (const block of inputs.returns) {
    const { from, to } = valueRows(block, axis, limit);
    for (let row = from; row < to; row++) {
      const value = block.values[axis.slots[row]! - block.firstSlot]!;
      if (Number.isNaN(value)) continue;
      out[row] = value;
      if (source) source[row] = SOURCE.imported;
    }
  }
}

/** Closes go into `out` first and become returns from the last row down, so no second array is needed. */
function rawReturns(inputs: SecurityInputs, axis: RowAxis, limit: number, k: number, out: Float64Array, source: Uint8Array | null): void {
  for (const block of inputs.close) {
    const { from, to } = valueRows(block, axis, limit);
    for (let row = from; row < to; row++) out[row] = block.values[axis.slots[row]! - block.firstSlot]!;
  }
  const { byRow } = buildActions(inputs.actions, axis, k);
  const effect = { split: 1, income: 0, terminal: NaN };
  for (let row = limit - 1; row >= 0; row--) {
    const price = out[row]!;
    const before = row > 0 ? out[row - 1]! : NaN;
    if (!(price > 0 && before > 0)) {
      out[row] = NaN;
      continue;
    }
    const groups = byRow.size > 0 ? byRow.get(row) : undefined;
    if (groups === undefined) {
      out[row] = price / before - 1;
    } else {
      combine(groups, k, false, effect);
      out[row] = (effect.split * (price + effect.income)) / before - 1;
    }
    if (source) source[row] = SOURCE.raw;
  }
}

function adjustedReturns(
  block: SeriesBlock,
  all: readonly SeriesBlock[],
  axis: RowAxis,
  limit: number,
  out: Float64Array,
  source: Uint8Array | null,
): void {
  const { from, to } = valueRows(block, axis, limit);
  const first = blockRows(block, axis).from;
  let before = from > 0 && from - 1 >= first ? block.values[axis.slots[from - 1]! - block.firstSlot]! : NaN;
  for (let row = from; row < to; row++) {
    const value = block.values[axis.slots[row]! - block.firstSlot]!;
    if (value > 0) {
      if (Number.isNaN(before) && row > 0 && all.length > 1) before = baseElsewhere(block, all, axis, row - 1);
      if (before > 0) {
        out[row] = value / before - 1;
        if (source) source[row] = SOURCE.adjusted;
      }
    }
    before = value;
  }
}

/** Base of a block from the other blocks of its batch and symbol: a value before an anchor (they are the same number). */
function baseElsewhere(block: SeriesBlock, all: readonly SeriesBlock[], axis: RowAxis, row: number): number {
  let found = NaN;
  for (const other of all) {
    if (other === block || !sameGroup(block, other)) continue;
    const { from, to } = blockRows(other, axis);
    const value = row >= from && row < to ? other.values[axis.slots[row]! - other.firstSlot]! : NaN;
    if (!Number.isNaN(value) && !(found >= value)) found = value;
  }
  return found;
}

/** Rows before `limit` on which a block has values: its rows without an anchor. */
function valueRows(block: SeriesBlock, axis: RowAxis, limit: number): { from: number; to: number } {
  const { from, to } = blockRows(block, axis);
  const start = block.anchored ? Math.max(from, lowerBound(axis.slots, block.firstSlot + 1)) : from;
  return { from: start, to: Math.min(to, limit) };
}

function oneVersion(blocks: readonly SeriesBlock[], axis: RowAxis): boolean {
  if (blocks.some((block) => block.known !== null)) return false;
  if (blocks.length < 2) return true;
  const ranges = blocks.map((block) => valueRows(block, axis, axis.nRows)).filter((range) => range.from < range.to);
  ranges.sort((a, b) => a.from - b.from);
  return ranges.every((range, i) => i === 0 || ranges[i - 1]!.to <= range.from);
}

/**
 * What a file's price-like values mean against the stored ones: new, unchanged, restated, or adjusted closes on another base.
 * Pure on typed arrays; one call per symbol and field. Values are compared exactly; adjusted closes by their gross returns,
 * because a vendor multiplies the whole history at every dividend (MODEL.md 1).
 */

import { dayOfSlot, type Slot } from '../../contract/units.ts';

// In order of weight: a row with several fields is what its weightiest field is.
const NONE = 0;
export const UNCHANGED = 1;
export const REBASED = 2;
export const NEW = 3;
export const RESTATED = 4;

/** Largest relative difference of two gross returns of adjusted closes that still counts as the same return. */
const SAME_RETURN = 1e-6;

/** Whether two gross returns of adjusted closes count as one; NaN is like nothing. */
export const sameReturn = (one: number, other: number): boolean => Math.abs(one / other - 1) <= SAME_RETURN;

/** A stored block as the diff needs it. */
export interface StoredBlock {
  readonly firstSlot: number;
  readonly values: Float64Array;
  readonly known: Int32Array | null;
  readonly anchored: boolean;
  /** Blocks come in ascending batch order. */
  readonly order: number;
  readonly batchId: number;
}

/** The values in force, with everything known, on a contiguous slot axis. */
export interface StoredView {
  readonly firstSlot: number;
  readonly values: Float64Array;
  /** The batch each value is of; 0 where there is none. */
  readonly batches: Int32Array;
  /** Day from which each value is known. */
  readonly known: Int32Array;
  /** For adjusted closes: the previous session's value in the base of the same block; NaN when there is none. */
  readonly previous: Float64Array;
  /** Day from which that previous value is known; the far past when there is none. */
  readonly previousKnown: Int32Array;
}

/** Previous session's slot of a slot, as a lookup the caller builds from the calendar; -1 = none. */
export type PreviousSlot = (slot: number) => number;

/** Lays all blocks of one symbol and field over each other, latest knowledge (then latest batch) on top. */
export function storedView(blocks: readonly StoredBlock[], previousSlot: PreviousSlot): StoredView | null {
  if (blocks.length === 0) return null;
  let first = Infinity;
  let last = -Infinity;
  for (const block of blocks) {
    first = Math.min(first, block.firstSlot);
    last = Math.max(last, block.firstSlot + block.values.length - 1);
  }
  const n = last - first + 1;
  const values = new Float64Array(n).fill(NaN);
  const previous = new Float64Array(n).fill(NaN);
  const known = new Int32Array(n).fill(-2147483648);
  const previousKnown = known.slice();
  const batches = new Int32Array(n);
  for (const block of blocks) {
    const knownAt = (i: number): number => (block.known ? block.known[i]! : dayOfSlot((block.firstSlot + i) as Slot));
    for (let i = block.anchored ? 1 : 0; i < block.values.length; i++) {
      const value = block.values[i]!;
      if (value !== value) continue;
      const at = block.firstSlot + i - first;
      const when = knownAt(i);
      if (when < known[at]!) continue;
      known[at] = when;
      values[at] = value;
      batches[at] = block.batchId;
      const before = previousSlot(block.firstSlot + i) - block.firstSlot;
      previous[at] = before >= 0 ? block.values[before]! : NaN;
      previousKnown[at] = before >= 0 ? knownAt(before) : -2147483648;
    }
  }
  return { firstSlot: first, values, batches, known, previous, previousKnown };
}

/**
 * The value in force on a slot as known on a day, with its batch and, for adjusted closes, the previous session's value in its base
 * if known by then (else NaN); null when nothing is known of it by then.
 */
export function versionOn(
  blocks: readonly StoredBlock[],
  slot: number,
  day: number,
  previousSlot: PreviousSlot,
): { readonly value: number; readonly previous: number; readonly batchId: number } | null {
  let found: { value: number; previous: number; batchId: number } | null = null;
  let latest = -Infinity;
  for (const { firstSlot, values, known, anchored, batchId } of blocks) {
    const at = slot - firstSlot;
    const value = at >= (anchored ? 1 : 0) && at < values.length ? values[at]! : NaN;
    const when = known ? known[at]! : dayOfSlot(slot as Slot);
    if (value !== value || when > day || when < latest) continue;
    latest = when;
    const before = previousSlot(slot) - firstSlot;
    const isKnown = before >= 0 && (known ? known[before]! : dayOfSlot((firstSlot + before) as Slot)) <= day;
    found = { value, previous: isKnown ? values[before]! : NaN, batchId };
  }
  return found;
}

/**
 * Classifies rows [from, to) of a staged column. `status` gets one of the constants above per row; `write` is 1 for rows that
 * must be stored (new and restated ones, and unchanged adjusted closes whose return the store could not form before).
 */
export function diffRows(
  rows: { readonly slot: Int32Array; readonly values: Float64Array; readonly from: number; readonly to: number },
  stored: StoredView | null,
  adjusted: boolean,
  previousSlot: PreviousSlot,
  status: Uint8Array,
  write: Uint8Array,
): void {
  const { slot, values, from, to } = rows;
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    status[i] = NONE;
    write[i] = 0;
    if (value !== value) continue;
    const at = stored ? slot[i]! - stored.firstSlot : -1;
    const held = stored && at >= 0 && at < stored.values.length ? stored.values[at]! : NaN;
    if (held !== held) {
      status[i] = NEW;
      write[i] = 1;
      continue;
    }
    if (!adjusted) {
      status[i] = value === held ? UNCHANGED : RESTATED;
      write[i] = value === held ? 0 : 1;
      continue;
    }
    const own = i > from && slot[i - 1] === previousSlot(slot[i]!) ? values[i - 1]! : NaN;
    const before = stored!.previous[at]!;
    const same = value === held ? UNCHANGED : REBASED;
    if (own !== own) status[i] = same;
    else if (before !== before) {
      status[i] = same;
      write[i] = 1;
    } else {
      const changed = !sameReturn(value / own, held / before);
      status[i] = changed ? RESTATED : same;
      write[i] = changed ? 1 : 0;
    }
  }
}

/** One block to store. */
export interface NewBlock {
  readonly firstSlot: number;
  readonly values: Float64Array;
  /** null: every value known on its own day; a number: all on that day. */
  readonly known: Int32Array | number | null;
  readonly anchored: boolean;
}

/** A plain block may bridge this many empty slots; a longer hole starts a new block. */
const LONGEST_HOLE = 64;

/**
 * Cuts the rows to write into blocks. Adjusted closes start a block with the file's own previous value as anchor where the file
 * has one that is not itself written, so that the first return is formed in the file's base, from `anchorKnown` on.
 */
export function blocksOf(
  rows: { readonly slot: Int32Array; readonly values: Float64Array; readonly from: number; readonly to: number },
  write: Uint8Array,
  adjusted: boolean,
  previousSlot: PreviousSlot,
  knownOf: (row: number) => number,
  dayOf: (slot: number) => number,
  anchorKnown: (row: number) => number = (row) => dayOf(rows.slot[row]!),
): NewBlock[] {
  const { slot, values, from, to } = rows;
  const out: NewBlock[] = [];
  let start = -1;
  let last = -1;
  const flush = (): void => {
    if (start < 0) return;
    const anchorRow = adjusted && start > from && slot[start - 1] === previousSlot(slot[start]!) ? start - 1 : -1;
    const anchored = anchorRow >= 0 && values[anchorRow] === values[anchorRow];
    const firstSlot = slot[anchored ? anchorRow : start]!;
    const n = slot[last]! - firstSlot + 1;
    const block = new Float64Array(n).fill(NaN);
    const known = new Int32Array(n);
    let own = true;
    let constant = true;
    const firstKnown = knownOf(start);
    for (let i = 0; i < n; i++) known[i] = dayOf(firstSlot + i);
    if (anchored) {
      block[0] = values[anchorRow]!;
      known[0] = anchorKnown(anchorRow);
      own = known[0] === dayOf(firstSlot);
      constant = known[0]! <= firstKnown;
    }
    for (let row = start; row <= last; row++) {
      if (!write[row]) continue;
      const at = slot[row]! - firstSlot;
      block[at] = values[row]!;
      const when = knownOf(row);
      if (when !== known[at]) own = false;
      if (when !== firstKnown) constant = false;
      known[at] = when;
    }
    out.push({ firstSlot, values: block, known: own ? null : constant ? firstKnown : known, anchored });
    start = -1;
  };
  for (let row = from; row < to; row++) {
    if (!write[row]) {
      // In a series of adjusted closes a kept value interrupts the base; in a plain one it is only a hole.
      if (adjusted && values[row] === values[row]) flush();
      continue;
    }
    if (start >= 0 && slot[row]! - slot[last]! > LONGEST_HOLE) flush();
    if (start < 0) start = row;
    last = row;
  }
  flush();
  return out;
}

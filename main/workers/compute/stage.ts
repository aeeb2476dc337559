/** Rows of a panel on which a kernel works: all of them, or the few that some late rows need. Both give the same bits (cascade/README.md). */
import { ALIVE_ROWS } from '../../quant/cascade/types.ts';
import type { Axis, Cascade, Chain } from '../../quant/cascade/index.ts';
import type { Kernel } from './kernels.ts';

/** Chains of ETFs with late facts kept between securities; the common chains are kept apart and never dropped. */
export const LATE_CHAINS = 256;

export interface Stage {
  /** Row of the panel at the kernel's row 0, and how many rows the kernel has. */
  readonly start: number;
  readonly nRows: number;
  readonly cascade: Cascade;
  /** Chains without late facts, by the securities of their ETFs; late ones by series and epoch. */
  readonly steady: Map<string, Chain>;
  readonly late: Map<string, Chain>;
  /** The rows of an array over the whole panel, valid until the next call of the same `slot`, which names the scratch it may use. */
  rows(values: Float64Array, slot: number): Float64Array;
  /** A copy of the rows of an ETF's array, for chains that are kept; one copy serves all chains where `key` names it for good. */
  column(key: string, values: Float64Array): Float64Array;
}

/** Copies by key; a key with an epoch ("/") names an array that is not kept. */
function columns(copy: (values: Float64Array) => Float64Array): Stage['column'] {
  const kept = new Map<string, Float64Array>();
  return (key, values) => {
    const column = kept.get(key) ?? copy(values);
    if (!key.includes('/')) kept.set(key, column);
    return column;
  };
}

/** All rows of a panel; arrays are used as they are. */
export function wholeStage(create: (axis: Axis) => Kernel, firstSession: number, nRows: number): Stage {
  const { cascade, chains } = create({ firstSession, nRows });
  // A kept chain must not keep a whole panel in memory.
  return {
    start: 0,
    nRows,
    cascade,
    steady: chains,
    late: new Map(),
    rows: (values) => values,
    column: columns((values) => values.slice()),
  };
}

/** Rows that a short axis serves at most at a time. */
const SHORT_ROWS = 32;

/**
 * First row and length of a short axis that serves rows [from, to): it begins with a block, one window before them, and is as long for every
 * row of a block, so that one kernel serves a day after the other. null when it would not be short.
 */
export function shortAxis(
  window: number,
  firstSession: number,
  from: number,
  to: number,
  nRows: number,
): { start: number; length: number } | null {
  // One row early for the ex-ante fields; whether a row exists depends on ALIVE_ROWS.
  const first = from - 1 - Math.max(window, ALIVE_ROWS);
  if (first < 0) return null;
  const start = first - ((((firstSession + first) % window) + window) % window);
  // The row before, a window before that, and up to a block to where a block begins.
  const length = window + Math.max(window, ALIVE_ROWS) + SHORT_ROWS;
  return start >= 0 && to - start <= length && length < nRows / 2 ? { start, length } : null;
}

/** Some rows of a panel, copied; rows behind the panel's last are missing. */
export function shortStage(create: (axis: Axis) => Kernel, firstSession: number, start: number, nRows: number): Stage {
  const { cascade, chains } = create({ firstSession: firstSession + start, nRows });
  const scratch: Float64Array[] = [];
  const copyInto = (rows: Float64Array, values: Float64Array): Float64Array => {
    const known = values.subarray(start, start + nRows);
    rows.set(known);
    return rows.fill(NaN, known.length);
  };
  return {
    start,
    nRows,
    cascade,
    steady: chains,
    late: new Map(),
    rows(values, slot) {
      // Of a security the kernel reads the rows before the last wanted one only: what lies behind does not matter, if there is room.
      const { buffer, byteOffset } = values;
      if (byteOffset + (start + nRows) * 8 <= buffer.byteLength) return new Float64Array(buffer, byteOffset + start * 8, nRows);
      return copyInto((scratch[slot] ??= new Float64Array(nRows)), values);
    },
    column: columns((values) => copyInto(new Float64Array(nRows), values)),
  };
}

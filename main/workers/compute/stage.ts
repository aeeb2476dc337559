/** Rows of a panel on which a kernel works: all of them, or the few that some late rows need. Both give the same bits (cascade/README.md). */
import { ALIVE_ROWS } from '../../quant/cascade/types.ts';
import type { Axis, Cascade, Chain } from '../../quant/cascade/index.ts';

/** Chains of ETFs with late facts kept between securities; the common chains are kept apart and never dropped. */
export const LATE_CHAINS = 256;

export interface Stage {
  /** Row of the panel at the kernel's row 0, and how many rows the kernel has. */
  readonly start: number;
  readonly nRows: number;
  readonly cascade: Cascade;
  readonly steady: Map<string, Chain>;
  readonly late: Map<string, Chain>;
  /** The rows of an array over the whole panel. `slot` names the scratch it may use; null = the rows are kept. */
  rows(values: Float64Array, slot: number | null): Float64Array;
}

/** All rows of a panel; arrays are used as they are. */
export function wholeStage(create: (axis: Axis) => Cascade, firstSession: number, nRows: number): Stage {
  const cascade = create({ firstSession, nRows });
  return { start: 0, nRows, cascade, steady: new Map(), late: new Map(), rows: (values) => values };
}

/**
 * First row and length of a short axis that serves rows [from, to): it begins with a block, one window before them, and is as long as that of
 * the next days, so that one kernel serves a day after the other. null when it would not be short.
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
  const blocks = Math.ceil(Math.max(window, ALIVE_ROWS) / window) + 2;
  const length = blocks * window;
  return start >= 0 && to - start <= length && length < nRows / 2 ? { start, length } : null;
}

/** Some rows of a panel, copied; rows behind the panel's last are missing. */
export function shortStage(create: (axis: Axis) => Cascade, firstSession: number, start: number, nRows: number): Stage {
  const cascade = create({ firstSession: firstSession + start, nRows });
  const scratch: Float64Array[] = [];
  return {
    start,
    nRows,
    cascade,
    steady: new Map(),
    late: new Map(),
    rows(values, slot) {
      const rows = slot === null ? new Float64Array(nRows) : (scratch[slot] ??= new Float64Array(nRows));
      const known = values.subarray(start, start + nRows);
      rows.set(known);
      return rows.fill(NaN, known.length);
    },
  };
}

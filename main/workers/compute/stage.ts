/** Rows of a panel on which a kernel works: all of them, or the few that some late rows need. Both give the same bits (cascade/README.md). */
import { ALIVE_ROWS } from '../../quant/cascade/types.ts';
import type { Axis, Cascade, Chain } from '../../quant/cascade/index.ts';
import type { Column, Kernel } from './kernels.ts';

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
  /** Chains by the series of their ETFs, where none of them has late facts. */
  readonly bySeries: Map<number, Chain>;
  /** A copy of the rows of an ETF, for chains that are kept; one copy serves all chains where `key` names it for good. */
  column(key: string, returns: Returns): Float64Array;
}

/** Makes the kernel of an axis, with room for its tables where the usual is not meant. */
export type CreateKernel = (axis: Axis, tableBytes?: number) => Kernel;

/** Returns over the whole panel: that of row t is `values[at + t]`. */
export interface Returns {
  readonly values: Float64Array;
  readonly at: number;
}

/** Copies of rows [start, start + known) of a panel on a kernel's axis. A key with an epoch ("/") names returns that are not kept. */
function columns(kept: Map<string, Column>, nRows: number, start: number, known: number): Stage['column'] {
  const own = new Map<string, Float64Array>();
  const copy = ({ values, at }: Returns): Column => {
    const rows = new Float64Array(nRows).fill(NaN, known);
    rows.set(values.subarray(at + start, at + start + known));
    return { values: rows, known };
  };
  return (key, returns) => {
    if (key.includes('/')) return copy(returns).values;
    let column = own.get(key);
    if (column === undefined) {
      const before = kept.get(key);
      const now = before && continued(before, returns, start, known) ? before : copy(returns);
      kept.set(key, now);
      own.set(key, (column = now.values));
    }
    return column;
  };
}

/**
 * Lays the rows that a later panel adds behind those of an earlier one, where these are still the same; else answers false. The earlier panel
 * may stay in use: no row of it looks at a later one.
 */
function continued(column: Column, { values, at }: Returns, start: number, known: number): boolean {
  const { values: rows, known: before } = column;
  if (known < before) return false;
  for (let t = 0; t < before; t++) if (!Object.is(rows[t], values[at + start + t])) return false;
  for (let t = before; t < known; t++) rows[t] = values[at + start + t]!;
  column.known = known;
  return true;
}

/** All rows of a panel. */
export function wholeStage(create: CreateKernel, firstSession: number, nRows: number): Stage {
  const { cascade, chains, columns: kept } = create({ firstSession, nRows });
  // A kept chain must not keep a whole panel in memory.
  return {
    start: 0,
    nRows,
    cascade,
    steady: chains,
    late: new Map(),
    bySeries: new Map(),
    column: columns(kept, nRows, 0, nRows),
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

/** Room for the tables of a short axis. Many: only the few rows asked for of each are ever touched, and one date asks for every chain. */
const SHORT_TABLE_BYTES = 64 * 2 ** 20;

/** Some rows of a panel of `panelRows`; rows behind its last are missing. */
export function shortStage(create: CreateKernel, firstSession: number, start: number, nRows: number, panelRows: number): Stage {
  const { cascade, chains, columns: kept } = create({ firstSession: firstSession + start, nRows }, SHORT_TABLE_BYTES);
  return {
    start,
    nRows,
    cascade,
    steady: chains,
    late: new Map(),
    bySeries: new Map(),
    column: columns(kept, nRows, start, Math.min(nRows, panelRows - start)),
  };
}

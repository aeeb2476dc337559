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

/** Copies by key; a key with an epoch ("/") names an array that is not kept. */
function columns(copy: (returns: Returns) => Float64Array): Stage['column'] {
  const kept = new Map<string, Float64Array>();
  return (key, returns) => {
    const column = kept.get(key) ?? copy(returns);
    if (!key.includes('/')) kept.set(key, column);
    return column;
  };
}

/** All rows of a panel. */
export function wholeStage(create: CreateKernel, firstSession: number, nRows: number): Stage {
  const { cascade, chains } = create({ firstSession, nRows });
  // A kept chain must not keep a whole panel in memory.
  return {
    start: 0,
    nRows,
    cascade,
    steady: chains,
    late: new Map(),
    bySeries: new Map(),
    column: columns(({ values, at }) => values.slice(at, at + nRows)),
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
  const { cascade, chains } = create({ firstSession: firstSession + start, nRows }, SHORT_TABLE_BYTES);
  const known = Math.min(nRows, panelRows - start);
  return {
    start,
    nRows,
    cascade,
    steady: chains,
    late: new Map(),
    bySeries: new Map(),
    column: columns(({ values, at }) => {
      const rows = new Float64Array(nRows).fill(NaN, known);
      rows.set(values.subarray(at + start, at + start + known));
      return rows;
    }),
  };
}

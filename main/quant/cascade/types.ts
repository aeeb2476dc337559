/** What a kernel is asked and what it answers; the two implementations stand behind `Implementation`. */
import type { SpanPeers } from '../robust/peers.ts';
import type { ChainReturns } from './rows.ts';
import type { Weights } from './sums.ts';

export interface KernelSettings {
  /** Calendar rows in a window. */
  readonly window: number;
  /** Fewest rows on which a level is estimated (at least 5). */
  readonly minObs: number;
  readonly intercept: boolean;
  /** Exponential half-life in calendar rows; null for equal weights. */
  readonly halfLife: number | null;
}

export interface Axis {
  /** Absolute session number of row 0: blocks are cut on absolute sessions, so a longer axis gives the same bits. */
  readonly firstSession: number;
  readonly nRows: number;
}

/** `wasm-simd`: WebAssembly with 128-bit vectors. Both give the same bits. */
export type KernelName = 'typescript' | 'wasm-simd';

export interface KernelOptions {
  /** Default: `wasm-simd` where the runtime has it. Asking for it where it is absent throws. */
  readonly kernel?: KernelName;
  /** `core` fills CORE_FIELDS only, the rest stays NaN; default `all`. */
  readonly fields?: 'all' | 'core';
  /** Room for factor tables; default TABLE_BYTES. */
  readonly tableBytes?: number;
}

/**
 * Which sums or estimator served a row: `shared` factor table, `less` = shared factor sums less the few rows the stock misses, `masked` sums of
 * the rows the stock has, `levels` with rows of their own; `held`, `resolved`, `realised` are those of `../robust`; `none`: there is no row.
 */
export type Path = 'none' | 'shared' | 'less' | 'masked' | 'levels' | 'held' | 'resolved' | 'realised';
export const KERNEL_PATHS: readonly Path[] = ['none', 'shared', 'masked', 'levels', 'less'];

/** How a row came about. */
export interface Served {
  readonly path: Path;
  /** Row whose window the slopes are of; -1 when no slope was estimated yet. */
  readonly estimated: number;
  /** Rows of the regression of each level, where they are not simply those on which stock and ETFs have a return; else null. */
  readonly counts: readonly number[] | null;
}

/** Output of one security, field-major: field f of row t is `values[f * nRows + t]`. Reused from security to security. */
export interface Tile {
  readonly nRows: number;
  readonly values: Float64Array;
  /** Rows written by the last security; the rest is NaN. */
  from: number;
  to: number;
}

/** A factor chain of one cascade; `levels` is the number of ETFs. The arrays are read, never copied: they must not change. */
export interface Chain extends ChainReturns {
  readonly id: number;
}

/** Consecutive rows [from, to) of a security under one chain and one array of returns. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly chain: Chain;
  /** Daily returns, that of row t at `r[at + t]`; what is not below 1e30 in size is missing. Rows from `to` on are not read. */
  readonly r: Float64Array;
  /** Place of row 0 in `r`, 0 unless given: a view of an array costs more than a row of it. */
  readonly at?: number;
  /**
   * Chain of row from-1 with its ETF returns as known in THIS span; read at row `from` only, for the ex-ante fields.
   * Absent: the previous span's chain object. Needed where a chain changes together with the knowledge of its ETFs.
   */
  readonly before?: Chain;
  /** The industry, for estimators that shrink; the kernel reads none. */
  readonly peers?: SpanPeers;
}

/** The returns of a span with row 0 first. */
export const returnsOf = ({ r, at = 0, to }: Span): Float64Array => (at === 0 ? r : r.subarray(at, at + to));

export interface Cascade {
  /** The implementation that runs. */
  readonly kernel: KernelName;
  /** Shared factor moments of a chain, computed on first use. Arrays have nRows values, missing as in Span; without `s` there is no `u`. */
  chain(m: Float64Array, s: Float64Array | null, u: Float64Array | null): Chain;
  /** Gives the room of a chain to others, as one that is not asked for again would lose it in time. If it is, it is computed anew. */
  release(chain: Chain): void;
  /** The cascade's own tile, always the same one: filled in place, where any other tile costs a copy. */
  tile(): Tile;
  /**
   * Fills the tile: every field of the rows of all spans; rows not produced and rows outside the spans are NaN.
   * Spans are in order and adjoining. The first row of the first span has no row before it, so its ex-ante fields are empty: begin one row
   * early to get them. `lastRow` = last row before the delisting (nRows - 1 when there is none).
   */
  security(spans: readonly Span[], lastRow: number, tile: Tile): void;
  /** How a row of the last span that `security` filled came about. */
  served(row: number): Served;
  /** Digest of every field of rows [from, to) of the cascade's own tile, as an unsigned 32-bit number; the same in both implementations. */
  digest(from: number, to: number): number;
}

/** Rows (t included) of which one must have a return for row t to exist (MODEL.md 3). */
export const ALIVE_ROWS = 21;
/**
 * Bytes of chain tables kept; the least recently used are computed again. Few: securities come chain by chain, and to touch fresh memory
 * for a table costs more than to compute it.
 */
export const TABLE_BYTES = 16 * 2 ** 20;
/** Tables kept however long they are: a security's chains, and theirs with facts learned late. */
export const LEAST_TABLES = 8;

/** Settings and axis, checked, with what both implementations derive from them. */
export interface Plan {
  readonly settings: KernelSettings;
  readonly nRows: number;
  /** Row of the first block's start, zero or negative. */
  readonly origin: number;
  readonly weights: Weights;
  /** Squared weights; null for equal weights. */
  readonly squared: Weights | null;
  readonly core: boolean;
  readonly tableBytes: number;
}

export interface Implementation {
  readonly name: KernelName;
  /** The only values it can write; null = any tile's. */
  readonly tile: Float64Array | null;
  chain(id: number, returns: ChainReturns): Chain;
  release?(chain: Chain): void;
  /** Empties every field of rows [from, to). */
  blank(values: Float64Array, from: number, to: number): void;
  /** Digest of every field of rows [from, to) (digest.ts). */
  digest(values: Float64Array, from: number, to: number): number;
  /** Fills the rows of a span, given the chain of the row before it. */
  span(span: Span, before: Chain | null, lastRow: number, values: Float64Array): void;
  /** How a row of the last span came about. */
  served(row: number): Served;
}

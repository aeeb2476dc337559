/** The cascade kernel: every field of MODEL.md 12 for any range of rows of one security. */
import { FIELD_COUNT } from './fields.ts';
import { solveFactors, TABLE_STRIDE } from './factors.ts';
import { blankExAnte, blankRows, fillExAnte, fillRows } from './rows.ts';
import type { ChainReturns, LevelSums } from './rows.ts';
import { createWeights, FACTOR_SUMS, factorSums, RETURN_LIMIT, STOCK_SUMS, stockSums } from './sums.ts';
import type { Stretch } from './sums.ts';

export { F, FIELD_COUNT, fieldIndex, FIELDS, FLAG, flagNames } from './fields.ts';
export type { Field } from './fields.ts';

/** Part of every run's fingerprint: changes whenever any output bit can. */
export const KERNEL_VERSION = 'cascade-1';

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
  /** Daily returns over the whole axis; what is not below 1e30 in size is missing. */
  readonly r: Float64Array;
  /**
   * Chain of row from-1 with its ETF returns as known in THIS span; read at row `from` only, for the ex-ante fields.
   * Absent: the previous span's chain object. Needed where a chain changes together with the knowledge of its ETFs.
   */
  readonly before?: Chain;
}

export interface Cascade {
  /** Shared factor moments of a chain, computed on first use. Arrays have nRows values, missing as in Span; without `s` there is no `u`. */
  chain(m: Float64Array, s: Float64Array | null, u: Float64Array | null): Chain;
  /**
   * Fills the tile: every field of the rows of all spans; rows not produced and rows outside the spans are NaN.
   * Spans are in order and adjoining. The first row of the first span has no row before it, so its ex-ante fields are empty: begin one row
   * early to get them. `lastRow` = last row before the delisting (nRows - 1 when there is none).
   */
  security(spans: readonly Span[], lastRow: number, tile: Tile): void;
}

/** A tile of nRows rows, all NaN. */
export function createTile(nRows: number): Tile {
  return { nRows, values: new Float64Array(FIELD_COUNT * nRows).fill(NaN), from: 0, to: 0 };
}

/** Rows (t included) of which one must have a return for row t to exist (MODEL.md 3). */
const ALIVE_ROWS = 21;
/** Bytes of chain tables kept; the least recently used are computed again. */
const TABLE_BYTES = 128 * 2 ** 20;

const KIND = { none: 0, shared: 1, masked: 2, levels: 3 } as const;

interface ChainState extends Chain {
  /** Spreads s - m and u - s, on which the moments are taken; zeros for absent ETFs. */
  readonly p: Float64Array;
  readonly q: Float64Array;
  /** has[k][t] = 1 where the first k+1 ETFs have a return. */
  readonly has: readonly [Uint8Array, Uint8Array, Uint8Array];
  table: Float64Array | null;
  /** Rows [low, high) of each block that the table holds. */
  readonly low: Int32Array;
  readonly high: Int32Array;
}

/** Creates the kernel for one set of settings and one axis. Throws RangeError for settings it cannot compute. */
export function createCascade(settings: KernelSettings, axis: Axis): Cascade {
  const { window, minObs, halfLife } = settings;
  const { nRows, firstSession } = axis;
  if (!Number.isInteger(window) || window < 5) throw new RangeError(`window must be an integer of at least 5 rows, not ${window}`);
  if (!Number.isInteger(minObs) || minObs < 5) throw new RangeError(`minObs must be an integer of at least 5, not ${minObs}`);
  if (halfLife !== null && !(halfLife > 0)) throw new RangeError(`halfLife must be positive or null, not ${halfLife}`);
  if (!Number.isInteger(firstSession) || !Number.isInteger(nRows)) throw new RangeError('the axis needs whole numbers');

  const weights = createWeights(window, halfLife, false);
  const squared = halfLife === null ? null : createWeights(window, halfLife, true);
  /** Row of the first block's start, zero or negative. */
  const origin = -(((firstSession % window) + window) % window);
  const blocks = Math.ceil((nRows - origin) / window);

  // Scratch of one block, reused by every call.
  const suffix = new Float64Array((window + 1) * FACTOR_SUMS);
  const sums = new Float64Array(window * FACTOR_SUMS);
  const squares = squared === null ? null : new Float64Array(window * FACTOR_SUMS);
  const stock = [0, 1, 2].map(() => new Float64Array(window * STOCK_SUMS));
  const scratch = [0, 1, 2].map(() => new Float64Array(window * TABLE_STRIDE));
  const kinds = new Uint8Array(nRows);
  const zeros = new Float64Array(nRows);
  const tableLimit = Math.max(2, Math.floor(TABLE_BYTES / (Math.max(1, nRows) * TABLE_STRIDE * 8)));
  /** Chains holding a table, least recently used first. */
  const resident = new Set<ChainState>();
  let chains = 0;

  function chain(m: Float64Array, s: Float64Array | null, u: Float64Array | null): ChainState {
    const levels = s === null ? 1 : u === null ? 2 : 3;
    const columns = [m, s ?? zeros, (s === null ? null : u) ?? zeros] as const;
    for (const column of columns)
      if (column.length !== nRows) throw new RangeError(`a chain array has ${column.length} rows, not ${nRows}`);
    const has = [new Uint8Array(nRows), new Uint8Array(nRows), new Uint8Array(nRows)] as const;
    for (let t = 0; t < nRows; t++) {
      let all = true;
      for (let k = 0; k < 3; k++) {
        const x = columns[k]![t]!;
        all &&= Math.abs(x) < RETURN_LIMIT;
        has[k]![t] = all ? 1 : 0;
      }
    }
    chains += 1;
    return {
      id: chains,
      levels,
      m: columns[0],
      s: columns[1],
      u: columns[2],
      p: levels > 1 ? columns[1].map((x, t) => x - m[t]!) : zeros,
      q: levels > 2 ? columns[2].map((x, t) => x - columns[1][t]!) : zeros,
      has,
      table: null,
      low: new Int32Array(blocks),
      high: new Int32Array(blocks),
    };
  }

  /** Factor table rows of the rows where the first `levels` ETFs and `r` have a return. */
  function factorRows(state: ChainState, levels: number, r: Float64Array, at: Stretch, table: Float64Array, offset: number): void {
    const has = state.has[levels - 1]!;
    const p = levels > 1 ? state.p : zeros;
    const q = levels > 2 ? state.q : zeros;
    factorSums(at, weights, has, r, state.m, p, q, suffix, sums);
    if (squared !== null && squares !== null) factorSums(at, squared, has, r, state.m, p, q, suffix, squares);
    solveFactors(settings, at.to - at.from, sums, squares, table, offset);
  }

  /** Makes the shared table hold the rows of a stretch. */
  function sharedTable(state: ChainState, at: Stretch): Float64Array {
    resident.delete(state);
    resident.add(state);
    let table = state.table;
    if (table === null) {
      if (resident.size > tableLimit) {
        const [oldest] = resident;
        oldest!.table = null;
        oldest!.low.fill(0);
        oldest!.high.fill(0);
        resident.delete(oldest!);
      }
      table = state.table = new Float64Array(nRows * TABLE_STRIDE);
    }
    const block = (at.start - origin) / window;
    const low = state.low[block]!;
    const high = state.high[block]!;
    if (at.from >= low && at.to <= high) return table;
    const from = high > low ? Math.min(low, at.from) : at.from;
    const to = high > low ? Math.max(high, at.to) : at.to;
    factorRows(state, state.levels, state.m, { window, start: at.start, from, to }, table, from * TABLE_STRIDE);
    state.low[block] = from;
    state.high[block] = to;
    return table;
  }

  /** Which path serves each row of [from, to), by what is missing in its window. */
  function classify(state: ChainState, r: Float64Array, from: number, to: number, lastRow: number): void {
    const market = state.has[0];
    const all = state.has[state.levels - 1]!;
    let hole = -Infinity;
    let split = -Infinity;
    let alive = -Infinity;
    for (let t = Math.max(0, from - Math.max(window, ALIVE_ROWS) + 1); t < to; t++) {
      const x = r[t]!;
      if (Math.abs(x) < RETURN_LIMIT) {
        alive = t;
        if (market[t] !== all[t]) split = t;
      } else if (all[t] === 1) hole = t;
      if (t < from) continue;
      const first = t - window + 1;
      if (t > lastRow || t - alive >= ALIVE_ROWS) kinds[t] = KIND.none;
      else if (split >= first) kinds[t] = KIND.levels;
      else kinds[t] = hole >= first ? KIND.masked : KIND.shared;
    }
  }

  function stockRows(state: ChainState, levels: number, r: Float64Array, at: Stretch, out: Float64Array): void {
    stockSums(at, weights, state.has[levels - 1]!, r, state.m, levels > 1 ? state.p : zeros, levels > 2 ? state.q : zeros, suffix, out);
  }

  function fillStretch(state: ChainState, r: Float64Array, at: Stretch, kind: number, values: Float64Array): void {
    const levelSums = (levels: number, shared: boolean): LevelSums => {
      const k = levels - 1;
      stockRows(state, levels, r, at, stock[k]!);
      if (shared) return { table: sharedTable(state, at), tableFrom: 0, stock: stock[k]! };
      factorRows(state, levels, r, at, scratch[k]!, 0);
      return { table: scratch[k]!, tableFrom: at.from, stock: stock[k]! };
    };
    const deepest = levelSums(state.levels, kind === KIND.shared);
    const one = kind === KIND.levels && state.levels > 1 ? levelSums(1, false) : deepest;
    const two = kind === KIND.levels && state.levels > 2 ? levelSums(2, false) : deepest;
    fillRows(values, nRows, at.from, at.to, r, state, one, two, deepest);
  }

  function security(spans: readonly Span[], lastRow: number, tile: Tile): void {
    const { values } = tile;
    if (tile.nRows !== nRows) throw new RangeError(`the tile has ${tile.nRows} rows, the axis ${nRows}`);
    const begin = spans[0]?.from ?? 0;
    const end = spans.at(-1)?.to ?? 0;
    blankRows(values, nRows, tile.from, Math.min(tile.to, begin));
    blankRows(values, nRows, Math.max(tile.from, end), tile.to);
    tile.from = begin;
    tile.to = end;
    let previous: Span | null = null;
    for (const span of spans) {
      const { from, to, r } = span;
      if (!(from >= 0 && to <= nRows && from <= to) || (previous !== null && previous.to !== from) || r.length !== nRows) {
        throw new RangeError(`spans must adjoin within the axis: rows ${from} to ${to} of ${nRows}`);
      }
      if (from === to) continue;
      const state = span.chain as ChainState;
      classify(state, r, from, to, lastRow);
      for (let a = from; a < to;) {
        const kind = kinds[a]!;
        const start = a - ((a - origin) % window);
        const limit = kind === KIND.none ? to : Math.min(to, start + window);
        let b = a + 1;
        while (b < limit && kinds[b] === kind) b++;
        if (kind === KIND.none) blankRows(values, nRows, a, b);
        else {
          fillStretch(state, r, { window, start, from: a, to: b }, kind, values);
          const before = a > from ? state : (span.before ?? previous?.chain ?? null);
          if (before === null) blankExAnte(values, nRows, a);
          else fillExAnte(values, nRows, a, a + 1, r, before);
          fillExAnte(values, nRows, a + 1, b, r, state);
        }
        a = b;
      }
      previous = span;
    }
  }

  return { chain, security };
}

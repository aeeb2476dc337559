/** The kernel in TypeScript: the reference that the WebAssembly one must equal bit for bit, and the fallback where there is no SIMD. */
import { digestRows } from './digest.ts';
import { solveFactors, T, TABLE_STRIDE } from './factors.ts';
import { lessHoles, MOST_HOLES } from './holes.ts';
import { blankExAnte, blankRows, fillExAnte, fillRows } from './rows.ts';
import type { ChainReturns, LevelSums } from './rows.ts';
import { fillSharedRows } from './shared-rows.ts';
import { completeStockSums, FACTOR_SUMS, factorSums, RETURN_LIMIT, STOCK_SUMS, stockSums } from './sums.ts';
import type { Stretch } from './sums.ts';
import { ALIVE_ROWS, KERNEL_PATHS, LEAST_TABLES, returnsOf } from './types.ts';
import type { Chain, Implementation, Plan, Span } from './types.ts';

const KIND = { none: 0, shared: 1, masked: 2, levels: 3, less: 4 } as const;

interface ChainState extends Chain {
  /** Market returns, 0 where missing. */
  readonly clean: Float64Array;
  /** Spreads s - m and u - s, on which the moments are taken; 0 where an ETF is absent or one of the two is missing. */
  readonly p: Float64Array;
  readonly q: Float64Array;
  /** has[k][t] = 1 where the first k+1 ETFs have a return. */
  readonly has: readonly [Uint8Array, Uint8Array, Uint8Array];
  table: Float64Array | null;
  /** Factor sums of the rows that the table holds. */
  sums: Float64Array;
  /** Rows [low, high) of each block that the table holds. */
  readonly low: Int32Array;
  readonly high: Int32Array;
}

export function createPlain(plan: Plan): Implementation {
  const { settings, nRows, origin, weights, squared, core, tableBytes } = plan;
  const { window } = settings;
  const blocks = Math.ceil((nRows - origin) / window);

  // Scratch of one block, reused by every call.
  const suffix = new Float64Array((window + 1) * FACTOR_SUMS);
  const sums = new Float64Array(window * FACTOR_SUMS);
  const squares = squared === null ? null : new Float64Array(window * FACTOR_SUMS);
  const stock = [0, 1, 2].map(() => new Float64Array(window * STOCK_SUMS));
  const scratch = [0, 1, 2].map(() => new Float64Array(window * TABLE_STRIDE));
  const kinds = new Uint8Array(nRows);
  /** The returns with 0 where the stock or an ETF has none. */
  const filled = new Float64Array(nRows);
  /** Rows on which only the stock has no return. */
  const holes = new Int32Array(nRows);
  let holeCount = 0;
  /** First row from which on, to the end of the span, the stock and all its ETFs have a return. */
  let completeFrom = 0;
  const zeros = new Float64Array(nRows);
  const tableLimit = Math.max(LEAST_TABLES, Math.floor(tableBytes / (Math.max(1, nRows) * (TABLE_STRIDE + FACTOR_SUMS) * 8)));
  /** Chains holding a table, least recently used first. */
  const resident = new Set<ChainState>();

  function chain(id: number, { m, s, u, levels }: ChainReturns): ChainState {
    const columns = [m, s, u] as const;
    const has = [new Uint8Array(nRows), new Uint8Array(nRows), new Uint8Array(nRows)] as const;
    for (let t = 0; t < nRows; t++) {
      let all = true;
      for (let k = 0; k < 3; k++) {
        const x = columns[k]![t]!;
        all &&= Math.abs(x) < RETURN_LIMIT;
        has[k]![t] = all ? 1 : 0;
      }
    }
    return {
      id,
      levels,
      m,
      s,
      u,
      clean: m.map((x, t) => (has[0][t] === 1 ? x : 0)),
      p: levels > 1 ? s.map((x, t) => (has[1][t] === 1 ? x - m[t]! : 0)) : zeros,
      q: levels > 2 ? u.map((x, t) => (has[2][t] === 1 ? x - s[t]! : 0)) : zeros,
      has,
      table: null,
      sums: zeros,
      low: new Int32Array(blocks),
      high: new Int32Array(blocks),
    };
  }

  /** Factor table rows from the sums of a stretch; `into` holds the first row's sums first. */
  function solveStretch(state: ChainState, at: Stretch, into: Float64Array, table: Float64Array, offset: number): void {
    solveFactors(settings, at.to - at.from, into, squares, table, offset, core);
    for (let t = at.from, o = offset; t < at.to; t++, o += TABLE_STRIDE) {
      table[o + T.m] = state.m[t]!;
      table[o + T.s] = state.s[t]!;
      table[o + T.u] = state.u[t]!;
    }
  }

  /** Factor sums and table rows over the rows where the first `levels` ETFs and `r` have a return. */
  function factorRows(
    state: ChainState,
    levels: number,
    r: Float64Array,
    at: Stretch,
    into: Float64Array,
    table: Float64Array,
    offset: number,
  ): void {
    const has = state.has[levels - 1]!;
    const p = levels > 1 ? state.p : zeros;
    const q = levels > 2 ? state.q : zeros;
    factorSums(at, weights, has, r, state.m, p, q, suffix, into);
    if (squared !== null && squares !== null) factorSums(at, squared, has, r, state.m, p, q, suffix, squares);
    solveStretch(state, at, into, table, offset);
  }

  /** Makes the shared table hold the rows of a stretch. */
  function sharedTable(state: ChainState, at: Stretch): Float64Array {
    resident.delete(state);
    resident.add(state);
    let table = state.table;
    if (table === null) {
      if (resident.size > tableLimit) {
        const [oldest] = resident;
        table = oldest!.table!;
        state.sums = oldest!.sums;
        oldest!.table = null;
        oldest!.sums = zeros;
        oldest!.low.fill(0);
        oldest!.high.fill(0);
        resident.delete(oldest!);
      } else {
        table = new Float64Array(nRows * TABLE_STRIDE);
        state.sums = new Float64Array(nRows * FACTOR_SUMS);
      }
      state.table = table;
    }
    const block = (at.start - origin) / window;
    const low = state.low[block]!;
    const high = state.high[block]!;
    if (at.from >= low && at.to <= high) return table;
    const from = high > low ? Math.min(low, at.from) : at.from;
    const to = high > low ? Math.max(high, at.to) : at.to;
    const into = state.sums.subarray(from * FACTOR_SUMS);
    factorRows(state, state.levels, state.m, { window, start: at.start, from, to }, into, table, from * TABLE_STRIDE);
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
    const reach = Math.max(window, ALIVE_ROWS);
    const oldest = Math.max(0, from - reach + 1);
    completeFrom = to;
    while (completeFrom > oldest && all[completeFrom - 1] === 1 && Math.abs(r[completeFrom - 1]!) < RETURN_LIMIT) completeFrom--;
    // Rows whose window is complete need no look; the others are classified one by one.
    const clear = Math.min(to, Math.max(from, completeFrom === oldest ? from : completeFrom + reach - 1));
    const end = Math.min(to, Math.max(clear, lastRow + 1));
    kinds.fill(KIND.shared, clear, end);
    kinds.fill(KIND.none, end, to);
    holeCount = 0;
    /** Holes before this one have left the window. */
    let gone = 0;
    for (let t = oldest; t < clear; t++) {
      const x = r[t]!;
      if (Math.abs(x) < RETURN_LIMIT) {
        alive = t;
        if (market[t] !== all[t]) split = t;
      } else if (all[t] === 1) {
        hole = t;
        holes[holeCount++] = t;
      }
      if (t < from) continue;
      const first = t - window + 1;
      if (t > lastRow || t - alive >= ALIVE_ROWS) kinds[t] = KIND.none;
      else if (split >= first) kinds[t] = KIND.levels;
      else if (hole < first) kinds[t] = KIND.shared;
      else {
        while (holes[gone]! < first) gone++;
        kinds[t] = squared !== null || holeCount - gone > MOST_HOLES ? KIND.masked : KIND.less;
      }
    }
  }

  /** Lays out the returns of [from, to) with 0 where the stock or an ETF has none: adding nothing and adding 0 give the same sums. */
  function fillGaps(all: Uint8Array, r: Float64Array, from: number, to: number): void {
    for (let t = from; t < to; t++) {
      const x = r[t]!;
      filled[t] = all[t] === 1 && Math.abs(x) < RETURN_LIMIT ? x : 0;
    }
  }

  /** Stock sums of the deepest level, whose rows are all levels' rows. */
  function stockRows(state: ChainState, r: Float64Array, at: Stretch, out: Float64Array): void {
    const { has, levels, clean, p, q } = state;
    const complete = Math.max(0, Math.min(at.start, at.from - window + 1)) >= completeFrom;
    if (squared === null) completeStockSums(at, complete ? r : filled, clean, p, q, suffix, out);
    else stockSums(at, weights, has[levels - 1]!, r, state.m, p, q, suffix, out);
  }

  /** Sums of a level's own rows, where levels differ. */
  function levelSums(state: ChainState, levels: number, r: Float64Array, at: Stretch): LevelSums {
    const k = levels - 1;
    const table = scratch[k]!;
    stockSums(at, weights, state.has[k]!, r, state.m, levels > 1 ? state.p : zeros, levels > 2 ? state.q : zeros, suffix, stock[k]!);
    factorRows(state, levels, r, at, sums, table, 0);
    return { table, tableFrom: at.from, stock: stock[k]!, stockFrom: at.from };
  }

  /** Sums that serve all levels. */
  function commonSums(state: ChainState, r: Float64Array, at: Stretch, kind: number): LevelSums {
    const own = { stock: stock[0]!, stockFrom: at.from };
    const table = scratch[0]!;
    stockRows(state, r, at, own.stock);
    if (kind === KIND.shared) return { ...own, table: sharedTable(state, at), tableFrom: 0 };
    if (kind === KIND.less) {
      sharedTable(state, at);
      const has = state.has[state.levels - 1]!;
      lessHoles(at, weights, holes, holeCount, { has, m: state.m, p: state.p, q: state.q, sums: state.sums }, r, suffix, sums);
      solveStretch(state, at, sums, table, 0);
    } else factorRows(state, state.levels, r, at, sums, table, 0);
    return { ...own, table, tableFrom: at.from };
  }

  function fillStretch(state: ChainState, r: Float64Array, at: Stretch, kind: number, values: Float64Array): void {
    const { intercept } = settings;
    if (kind === KIND.levels) {
      const deepest = levelSums(state, state.levels, r, at);
      const one = state.levels > 1 ? levelSums(state, 1, r, at) : deepest;
      const two = state.levels > 2 ? levelSums(state, 2, r, at) : deepest;
      return fillRows(values, nRows, at.from, at.to, r, state, one, two, deepest, intercept, core);
    }
    const common = commonSums(state, r, at, kind);
    if (state.levels === 3) fillSharedRows(values, nRows, at.from, at.to, r, state, common, intercept, core);
    else fillRows(values, nRows, at.from, at.to, r, state, common, common, common, intercept, core);
  }

  function span(span: Span, before: Chain | null, lastRow: number, values: Float64Array): void {
    const { chain, from, to } = span;
    const r = returnsOf(span);
    const state = chain as ChainState;
    classify(state, r, from, to, lastRow);
    const oldest = Math.max(0, from - window + 1);
    if (completeFrom > oldest) fillGaps(state.has[state.levels - 1]!, r, oldest, to);
    for (let a = from; a < to;) {
      const kind = kinds[a]!;
      const start = a - ((a - origin) % window);
      const limit = kind === KIND.none ? to : Math.min(to, start + window);
      let b = a + 1;
      while (b < limit && kinds[b] === kind) b++;
      if (kind === KIND.none) blankRows(values, nRows, a, b);
      else {
        fillStretch(state, r, { window, start, from: a, to: b }, kind, values);
        if (!core) {
          const first = a > from ? state : before;
          if (first === null) blankExAnte(values, nRows, a);
          else fillExAnte(values, nRows, a, a + 1, r, first);
          fillExAnte(values, nRows, a + 1, b, r, state);
        }
      }
      a = b;
    }
  }

  return {
    name: 'typescript',
    chain,
    blank: (values, from, to) => blankRows(values, nRows, from, to),
    digest: (values, from, to) => digestRows(values, nRows, from, to),
    span,
    tile: null,
    served: (row) => ({ path: KERNEL_PATHS[kinds[row]!]!, estimated: row, counts: null }),
  };
}

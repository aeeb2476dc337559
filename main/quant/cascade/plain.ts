/** The kernel in TypeScript: the reference that the WebAssembly one must equal bit for bit, and the fallback where there is no SIMD. */
import { digestRows } from './digest.ts';
import { solveFactors, T, TABLE_STRIDE } from './factors.ts';
import { blankExAnte, blankRows, fillExAnte, fillRows } from './rows.ts';
import type { ChainReturns, LevelSums } from './rows.ts';
import { fillSharedRows } from './shared-rows.ts';
import { completeStockSums, FACTOR_SUMS, factorSums, RETURN_LIMIT, STOCK_SUMS, stockSums } from './sums.ts';
import type { Stretch } from './sums.ts';
import { ALIVE_ROWS, KERNEL_PATHS } from './types.ts';
import type { Chain, Implementation, Plan } from './types.ts';

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
  /** First row from which on, to the end of the span, the stock and all its ETFs have a return. */
  let completeFrom = 0;
  const zeros = new Float64Array(nRows);
  const tableLimit = Math.max(2, Math.floor(tableBytes / (Math.max(1, nRows) * TABLE_STRIDE * 8)));
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
      p: levels > 1 ? s.map((x, t) => x - m[t]!) : zeros,
      q: levels > 2 ? u.map((x, t) => x - s[t]!) : zeros,
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
    for (let t = at.from, o = offset; t < at.to; t++, o += TABLE_STRIDE) {
      table[o + T.m] = state.m[t]!;
      table[o + T.s] = state.s[t]!;
      table[o + T.u] = state.u[t]!;
    }
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
    const reach = Math.max(window, ALIVE_ROWS);
    const oldest = Math.max(0, from - reach + 1);
    completeFrom = to;
    while (completeFrom > oldest && all[completeFrom - 1] === 1 && Math.abs(r[completeFrom - 1]!) < RETURN_LIMIT) completeFrom--;
    // Rows whose window is complete need no look; the others are classified one by one.
    const clear = Math.min(to, Math.max(from, completeFrom === oldest ? from : completeFrom + reach - 1));
    const end = Math.min(to, Math.max(clear, lastRow + 1));
    kinds.fill(KIND.shared, clear, end);
    kinds.fill(KIND.none, end, to);
    for (let t = oldest; t < clear; t++) {
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
    const p = levels > 1 ? state.p : zeros;
    const q = levels > 2 ? state.q : zeros;
    if (squared === null && Math.max(0, Math.min(at.start, at.from - window + 1)) >= completeFrom)
      completeStockSums(at, r, state.m, p, q, suffix, out);
    else stockSums(at, weights, state.has[levels - 1]!, r, state.m, p, q, suffix, out);
  }

  function fillStretch(state: ChainState, r: Float64Array, at: Stretch, kind: number, values: Float64Array): void {
    const levelSums = (levels: number, shared: boolean): LevelSums => {
      const k = levels - 1;
      stockRows(state, levels, r, at, stock[k]!);
      if (shared) return { table: sharedTable(state, at), tableFrom: 0, stock: stock[k]!, stockFrom: at.from };
      factorRows(state, levels, r, at, scratch[k]!, 0);
      return { table: scratch[k]!, tableFrom: at.from, stock: stock[k]!, stockFrom: at.from };
    };
    const deepest = levelSums(state.levels, kind === KIND.shared);
    if (state.levels === 3 && kind !== KIND.levels)
      return fillSharedRows(values, nRows, at.from, at.to, r, state, deepest, settings.intercept, core);
    const one = kind === KIND.levels && state.levels > 1 ? levelSums(1, false) : deepest;
    const two = kind === KIND.levels && state.levels > 2 ? levelSums(2, false) : deepest;
    fillRows(values, nRows, at.from, at.to, r, state, one, two, deepest, settings.intercept, core);
  }

  function span(
    chain: Chain,
    before: Chain | null,
    r: Float64Array,
    from: number,
    to: number,
    lastRow: number,
    values: Float64Array,
  ): void {
    const state = chain as ChainState;
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

/**
 * The kernel in WebAssembly (main/quant/wasm): lays out one memory per cascade and hands chains and returns to it.
 *
 * The memory never grows, because growing would detach the tile's array. Chains live in a fixed number of slots; one without a slot takes the
 * least recently used. Pages that are never touched cost no memory.
 */
import { MODULE } from '../wasm/module.ts';
import { compileModule, instantiate } from '../../contract/wasm.ts';
import { FIELD_COUNT } from './fields.ts';
import { TABLE_STRIDE } from './factors.ts';
import type { ChainReturns } from './rows.ts';
import { ALIVE_ROWS, KERNEL_PATHS, LEAST_TABLES } from './types.ts';
import type { Chain, Implementation, Plan } from './types.ts';

/** What main/quant/wasm/kernel.as exports; addresses and rows are 32-bit integers. */
interface Kernel {
  configure(nRows: number, window: number, origin: number, minObs: number, intercept: number, weighted: number, core: number): void;
  place(...addresses: number[]): void;
  loadChain(slot: number, levels: number): void;
  blankRows(from: number, to: number): void;
  digestRows(from: number, to: number): number;
  fillSpan(slot: number, levels: number, before: number, beforeLevels: number, from: number, to: number, lastRow: number): void;
}

const PAGE = 65536;
/** The module keeps its own few tables below. */
const STATIC_BYTES = 8192;
/** A 32-bit memory beyond this is not asked for: TypeScript serves such an axis. */
const MOST_PAGES = 2 ** 14;
const MOST_SLOTS = 256;
const FACTOR_BYTES = 96;
/** Bytes per row in a slot besides the table: three columns, spreads, presence, what the table holds, factor sums (wasm/layout.as). */
const SLOT_ROW = 68 + FACTOR_BYTES;
const STOCK_BYTES = 80;
const PAIR_BYTES = TABLE_STRIDE * 16;
const FEW_ROWS = 64;

let compiled: object | null | undefined;

const simdModule = (): object | null => (compiled === undefined ? (compiled = compileModule(MODULE)) : compiled);

/** Whether this runtime can run the module. */
export const simdAvailable = (): boolean => simdModule() !== null;

interface SlotChain extends Chain {
  /** Address of its slot, 0 without one. */
  slot: number;
  /** When it was last asked for. */
  used: number;
}

/** Copies r[from..to) to `into` at `at`. A few dozen rows cost less one by one than a view of them. */
function copyRows(r: Float64Array, from: number, to: number, into: Float64Array, at: number): void {
  if (to - from > FEW_ROWS) into.set(r.subarray(from, to), at);
  else for (let i = from, o = at; i < to; i++, o++) into[o] = r[i]!;
}

/** null where the runtime lacks SIMD or refuses the memory. */
export function createSimd(plan: Plan): Implementation | null {
  const module = simdModule();
  if (module === null) return null;
  const { settings, nRows, origin, weights, squared, core, tableBytes: roomForTables } = plan;
  const { window } = settings;

  let end = STATIC_BYTES;
  const reserve = (bytes: number): number => {
    const at = end;
    end = (end + bytes + 63) & ~63;
    return at;
  };
  const stockBytes = ((window >> 1) + 2) * STOCK_BYTES;
  const tableBytes = ((window >> 1) + 2) * PAIR_BYTES;
  const padded = (nRows + 3) & ~1;
  const slotBytes = (padded * SLOT_ROW + (padded >> 1) * PAIR_BYTES + 63) & ~63;
  const power = reserve((window + 1) * 8);
  const squaredPower = reserve((window + 1) * 8);
  const suffix = reserve((window + 1) * FACTOR_BYTES);
  // A pair of rows may begin one row before the stretch.
  const sums = reserve((window + 3) * FACTOR_BYTES) + FACTOR_BYTES;
  const squares = reserve((window + 3) * FACTOR_BYTES) + FACTOR_BYTES;
  const stocks = reserve(3 * stockBytes);
  const tables = reserve(3 * tableBytes);
  const kinds = reserve(nRows);
  const returns = reserve(padded * 8);
  const filled = reserve(padded * 8);
  const holes = reserve((nRows + 1) * 4);
  const tile = reserve(FIELD_COUNT * nRows * 8 + 16);
  const firstSlot = end;
  const slots = Math.min(MOST_SLOTS, Math.max(LEAST_TABLES, Math.floor(roomForTables / slotBytes)));
  const pages = Math.ceil((firstSlot + slots * slotBytes) / PAGE);
  if (!(pages <= MOST_PAGES)) return null;

  const instance = instantiate(module, pages);
  if (instance === null) return null;
  const kernel = instance.exports as Kernel;
  const f64 = new Float64Array(instance.memory.buffer);
  f64.set(weights.power, power >> 3);
  if (squared !== null) f64.set(squared.power, squaredPower >> 3);
  const values = f64.subarray(tile >> 3, (tile >> 3) + FIELD_COUNT * nRows).fill(NaN);
  kernel.configure(nRows, window, origin, settings.minObs, Number(settings.intercept), Number(squared !== null), Number(core));
  kernel.place(power, squaredPower, suffix, sums, squares, stocks, stockBytes, tables, tableBytes, kinds, returns, tile, filled, holes);

  /** The chain of each slot, and the slots of chains that were let go. */
  const resident: SlotChain[] = [];
  const free: number[] = [];
  let clock = 0;

  function hold(chain: SlotChain): number {
    chain.used = clock += 1;
    if (chain.slot !== 0) return chain.slot;
    let at = free.pop() ?? resident.length;
    if (at === slots) {
      at = resident.reduce((oldest, { used }, i) => (used < resident[oldest]!.used ? i : oldest), 0);
      resident[at]!.slot = 0;
    }
    resident[at] = chain;
    const slot = (chain.slot = firstSlot + at * slotBytes);
    [chain.m, chain.s, chain.u].forEach((column, k) => f64.set(column, (slot >> 3) + k * padded));
    kernel.loadChain(slot, chain.levels);
    return slot;
  }

  return {
    name: 'wasm-simd',
    tile: values,
    chain: (id: number, { m, s, u, levels }: ChainReturns): SlotChain => ({ id, m, s, u, levels, slot: 0, used: 0 }),
    release(chain) {
      const { slot } = chain as SlotChain;
      if (slot !== 0) free.push((slot - firstSlot) / slotBytes);
      (chain as SlotChain).slot = 0;
    },
    blank: (_, from, to) => kernel.blankRows(from, to),
    served: (row) => ({ path: KERNEL_PATHS[new Uint8Array(instance.memory.buffer, kinds, nRows)[row]!]!, estimated: row, counts: null }),
    digest: (_, from, to) => kernel.digestRows(from, to) >>> 0,
    span({ chain, r, at = 0, from, to }, before, lastRow) {
      // `before` first: two slots are always there, and only an older one is taken.
      const other = before === null ? 0 : hold(before as SlotChain);
      const slot = hold(chain as SlotChain);
      const first = Math.max(0, from - Math.max(window, ALIVE_ROWS));
      copyRows(r, at + first, at + to, f64, (returns >> 3) + first);
      kernel.fillSpan(slot, chain.levels, other, before?.levels ?? 0, from, to, lastRow);
    },
  };
}

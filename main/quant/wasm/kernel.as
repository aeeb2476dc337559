/** What the loader calls: set up, load a chain into its slot, and fill the rows of a span. */
import {
  ALIVE_ROWS, FACTOR_BYTES, filled, holes, kinds, LIMIT, nRows, origin, PAIR_BYTES, power, returns, slotHas, slotHeld, slotM, slotS, slotSpreads,
  slotSums, slotTable, slotU, squaredPower, squares, STOCK_BYTES, stocks, stocksStep, sums, tables, tablesStep, weighted, window,
} from './layout';
import { fillRows } from './passes';
import { lessHoles, MOST_HOLES } from './holes';
import { solveFactors } from './factors';
import { blankExAnte, blankRows, fillExAnte, fillRow } from './rows';
import { completeSums, factorSumsEqual, factorSumsWeighted, stockSums } from './sums';

export { configure, place } from './layout';
export { digestRows } from './digest';
export { blankRows } from './rows';

const NONE: i32 = 0;
const SHARED: i32 = 1;
const MASKED: i32 = 2;
const LEVELS: i32 = 3;
const LESS: i32 = 4;

/** Derives spreads and presence from the raw columns (zeros for absent ETFs) and forgets the table. */
export function loadChain(slot: usize, levels: i32): void {
  const spreads = slotSpreads(slot);
  for (let t = 0; t < nRows; t++) {
    const x = <usize>(t << 3);
    const m = load<f64>(slotM(slot) + x);
    const s = load<f64>(slotS(slot) + x);
    const u = load<f64>(slotU(slot) + x);
    const one = abs(m) < LIMIT;
    const two = one && abs(s) < LIMIT;
    const three = two && abs(u) < LIMIT;
    store<f64>(spreads + (x << 2), one ? m : 0);
    store<f64>(spreads + (x << 2), levels > 1 && two ? s - m : 0, 8);
    store<f64>(spreads + (x << 2), levels > 2 && three ? u - s : 0, 16);
    store<f64>(spreads + (x << 2), 1, 24);
    store<u8>(slotHas(slot, 0) + t, one ? 1 : 0);
    store<u8>(slotHas(slot, 1) + t, two ? 1 : 0);
    store<u8>(slotHas(slot, 2) + t, three ? 1 : 0);
  }
  memory.fill(slotHeld(slot), 0, <usize>(slotSums(slot) - slotHeld(slot)));
}

/** Factor sums of rows [from, to) over the rows where the first `levels` ETFs and `r` have a return, the first row's at `into`; then their table. */
function factorRows(slot: usize, levels: i32, r: usize, start: i32, from: i32, to: i32, into: usize, table: usize): void {
  const has = slotHas(slot, levels - 1);
  if (weighted) {
    factorSumsWeighted(start, from, to, levels, has, r, slotSpreads(slot), into, power);
    factorSumsWeighted(start, from, to, levels, has, r, slotSpreads(slot), squares, squaredPower);
  } else factorSumsEqual(start, from, to, levels, has, r, slotSpreads(slot), into);
  solveFactors(slot, from, to, into, weighted ? squares : 0, table);
}

/** Makes the shared table hold the rows of a stretch. */
function holdTable(slot: usize, levels: i32, start: i32, from: i32, to: i32): void {
  const held = slotHeld(slot) + (((start - origin) / window) << 3);
  const low = load<i32>(held);
  const high = load<i32>(held, 4);
  if (from >= low && to <= high) return;
  const a = high > low ? min(low, from) : from;
  const b = high > low ? max(high, to) : to;
  factorRows(slot, levels, slotM(slot), start, a, b, slotSums(slot) + a * FACTOR_BYTES, slotTable(slot));
  store<i32>(held, a);
  store<i32>(held, b, 4);
}

/** First row from which on, to the end of the span, the stock and all its ETFs have a return. */
let completeFrom: i32 = 0;
/** Rows [clearFrom, clearTo) of the span are of the kind SHARED. */
let clearFrom: i32 = 0;
let clearTo: i32 = 0;
let holeCount: i32 = 0;

/** The first row of [first, to) after the last one without a return of the stock or of an ETF. */
function lastGap(slot: usize, levels: i32, r: usize, first: i32, to: i32): i32 {
  const all = slotHas(slot, levels - 1);
  let t = to - 1;
  const limit = f64x2.splat(LIMIT);
  for (; t > first; t -= 2) {
    if ((load<u16>(all + t - 1) !== 0x0101) || i64x2.bitmask(f64x2.lt(f64x2.abs(v128.load(r + ((t - 1) << 3))), limit)) !== 3) break;
  }
  while (t >= first && load<u8>(all + t) === 1 && abs(load<f64>(r + (t << 3))) < LIMIT) t--;
  return t + 1;
}

/** Which path serves each row of [from, to), by what is missing in its window. */
function classify(slot: usize, levels: i32, r: usize, from: i32, to: i32, lastRow: i32): void {
  const market = slotHas(slot, 0);
  const all = slotHas(slot, levels - 1);
  let hole = i32.MIN_VALUE;
  let split = i32.MIN_VALUE;
  let alive: i32 = -1 << 30;
  const first = max(0, from - max(window, ALIVE_ROWS) + 1);
  completeFrom = lastGap(slot, levels, r, first, to);
  // Rows whose window is complete need no look; the others are classified one by one.
  const clear = max(from, completeFrom === 0 ? 0 : completeFrom === first ? from : completeFrom + max(window, ALIVE_ROWS) - 1);
  const end = min(to, clear);
  clearFrom = end;
  clearTo = max(end, min(to, lastRow + 1));
  memory.fill(kinds + clearFrom, <u8>SHARED, clearTo - clearFrom);
  memory.fill(kinds + clearTo, <u8>NONE, to - clearTo);
  holeCount = 0;
  /** Holes before this one have left the window. */
  let gone = 0;
  for (let t = first; t < end; t++) {
    const has = load<u8>(all + t);
    if (abs(load<f64>(r + (t << 3))) < LIMIT) {
      alive = t;
      if (load<u8>(market + t) !== has) split = t;
    } else if (has === 1) {
      hole = t;
      store<i32>(holes + (holeCount++ << 2), t);
    }
    if (t < from) continue;
    const oldest = t - window + 1;
    let kind = SHARED;
    if (t > lastRow || t - alive >= ALIVE_ROWS) kind = NONE;
    else if (split >= oldest) kind = LEVELS;
    else if (hole >= oldest) {
      while (load<i32>(holes + (gone << 2)) < oldest) gone++;
      kind = weighted || holeCount - gone > MOST_HOLES ? MASKED : LESS;
    }
    store<u8>(kinds + t, <u8>kind);
  }
}

/** Whether the windows of a stretch, and the rows of its block before it, miss nothing. */
function isComplete(start: i32, from: i32): bool {
  return max(0, min(start, from - window + 1)) >= completeFrom;
}

/** Lays out the returns with 0 where the stock or an ETF has none: adding nothing and adding 0 give the same sums. */
function fillGaps(slot: usize, levels: i32, r: usize, from: i32, to: i32): void {
  const all = slotHas(slot, levels - 1);
  const limit = f64x2.splat(LIMIT);
  for (let t = from; t < to; t += 2) {
    const x = v128.load(r + (t << 3));
    v128.store(filled + (t << 3), v128.and(x, f64x2.lt(f64x2.abs(x), limit)));
    if (load<u8>(all + t) === 0) store<f64>(filled + (t << 3), 0);
    if (load<u8>(all + t, 1) === 0) store<f64>(filled + (t << 3), 0, 8);
  }
}

/** Stock sums of the deepest level, whose rows are all levels' rows; answers the address that row 0 would have. */
function stockRows(slot: usize, levels: i32, r: usize, start: i32, from: i32, to: i32): usize {
  const out = stocks + (levels - 1) * stocksStep - (from >> 1) * STOCK_BYTES;
  completeSums(start, from, to, isComplete(start, from) ? r : filled, slotSpreads(slot), out, weighted ? power : 0);
  return out;
}

/** Stock sums of a level's own rows, where levels differ. */
function levelRows(slot: usize, levels: i32, r: usize, start: i32, from: i32, to: i32): usize {
  const out = stocks + (levels - 1) * stocksStep - (from >> 1) * STOCK_BYTES;
  stockSums(start, from, to, levels, slotHas(slot, levels - 1), r, slotSpreads(slot), out, weighted ? power : 0);
  return out;
}

function ownTable(slot: usize, levels: i32, r: usize, start: i32, from: i32, to: i32): usize {
  const table = tables + (levels - 1) * tablesStep - (from >> 1) * PAIR_BYTES;
  factorRows(slot, levels, r, start, from, to, sums, table);
  return table;
}

/** The table of the shared sums less the rows on which only the stock has no return. */
function tableLessHoles(slot: usize, levels: i32, r: usize, start: i32, from: i32, to: i32): usize {
  const table = tables + (levels - 1) * tablesStep - (from >> 1) * PAIR_BYTES;
  lessHoles(holeCount, slot, start, from, to, levels, r);
  solveFactors(slot, from, to, sums, 0, table);
  return table;
}

function fillStretch(slot: usize, levels: i32, r: usize, start: i32, from: i32, to: i32, kind: i32): void {
  if (kind === LEVELS) {
    const stock = levelRows(slot, levels, r, start, from, to);
    const table = ownTable(slot, levels, r, start, from, to);
    const stockA = levels > 1 ? levelRows(slot, 1, r, start, from, to) : stock;
    const tableA = levels > 1 ? ownTable(slot, 1, r, start, from, to) : table;
    const stockB = levels > 2 ? levelRows(slot, 2, r, start, from, to) : stock;
    const tableB = levels > 2 ? ownTable(slot, 2, r, start, from, to) : table;
    for (let t = from; t < to; t++) fillRow(t, slot, levels, r, tableA, tableB, table, stockA, stockB, stock);
    return;
  }
  const stock = stockRows(slot, levels, r, start, from, to);
  let table = slotTable(slot);
  if (kind !== MASKED) holdTable(slot, levels, start, from, to);
  if (kind === MASKED) table = ownTable(slot, levels, r, start, from, to);
  else if (kind === LESS) table = tableLessHoles(slot, levels, r, start, from, to);
  fillRows(levels, from, to, slot, r, table, stock, kind === SHARED && isComplete(start, from));
}

/** Fills rows [from, to) of a span. `before` is the slot of the chain of row from-1 (0: none) with its number of ETFs. */
export function fillSpan(slot: usize, levels: i32, before: usize, beforeLevels: i32, from: i32, to: i32, lastRow: i32): void {
  const r = returns;
  classify(slot, levels, r, from, to, lastRow);
  const oldest = max(0, from - window + 1);
  if (completeFrom > oldest) fillGaps(slot, levels, r, oldest, to);
  for (let a = from; a < to; ) {
    const kind = load<u8>(kinds + a);
    const start = a - ((a - origin) % window);
    const limit = kind === NONE ? to : min(to, start + window);
    let b = a + 1;
    if (a >= clearFrom && kind === SHARED) b = min(limit, clearTo);
    else while (b < limit && load<u8>(kinds + b) === kind) b++;
    if (kind === NONE) blankRows(a, b);
    else {
      fillStretch(slot, levels, r, start, a, b, kind);
      if (a > from) fillExAnte(a, a + 1, slot, levels, r);
      else if (before !== 0) fillExAnte(a, a + 1, before, beforeLevels, r);
      else blankExAnte(a);
      fillExAnte(a + 1, b, slot, levels, r);
    }
    a = b;
  }
}

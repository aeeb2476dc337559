/** What the loader calls: set up, load a chain into its slot, and fill the rows of a span. */
import {
  ALIVE_ROWS, kinds, LIMIT, nRows, origin, PAIR_BYTES, FACTOR_BYTES, power, returns, slotHas, slotHeld, slotM, slotS, slotSpreads, slotTable,
  slotU, squaredPower, squares, STOCK_BYTES, stocks, stocksStep, sums, tables, tablesStep, weighted, window,
} from './layout';
import { fillRows } from './passes';
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

/** Derives spreads and presence from the raw columns (zeros for absent ETFs) and forgets the table. */
export function loadChain(slot: usize, levels: i32): void {
  const spreads = slotSpreads(slot);
  for (let t = 0; t < nRows; t++) {
    const x = <usize>(t << 3);
    const m = load<f64>(slotM(slot) + x);
    const s = load<f64>(slotS(slot) + x);
    const u = load<f64>(slotU(slot) + x);
    store<f64>(spreads + (x << 2), m);
    store<f64>(spreads + (x << 2), levels > 1 ? s - m : 0, 8);
    store<f64>(spreads + (x << 2), levels > 2 ? u - s : 0, 16);
    store<f64>(spreads + (x << 2), 1, 24);
    const one = abs(m) < LIMIT;
    const two = one && abs(s) < LIMIT;
    store<u8>(slotHas(slot, 0) + t, one ? 1 : 0);
    store<u8>(slotHas(slot, 1) + t, two ? 1 : 0);
    store<u8>(slotHas(slot, 2) + t, two && abs(u) < LIMIT ? 1 : 0);
  }
  memory.fill(slotHeld(slot), 0, <usize>(slotTable(slot) - slotHeld(slot)));
}

/** Factor table rows [from, to) of the rows where the first `levels` ETFs and `r` have a return. */
function factorRows(slot: usize, levels: i32, r: usize, start: i32, from: i32, to: i32, table: usize): void {
  const has = slotHas(slot, levels - 1);
  if (weighted) {
    factorSumsWeighted(start, from, to, levels, has, r, slotSpreads(slot), sums, power);
    factorSumsWeighted(start, from, to, levels, has, r, slotSpreads(slot), squares, squaredPower);
  } else factorSumsEqual(start, from, to, levels, has, r, slotSpreads(slot), sums);
  solveFactors(slot, from, to, sums, weighted ? squares : 0, table);
}

/** Makes the shared table hold the rows of a stretch. */
function holdTable(slot: usize, levels: i32, start: i32, from: i32, to: i32): void {
  const held = slotHeld(slot) + (((start - origin) / window) << 3);
  const low = load<i32>(held);
  const high = load<i32>(held, 4);
  if (from >= low && to <= high) return;
  const a = high > low ? min(low, from) : from;
  const b = high > low ? max(high, to) : to;
  factorRows(slot, levels, slotM(slot), start, a, b, slotTable(slot));
  store<i32>(held, a);
  store<i32>(held, b, 4);
}

/** First row from which on, to the end of the span, the stock and all its ETFs have a return. */
let completeFrom: i32 = 0;

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
  if (clear < to) {
    const shared = max(clear, min(to, lastRow + 1));
    memory.fill(kinds + clear, <u8>SHARED, shared - clear);
    memory.fill(kinds + shared, <u8>NONE, to - shared);
  }
  for (let t = first; t < end; t++) {
    const has = load<u8>(all + t);
    if (abs(load<f64>(r + (t << 3))) < LIMIT) {
      alive = t;
      if (load<u8>(market + t) !== has) split = t;
    } else if (has === 1) hole = t;
    if (t < from) continue;
    const oldest = t - window + 1;
    let kind = SHARED;
    if (t > lastRow || t - alive >= ALIVE_ROWS) kind = NONE;
    else if (split >= oldest) kind = LEVELS;
    else if (hole >= oldest) kind = MASKED;
    store<u8>(kinds + t, <u8>kind);
  }
}

/** Whether the windows of a stretch, and the rows of its block before it, miss nothing. */
function isComplete(start: i32, from: i32): bool {
  return max(0, min(start, from - window + 1)) >= completeFrom;
}

/** Stock sums of a level's own rows; answers the address that row 0 would have. */
function stockRows(slot: usize, levels: i32, r: usize, start: i32, from: i32, to: i32): usize {
  const out = stocks + (levels - 1) * stocksStep - (from >> 1) * STOCK_BYTES;
  if (levels === 3 && isComplete(start, from)) completeSums(start, from, to, r, slotSpreads(slot), out, weighted ? power : 0);
  else stockSums(start, from, to, levels, slotHas(slot, levels - 1), r, slotSpreads(slot), out, weighted ? power : 0);
  return out;
}

function ownTable(slot: usize, levels: i32, r: usize, start: i32, from: i32, to: i32): usize {
  const table = tables + (levels - 1) * tablesStep - (from >> 1) * PAIR_BYTES;
  factorRows(slot, levels, r, start, from, to, table);
  return table;
}

function fillStretch(slot: usize, levels: i32, r: usize, start: i32, from: i32, to: i32, kind: i32): void {
  const stock = stockRows(slot, levels, r, start, from, to);
  let table = slotTable(slot);
  if (kind === SHARED) holdTable(slot, levels, start, from, to);
  else table = ownTable(slot, levels, r, start, from, to);
  if (kind === LEVELS && levels > 1) {
    const stockA = stockRows(slot, 1, r, start, from, to);
    const tableA = ownTable(slot, 1, r, start, from, to);
    const stockB = levels > 2 ? stockRows(slot, 2, r, start, from, to) : stock;
    const tableB = levels > 2 ? ownTable(slot, 2, r, start, from, to) : table;
    for (let t = from; t < to; t++) fillRow(t, slot, levels, r, tableA, tableB, table, stockA, stockB, stock);
  } else fillRows(levels, from, to, slot, r, table, stock, kind === SHARED && isComplete(start, from));
}

/** Fills rows [from, to) of a span. `before` is the slot of the chain of row from-1 (0: none) with its number of ETFs. */
export function fillSpan(slot: usize, levels: i32, before: usize, beforeLevels: i32, from: i32, to: i32, lastRow: i32): void {
  const r = returns;
  classify(slot, levels, r, from, to, lastRow);
  for (let a = from; a < to; ) {
    const kind = load<u8>(kinds + a);
    const start = a - ((a - origin) % window);
    const limit = kind === NONE ? to : min(to, start + window);
    let b = a + 1;
    while (b < limit && load<u8>(kinds + b) === kind) b++;
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

/** Addresses, settings and constants of the kernel. One instance serves one cascade; the loader lays the memory out once and never grows it. */

export const LIMIT: f64 = 1e30;
export const ZERO: f64 = 1e-12;
export const FLOOR: f64 = 1e-60;
export const COLLINEAR: f64 = 1e-6;
export const TOLERANCE: f64 = 1e-3;
export const EXTREME: f64 = 3;
export const ALIVE_ROWS: i32 = 21;

/** Factor sums of a row lie together: n w | m p | q q | mm mp | mq pq | pp qq. */
export const FACTOR_BYTES: i32 = 96;
/** Stock sums and factor tables keep two rows (2k, 2k + 1) side by side: column c is the vector at c of the pair. */
export const STOCK_BYTES: i32 = 80;
export const PAIR_BYTES: i32 = 480;

// Columns of stock sums, as byte offsets in a pair.
export const SR: usize = 0;
export const SRR: usize = 16;
export const RM: usize = 32;
export const RP: usize = 48;
export const RQ: usize = 64;

// Columns of a factor table, as byte offsets in a pair; the order of `T` in cascade/factors.ts (LEAST is its `floor`).
export const ROW_M: usize = 0;
export const ROW_S: usize = 16;
export const ROW_U: usize = 32;
export const LEAST: usize = 48;
export const INVERSE_WEIGHT: usize = 64;
export const MEAN_M: usize = 80;
export const MEAN_P: usize = 96;
export const MEAN_Q: usize = 112;
export const INVERSE_M: usize = 128;
export const INVERSE_S: usize = 144;
export const INVERSE_U: usize = 160;
export const LAM_PM: usize = 176;
export const LAM_QM: usize = 192;
export const LAM_QS: usize = 208;
export const HALF_MM: usize = 224;
export const MP: usize = 240;
export const MQ: usize = 256;
export const HALF_PP: usize = 272;
export const PQ: usize = 288;
export const HALF_QQ: usize = 304;
export const VARIANCE_FACTOR: usize = 320;
export const N: usize = 336;
/** An i64: bits 1 enough rows, 2 the market varies, 4 s is collinear, 8 u is collinear. */
export const STATUS: usize = 352;
export const ERROR_1M: usize = 368;
export const ERROR_2M: usize = 384;
export const ERROR_2S: usize = 400;
export const ERROR_3M: usize = 416;
export const ERROR_3S: usize = 432;
export const ERROR_3U: usize = 448;

// Columns of a tile, in the order of cascade/fields.ts.
export const FIELD_COUNT: i32 = 51;
export const EXP: i32 = 6;
export const SE: i32 = 12;
export const ER: i32 = 18;
export const BETA: i32 = 27;
export const LINK: i32 = 30;
export const FACTOR_RETURN: i32 = 33;
export const EX_ANTE: i32 = 9;
export const RESIDUAL: i32 = 42;
export const VARIANCE: i32 = 44;
export const OBSERVATIONS: i32 = 46;
export const LEVEL: i32 = 47;

// Flags of a row.
export const COLLINEAR_FLAG: f64 = 1;
export const NO_SECTOR: i32 = 2;
export const NO_SUBSECTOR: i32 = 4;
export const SHORT_HISTORY: i32 = 8;
export const NO_VARIANCE: i32 = 16;
export const ADDITIVITY: i32 = 32;
export const REPLICATION: i32 = 64;
export const HR_EXTREME: i32 = 128;

// Settings.
export let nRows: i32 = 0;
export let window: i32 = 0;
/** Row of the first block's start, zero or negative. */
export let origin: i32 = 0;
export let minObs: f64 = 0;
export let intercept: bool = false;
export let weighted: bool = false;
export let core: bool = false;
/** Bytes of one column of the tile. */
export let stride: i32 = 0;

// Addresses.
export let power: usize = 0;
export let squaredPower: usize = 0;
export let suffix: usize = 0;
export let sums: usize = 0;
export let squares: usize = 0;
export let stocks: usize = 0;
export let tables: usize = 0;
export let kinds: usize = 0;
export let returns: usize = 0;
export let tile: usize = 0;
/** The returns with 0 where the stock or an ETF has none. */
export let filled: usize = 0;
/** Rows on which only the stock has no return, as i32. */
export let holes: usize = 0;
/** Bytes from one level's stock sums and scratch table to the next level's. */
export let stocksStep: i32 = 0;
export let tablesStep: i32 = 0;

export function configure(rows: i32, w: i32, first: i32, min: f64, withIntercept: bool, withWeights: bool, coreOnly: bool): void {
  nRows = rows;
  window = w;
  origin = first;
  minObs = min;
  intercept = withIntercept;
  weighted = withWeights;
  core = coreOnly;
  stride = rows << 3;
}

export function place(
  powerAt: usize,
  squaredAt: usize,
  suffixAt: usize,
  sumsAt: usize,
  squaresAt: usize,
  stocksAt: usize,
  stockBytes: i32,
  tablesAt: usize,
  tableBytes: i32,
  kindsAt: usize,
  returnsAt: usize,
  tileAt: usize,
  filledAt: usize,
  holesAt: usize,
): void {
  power = powerAt;
  squaredPower = squaredAt;
  suffix = suffixAt;
  sums = sumsAt;
  squares = squaresAt;
  stocks = stocksAt;
  stocksStep = stockBytes;
  tables = tablesAt;
  tablesStep = tableBytes;
  kinds = kindsAt;
  returns = returnsAt;
  tile = tileAt;
  filled = filledAt;
  holes = holesAt;
}

// A chain's slot holds its columns one after the other; rows are padded to an even number (`padded`).
@inline
export function padded(): i32 {
  return (nRows + 3) & ~1;
}
@inline
export function slotM(slot: usize): usize {
  return slot;
}
@inline
export function slotS(slot: usize): usize {
  return slot + (padded() << 3);
}
@inline
export function slotU(slot: usize): usize {
  return slot + (padded() << 4);
}
/** (m, p, q, 1) side by side: p = s - m, q = u - s; 0 where one of the two is missing. */
@inline
export function slotSpreads(slot: usize): usize {
  return slot + padded() * 24;
}
/** has[k][t] of the first k + 1 ETFs, k = 0 to 2. */
@inline
export function slotHas(slot: usize, k: i32): usize {
  return slot + padded() * (56 + k);
}
/** Rows [low, high) of each block that the table holds: pairs of i32, room for one pair per row. */
@inline
export function slotHeld(slot: usize): usize {
  return slot + padded() * 60;
}
/** Factor sums of the rows that the table holds. */
@inline
export function slotSums(slot: usize): usize {
  return slot + padded() * 68;
}
@inline
export function slotTable(slot: usize): usize {
  return slot + padded() * 164;
}

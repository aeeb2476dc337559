/** What the passes share: short names for the vector operations, constants in memory, and what a pass hands to the next. */
import { ADDITIVITY, EXTREME, HR_EXTREME, REPLICATION, stride, tile, TOLERANCE, ZERO } from './layout';

/** Pairs per pass. */
export const RUN: i32 = 32;
// What passes hand on, per pair of the run.
export const WORK_BYTES: usize = 96;
export const TOTAL: usize = 0;
export const INVERSE: usize = 16;
export const CM: usize = 32;
export const CP: usize = 48;
export const FIT: usize = 64;
export const LEFT: usize = 80;
export const work = memory.data(RUN * 96, 16);
/** First rows of pairs to be written again, each named at most once per pass. */
export const again = memory.data(RUN * 16, 16);
export let agains: i32 = 0;

// Constants are loaded where they are used: V8 makes one anew, in up to four instructions, wherever it is written.
export const constants = memory.data<f64>([
  1, 1, ZERO, ZERO, EXTREME, EXTREME, TOLERANCE, TOLERANCE, 252, 252, ADDITIVITY, ADDITIVITY, REPLICATION, REPLICATION, HR_EXTREME, HR_EXTREME,
], 16);
export const ZERO_AT: usize = 1;
export const LARGE_AT: usize = 2;
export const TOLERANCE_AT: usize = 3;
export const YEAR_AT: usize = 4;
export const ADDITIVITY_AT: usize = 5;
export const REPLICATION_AT: usize = 6;
export const EXTREME_AT: usize = 7;
@inline
export function one(): v128 {
  return v128.load(constants);
}

@inline
export function k(x: f64): v128 {
  return f64x2.splat(x);
}
@inline
export function add(a: v128, b: v128): v128 {
  return f64x2.add(a, b);
}
@inline
export function sub(a: v128, b: v128): v128 {
  return f64x2.sub(a, b);
}
@inline
export function mul(a: v128, b: v128): v128 {
  return f64x2.mul(a, b);
}
@inline
export function large(x: v128): v128 {
  return f64x2.gt(f64x2.abs(x), v128.load(constants + 16 * LARGE_AT));
}
/** sqrt(left > 0 ? left : 0). */
@inline
export function spreadOf(left: v128): v128 {
  return f64x2.sqrt(f64x2.pmax(k(0), left));
}
@inline
export function allSet(mask: v128): bool {
  return i64x2.bitmask(mask) === 3;
}
@inline
export function redo(t: i32): void {
  store<i32>(again + (agains << 2), t);
  agains++;
}
export function startRun(): void {
  agains = 0;
}
/** Address of a field of the rows from t on. */
@inline
export function column(field: i32, t: i32): usize {
  return tile + field * stride + (t << 3);
}

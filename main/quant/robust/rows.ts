/** From the records of the refreshes to the rows of a tile. */
import { F, FIELDS, FLAG } from '../cascade/index.ts';
import { fillExAnte, IDENTITY_TOLERANCE, type ChainReturns } from '../cascade/rows.ts';
import { RETURN_LIMIT } from '../cascade/sums.ts';
import { ALIVE_ROWS } from '../cascade/types.ts';
import { HELD_COUNT, R, RECORD, RECORD_COLUMNS } from './records.ts';
import type { Schedule } from './schedule.ts';

const EXPOSURE = F.l1_mkt_exp!;
const RATIO = F.l1_mkt_hr!;
const SHARE = F.l1_mkt_er!;
const LEVEL = F.level!;
const FLAGS = F.flags!;
const VARIANCE = F.stock_var!;
const VOLATILITY = F.vol!;
const RESIDUAL = F.res_in!;
const GROSS = F.returns_gross!;
const ADDITIVITY = F.additivity_dev!;
const REPLICATION = F.replication_dev!;
/** Columns that no record fills. */
const FRESH = FIELDS.map((_, k) => k).filter((k) => !RECORD_COLUMNS.includes(k));

/** alive[t] = 1 where row t exists (MODEL.md 3): a return on one of the last rows, and no delisting before it. */
export function markAlive(r: Float64Array, to: number, lastRow: number, alive: Uint8Array): void {
  let last = -Infinity;
  for (let t = 0; t < to; t++) {
    if (Math.abs(r[t]!) < RETURN_LIMIT) last = t;
    alive[t] = t - last < ALIVE_ROWS && t <= lastRow ? 1 : 0;
  }
}

/**
 * Rows [from, to) from the record that each carries: exposures, slopes, links, shares, variance, count, level and flags. Rows that do not
 * exist are emptied. What belongs to the day follows in `finishRows`.
 */
export function fillHeld(
  values: Float64Array,
  nRows: number,
  from: number,
  to: number,
  levels: number,
  { carried }: Schedule,
  alive: Uint8Array,
  records: Float64Array,
): void {
  for (const k of FRESH) values.fill(NaN, k * nRows + from, k * nRows + to);
  for (let a = from; a < to;) {
    const refresh = carried[a]!;
    let b = a + 1;
    while (b < to && carried[b] === refresh) b++;
    for (let k = 0; k < HELD_COUNT; k++) {
      const column = RECORD_COLUMNS[k]! * nRows;
      values.fill(refresh < 0 ? NaN : records[refresh * RECORD + k]!, column + a, column + b);
    }
    for (let k = 0; k < 6; k++) {
      const exposure = values[(EXPOSURE + k) * nRows + a]!;
      values.fill(exposure === exposure ? 0 - exposure : NaN, (RATIO + k) * nRows + a, (RATIO + k) * nRows + b);
    }
    if (refresh < 0) {
      // No month has ended yet.
      values.fill(0, LEVEL * nRows + a, LEVEL * nRows + b);
      const chainFlags = levels === 1 ? FLAG.no_sector_etf : levels === 2 ? FLAG.no_subsector_etf : 0;
      values.fill(FLAG.short_history | chainFlags, FLAGS * nRows + a, FLAGS * nRows + b);
    }
    a = b;
  }
  for (let t = from; t < to; t++) if (alive[t] !== 1) for (let k = 0; k < FIELDS.length; k++) values[k * nRows + t] = NaN;
}

/** The day's return and residual, volatility, checks and ex-ante fields of the rows [from, to) that exist; the other fields are there. */
export function finishRows(
  values: Float64Array,
  nRows: number,
  from: number,
  to: number,
  r: Float64Array,
  chain: ChainReturns,
  before: ChainReturns | null,
  { carried }: Schedule,
  alive: Uint8Array,
  records: Float64Array,
): void {
  for (let t = from; t < to; t++) {
    if (alive[t] !== 1) continue;
    const rt = r[t]!;
    values[GROSS * nRows + t] = Math.abs(rt) < RETURN_LIMIT ? rt : NaN;
    const level = values[LEVEL * nRows + t]!;
    if (level > 0) {
      values[VOLATILITY * nRows + t] = Math.sqrt(252 * values[VARIANCE * nRows + t]!);
      const additivity = worstAdditivity(values, nRows, t, level);
      values[ADDITIVITY * nRows + t] = additivity;
      const replication = replicate(values, nRows, t, level, r, chain, records, carried[t]! * RECORD);
      if (additivity > IDENTITY_TOLERANCE || replication > IDENTITY_TOLERANCE) {
        const failed = (additivity > IDENTITY_TOLERANCE ? FLAG.additivity : 0) | (replication > IDENTITY_TOLERANCE ? FLAG.replication : 0);
        values[FLAGS * nRows + t] = values[FLAGS * nRows + t]! | failed;
      }
    }
    const other = t > from ? chain : before;
    if (t > 0 && other !== null) fillExAnte(values, nRows, t, t + 1, r, other);
  }
}

/** Largest |sum of shares - 1| over the levels that have shares; NaN when none has. */
function worstAdditivity(values: Float64Array, nRows: number, t: number, level: number): number {
  let worst = NaN;
  let place = SHARE * nRows + t;
  for (let k = 1; k <= level; k++) {
    let sum = 0;
    for (let j = 0; j <= k; j++, place += nRows) sum += values[place]!;
    const off = Math.abs(sum - 1);
    if (off === off && !(off <= worst)) worst = off;
  }
  return worst;
}

/** Writes the residual of the deepest level and the largest |sum h f + e - r| over the levels, e along the cleaned path of the level's own fit. */
function replicate(
  values: Float64Array,
  nRows: number,
  t: number,
  level: number,
  r: Float64Array,
  chain: ChainReturns,
  records: Float64Array,
  o: number,
): number {
  const rt = r[t]!;
  const m = chain.m[t]!;
  const s = chain.s[t]!;
  const u = chain.u[t]!;
  let worst = NaN;
  let residual = NaN;
  for (let k = 1; k <= level; k++) {
    const h = o + (k === 1 ? R.exposure1 : k === 2 ? R.exposure2 : R.exposure3);
    const p = o + (k === 1 ? R.path1 : k === 2 ? R.path2 : R.path3);
    let fit = records[h]! * m;
    let left = rt - records[p]! * m;
    if (k > 1) {
      const lamSm = records[p + k]!;
      const cleanS = s - lamSm * m;
      fit += records[h + 1]! * s;
      left -= records[p + 1]! * cleanS;
      if (k > 2) {
        fit += records[h + 2]! * u;
        left -= records[p + 2]! * (u - records[p + 4]! * m - records[p + 5]! * cleanS);
      }
    }
    residual = rt - fit;
    const off = Math.abs(fit + left - rt);
    if (off === off && !(off <= worst)) worst = off;
  }
  values[RESIDUAL * nRows + t] = residual === residual ? residual : NaN;
  values[REPLICATION * nRows + t] = worst;
  return worst;
}

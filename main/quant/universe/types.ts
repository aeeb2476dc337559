import type { Dated } from '../chains/versions.ts';
import type { SeriesBlock } from '../returns/types.ts';

/** Shares outstanding of a security over a period, and from when that was known. */
export interface ShareCount extends Dated {
  readonly shares: number;
}

/** Everything a security's place in a universe depends on. The order inside the lists never matters. */
export interface Candidate {
  /** Raw closes. */
  readonly close: readonly SeriesBlock[];
  /** Shares traded. */
  readonly volume: readonly SeriesBlock[];
  /** Imported capitalisation, dollars. */
  readonly marketCap: readonly SeriesBlock[];
  readonly shares: readonly ShareCount[];
}

export interface UniverseOptions {
  /** K: a month end uses what was known by min(its day, K). */
  readonly knownAsOf: number;
  /** `corrected`: a correction known by K holds from the day the version it corrects was known. */
  readonly knowledge: 'strict' | 'corrected';
}

/** What a size was made from: shares x raw close, an imported capitalisation, close x volume. */
export const SIZE_SOURCE = { shares: 1, market_cap: 2, volume: 3 } as const;

/** Who belongs to a universe in one month, decided at the end of the month before. */
export interface Membership {
  /** Row of the last session of the month before. */
  readonly stampRow: number;
  /** Row whose closes were used: `stampRow`, or an earlier one when nobody at all has a size there (a hole in the data). */
  readonly sizedRow: number;
  /** Rows [fromRow, toRow) on which it is in force; empty when the axis ends with the stamp. */
  readonly fromRow: number;
  readonly toRow: number;
  /** Members, largest first; equal sizes by security id. */
  readonly members: Int32Array;
  /** Dollars of capitalisation, or mean dollars traded a day, of each member. */
  readonly sizes: Float64Array;
  /** SIZE_SOURCE of each member. */
  readonly sources: Uint8Array;
  /** Of a list: everybody whom the version in force names on any day. */
  readonly named?: Int32Array;
  /** Securities outside the ETF map with a close on `sizedRow` or a size; of a list, whom it names. */
  readonly active: number;
  /** Active ones with a size. active - ranked are out by validity: no shares or capitalisation valid and known, or too few rows of volume. */
  readonly ranked: number;
}

/** Universes: who is inside on a day, and the lists a user defined. */

export interface UniverseMember {
  readonly rank: number;
  readonly securityId: number;
  /** Ticker and name on the date. */
  readonly ticker: string;
  readonly name: string | null;
  /** Dollars of capitalisation, or mean dollars traded a day; null in a list. */
  readonly size: number | null;
  readonly source: 'shares' | 'market_cap' | 'volume' | 'list';
}

/** Securities on the session of a view. active = inMask + outByValidity + outByRank + notListed. */
export interface UniverseCounts {
  /** By rule: with a close or a size at the stamp, outside the ETF map. Of a list: with a series over the day, or named by the list. */
  readonly active: number;
  readonly inMask: number;
  /** No valid size; of a list: named by it, but not on this day. */
  readonly outByValidity: number;
  /** Ranked below the last member. */
  readonly outByRank: number;
  /** Not named by the list. */
  readonly notListed: number;
}

export interface UniverseView {
  readonly universe: string;
  /** ISO; the session asked for. */
  readonly date: string;
  /** By rule: last session of the month before. Of a list: the first session on which its members are these. */
  readonly stamped: string;
  /** Session whose closes were used: `stamped`, unless nobody had a size on it. */
  readonly sized: string;
  readonly inForce: { readonly first: string; readonly last: string | null };
  readonly knownAsOf: string;
  readonly revision: number;
  readonly knowledge: 'strict' | 'corrected';
  readonly counts: UniverseCounts;
  /** Names of a list that mean no security here. */
  readonly unresolved: readonly string[];
  readonly members: readonly UniverseMember[];
}

/** A list of the user's own, as its last version says. */
export interface UniverseListRow {
  readonly name: string;
  readonly batchId: number;
  readonly file: string;
  /** ISO day of import. */
  readonly imported: string;
  readonly versions: number;
  /** Day from which the last version counts in strict rows; null: always. */
  readonly knownFrom: string | null;
  readonly rows: number;
  readonly members: number;
  /** Rows without valid_from: they hold on all days (possible look-ahead). */
  readonly undated: number;
  readonly first: string | null;
}

/** The universe of a run on a day. `why`: there is no membership on it (before the first month end). */
export interface RunUniverse {
  readonly name: string;
  readonly date: string | null;
  readonly stamped: string | null;
  readonly counts: UniverseCounts | null;
  readonly why: string | null;
}

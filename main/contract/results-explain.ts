/** `explain`: everything behind one number, and the words for it. Days are ISO. */
import type { Lineage } from './results.ts';

/** What a return was made from. */
export const RETURN_SOURCES = {
  none: 'no return',
  adjusted: 'from two adjusted closes of one batch',
  raw: 'from raw closes and corporate actions',
  imported: 'imported as a return',
} as const;

/** Which sums or estimator served a row. */
export const ESTIMATE_PATHS = {
  none: 'no row',
  shared: 'the factor sums that all securities of the chain share',
  less: 'the shared factor sums less the few rows this security misses',
  masked: 'factor sums of the rows this security has',
  levels: 'every level on rows of its own',
  held: 'least squares of the refresh day, held',
  resolved: 'the whole cascade solved anew on each level’s rows',
  realised: 'levels 2 and 3 on what the slopes in force left on past days',
} as const;

/** Where a fact comes from. Days are ISO; null is open. */
export interface Origin {
  readonly batchId: number;
  readonly file: string;
  readonly source: string;
  /** Revision the batch made. */
  readonly revision: number;
  /** Line of the file; null for securities made from series, and for series imported before lines were kept. */
  readonly line: number | null;
  readonly knownFrom: string | null;
}

export interface DatedOrigin extends Origin {
  readonly validFrom: string | null;
  /** Exclusive; null: until the next row of the same subject begins. */
  readonly validTo: string | null;
}

export type SeriesName = 'close' | 'adj_close' | 'return';

/** One stored version of one value. */
export interface ValueVersion extends Origin {
  readonly value: number;
  /** Symbol of the file that the value came under. */
  readonly symbol: string;
  /** Only the base of its batch's next adjusted close, no value of its own. */
  readonly anchor: boolean;
  readonly inForce: boolean;
}

export interface StoredValue {
  readonly field: SeriesName;
  readonly date: string;
  /** Whether the day's return was made from it. */
  readonly used: boolean;
  /** Oldest knowledge first. */
  readonly versions: readonly ValueVersion[];
}

export interface ActionFact extends Origin {
  readonly type: 'split' | 'dividend' | 'special_dividend' | 'spinoff' | 'merger' | 'delisting';
  readonly exDate: string;
  readonly value: number;
  readonly symbol: string;
  /** The version in force of its ex-date and type. */
  readonly inForce: boolean;
  /** Whether it entered the day's return; in force but not applied: the adjusted closes hold it already. */
  readonly applied: boolean;
}

export interface IdentityFact extends DatedOrigin {
  readonly symbol: string;
  readonly provisional: boolean;
}

export interface ClassFact extends DatedOrigin {
  readonly scheme: string;
  readonly sector: string;
  readonly industry: string | null;
}

export interface MapFact extends DatedOrigin {
  readonly level: 'market' | 'sector' | 'subsector';
  readonly etf: string;
  readonly scheme: string;
  readonly code: string;
  /** ETF that stands in for it before its first return. */
  readonly proxy: string | null;
}

export interface RowFacts {
  /** Master rows known by the run's knowledge day that hold on the day; provisional only when no other does. */
  readonly identities: readonly IdentityFact[];
  readonly classification: ClassFact | null;
  readonly map: readonly MapFact[];
  /** Total return of the row as known on its own day, formed again from the facts below. */
  readonly value: number;
  readonly source: keyof typeof RETURN_SOURCES;
  readonly prices: readonly StoredValue[];
  readonly actions: readonly ActionFact[];
}

export interface ExplainInput {
  readonly ticker: string;
  /** ISO; the session at or before it. */
  readonly date: string;
  /** Wire name of MODEL.md 12, or `close`, `adj_close`, `return`. */
  readonly field: string;
  /** Default: the newest run. */
  readonly runId?: string | undefined;
  /** ISO day: as known then; default: as the run knew. */
  readonly knownAsOf?: string | undefined;
}

export interface ExplainedWindow {
  readonly level: 1 | 2 | 3;
  readonly first: string;
  readonly last: string;
  /** Calendar rows of the window (fewer than the setting at the start of the data). */
  readonly rows: number;
  /** Rows on which the security and all ETFs of the level have a return; the others are missing. */
  readonly used: number;
  readonly missing: number;
  /** Of the used rows those on which the levels above had left a residual, when that is fewer: the rows of this level's regression. */
  readonly realised?: number;
  readonly firstUsed: string | null;
  readonly lastUsed: string | null;
  /** Rows without a return, by name. */
  readonly missingBy: readonly { readonly ticker: string; readonly rows: number }[];
}

export interface Explanation extends Omit<RowFacts, 'value' | 'source'> {
  readonly lineage: Lineage;
  readonly securityId: number;
  readonly ticker: string;
  readonly name: string | null;
  readonly date: string;
  readonly field: string;
  readonly unit: string;
  readonly value: number | null;
  /** Names of the bits when the field is `flags`. */
  readonly flags?: readonly string[];
  /** Why there is no value. */
  readonly reason: string | null;
  /** The day's total return as the run used it, and what it was made from. */
  readonly return: { readonly value: number | null; readonly source: RowFacts['source'] };
  /** Ex-ante fields use the exposures and the chain of the row before: its date. */
  readonly exposuresOf: string | null;
  readonly chain: {
    readonly market: string | null;
    readonly sector: string | null;
    readonly subsector: string | null;
    readonly undated: boolean;
  } | null;
  /** Window of the estimate behind the field; null for stored series and where no level exists. */
  readonly window: ExplainedWindow | null;
  /** Which sums or estimator served the row of the estimate, and the day whose window its slopes are of; null where there is no row. */
  readonly estimate: { readonly path: keyof typeof ESTIMATE_PATHS; readonly estimatedOn: string | null } | null;
  /** Universe of the run and whether the row is inside its membership; null without one. */
  readonly universe: { readonly name: string; readonly inMask: boolean } | null;
}

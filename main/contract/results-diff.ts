/** Time travel: what was learned between two knowledge days and which outputs moved because of it. */
import type { Origin } from './results-explain.ts';
import type { EstimatorSettings } from './settings.ts';

type DiffSeries = 'close' | 'adj_close' | 'open' | 'high' | 'low' | 'volume' | 'return' | 'market_cap';

/** `new`: about a day after `from`; `late`: about an earlier day, of which nothing was known; `corrected`: replaces what was known. */
export type Change = 'new' | 'late' | 'corrected';

export interface ValueChange extends Origin {
  readonly date: string;
  /** null when nothing was known before. */
  readonly before: number | null;
  readonly after: number;
}

/** Late and corrected values of one series of one security. */
export interface SeriesChange {
  readonly securityId: number | null;
  readonly ticker: string;
  readonly field: DiffSeries;
  readonly late: number;
  readonly corrected: number;
  readonly first: string;
  readonly last: string;
  /** The first few. */
  readonly examples: readonly ValueChange[];
}

export type FactKind = 'action' | 'classification' | 'identity' | 'shares' | 'etf-map' | 'universe';

export interface FactChange extends Origin {
  readonly kind: FactKind;
  readonly change: Change;
  readonly securityId: number | null;
  /** Ticker, or the code of a map row. */
  readonly subject: string;
  /** Ex-date or valid_from; null: always. */
  readonly date: string | null;
  readonly before: string | null;
  readonly after: string;
}

export interface KnownDiff {
  /** Values known on their own day, by field. */
  readonly newValues: Readonly<Partial<Record<DiffSeries, number>>>;
  readonly series: readonly SeriesChange[];
  readonly facts: readonly FactChange[];
}

export interface DiffInput {
  /** ISO days; from < to <= today. */
  readonly from: string;
  readonly to: string;
  /** Run whose settings are used; default: the newest, else the default preset. */
  readonly runId?: string | undefined;
}

export interface FieldMove {
  readonly field: string;
  readonly before: number | null;
  readonly after: number | null;
  /** after - before; null when one of them is missing. */
  readonly change: number | null;
}

export interface SecurityMove {
  readonly securityId: number;
  readonly ticker: string;
  /** First date on which a field of the security moved, and on how many dates one did. */
  readonly first: string;
  readonly rows: number;
  /** The corrected facts of the security itself and of the ETFs of its chains, in words. */
  readonly because: readonly string[];
  /** Fields that moved on the latest common date. */
  readonly latest: readonly FieldMove[];
  /** Largest move of each field over all common dates; a value that appeared or vanished counts as larger than any change. */
  readonly largest: readonly (FieldMove & { readonly date: string })[];
}

export interface DiffView {
  readonly from: string;
  readonly to: string;
  readonly revision: number;
  readonly settings: EstimatorSettings;
  readonly facts: KnownDiff;
  /** Outputs of `corrected` as known on the two days, over the common dates. */
  readonly outputs: {
    readonly latestCommonDate: string | null;
    readonly compared: number;
    readonly moved: readonly SecurityMove[];
    /** Securities that had rows as known on the earlier day and are none any more (identities joined). */
    readonly vanished: readonly string[];
    /** By field: securities that moved on any date, and the largest move of all. */
    readonly fields: readonly (FieldMove & { readonly date: string; readonly ticker: string; readonly securities: number })[];
  };
  /** Securities whose `strict` rows differ between the two days; by construction of time safety, none. */
  readonly strictMoved: readonly string[];
}

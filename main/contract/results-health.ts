/** Findings and the doctor's looks, as the command line prints them with --json and the Data health screen shows them. */

/** What a finding makes wrong. */
export const DISTORTS = ['returns', 'value', 'coverage', 'identity', 'nothing'] as const;
export type Distorts = (typeof DISTORTS)[number];

/** What a finding does to the book (the latest holdings snapshot); null = not known or not held. Dollars, decimal returns. */
export interface FindingEffect {
  /** Market value of the security in the book, and what it becomes with the fix. */
  readonly marketValue: number | null;
  readonly marketValueFixed: number | null;
  /** The return that runs use on the finding's day, and what the fix makes of it. */
  readonly returnAsIs: number | null;
  readonly returnFixed: number | null;
  /** Annualised volatility of the book over the last window, and without the distortion (fixed, or the day left out). */
  readonly volatility: number | null;
  readonly volatilityFixed: number | null;
  /** Annualised volatility of the position alone: what of the book's risk rests on these data. */
  readonly ownRisk: number | null;
  /** Securities whose chain on the last day names this ETF; 0 for anything else. */
  readonly usedBy: number;
}

export interface Finding {
  readonly findingId: number;
  readonly severity: 'error' | 'warning' | 'info';
  readonly code: string;
  readonly subject: string;
  readonly day: string | null;
  readonly message: string;
  readonly batchId: number | null;
  readonly dismissed: string | null;
  readonly distorts: Distorts;
  readonly securityId: number | null;
  /** What to do about it. */
  readonly advice: string | null;
  /** The repair that can be written with one click, in words; null = none by itself. */
  readonly fix: string | null;
  readonly effect: FindingEffect | null;
  /** All days concerned, ISO, when there are several. */
  readonly days: readonly string[];
}

/** Days with values per source and field: the coverage calendar. */
export interface CoverageSource {
  /** Source named at import, else the file. */
  readonly source: string;
  readonly field: string;
  readonly batches: readonly number[];
  /** Securities with a value, by session of `LookView.days`. */
  readonly counts: readonly number[];
}

export interface BookSessions {
  /** Sessions on which all positions that count have a return, of the `of` last ones. */
  readonly counted: number;
  readonly of: number;
  /** Securities that do not count: they have returns on fewer than half of those sessions. */
  readonly young: number;
}

export interface LookView {
  readonly lookId: number;
  readonly lookedAt: string;
  readonly revision: number;
  readonly knownAsOf: string;
  /** False when the data changed since. */
  readonly current: boolean;
  readonly securities: number;
  readonly milliseconds: number;
  /** Snapshot the effects are of; null without holdings. */
  readonly snapshotId: number | null;
  /** Net dollars of the book on the data looked at. */
  readonly bookValue: number | null;
  /** Of the last 252 sessions, whatever window the runs have; dollars a year. */
  readonly bookVolatility: number | null;
  /** Days the volatility is of; null without one, and of looks by earlier versions. */
  readonly bookSessions: BookSessions | null;
  /** Open findings per code. */
  readonly counts: Readonly<Record<string, number>>;
  /** ISO sessions of the calendar. */
  readonly days: readonly string[];
  readonly coverage: readonly CoverageSource[];
}

export interface FixResult {
  readonly batchId: number;
  /** Findings that were fixed. */
  readonly findings: readonly number[];
  /** What was written, one line each. */
  readonly written: readonly string[];
  /** ISO day from which it is known; null: from the day of each fact. */
  readonly knownFrom: string | null;
}

/** Names of the kinds of findings, and what each makes wrong. */
const FINDING_KINDS: Readonly<Record<string, { readonly title: string; readonly distorts: Distorts }>> = {
  split_missed: { title: 'Split missing from the list', distorts: 'value' },
  split_suspected: { title: 'Jump that looks like a split', distorts: 'returns' },
  split_twice: { title: 'Split applied twice', distorts: 'returns' },
  split_inverted: { title: 'Split upside down', distorts: 'returns' },
  split_ratio: { title: 'Split of another ratio', distorts: 'value' },
  split_day: { title: 'Split on another day', distorts: 'returns' },
  split_extreme: { title: 'Split of an unlikely size', distorts: 'value' },
  adjusted_missed_split: { title: 'Adjusted close without the split', distorts: 'returns' },
  adjusted_break: { title: 'Adjusted close moved alone', distorts: 'returns' },
  distribution_missed: { title: 'Distribution missing from the list', distorts: 'nothing' },
  two_companies: { title: 'Two sources, two companies', distorts: 'identity' },
  large_dividend: { title: 'Dividend above 25 %', distorts: 'nothing' },
  dividend_wrong: { title: 'Dividend that was not paid', distorts: 'returns' },
  dividend_twice: { title: 'Dividend listed twice', distorts: 'returns' },
  jump: { title: 'Return beyond 50 %', distorts: 'returns' },
  stale: { title: 'Price stands still', distorts: 'returns' },
  zero_volume: { title: 'No trading', distorts: 'returns' },
  gap: { title: 'Missing sessions', distorts: 'coverage' },
  long_gap: { title: 'Long absence', distorts: 'identity' },
  source_gap: { title: 'Day missing for many', distorts: 'coverage' },
  after_delisting: { title: 'Prices after the end', distorts: 'coverage' },
  action_outside: { title: 'Action without prices', distorts: 'nothing' },
  bad_close: { title: 'Close of one day far off', distorts: 'returns' },
  unit_break: { title: 'Other unit or currency', distorts: 'value' },
  level_break: { title: 'Level changes with the source', distorts: 'value' },
  source_level: { title: 'Two levels of one security', distorts: 'value' },
  currency_mix: { title: 'Currencies mixed', distorts: 'value' },
  price_differs: { title: 'Price in the holdings differs', distorts: 'value' },
  altered: { title: 'Not as it was stored', distorts: 'value' },
  two_owners: { title: 'One ticker, two owners', distorts: 'identity' },
  ambiguous_ticker: { title: 'Ticker means two', distorts: 'identity' },
  overlapping_validity: { title: 'Validities overlap', distorts: 'identity' },
  unknown_ticker: { title: 'Ticker without a security', distorts: 'identity' },
  rejected_values: { title: 'Values that cannot be prices', distorts: 'returns' },
  adjusted_base_unknown: { title: 'Return between two bases', distorts: 'coverage' },
  market_gap: { title: 'Market ETF without a price', distorts: 'coverage' },
  no_market: { title: 'No market ETF', distorts: 'coverage' },
  etf_without_prices: { title: 'ETF without prices', distorts: 'coverage' },
  no_classification: { title: 'No classification', distorts: 'coverage' },
  sector_without_etf: { title: 'Sector without an ETF', distorts: 'coverage' },
  classified_later: { title: 'Classified later', distorts: 'coverage' },
  undated_classification: { title: 'Classification without dates', distorts: 'identity' },
  undated_universe: { title: 'Universe without dates', distorts: 'identity' },
  unknown_member: { title: 'Name on a list, no security', distorts: 'coverage' },
  restated: { title: 'Restated value', distorts: 'returns' },
  non_session_day: { title: 'Day without a session', distorts: 'coverage' },
};

export const kindOf = (code: string): { readonly title: string; readonly distorts: Distorts } =>
  FINDING_KINDS[code] ?? { title: code.replaceAll('_', ' '), distorts: 'nothing' };

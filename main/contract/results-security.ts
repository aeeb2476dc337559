/** One security through time and the regression behind one of its rows. Plain JSON; missing is null. */
import type { Lineage, SecurityView } from './results.ts';

/** Where a stored row comes from; days are ISO. */
export interface StoredFrom {
  readonly file: string;
  readonly line: number | null;
  readonly batchId: number;
  readonly knownFrom: string | null;
}

export interface ActionRow extends StoredFrom {
  readonly type: 'split' | 'dividend' | 'special_dividend' | 'spinoff' | 'merger' | 'delisting';
  readonly exDate: string;
  /** New shares per old one, dollars per share, or a return, by type. */
  readonly value: number;
  readonly symbol: string;
}

interface Dated extends StoredFrom {
  readonly validFrom: string | null;
  /** Exclusive; null: until the next row of its kind begins. */
  readonly validTo: string | null;
}

export interface SymbolRow extends Dated {
  /** ticker, figi or isin. */
  readonly kind: string;
  readonly symbol: string;
  readonly exchange: string | null;
  /** Made from a price file; no row of the security master claims it. */
  readonly provisional: boolean;
}

export interface ClassificationRow extends Dated {
  readonly scheme: string;
  readonly sector: string;
  readonly industry: string | null;
}

/** A stretch of days with one chain; the last day is included. */
export interface ChainRow {
  readonly from: string;
  readonly to: string;
  readonly market: string | null;
  readonly sector: string | null;
  readonly subsector: string | null;
  readonly sectorName: string | null;
  readonly industryName: string | null;
}

/** What is stored about a security beside its numbers. */
export interface SecurityFacts {
  readonly actions: readonly ActionRow[];
  readonly symbols: readonly SymbolRow[];
  readonly classes: readonly ClassificationRow[];
  readonly chains: readonly ChainRow[];
}

/**
 * Header of `security.open`: the security on the date, and its past. Columns, one value per day of the run: `day` (EpochDay), `close`,
 * `adj_close`, `return`, and the fields that were asked for.
 */
export interface SecurityHeader extends SecurityFacts {
  readonly view: SecurityView;
}

/** A number of the run beside the same number formed again from the rows of its window. */
export interface RegressionCheck {
  /** E.g. `exposure market`, `additivity`. */
  readonly name: string;
  readonly left: number;
  readonly right: number;
  readonly deviation: number;
  readonly tolerance: number;
  readonly ok: boolean;
}

/** One step of the cascade: what is regressed on what. */
export interface RegressionStep {
  readonly etf: string;
  readonly slope: number;
  /** 0 without an intercept. */
  readonly intercept: number;
  /** Weighted correlation of the two, squared; null where one does not vary. */
  readonly rSquared: number | null;
  readonly collinear: boolean;
}

/**
 * Header of `security.regression`. Columns, one value per calendar row of the window: `day`, `used` (1 or 0), `weight`, the returns
 * `r`, `m`, `s`, `u`, the cleaned factors `s_clean`, `u_clean`, and what each step leaves: `e1`, `e2`, `e3`. Columns of layers
 * beyond the level are absent.
 */
export interface RegressionHeader {
  readonly lineage: Lineage;
  readonly securityId: number;
  readonly ticker: string;
  readonly date: string;
  readonly level: 1 | 2 | 3;
  readonly deepest: 1 | 2 | 3;
  readonly etf: readonly string[];
  readonly rows: number;
  readonly used: number;
  /** Formed again from the rows; false: the estimator is not least squares, so the run's slopes are drawn and its own sums stay unchecked. */
  readonly formedAgain: boolean;
  /** Last day of the window: the date itself, or the last refresh where slopes are held. */
  readonly estimatedOn: string;
  readonly steps: readonly RegressionStep[];
  readonly links: { readonly sm: number | null; readonly um: number | null; readonly us: number | null };
  /** Of the run, per ETF of the level. */
  readonly exposures: readonly (number | null)[];
  readonly shares: readonly (number | null)[];
  readonly residualShare: number | null;
  readonly checks: readonly RegressionCheck[];
}

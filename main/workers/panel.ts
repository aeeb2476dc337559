/**
 * A panel: all return series of a workspace as known on one day, in shared memory, with the plan of which rows
 * of which security are computed on which arrays. Built by a db worker, read by compute workers.
 */

/** Settings that decide what a panel holds (the kernel's own settings come later). */
export interface PanelSettings {
  readonly knowledge: 'strict' | 'corrected';
  readonly returns: 'auto' | 'adjusted' | 'raw';
  readonly schemes: readonly string[];
}

/** Names of the chain in force on a stretch of rows, for lineage on screens. */
export interface ChainNames {
  readonly market: string | null;
  readonly sector: string | null;
  readonly subsector: string | null;
  readonly scheme: string | null;
  readonly sectorName: string | null;
  readonly industryName: string | null;
  readonly undated: boolean;
}

/** What a security is called on a stretch of rows. */
export interface NameSpan {
  readonly from: number;
  readonly to: number;
  readonly ticker: string;
}

export interface PanelSeries {
  readonly securityId: number;
  readonly names: readonly NameSpan[];
  readonly name: string | null;
  readonly isEtf: boolean;
}

/** Integers per span in `plan`: from, to, return array, market, sector, subsector array (-1 = none), chain-name index. */
export const SPAN = 7;

export interface Panel {
  readonly key: string;
  readonly firstSession: number;
  readonly nRows: number;
  /** EpochDay per row. */
  readonly days: Int32Array;
  readonly series: readonly PanelSeries[];
  /** Base view of each series, series-major, `series.length * nRows`; NaN = missing. */
  readonly returns: Float64Array;
  /** Which source served each return: 0 none, 1 adjusted, 2 raw + actions, 3 imported. */
  readonly sources: Uint8Array;
  /**
   * Other views, for rows dated before a fact was learned: view v >= series.length is `views[v - series.length]`,
   * the base of a series with some rows replaced. Array numbers in the plan are view numbers.
   */
  readonly views: readonly PanelView[];
  readonly plan: Int32Array;
  /** Spans of series i are planStart[i] .. planStart[i + 1]. */
  readonly planStart: Int32Array;
  /** Last row that may exist for a series (delisting); nRows - 1 when none. */
  readonly lastRow: Int32Array;
  readonly chains: readonly ChainNames[];
  readonly dataAsOf: number;
  readonly knownAsOf: number;
  readonly revision: number;
}

export interface PanelView {
  readonly series: number;
  readonly rows: Int32Array;
  readonly values: Float64Array;
}

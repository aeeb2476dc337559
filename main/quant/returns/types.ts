import type { Session } from '../../contract/units.ts';

/** A stretch of one symbol's one field as one batch stored it. */
export interface SeriesBlock {
  /** Slot (weekday number) of `values[0]`. */
  readonly firstSlot: number;
  /** One value per slot; NaN for none. */
  readonly values: Float64Array;
  /** EpochDay each value became known; null: the value's own day. */
  readonly known: Int32Array | null;
  /** The first value only anchors the base of adjusted closes: it is not itself a value. */
  readonly anchored: boolean;
  /** Commit order of the batch: later batches win ties. */
  readonly order: number;
  readonly batchId: number;
  /**
   * Symbol the block was stored under. Adjusted closes of two symbols are never divided by each other, even when one
   * batch brought both; leave it out only when all blocks of a batch are of one symbol.
   */
  readonly symbolId?: number;
  /** Days [fromDay, toDay) for which the symbol is the security's; everything outside is ignored, anchors included. */
  readonly fromDay: number;
  readonly toDay: number;
}

export type ActionType = 'split' | 'dividend' | 'special_dividend' | 'spinoff' | 'merger' | 'delisting';

/** A corporate action. The actions of one (exDay, type) with the latest (known, order) are the version in force. */
export interface DatedAction {
  readonly exDay: number;
  readonly type: ActionType;
  /** split: new per old; dividends, spinoff: dollars per share held after a split of the date; merger: dollars; delisting: return. */
  readonly value: number;
  readonly known: number;
  readonly order: number;
  readonly batchId: number;
}

/** Everything a security's returns are made from. The order inside the lists never matters. */
export interface SecurityInputs {
  readonly close: readonly SeriesBlock[];
  readonly adjClose: readonly SeriesBlock[];
  readonly returns: readonly SeriesBlock[];
  readonly actions: readonly DatedAction[];
}

/** The calendar rows of a run: consecutive sessions. Build with `rowAxis`. */
export interface RowAxis {
  readonly firstSession: Session;
  readonly nRows: number;
  /** EpochDay per row, ascending. */
  readonly days: Int32Array;
  /** Slot per row, ascending. */
  readonly slots: Int32Array;
}

export interface ReturnOptions {
  /** Last day whose knowledge counts: min(t, K) for row t of a run known as of K. */
  readonly knowledgeDay: number;
  /** K itself. Only `corrected` uses it: versions known by K replace what they correct. */
  readonly asKnownAt: number;
  readonly knowledge: 'strict' | 'corrected';
  readonly mode: 'auto' | 'adjusted' | 'raw';
}

export interface EpochOptions {
  /** K: the day as of which the run knows. */
  readonly knownAsOf: number;
  readonly knowledge: 'strict' | 'corrected';
  readonly mode: 'auto' | 'adjusted' | 'raw';
}

/** What a return was made from. A delisting return alone counts as raw. */
export const SOURCE = { none: 0, adjusted: 1, raw: 2, imported: 3 } as const;

/** Rows [fromRow, toRow) are computed on the base with the patches of this and all earlier epochs written over it. */
export interface ReturnEpoch {
  readonly fromRow: number;
  readonly toRow: number;
  readonly patchRows: Int32Array;
  readonly patchValues: Float64Array;
  readonly patchSources: Uint8Array;
}

/**
 * A security's returns as each row of a run saw them. `base[s]` is the return of row s as known at min(day(s), K);
 * the epochs are consecutive and cover [0, nRows), the first has no patches. Row t may read entries <= t only.
 */
export interface EpochReturns {
  readonly base: Float64Array;
  readonly source: Uint8Array;
  readonly epochs: readonly ReturnEpoch[];
}

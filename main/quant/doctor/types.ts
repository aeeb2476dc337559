/** What the doctor looks at and what it says. Pure; rows are those of the axis, NaN is missing. */
import type { ActionType, RowAxis } from '../returns/types.ts';

/** An action in force, its parts of one day and type combined. */
export interface ActionInForce {
  readonly exDay: number;
  /** First row on or after the ex-date; nRows when it lies after the axis. */
  readonly row: number;
  readonly type: ActionType;
  readonly value: number;
}

/** Two batches that give different values for the same days. */
export interface Overlap {
  readonly earlier: number;
  readonly later: number;
  /** Days both have, and the mean of later / earlier over them (geometric). */
  readonly days: number;
  readonly ratio: number;
  readonly lastRow: number;
}

/** One security as known at the doctor's day. The arrays are lent for the call: nothing may keep them. */
export interface Patient {
  readonly axis: RowAxis;
  readonly ticker: string;
  readonly close: Float64Array;
  readonly adjClose: Float64Array;
  /** Shares traded. */
  readonly volume: Float64Array;
  /** Return that a run uses, the one from adjusted closes alone, and the one from raw closes and actions alone. */
  readonly served: Float64Array;
  readonly adjusted: Float64Array;
  readonly raw: Float64Array;
  /** Batch of the close in force; 0 without one. */
  readonly closeBatch: Int32Array;
  /** By row. */
  readonly actions: readonly ActionInForce[];
  readonly overlaps: readonly Overlap[];
}

/** A repair that can be written as a batch. Values are as in an actions file; returns are decimal. */
export type Remedy =
  | { readonly kind: 'set_action'; readonly exDay: number; readonly type: ActionType; readonly value: number }
  | { readonly kind: 'void_action'; readonly exDay: number; readonly type: ActionType }
  | { readonly kind: 'move_action'; readonly exDay: number; readonly type: ActionType; readonly value: number; readonly toDay: number }
  | { readonly kind: 'adjusted_return'; readonly day: number; readonly value: number }
  | { readonly kind: 'rescale'; readonly fromDay: number; readonly toDay: number; readonly factor: number };

type DoctorCode =
  | 'split_missed'
  | 'split_suspected'
  | 'split_twice'
  | 'split_inverted'
  | 'split_ratio'
  | 'split_day'
  | 'split_extreme'
  | 'adjusted_missed_split'
  | 'adjusted_break'
  | 'distribution_missed'
  | 'two_companies'
  | 'large_dividend'
  | 'dividend_wrong'
  | 'dividend_twice'
  | 'jump'
  | 'stale'
  | 'zero_volume'
  | 'gap'
  | 'market_gap'
  | 'long_gap'
  | 'after_delisting'
  | 'action_outside'
  | 'bad_close'
  | 'unit_break'
  | 'level_break'
  | 'source_level';

export interface Diagnosis {
  readonly code: DoctorCode;
  readonly severity: 'error' | 'warning' | 'info';
  /** Row it is dated by; -1 when it has none. */
  readonly row: number;
  /** Every row concerned, ascending; empty when only `row` is. */
  readonly rows: readonly number[];
  /** What was found and what to do about it, without the ticker. */
  readonly message: string;
  readonly advice: string;
  readonly remedy: Remedy | null;
  /** Return that runs use on `row`, and what the remedy makes of it (NaN: none). Equal or both NaN: no return is distorted. */
  readonly asIs: number;
  readonly fixed: number;
  /** What the remedy multiplies the shares of a position held since before `row` with; 1 = nothing. */
  readonly sharesFactor: number;
}

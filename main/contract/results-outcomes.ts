/** What a hedge would have done, and what shocks and past stretches would do to a book. Decimals and dollars; missing is null. */
import type { Lineage } from './results.ts';

/** 0 to 100 % of each layer. */
export interface LayerShares {
  readonly market: number;
  readonly sector: number;
  readonly subsector: number;
}

export type HedgeKey = 'L1' | 'L2' | 'L3' | 'chosen';

export interface EffectLine {
  readonly hedge: HedgeKey;
  /** Annualised, of what is left. */
  readonly volatility: number | null;
  /** Share of the unhedged variance that is gone; negative = more risk than without the hedge. */
  readonly saved: number | null;
  /** 95 % interval of `saved`. */
  readonly low: number | null;
  readonly high: number | null;
}

export interface EffectYear {
  /** `2025`, or `all`. */
  readonly year: string;
  readonly days: number;
  /** Annualised volatility without a hedge. */
  readonly unhedged: number | null;
  readonly lines: readonly EffectLine[];
}

/** Out of sample throughout: the returns of a day on the ratios of the day before. Before costs. */
export interface EffectivenessView {
  readonly lineage: Lineage;
  readonly subject: string;
  /** Of a book; null for a stock. */
  readonly weights: 'frozen' | 'dated' | null;
  readonly layers: LayerShares;
  readonly from: string;
  readonly to: string;
  /** Days in the figures, and days left out: a stock lacks a part, or more than half of the modelled weight of a book lacks one. */
  readonly days: number;
  readonly missing: number;
  /** Share of the weight without every part, unmodelled positions included; mean over the days. */
  readonly uncovered: number;
  /** Days in the figures on which that share is more than half: they are of the smaller part of the book. */
  readonly thin: number;
  /** Positions without a value: they are in no weight. */
  readonly unvalued: number;
  /** Sessions of the rolling ratio. */
  readonly rolling: number;
  readonly years: readonly EffectYear[];
  readonly series: {
    readonly day: readonly string[];
    /** Running sums of squared returns, as a share of the unhedged sum of the whole period. */
    readonly cumulative: Readonly<Record<HedgeKey | 'unhedged', readonly number[]>>;
    /** Share of the variance saved over the last sessions. */
    readonly saved: Readonly<Record<HedgeKey, readonly (number | null)[]>>;
  };
}

/** Dollars of profit. */
export interface Outcome {
  readonly before: number | null;
  /** Of the hedge orders alone. */
  readonly hedge: number | null;
  readonly after: number | null;
}

export interface ScenarioEtf {
  readonly etf: string;
  /** Net dollars today, and after the hedge orders in whole shares. */
  readonly before: number;
  readonly after: number;
  /** Move the shock gives it: stated, or the one that goes with the stated ones; null when it cannot be told. */
  readonly move: number | null;
  readonly stated: boolean;
}

/** A stretch of past sessions, with today's dollars held on each of its days. */
export interface PastOutcome extends Outcome {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly sessions: number;
  /** Share of the covered dollars that have a return, mean over the sessions. */
  readonly coverage: number;
}

export interface ScenariosView {
  readonly lineage: Lineage;
  readonly snapshotId: number;
  readonly date: string;
  readonly gross: number;
  readonly net: number;
  /** Share of the book that the model covers. */
  readonly coverage: number | null;
  /** Positions without a value: they have no part in the coverage. */
  readonly unvalued: number;
  readonly layers: LayerShares;
  /** First and last day of the data. */
  readonly first: string;
  readonly last: string;
  readonly etfs: readonly ScenarioEtf[];
  readonly market: string;
  /** Of the shock; null when a move that counts is not known. */
  readonly shock: Outcome;
  readonly past: readonly PastOutcome[];
}

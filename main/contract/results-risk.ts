/** Portfolio risk, its changes, scratch copies, attribution and correlation. Dollars and annualised unless said otherwise; missing is null. */
import type { BookView, Lineage } from './results.ts';

/** exposure x volatility x correlation = contribution. */
export interface RiskLine {
  readonly name: string;
  /** Dollars. */
  readonly exposure: number;
  /** Annualised, decimal. */
  readonly volatility: number;
  /** With the profit of the book. */
  readonly correlation: number;
  /** Annualised dollars; the lines of a table sum to the volatility of the book. */
  readonly contribution: number;
}

export interface RiskIdentity {
  readonly name: string;
  readonly deviation: number;
  readonly tolerance: number;
  readonly ok: boolean;
}

export interface RiskView {
  readonly lineage: Lineage;
  readonly snapshotId: number;
  readonly snapshotAsOf: string;
  readonly date: string;
  readonly level: 1 | 2 | 3;
  readonly gross: number;
  readonly net: number;
  readonly coverage: number | null;
  /** Positions without a value: they have no part in the coverage. */
  readonly unvalued: number;
  /** Sessions on which every covered position and ETF has a return, in the window of the run. */
  readonly rows: number;
  readonly window: { readonly first: string; readonly last: string; readonly sessions: number };
  /** Not in these figures: unmodelled, or too young for the window. */
  readonly left: readonly { readonly ticker: string; readonly value: number | null; readonly reason: string }[];
  /** Null when there are fewer than two rows. */
  readonly risk: {
    /** Of the return series of today's holdings. */
    readonly volatility: number;
    /** Annualised dollars squared; factor + residual + cross + shrinkage = total. */
    readonly variance: {
      readonly total: number;
      readonly factor: number;
      /** With the shrunk residual covariance. */
      readonly residual: number;
      readonly cross: number;
      readonly shrinkage: number;
      /** With its diagonal alone. */
      readonly residualDiagonal: number;
    };
    /** sqrt(factor + shrunk residual), and the same with the diagonal. */
    readonly model: number;
    readonly modelDiagonal: number;
    readonly shrinkageIntensity: number;
    readonly averageResidualCorrelation: number | null;
    readonly firstResidualComponent: number | null;
    readonly positions: readonly (RiskLine & { readonly account: string; readonly factor: number; readonly residual: number })[];
    readonly etfs: readonly RiskLine[];
    readonly layers: readonly { readonly layer: string; readonly contribution: number }[];
    /** Contribution of all residuals together. */
    readonly residual: number;
    /** Sum of the positions' own volatilities, and what holding them together saves. */
    readonly standalone: number;
    readonly diversification: number;
    readonly identities: readonly RiskIdentity[];
  } | null;
  /** Weighted means of single-stock figures: a description, not a risk. */
  readonly aggregate: readonly { readonly field: string; readonly value: number; readonly coverage: number | null }[];
}

export interface RiskChangeSide {
  readonly lineage: Lineage;
  readonly snapshotId: number;
  readonly date: string;
  readonly volatility: number;
}

export interface RiskChange {
  readonly from: RiskChangeSide;
  readonly to: RiskChangeSide;
  /** In this order, each after the ones before; they sum to the change. */
  readonly steps: readonly {
    readonly step: 'data corrections' | 'positions' | 'exposures' | 'volatilities' | 'correlations';
    readonly change: number;
  }[];
  readonly left: readonly { readonly ticker: string; readonly reason: string }[];
}

/** One figure: reference, what-if, difference. */
export interface WhatIfLine {
  readonly name: string;
  readonly reference: number | null;
  readonly optimised: number | null;
  readonly difference: number | null;
}

export interface WhatIfView {
  readonly reference: BookView;
  readonly optimised: BookView;
  readonly totals: readonly WhatIfLine[];
  readonly etfs: readonly WhatIfLine[];
  /** Shares of each hedge order that full layers would need. */
  readonly orders: readonly WhatIfLine[];
  /** What was set and is not modelled: it moves the totals at most by its value, and no exposure, risk or hedge. */
  readonly unmodelled: readonly { readonly ticker: string; readonly reason: string }[];
}

export interface PortfolioSeriesHeader {
  readonly lineage: Lineage;
  readonly weights: 'holdings' | 'dated' | 'custom';
  /** By ticker, of the last day. */
  readonly used: Readonly<Record<string, number>>;
}

export interface BridgeParts {
  readonly market: number;
  readonly sector: number;
  readonly subsector: number;
  readonly residual: number;
  readonly total: number;
}

/** Null where no day has every part. */
export type NamedParts = { readonly name: string } & { readonly [K in keyof BridgeParts]: number | null };

export interface AttributionView {
  readonly lineage: Lineage;
  readonly subject: string;
  readonly weights: 'frozen' | 'dated' | null;
  /** What the weights of a book are on, of its last holdings; null for a stock. */
  readonly weightBase: BookView['weightBase'] | null;
  /** Weights are on a net below 0: a return above 0 is a loss in dollars. */
  readonly netShort: boolean;
  readonly from: string;
  readonly to: string;
  readonly days: number;
  /** Days without every part: the bridges are null unless they are skipped. */
  readonly missing: number;
  readonly skipped: boolean;
  /** A stock, or every position of a book, without a sector ETF on the last day: no day has a sector part. */
  readonly noSectorEtf: boolean;
  /** Compound; the bars of P1, P2, P3, PG. */
  readonly geometric: BridgeParts | null;
  /** Sums of daily parts; its total is a sum too. */
  readonly arithmetic: BridgeParts | null;
  /** Daily parts weighted to sum to the compound return. */
  readonly logLinked: BridgeParts | null;
  /** The cumulative ex-ante residual: the alpha of this model. */
  readonly alpha: { readonly sum: number; readonly standardError: number | null; readonly t: number | null; readonly days: number };
  /** Of a book: sums of daily weighted parts by position, sector and subsector; each table sums to `arithmetic`. */
  readonly positions: readonly NamedParts[];
  readonly sectors: readonly NamedParts[];
  readonly subsectors: readonly NamedParts[];
  /** Share of the weight without every part, unmodelled positions included; mean over the days. */
  readonly uncovered: number;
  /** Positions without a value: they are in no weight. */
  readonly unvalued: number;
  readonly series: {
    readonly day: readonly string[];
    readonly gross: readonly (number | null)[];
    readonly residual: readonly (number | null)[];
    /** Running sum of the residuals: ends at `alpha.sum`. */
    readonly cumulativeResidual: readonly number[];
    /** Compound residual of the days so far: ends at the residual bar of `geometric`. */
    readonly bridgeResidual: readonly (number | null)[];
  };
}

export interface CorrelationView {
  readonly lineage: Lineage;
  readonly ticker: string;
  /** Of a book whose weights are on a net below 0: its return above 0 is a loss, so its profit correlates with the other sign. */
  readonly netShort: boolean;
  readonly from: string;
  readonly to: string;
  readonly rows: readonly {
    readonly with: string;
    readonly series: 'gross' | 'residual L1' | 'residual L2' | 'residual L3';
    readonly pearson: number | null;
    readonly spearman: number | null;
    readonly days: number;
  }[];
}

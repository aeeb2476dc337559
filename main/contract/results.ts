/** Results of the journeys, as the command line prints them with --json and the screens show them. Plain JSON; missing is null. */
import type { DeskRules } from './desk.ts';

export interface WorkspaceInfo {
  readonly name: string;
  readonly simulated: boolean;
  readonly revision: number;
  readonly firstDay: string | null;
  readonly lastDay: string | null;
  readonly securities: number;
  readonly bytes: number;
  readonly batches: number;
  readonly schemaVersion: number;
}

/** The workspace that is open. */
export interface OpenWorkspace extends WorkspaceInfo {
  /** Tells it from every other one opened since the program began: two can have one name. The same number: the same folder. */
  readonly opened: number;
  /** Counts the changes of the desk rules: every book and ticket follows them. */
  readonly deskChanges: number;
}

export interface BatchRow {
  readonly batchId: number;
  readonly kind: string;
  readonly file: string;
  readonly source: string;
  readonly sha256: string;
  readonly importedAt: string;
  readonly rows: number;
  readonly new: number;
  readonly restated: number;
  readonly undone: boolean;
}

/** Lineage stated with every output. */
export interface Lineage {
  readonly runId: string;
  readonly settings: import('./settings.ts').EstimatorSettings;
  readonly dataAsOf: string;
  readonly knownAsOf: string;
  readonly revision: number;
  readonly softwareVersion: string;
  readonly simulated: boolean;
}

export interface RunSummary {
  readonly lineage: Lineage;
  readonly fingerprint: string;
  readonly digest: string;
  readonly createdAt: string;
  readonly firstDay: string;
  readonly lastDay: string;
  readonly securities: number;
  /** Rows produced, and rows whose deepest level is 1, 2, 3 (index 0: none). */
  readonly rows: number;
  readonly rowsByLevel: readonly [number, number, number, number];
  /** Rows inside and outside the membership of their own date; absent without a universe. */
  readonly universe?: { readonly name: string; readonly inMask: number; readonly masked: number };
  readonly checks: {
    readonly failedRows: number;
    readonly worstAdditivity: number;
    readonly worstReplication: number;
    readonly collinearRows: number;
  };
  readonly milliseconds: { readonly panel: number; readonly cascade: number; readonly total: number };
  readonly threads: number;
  /**
   * Rows computed for this run; the others were taken over from an earlier run of the same window of the program, whose inputs they share.
   * Absent from runs stored before there were such.
   */
  readonly computedRows?: number;
  /** Views that name no run take this one instead of the newest. */
  readonly pinned?: true;
}

/** A stored run that is not what was stored: it can be deleted, and is used for nothing. */
export interface DamagedRun {
  readonly damaged: true;
  readonly runId: string;
  /** ISO time as it stands in the file; null where that is none. */
  readonly createdAt: string | null;
  /** What is wrong, and what to do. */
  readonly message: string;
  readonly action: string;
  readonly pinned?: true;
  /** Views that name no run mean this one, and refuse. */
  readonly meant?: true;
}

export interface LevelView {
  readonly level: 1 | 2 | 3;
  readonly etf: readonly string[];
  /** One entry per ETF of the level, market first. */
  readonly exposure: readonly (number | null)[];
  readonly hedgeRatio: readonly (number | null)[];
  readonly standardError: readonly (number | null)[];
  readonly explained: readonly (number | null)[];
  readonly residual: number | null;
}

/** One security on one date (`show`). */
export interface SecurityView {
  readonly lineage: Lineage;
  readonly securityId: number;
  readonly ticker: string;
  readonly name: string | null;
  readonly date: string;
  readonly chain: { readonly market: string | null; readonly sector: string | null; readonly subsector: string | null };
  readonly classification: {
    readonly scheme: string;
    readonly sector: string;
    readonly industry: string | null;
    readonly undated: boolean;
  } | null;
  readonly levels: readonly LevelView[];
  readonly deepest: 0 | 1 | 2 | 3;
  readonly observations: number | null;
  readonly volatility: number | null;
  readonly links: { readonly sm: number | null; readonly um: number | null; readonly us: number | null };
  readonly returnGross: number | null;
  readonly inWindowResidual: number | null;
  readonly residualReturn: readonly (number | null)[];
  readonly flags: readonly string[];
  readonly identities: { readonly additivity: number | null; readonly replication: number | null; readonly ok: boolean };
  readonly window: { readonly first: string; readonly last: string; readonly rows: number };
}

export interface SecurityHit {
  readonly securityId: number;
  readonly ticker: string;
  readonly name: string | null;
  readonly isEtf: boolean;
}

export interface BookPosition {
  readonly account: string;
  readonly securityId: number | null;
  readonly ticker: string;
  readonly name: string | null;
  /** Null where the holdings file tells a value alone and there is no price to turn it into shares. */
  readonly quantity: number | null;
  readonly price: number | null;
  readonly priceDay: string | null;
  readonly marketValue: number | null;
  readonly weight: number | null;
  /** stock, investment (held ETF kept), hedge (held ETF netted), unmodelled; cash is in no sum of the book. */
  readonly role: 'stock' | 'investment' | 'hedge' | 'unmodelled' | 'cash';
  readonly level: 0 | 1 | 2 | 3;
  readonly chain: readonly string[];
  /** Exposures of the served level per $1 on the ETFs of `chain`, and hedge ratios (= -exposure). */
  readonly exposure: readonly (number | null)[];
  readonly hedgeRatio: readonly (number | null)[];
  readonly explained: readonly (number | null)[];
  readonly residual: number | null;
  readonly volatility: number | null;
  readonly flags: readonly string[];
  /** Why a position is not modelled. */
  readonly reason: string | null;
}

/** Has exposures: what is unmodelled, and cash, has none. */
export const isModelled = ({ role }: Pick<BookPosition, 'role'>): boolean => role !== 'unmodelled' && role !== 'cash';

export interface EtfExposure {
  readonly etf: string;
  readonly exposure: number;
  readonly hedgeHolding: number;
  readonly net: number;
  readonly shareOfGross: number | null;
}

interface BookSnapshotRow {
  readonly snapshotId: number;
  readonly asOf: string;
  readonly file: string;
  readonly accounts: readonly string[];
}

export interface BookView {
  readonly lineage: Lineage;
  readonly snapshotId: number;
  readonly snapshotAsOf: string;
  /** All snapshots of the book; `snapshotId` is the newest. */
  readonly snapshots: readonly BookSnapshotRow[];
  readonly date: string;
  readonly gross: number;
  readonly net: number;
  readonly weightBase: 'net' | 'gross';
  readonly covered: number;
  readonly coverage: number | null;
  /** Positions without a value: they have no part in the coverage. */
  readonly unvalued: number;
  readonly positions: readonly BookPosition[];
  readonly etfs: readonly EtfExposure[];
  readonly volatility: {
    /** Annualised dollars: historical (true series of today's holdings), and the model's factor and residual (diagonal) parts. */
    readonly historical: number | null;
    readonly factor: number | null;
    readonly residual: number | null;
    readonly rows: number;
    /** Names too young for the window: no part of `historical`. */
    readonly young: readonly string[];
    /** Names without shares of variance on the day: their residual part is measured on the returns of the window. */
    readonly measured: readonly string[];
  };
}

export interface HedgeRequest {
  readonly snapshotId?: number;
  /** The book made of these snapshots: of every account the latest of them. Neither: the latest of all. */
  readonly snapshotIds?: readonly number[];
  readonly runId?: string;
  /** Day: what the run would have said with what was known then. */
  readonly knownAsOf?: string;
  readonly date?: string;
  readonly account?: string;
  /** Accounts to hedge; all of the book when left out. */
  readonly accounts?: readonly string[];
  readonly level?: 1 | 2 | 3;
  /** Per cent of each layer, 0 to 100. */
  readonly layers?: { readonly market: number; readonly sector: number; readonly subsector: number };
  /** Dollars; default: 1,000, or 0.02 % of what weights are on where that is more. */
  readonly minTrade?: number;
  /** No-trade band: a change of a held hedge up to this per cent of its target is left, 0 to 100. */
  readonly band?: number;
  readonly rounding?: 'joint' | 'nearest';
  readonly exclude?: readonly string[];
  /** Held ETFs to treat as hedges, all others being investments; default: the desk rules' marks, else those held short. */
  readonly hedgeSleeve?: readonly string[];
  /** Marks in place of those of the desk rules. */
  readonly marks?: DeskRules['marks'];
  /** Hedge all accounts as one (default), or every account on its own. */
  readonly netting?: 'across' | 'per-account';
  /** Dollars the hedge in an ETF may come to, long or short. */
  readonly limits?: readonly { readonly etf: string; readonly dollars: number }[];
  /** Dollars all hedges together may come to, longs and shorts added up. */
  readonly grossCap?: number;
}

export interface HedgeLeg {
  readonly etf: string;
  readonly exposure: number;
  readonly held: number;
  readonly heldShares: number;
  /** What is gone for, under the limits. */
  readonly target: number;
  /** What the model asks for; differs from `target` where a limit is in the way or other legs stand in for a limited one. */
  readonly modelTarget: number;
  readonly trade: number;
  readonly price: number | null;
  readonly priceDay: string | null;
  /** Signed whole shares traded; 0 when dropped. */
  readonly shares: number;
  readonly side: 'BUY' | 'SELL' | 'SELL_SHORT' | 'BUY_TO_COVER' | null;
  readonly notional: number;
  /** Exposure left on this ETF, dollars: before, after the exact trade, after rounding. */
  readonly before: number;
  readonly after: number;
  readonly rounded: number;
  readonly dropped: string | null;
}

export interface Check {
  readonly id: string;
  readonly severity: 'block' | 'warn' | 'inform';
  readonly status: 'pass' | 'fail';
  readonly message: string;
  /** It blocks whatever reason is given. */
  readonly final?: true;
}

export interface HedgeOrder {
  readonly orderId: string;
  readonly account: string;
  readonly symbol: string;
  readonly side: 'BUY' | 'SELL' | 'SELL_SHORT' | 'BUY_TO_COVER';
  readonly quantity: number;
  readonly price: number;
  readonly priceDay: string;
  readonly notional: number;
  readonly bucket: 'market' | 'sector' | 'subsector';
  readonly reason: string;
}

/** A limit in the way of the model's target; `account` '' when the book is hedged as one. */
export interface HedgeLimit {
  readonly etf: string;
  readonly account: string;
  readonly reason: string;
  readonly modelTarget: number;
  readonly target: number;
}

/** What limits cost: factor volatility per year they leave unhedged, dollars. */
export interface HedgeLimits {
  readonly legs: readonly HedgeLimit[];
  /** Factor the gross cap puts on every position; 1 without. */
  readonly scale: number;
  readonly lost: number | null;
  /** Had no other leg stood in. */
  readonly lostAlone: number | null;
}

/** One account's part of a leg when every account is hedged on its own. */
export interface AccountLeg {
  readonly account: string;
  readonly etf: string;
  readonly held: number;
  readonly target: number;
  readonly trade: number;
  readonly shares: number;
}

export interface HedgeView {
  readonly lineage: Lineage;
  /** The newest snapshot of the book. */
  readonly snapshotId: number;
  readonly snapshots: readonly BookSnapshotRow[];
  readonly date: string;
  readonly request: HedgeRequest;
  readonly legs: readonly HedgeLeg[];
  readonly orders: readonly HedgeOrder[];
  readonly checks: readonly Check[];
  /** Ex-ante annualised dollars: before, after the exact hedge, after rounding; and the residual part alone. */
  readonly volatility: {
    readonly before: number | null;
    readonly after: number | null;
    readonly rounded: number | null;
    readonly residual: number | null;
  };
  /** sqrt(252 y'Cov(F)y) left by joint and by nearest rounding. */
  readonly roundingRisk: { readonly joint: number | null; readonly nearest: number | null };
  /**
   * ETFs of the map the book holds, with the role each is taken in; `marked`: somebody chose it; `sent`: nobody did, and
   * exported sets traded as much of it in the account, on the same side.
   */
  readonly heldEtfs: readonly {
    readonly account: string;
    readonly etf: string;
    readonly shares: number;
    readonly value: number | null;
    readonly role: 'hedge' | 'investment';
    readonly marked: boolean;
    readonly sent: boolean;
  }[];
  /** Null when no limit is in the way. */
  readonly limits: HedgeLimits | null;
  /** Empty when the book is hedged as one. */
  readonly accountLegs: readonly AccountLeg[];
  readonly coverage: number | null;
  /** Positions without a value: they have no part in the coverage. */
  readonly unvalued: number;
  readonly book: { readonly gross: number; readonly net: number };
}

export interface HedgeFiles {
  readonly orderFile: string;
  readonly manifestFile: string;
  readonly sha256: string;
  readonly orders: number;
  /** Name of the first file of the same set, where it had been exported before. */
  readonly reExportOf: string | null;
}

export type { Finding } from './results-health.ts';

export interface SnapshotRow {
  readonly snapshotId: number;
  readonly asOf: string;
  readonly source: string;
  readonly file: string;
  readonly positions: number;
  readonly accounts: readonly string[];
  readonly importedAt: string;
}

/** Order sets: frozen, approved, exported, followed up. */
import type { HedgeView } from './results.ts';

export interface Approval {
  readonly by: string;
  /** ISO instant, UTC. */
  readonly at: string;
  readonly note: string;
}

export interface OrderExport {
  readonly orderSetId: number;
  readonly at: string;
  readonly by: string;
  readonly format: string;
  readonly file: string;
  readonly sha256: string;
  /** The set had been exported before: what a broker gets of it then, it may have already. */
  readonly reExport: boolean;
  /** Ids of the checks that blocked, and why they were overridden; null when none did. */
  readonly override: { readonly checks: readonly string[]; readonly reason: string } | null;
}

export interface OrderPackageRow {
  readonly packageId: number;
  /** First characters of every order id of the set. */
  readonly basket: string;
  /** Of everything that is frozen. */
  readonly sha256: string;
  readonly frozenAt: string;
  readonly preparedBy: string;
  readonly note: string;
  readonly runId: string;
  readonly snapshotId: number;
  /** Of the prices and exposures. */
  readonly date: string;
  readonly orders: number;
  /** Dollars at the reference prices. */
  readonly grossNotional: number;
  readonly netNotional: number;
  readonly simulated: boolean;
  readonly approvals: readonly Approval[];
  readonly exports: readonly OrderExport[];
}

export interface OrderPackage extends OrderPackageRow {
  /** As frozen; its checks are those of that moment. */
  readonly view: HedgeView;
}

/** Whether a set needs someone other than who prepared it before it is exported. */
export interface OrdersPolicy {
  readonly secondApprover: boolean;
}

/** Characters of the reason for an override. */
export const REASON_LENGTH = { least: 10, most: 400 } as const;

export interface OrdersComparison {
  readonly a: OrderPackageRow;
  readonly b: OrderPackageRow;
  /** Signed shares per account and ETF, largest difference in dollars first. */
  readonly rows: readonly {
    readonly account: string;
    readonly symbol: string;
    readonly a: number;
    readonly b: number;
    readonly difference: number;
    /** Dollars, at the price of `b`, else of `a`. */
    readonly notional: number;
  }[];
}

export interface OrdersVerification {
  readonly ok: boolean;
  readonly part: 'orders' | 'manifest' | 'journal';
  /** First altered line of the part, from 1; null when it cannot be told or nothing is wrong. */
  readonly line: number | null;
  readonly message: string;
  /** The journal that was checked: entries, and the hash of the last one. */
  readonly journal: { readonly entries: number; readonly head: string } | null;
}

export interface OrderFill {
  readonly orderId: string;
  readonly quantity: number;
  readonly price: number | null;
  /** The broker's own number of the execution, where the file has one. */
  readonly execId?: string;
  /** The quantity is what was filled of the order so far, by the heading of its column. */
  readonly soFar?: true;
}

export interface FillsReport {
  readonly file: string;
  /** Its journal entry; null for a file that was not taken. */
  readonly entry: number | null;
  readonly fills: readonly OrderFill[];
  readonly outcome: 'stored' | 'nothing_new' | 'rejected';
  readonly problems: readonly { readonly line: number; readonly column: number; readonly message: string; readonly fix: string }[];
}

/** An imported file of executions. */
export interface FillsFile {
  /** Number of its journal entry. */
  readonly entry: number;
  readonly file: string;
  /** ISO time of the import. */
  readonly at: string;
  readonly executions: number;
  /** False once it was taken back. */
  readonly counts: boolean;
}

/** One leg of an exported set: what was sent, what came of it, and how far the holding is from the target now. */
export interface LedgerLeg {
  readonly packageId: number;
  readonly account: string;
  readonly symbol: string;
  /** ISO day of the first export. */
  readonly sentOn: string;
  /** Signed shares; these, `filled` and `heldBefore` are shares as ordered. */
  readonly sent: number;
  /**
   * Signed shares: by the imported fills, else by the change of the holding in the first later snapshot; null when neither is there, and when
   * several sets changed the holding and it does not tell what was filled of each.
   */
  readonly filled: number | null;
  readonly filledFrom: 'fills' | 'snapshot' | null;
  /** Signed shares by which the first holdings of a later day moved, where that is not what the imported fills tell; else null. */
  readonly movedOtherwise: number | null;
  readonly status: 'sent' | 'partly filled' | 'filled' | 'over-filled' | 'not filled';
  /** Shares held when the set was made, and in the latest snapshot; null when there are no such holdings (all taken back). */
  readonly heldBefore: number | null;
  readonly heldNow: number | null;
  /** Shares there are by now for one that was ordered: the splits since; `heldNow` is in those. */
  readonly splits: number;
}

/** Drift of an ETF from its target, with today's book and the layers of the last exported set. */
export interface LedgerDrift {
  readonly etf: string;
  /** Dollars. */
  readonly held: number;
  readonly target: number;
  readonly drift: number;
  /** Share of the absolute target; null without one. */
  readonly share: number | null;
}

export interface LedgerView {
  readonly legs: readonly LedgerLeg[];
  /** Imported files of executions, oldest first. */
  readonly fillsFiles: readonly FillsFile[];
  /** Null before the first export, or when the book cannot be computed, which `note` says. */
  readonly drift: {
    readonly packageId: number;
    readonly snapshotId: number;
    /** Day of the oldest holdings it is on, ISO. */
    readonly holdingsOf: string;
    /** Whether holdings of an account the set trades are of before its export: what was filled of it is not in them. */
    readonly early: boolean;
    readonly date: string;
    readonly etfs: readonly LedgerDrift[];
  } | null;
  readonly note: string | null;
}

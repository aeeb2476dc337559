/** What the desk's daily work asks for: stored runs side by side, presets, backups, the lineage of a batch, today. */
import type { ImportReport } from './report.ts';
import type { LedgerView } from './results-orders.ts';
import type { BatchRow, Finding } from './results.ts';
import type { EstimatorSettings } from './settings.ts';

/** One ETF, dollars: exposure in the first and the second book. null: none there. */
export interface ExposureMove {
  readonly etf: string;
  readonly before: number | null;
  readonly after: number | null;
  /** after - before, a missing side counted as no exposure. */
  readonly change: number;
}

export interface PositionMove {
  readonly account: string;
  readonly ticker: string;
  readonly securityId: number | null;
  /** Market value, dollars; null: not held or not priced there. */
  readonly before: number | null;
  readonly after: number | null;
  readonly etfs: readonly ExposureMove[];
  /** Sum of the absolute changes, dollars. */
  readonly moved: number;
  /** Whether the model covered the position in each; null: not held there. */
  readonly covered: { readonly before: boolean | null; readonly after: boolean | null };
  /** Why it is not covered in the second. */
  readonly reason: string | null;
}

/** Two books, largest change in dollars first. */
export interface BooksCompared {
  readonly etfs: readonly ExposureMove[];
  readonly positions: readonly PositionMove[];
}

/** Two runs on one holdings snapshot and one date. */
export interface RunsCompared extends BooksCompared {
  readonly first: string;
  readonly second: string;
  readonly snapshotId: number | null;
  readonly date: string | null;
  /** Why there is no book to compare on; null when there is one. */
  readonly note: string | null;
}

/** A named set of estimator settings. The first ones come with the program and cannot be changed. */
export interface Preset {
  readonly name: string;
  readonly own: boolean;
  readonly settings: EstimatorSettings;
}

export interface Backup {
  readonly name: string;
  readonly bytes: number;
  /** ISO instant, UTC. */
  readonly at: string;
  /** Why it was made: `manual`, `before-restore`, … */
  readonly why: string;
}

/** Where a batch came from and what was made from it. */
export interface BatchLineage {
  readonly batch: BatchRow;
  readonly bytes: number;
  readonly importerVersion: string;
  readonly importDay: string;
  readonly revision: number;
  readonly undoneRevision: number | null;
  readonly undoneAt: string | null;
  readonly options: Readonly<Record<string, unknown>>;
  /** As it was at the commit; its first 1,000 issues are kept. */
  readonly report: ImportReport | null;
  /**
   * Later batches in force whose files said the same of some of its values (of master data: rows), which are stored under this one alone:
   * undone, they go although those files have them.
   */
  readonly repeatedBy: readonly { readonly batchId: number; readonly file: string; readonly values: number }[];
  readonly snapshotIds: readonly number[];
  /** Stored runs that see the batch. */
  readonly runs: readonly string[];
  /** Exported order sets made on those runs. */
  readonly orderSets: readonly number[];
}

export interface EtfMapEntry {
  readonly level: 'market' | 'sector' | 'subsector';
  /** Sector or industry of the classification; `*` at the market level. */
  readonly code: string;
  readonly scheme: string;
  readonly etf: string;
  readonly validFrom: string | null;
  readonly validTo: string | null;
  readonly knownFrom: string | null;
}

export interface EtfMapView {
  readonly batchId: number | null;
  readonly file: string | null;
  readonly entries: readonly EtfMapEntry[];
  /** ETFs of the map that have prices here, and their first and last day. */
  readonly priced: Readonly<Record<string, { readonly first: string; readonly last: string }>>;
}

export interface WatchView {
  /** null: no folder is watched. */
  readonly folder: { readonly name: string; readonly inbox: boolean; readonly missing: boolean } | null;
}

/** A file in the watched folder that is not imported yet. */
export interface WaitingFile {
  readonly handle: string;
  readonly name: string;
  readonly bytes: number;
}

/** What a refresh did with one file. */
export interface RefreshedFile {
  readonly name: string;
  readonly handle: string;
  readonly outcome: 'committed' | 'nothing_new' | 'asks' | 'not_read';
  readonly batchId: number | null;
  readonly rows: number;
  readonly new: number;
  /** What is to be settled, or why it was not read. */
  readonly why: string | null;
  /** What the import screen would have warned of in a file that was committed, the first few; `warningCount` of them there were. */
  readonly warnings: readonly string[];
  readonly warningCount: number;
}

export interface RefreshResult {
  readonly files: readonly RefreshedFile[];
  /** The run made after the files; null when none was needed or possible, which `note` says. */
  readonly runId: string | null;
  readonly note: string | null;
}

/** What changed since the last exported hedge. */
export interface TodayView {
  readonly runId: string | null;
  readonly date: string | null;
  readonly snapshotId: number | null;
  readonly since: {
    readonly packageId: number;
    readonly at: string;
    readonly runId: string;
    readonly date: string;
    readonly snapshotId: number;
    /** Accounts it was made of, and all below is of; null: the whole book. */
    readonly accounts: readonly string[] | null;
  } | null;
  /** Findings that are open and came after it; all open ones when there was no export. */
  readonly findings: readonly Finding[];
  readonly etfs: readonly ExposureMove[];
  readonly positions: readonly PositionMove[];
  readonly lost: readonly PositionMove[];
  readonly drift: LedgerView['drift'];
  /** Why there is nothing to compare, in words. */
  readonly note: string | null;
}

/** What an import says about a file: every shape is plain JSON. */
import type { HoldingsMapping } from './mapping.ts';

/** What a file can bring. */
export const FILE_KINDS = [
  'prices',
  'returns',
  'securities',
  'classification',
  'market_cap',
  'actions',
  'shares',
  'etf-map',
  'universe',
  'holdings',
] as const;
export type FileKind = (typeof FILE_KINDS)[number];

/** One thing said about a place in a file. `line` and `column` count from 1; 0 when it concerns the whole file. */
export interface Issue {
  readonly severity: 'error' | 'warning' | 'info';
  /** Stable machine name, e.g. `price_not_positive`. */
  readonly code: string;
  readonly line: number;
  readonly column: number;
  /** Name of the column when there is a header. */
  readonly field?: string;
  /** The security concerned, as the file names it, where one is. */
  readonly subject?: string;
  /** The text found, cut to 80 characters. */
  readonly found?: string;
  readonly reason: string;
  readonly fix: string;
}

/** What was recognised in a file and why. */
export interface Detected {
  readonly kind: FileKind;
  /** e.g. `native prices`, `wide matrix, dates across`, `Yahoo download`. */
  readonly layout: string;
  readonly encoding: string;
  readonly delimiter: string;
  readonly dateOrder: 'YMD' | 'DMY' | 'MDY' | null;
  readonly decimal: '.' | ',';
  readonly columns: readonly string[];
  readonly unusedColumns: readonly string[];
  /** One sentence per decision. */
  readonly why: readonly string[];
}

export interface ImportCounts {
  /** Data rows (or cells of a matrix) read. */
  rows: number;
  new: number;
  unchanged: number;
  restated: number;
  rejected: number;
  /** Adjusted closes recognised as the stored ones times a constant. */
  rebased: number;
  /** Rows dated on a day without an NYSE session (kept out of the store). */
  nonSession: number;
}

/** The diff of one file against the store (`--dry-run` prints it; a commit stores it). */
export interface ImportReport {
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly source: string;
  readonly detected: Detected;
  readonly counts: ImportCounts;
  /**
   * Earlier batches that say the same of some values (of master data: rows): those are not stored again, and go when that batch is undone.
   * Absent where there are none, and from batches stored before there was such.
   */
  readonly repeats?: readonly { readonly batchId: number; readonly values: number }[];
  /** Of a holdings file: lines per disposition (position, option, cash, money fund, lot, total, note …); every line has one. */
  readonly dispositions?: Readonly<Record<string, number>>;
  /** Total per issue code, also of those cut from `issues`. */
  readonly issueCounts: Readonly<Record<string, number>>;
  /** At most 10,000, errors first. */
  readonly issues: readonly Issue[];
  /** Where `issues` are only the first of those that are kept: how many there are. `import.issues` gives the others. */
  readonly keptIssues?: number;
  /** How an empty known_from was filled. */
  readonly knownFrom: string;
  readonly firstDay: string | null;
  readonly lastDay: string | null;
  readonly securities: number;
  /** Milliseconds and rows per second of parsing and diffing. */
  readonly milliseconds: number;
  /** Set once committed; an unchanged file commits nothing and has none. */
  readonly batchId?: number;
  readonly outcome: 'staged' | 'committed' | 'nothing_new' | 'refused';
}

export interface CommitChoices {
  readonly acceptRestatements?: boolean | undefined;
  readonly skipRejected?: boolean | undefined;
}

/** Why a file is not taken in under these choices; empty when it is. */
export function refusals(
  { counts, issueCounts }: Pick<ImportReport, 'counts' | 'issueCounts'>,
  { acceptRestatements, skipRejected }: CommitChoices = {},
): string[] {
  return [
    ...(counts.restated > 0 && !acceptRestatements ? [`${counts.restated} restated`] : []),
    ...(counts.rejected > 0 && !skipRejected ? [`${counts.rejected} rejected`] : []),
    ...(issueCounts.after_known_as_of ? ['rows after the day of knowledge'] : []),
  ];
}

/** What a commit says: issues are null where they are those that were told of the file before. */
export type CommitReport = Omit<ImportReport, 'issues'> & { readonly issues: readonly Issue[] | null };

/** Stands in the place of a quantity on a line of holdings that tells its value alone, among others that tell shares. */
export const BY_VALUE = 'by value';

/** What a what-if that was kept is imported as: this file, from a source that begins so. The name alone any file may have. */
export const WHAT_IF = { file: 'what-if.csv', source: 'what-if: ' };

export interface ImportOptions {
  readonly kind?: FileKind;
  /** Layout of a holdings file when its content does not say it clearly: `native` or the id of a broker's adapter. */
  readonly layout?: string;
  /** Sheet of a workbook; default: the first whose content is known. */
  readonly sheet?: string;
  /** Stored template by name. */
  readonly template?: string;
  /** What the template says, or a mapping that is not stored yet. */
  readonly mapping?: HoldingsMapping;
  /** Of a price or master file: heading → column of the program; '' leaves the heading out. */
  readonly columns?: Readonly<Record<string, string>>;
  readonly source?: string;
  /** Source whose accounts without a name these holdings are of; default: their own. */
  readonly inPlaceOf?: string;
  /** ISO day. */
  readonly knownAsOf?: string;
  readonly acceptRestatements?: boolean;
  readonly skipRejected?: boolean;
  /** Of holdings told by weights: the amount in dollars that they are parts of, and whether they are fractions or per cent. */
  readonly total?: string;
  readonly weights?: 'fraction' | 'percent';
  /** The lines of a holdings file are of several days, each of which is a snapshot of its own. */
  readonly eachDay?: boolean;
  /** Take the proposed repair of an identifier damaged by a spreadsheet where there is exactly one. */
  readonly acceptRepairs?: boolean;
  readonly encoding?: string;
  readonly delimiter?: string;
  readonly dateOrder?: 'YMD' | 'DMY' | 'MDY';
  readonly decimal?: '.' | ',';
  readonly value?: 'close' | 'adj_close';
  /** Of a classification whose rows name none; `none`: they are of no scheme. */
  readonly scheme?: string;
}

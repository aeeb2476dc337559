/** What a parsed file holds, ready to be compared with the store: plain arrays and objects that can cross a thread. */
import type { Detected, Issue } from '../contract/report.ts';
import type { EpochDay } from '../contract/units.ts';
import type { Blocks } from './blocks.ts';
import type { SecondThread } from './halves.ts';

/** Name a file uses for a security. */
export interface SymbolRef {
  readonly type: 'ticker' | 'figi' | 'isin';
  /** Canonical: upper case; class separators `.`, `-`, `/` and space become `.` (BRK.B). */
  readonly code: string;
  /** Upper case; '' when the file names none. */
  readonly exchange: string;
  /** First spelling met in the file. */
  readonly raw: string;
}

export type SeriesField = 'close' | 'adj_close' | 'open' | 'high' | 'low' | 'volume' | 'return' | 'market_cap';
export type SeriesKind = 'prices' | 'returns' | 'market_cap';

/** `known` entry of a row whose known_from is empty. */
export const NOT_STATED = -2147483648;

/**
 * Price-like data, sorted by symbol (index into `symbols`), then slot; one row per (symbol, day). Packed: `rowsBySymbol` gives the rows of one
 * symbol after the other, with their lines from 1, one value per field (NaN = none) and, where the file has such a column, the EpochDay they
 * became known (NOT_STATED when empty).
 */
export interface StagedSeries extends Blocks {
  readonly kind: SeriesKind;
  readonly symbols: SymbolRef[];
  readonly fields: SeriesField[];
}

interface Dated {
  readonly line: number;
  /** null = not stated. */
  readonly knownFrom: EpochDay | null;
}

/** Half-open validity. `validFrom` null = always; `validTo` null = until the next row of the same key, else for ever. */
interface Valid extends Dated {
  readonly validFrom: EpochDay | null;
  readonly validTo: EpochDay | null;
}

export interface SecurityRow extends Valid {
  readonly validFrom: EpochDay;
  readonly ticker: SymbolRef;
  /** '' = not given, like all text below. */
  readonly figi: string;
  readonly isin: string;
  readonly cusip: string;
  readonly sedol: string;
  readonly exchange: string;
  readonly name: string;
  readonly type: string;
}

export interface ClassificationRow extends Valid {
  readonly symbol: SymbolRef;
  readonly sector: string;
  readonly industry: string;
  /** Lower case; '' = no scheme. */
  readonly scheme: string;
}

export type ActionType = 'split' | 'dividend' | 'special_dividend' | 'spinoff' | 'merger' | 'delisting';

export interface ActionRow extends Dated {
  readonly symbol: SymbolRef;
  readonly exDate: EpochDay;
  readonly type: ActionType;
  /** New shares per old, dollars per share, or a delisting return. */
  readonly value: number;
}

export interface SharesRow extends Valid {
  readonly validFrom: EpochDay;
  readonly symbol: SymbolRef;
  readonly shares: number;
}

export interface EtfMapRow extends Valid {
  readonly level: 'market' | 'sector' | 'subsector';
  /** Sector or industry name as written; `*` for market. */
  readonly code: string;
  readonly etf: SymbolRef;
  /** ETF whose returns serve before the first return of this one; null for none. */
  readonly proxy: SymbolRef | null;
  readonly scheme: string;
}

/** A member of a list that the user defines. */
export interface UniverseRow extends Valid {
  /** Name of the list, as `listName` reads it. */
  readonly universe: string;
  readonly symbol: SymbolRef;
}

export interface MasterRow {
  securities: SecurityRow;
  classification: ClassificationRow;
  actions: ActionRow;
  shares: SharesRow;
  'etf-map': EtfMapRow;
  universe: UniverseRow;
}
export type MasterKind = keyof MasterRow;

export interface StagedRows<K extends MasterKind> {
  readonly kind: K;
  readonly rows: readonly MasterRow[K][];
}
export type StagedMaster = { [K in MasterKind]: StagedRows<K> }[MasterKind];

/** An exact decimal: `text` is plain (`-1234.5`), `value` the nearest double. */
export interface Decimal {
  readonly text: string;
  readonly value: number;
}

export type Disposition = 'position' | 'cash' | 'total' | 'note' | 'header' | 'blank' | 'ignored' | 'error';

/** What is held. Only shares and funds are modelled; the others are listed. */
export type Instrument = 'share' | 'fund' | 'money_fund' | 'cash' | 'bond' | 'option' | 'future' | 'crypto' | 'other';

/** What a line is, more finely than its disposition says. */
export type LineDetail = Instrument | 'lot' | 'pending' | 'wrapper' | 'zero' | 'section' | 'preamble' | 'trailer' | 'other_table';

/** One line of a holdings file; every physical record has one. */
export interface HoldingLine {
  readonly line: number;
  readonly disposition: Disposition;
  /** Set by the broker importers where there is more to say. */
  readonly detail?: LineDetail;
  /** Why a line is ignored or wrong; '' otherwise. */
  readonly reason: string;
  /** Set on positions and cash. */
  readonly position: HoldingPosition | null;
  /** What the line itself says. */
  readonly asOf?: EpochDay;
}

export interface HoldingPosition {
  /** '' = the file names none. */
  readonly account: string;
  /** null for cash. */
  readonly symbol: SymbolRef | null;
  /** Signed; shorts negative. For cash the amount. Null where the file tells what the position is worth and not how many shares it is. */
  readonly quantity: Decimal | null;
  readonly price: Decimal | null;
  readonly marketValue: Decimal | null;
  /** Contract multiplier stated by the file. */
  readonly multiplier: Decimal | null;
  /** Upper case; '' = not given. */
  readonly currency: string;
  readonly assetClass: string;
  readonly name: string;
  readonly cusip: string;
  readonly isin: string;
}

/** Where the day of a snapshot was found. */
export type AsOfFrom = 'column' | 'title' | 'footer' | 'file name' | 'option';

/** A snapshot. Several lines of one account and symbol are lots: add them up. */
export interface StagedHoldings {
  readonly kind: 'holdings';
  readonly asOf: EpochDay;
  readonly asOfFrom: AsOfFrom;
  readonly lines: readonly HoldingLine[];
  /** Of a file with several days: a snapshot of each, oldest first; together they have every line. `asOf` is the last one. */
  readonly days?: readonly HoldingsOfDay[];
}

export interface HoldingsOfDay {
  readonly asOf: EpochDay;
  readonly lines: readonly HoldingLine[];
}

/** Collected findings: totals per code, the first 10,000 in full, errors first. */
export interface IssueLog {
  readonly counts: Readonly<Record<string, number>>;
  readonly kept: readonly Issue[];
  /** Number of issues of severity `error`, kept or not. */
  readonly errors: number;
}

export interface Parsed {
  readonly detected: Detected;
  readonly staged: StagedSeries | StagedMaster | StagedHoldings;
  /** Actions found inside a price file (dividend and split columns of Tiingo). */
  readonly extra: StagedRows<'actions'> | null;
  readonly issues: IssueLog;
  /** Data rows read (cells of a matrix, blank cells not counted). */
  readonly rows: number;
  /** Rows (cells) left out because of an error. */
  readonly rejected: number;
  /** Rows (cells) left out because their day has no session; days, first line and rows of each. */
  readonly nonSession: number;
  readonly nonSessionDays: readonly { readonly day: EpochDay; readonly line: number; readonly rows: number }[];
}

export interface ParseContext {
  readonly today: EpochDay;
  isSession(day: EpochDay): boolean;
  /** Size of the file, decompressed, when it is known. */
  readonly bytes?: number;
  /** Reads the second half of a large price file; needs `bytes`. */
  readonly second?: SecondThread | null;
  /** Called when there is nothing to do until the second thread has read its half; may take its time. */
  whileWaiting?(): void;
  /** Bytes consumed so far (decompressed). */
  progress?(bytes: number): void;
  cancelled?(): boolean;
}

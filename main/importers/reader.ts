import type { IssueCollector } from './issues.ts';
import type { Block } from './blocks.ts';
import type { DayCheck } from './series.ts';
import type { ParseContext, Parsed, StagedRows, SymbolRef } from './staged.ts';
import type { PlainRows, Row } from './tokenizer.ts';

/** What a reader of rows works with. */
export interface Env {
  readonly file: string;
  readonly log: IssueCollector;
  readonly days: DayCheck;
  readonly context: ParseContext;
  /** Take a damaged identifier's only proposed repair. */
  readonly acceptRepairs: boolean;
  readonly delimiter: string;
  /** Line of the header. */
  readonly headerLine: number;
}

/** What a reader of a part of a price file found; lines count from its begin. */
export interface ReadRows {
  readonly symbols: readonly SymbolRef[];
  readonly blocks: readonly Block[];
  /** Whether its rows are ordered by symbol and slot, without a repeat. */
  readonly isSorted: boolean;
  readonly rows: number;
  readonly rejected: number;
}

export interface Outcome {
  readonly staged: Parsed['staged'];
  readonly extra: StagedRows<'actions'> | null;
  readonly rows: number;
  readonly rejected: number;
}

/** Takes the records behind the header, one by one, then answers. */
export interface Reader {
  /** Takes the plainest records faster. */
  readonly plain?: PlainRows | null;
  row(row: Row): void;
  /** Instead of `finish`: what was read, to be put behind the rows of another reader. Only of readers that take plain records. */
  half?(): ReadRows;
  /** Puts rows behind those read here; their lines begin so many later. */
  append?(half: ReadRows, lines: number): void;
  finish(): Outcome;
  /** Gives back what it holds, whatever came of it. */
  close?(): void;
}

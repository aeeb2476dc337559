import type { IssueCollector } from './issues.ts';
import type { DayCheck } from './series.ts';
import type { ParseContext, Parsed, StagedRows } from './staged.ts';
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
  /** Records there will be, by the file's size and its first lines; 0 = unknown. */
  readonly expected: number;
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
  finish(): Outcome;
}

/**
 * A large price file read by two threads: the second half from a line end near the middle. Whether that line end is one (and does not lie
 * inside a quoted cell) shows when the first half has been read up to it: a reader that is between two records there would have read on as
 * a fresh one does. If it is not, or the second half ends in a fault of the whole file, one thread reads on alone, and the result is the same.
 */
import { HedgerowError } from '../contract/errors.ts';
import { IssueCollector, type Collected } from './issues.ts';
import { createLongReader, type LongPlan } from './long.ts';
import { hasPlainForm } from './plain.ts';
import type { ReadRows } from './reader.ts';
import { DayCheck } from './series.ts';
import type { ParseContext } from './staged.ts';
import { isBlank, Tokenizer } from './tokenizer.ts';

/** What the second thread gets; `from` is where it begins. */
export interface HalfRequest {
  readonly file: string;
  readonly plan: LongPlan;
  readonly delimiter: string;
  readonly from: number;
}

/** What it answers; null when the file as a whole is at fault somewhere. */
export interface Half extends ReadRows {
  readonly issues: Collected;
  readonly without: ReturnType<DayCheck['days']>;
}

interface HalfJob {
  readonly result: Promise<Half | null>;
  bytesRead(): number;
  /** Its answer is not wanted. */
  stop(): void;
}

/** The second thread, offered by the caller for a plain file that is worth it. */
export interface SecondThread {
  /** First byte behind a line end at or after `at`; null when there is none near. */
  lineStart(at: number): number | null;
  start(request: HalfRequest): HalfJob;
}

export interface Halved extends HalfJob {
  readonly from: number;
}

/** Starts the second half where there is a second thread. */
export function startSecondHalf(
  file: string,
  plan: { readonly shape: string },
  delimiter: string,
  { second, bytes = 0 }: ParseContext,
): Halved | null {
  if (!second || plan.shape !== 'long' || !hasPlainForm(plan as LongPlan)) return null;
  const from = second.lineStart(Math.floor(bytes / 2));
  // Behind a byte-order mark at least.
  if (from === null || from <= 3 || from >= bytes) return null;
  const long = plan as LongPlan;
  return { ...second.start({ file, plan: long, delimiter, from }), from };
}

/** Reads the second half, its bytes in pieces; runs on the second thread. Throws `cancelled`. */
export function readHalf({ file, plan, delimiter }: HalfRequest, pieces: Iterable<Uint8Array>, context: ParseContext): Half | null {
  const log = new IssueCollector();
  const days = new DayCheck(context);
  const reader = createLongReader(plan, { file, log, days, context, acceptRepairs: false, delimiter, headerLine: 0 });
  const tokenizer = new Tokenizer(file, delimiter, (row) => !isBlank(row) && reader.row(row), reader.plain);
  let done = 0;
  try {
    for (const piece of pieces) {
      if (context.cancelled?.()) throw new HedgerowError('cancelled', `${file}: import cancelled`, 'Nothing was changed.');
      tokenizer.push(piece);
      context.progress?.((done += piece.length));
    }
    tokenizer.finish();
    return { ...reader.half!(), issues: log.collected(), without: days.days() };
  } catch (error) {
    if (error instanceof HedgerowError && error.data.code === 'data') return null;
    throw error;
  } finally {
    reader.close?.();
  }
}

/**
 * Reads up to where the second half begins, and answers it when that is between two records behind the header; null when it ended in a
 * fault. Otherwise reads the whole file: 'alone'. `at` is the place in the file of the first byte of `pieces`.
 */
export async function readFirstHalf(
  tokenizer: Tokenizer,
  pieces: AsyncIterable<Uint8Array>,
  at: number,
  headerLine: number,
  half: Halved,
  { whileWaiting }: ParseContext,
): Promise<Half | null | 'alone'> {
  let together = true;
  let place = at;
  try {
    for await (const piece of pieces) {
      const mine = Math.min(piece.length, half.from - place);
      place += piece.length;
      if (!together || place < half.from) {
        tokenizer.push(piece);
        continue;
      }
      tokenizer.push(piece.subarray(0, mine));
      if (tokenizer.isBetweenRecords && tokenizer.line > headerLine) {
        whileWaiting?.();
        return await half.result;
      }
      together = false;
      half.stop();
      tokenizer.push(piece.subarray(mine));
    }
    return 'alone';
  } finally {
    half.stop();
  }
}

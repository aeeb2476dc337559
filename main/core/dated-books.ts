/**
 * Weights of the book of each day that holdings are of. They are kept, because questions follow each other: other layers of the hedge, another
 * period, another measure of the same days.
 */
import { HedgerowError } from '../contract/errors.ts';
import type { BookPosition } from '../contract/results.ts';
import type { BookExposure } from '../quant/book/index.ts';
import type { HedgePosition } from '../quant/hedge/index.ts';
import { accountsNamed, loadBook, type Book, type BookRequest } from './book.ts';
import { panelFor } from './engine.ts';
import { deskSaves, deskOf, leftOut } from './orders/desk.ts';
import { basisOf } from './runs.ts';
import { iso, KEPT_PANELS, type Hooks, type Session } from './session.ts';
import { createQueue } from './turns.ts';

/** A position as weights through time need it. */
export interface WeightedLine extends Pick<BookPosition, 'ticker' | 'securityId' | 'role' | 'weight'> {
  /** Of an ETF held as an investment: the securities of its chain, from the market down to itself. */
  readonly fund: readonly number[] | null;
}

export interface WeightedBook extends Pick<BookExposure, 'weightBase' | 'net' | 'unpriced'> {
  /** EpochDay of the exposures. */
  readonly day: number;
  readonly lines: readonly WeightedLine[];
  readonly simulated: boolean;
}

export function weightedBook({ held, etfs, exposure, panel, row, simulated }: Book): WeightedBook {
  const { weightBase, net, unpriced } = exposure;
  const fundOf = ({ chain }: HedgePosition): number[] =>
    [chain.m, chain.s, chain.u].flatMap((code) => (code === null ? [] : etfs.get(code)!.securityId!));
  const lines = held.map(({ view: { ticker, securityId, role, weight }, hedge }): WeightedLine => {
    const fund = role === 'investment' && hedge ? fundOf(hedge) : null;
    return { ticker, securityId, role, weight, fund };
  });
  return { day: panel.days[row]!, lines, weightBase, net, unpriced, simulated };
}

/** ISO days that books are wanted for, the last one included; null: to the latest holdings. */
export interface BookDays {
  readonly from: string;
  readonly to: string | null;
}

/** One book is read while the exposures of the one before are computed and the one before that is put together. */
const BOOKS_AT_A_TIME = 4;

/** Lines of books kept, about a hundred bytes each: four years of five hundred positions a day. */
const KEPT_LINES = 500_000;

/** Books by day of what was asked last: with every fund an investment, or in its own role. */
const kept = new WeakMap<Session, Map<string, Map<string, WeightedBook>>>();
const KEPT_QUESTIONS = 2;

/**
 * The book of each day that holdings are of, oldest first: of every account the latest snapshot until then. Holdings of after the day that the
 * run is as known on count on none of its days. With `within` those alone that count on some of its days: a book counts from the day after it
 * until the next. Rejects like `loadBook`, and with cancelled, which keeps nothing.
 */
export const datedBooks = (
  session: Session,
  asked: DatedRequest,
  within: BookDays | null = null,
  hooks: Hooks = {},
): Promise<WeightedBook[]> => asking(session, () => booksOf(session, asked, within, hooks));

type DatedRequest = Omit<BookRequest, 'snapshotId' | 'snapshotIds' | 'date'>;

/** A question asked while the same books are read finds them kept; where that was cancelled it reads them itself. */
const asking = createQueue();

async function booksOf(
  session: Session,
  asked: DatedRequest,
  within: BookDays | null,
  { onProgress, signal }: Hooks,
): Promise<WeightedBook[]> {
  const named = await accountsNamed(session, asked);
  const basis = await basisOf(session, named);
  // A run that ends meanwhile is not that of some of the books.
  const request = { ...named, runId: basis.runId };
  const desk = await deskOf(session);
  const isIn = (account: string): boolean =>
    (request.account === undefined || account === request.account) && !leftOut(desk).includes(account);
  const snapshots = await session.reader.call('snapshots', null);
  const held = [...new Set(snapshots.flatMap(({ asOf, accounts }) => (accounts.some(isIn) ? [asOf] : [])))].sort();
  const last = iso(basis.knownAsOf);
  const known = held.filter((day, i) => i === 0 || day <= last);
  const days = within === null ? known : counting(known, within);
  /** All that a book of a day depends on besides the day. */
  const stateNow = async (): Promise<string> =>
    JSON.stringify([(await session.reader.call('state', null)).revision, await deskSaves(session), basis, request]);
  const state = await stateNow();
  const books = new Map(questionsOf(session).get(state));
  const missing = days.filter((day) => !books.has(day));
  // One panel for all days: each day holds other names, and a panel of its own for each would be made anew a hundred times. It is not
  // given up, for others may wait for it.
  if (missing.length > KEPT_PANELS) await panelFor(session, basis, null);
  for (let at = 0; at < missing.length; at += BOOKS_AT_A_TIME) {
    if (signal?.aborted) throw new HedgerowError('cancelled', 'The holdings were not read to their last day.', 'Ask again when ready.');
    onProgress?.(at / missing.length, `holdings of ${missing[at]}: ${at} of ${missing.length} days`);
    await Promise.all(
      missing
        .slice(at, at + BOOKS_AT_A_TIME)
        .map(async (date) => books.set(date, weightedBook(await loadBook(session, { ...request, date }, { signal })))),
    );
  }
  // What changed meanwhile is in some of the books and not in others.
  if (missing.length > 0 && (await stateNow()) === state) keep(session, state, books);
  return days.map((day) => books.get(day)!);
}

function questionsOf(session: Session): Map<string, Map<string, WeightedBook>> {
  let questions = kept.get(session);
  if (!questions) kept.set(session, (questions = new Map()));
  return questions;
}

function keep(session: Session, state: string, books: Map<string, WeightedBook>): void {
  const questions = questionsOf(session);
  questions.delete(state);
  let lines = 0;
  for (const { lines: own } of books.values()) lines += own.length;
  if (lines <= KEPT_LINES) questions.set(state, books);
  for (const old of [...questions.keys()].slice(0, -KEPT_QUESTIONS)) questions.delete(old);
}

/** Of days in order the last before the span and those within it; the first of all where there are none. */
function counting(days: readonly string[], { from, to }: BookDays): readonly string[] {
  const first = Math.max(
    0,
    days.findLastIndex((day) => day < from),
  );
  const end = to === null ? days.length : days.findLastIndex((day) => day <= to) + 1;
  return days.slice(first, Math.max(first + 1, end));
}

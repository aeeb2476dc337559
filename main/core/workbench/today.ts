/** What changed since the last exported hedge. */
import { HedgerowError } from '../../contract/errors.ts';
import type { TodayView } from '../../contract/results-workbench.ts';
import type { BookView, Finding } from '../../contract/results.ts';
import { getBook } from '../book.ts';
import { accountsStill, driftNow } from '../orders/ledger.ts';
import { contentOf, exportsOf } from '../orders/packages.ts';
import type { Session } from '../session.ts';
import { compareBooks } from './compare-books.ts';

const EMPTY = { etfs: [], positions: [], lost: [] };

/**
 * The book then (run, holdings and date of the set exported last) beside the book of a run and date (default: now), both of the
 * accounts of that set; findings and drift since. The drift is always that of the latest holdings.
 */
export async function getToday(session: Session, at: { runId?: string | undefined; date?: string | undefined } = {}): Promise<TodayView> {
  const last = (await exportsOf(session)).at(-1);
  const open = (await session.reader.call('findings', null)).filter((finding) => finding.dismissed === null);
  if (!last) {
    const { book, note } = await attempt(() => getBook(session, at));
    const said = note ?? 'No hedge was exported yet: from the first export on, this page says what changed since.';
    return { ...where(book), since: null, findings: open, ...EMPTY, drift: null, note: said };
  }
  const { view } = await contentOf(session, last.packageId);
  const { snapshotId, snapshotIds, account, level, accounts } = view.request;
  const since = {
    packageId: last.packageId,
    at: last.at,
    runId: view.lineage.runId,
    date: view.date,
    snapshotId: view.snapshotId,
    accounts: account === undefined ? (accounts ?? null) : [account],
  };
  const findings = await later(session, open, last.at);
  const part = { account, level, ...(await accountsStill(session, view.request)) };
  // Not the whole ledger: what became of every set there ever was is not asked.
  const { drift, note } = await driftNow(session, last);
  const now = await attempt(() => getBook(session, { ...at, ...part }));
  const then = await attempt(() => getBook(session, { runId: since.runId, snapshotId, snapshotIds, date: since.date, ...part }));
  if (!now.book || !then.book) return { ...where(now.book), since, findings, ...EMPTY, drift, note: now.note ?? then.note };
  const compared = compareBooks(then.book, now.book);
  return {
    ...where(now.book),
    since,
    findings,
    ...compared,
    lost: compared.positions.filter(({ covered }) => covered.before === true && covered.after === false),
    drift,
    note,
  };
}

const where = (book: BookView | null): Pick<TodayView, 'runId' | 'date' | 'snapshotId'> => ({
  runId: book?.lineage.runId ?? null,
  date: book?.date ?? null,
  snapshotId: book?.snapshotId ?? null,
});

async function attempt(work: () => Promise<BookView>): Promise<{ book: BookView | null; note: string | null }> {
  try {
    return { book: await work(), note: null };
  } catch (error) {
    if (!(error instanceof HedgerowError) || error.data.code !== 'not_found') throw error;
    return { book: null, note: error.data.message };
  }
}

/** Findings of batches imported after the time, and those no import brought that were noted later than the first of them. */
async function later(session: Session, findings: readonly Finding[], at: string): Promise<Finding[]> {
  const batches = new Set(
    (await session.reader.call('batches', null)).filter((batch) => batch.importedAt > at).map((batch) => batch.batchId),
  );
  const fresh = findings.filter((finding) => finding.batchId !== null && batches.has(finding.batchId));
  const from = Math.min(...fresh.map((finding) => finding.findingId));
  return findings.filter((finding) => (finding.batchId === null ? finding.findingId > from : batches.has(finding.batchId)));
}

/** What came of the exported sets, and how far the hedges are from their targets now. */
import { HedgerowError } from '../../contract/errors.ts';
import type { LedgerLeg, LedgerView } from '../../contract/results-orders.ts';
import type { HedgeRequest } from '../../contract/results.ts';
import { loadBook, type Book } from '../book.ts';
import { planHedge } from '../hedge.ts';
import { dayOfTime, iso, type Session } from '../session.ts';
import { fillsFiles, fillsOf } from './fills.ts';
import { contentOf, exportsOf, isBuy } from './packages.ts';

export async function getLedger(session: Session): Promise<LedgerView> {
  const exports = await exportsOf(session);
  if (exports.length === 0) return { legs: [], fillsFiles: [], drift: null, note: 'No order set was exported yet.' };
  const firstExport = new Map<number, string>();
  for (const { packageId, at } of exports) if (!firstExport.has(packageId)) firstExport.set(packageId, at);
  const fills = await fillsOf(session);
  const snapshots = [...(await session.reader.call('snapshots', null))].sort((a, b) => a.snapshotId - b.snapshotId);
  const books = new Map<string, Promise<Book>>();
  const bookOf = (snapshotIds: readonly number[] | undefined): Promise<Book> => {
    const key = snapshotIds?.join() ?? 'latest';
    let book = books.get(key);
    if (!book) books.set(key, (book = loadBook(session, snapshotIds ? { snapshotIds } : {})));
    return book;
  };
  const legs: LedgerLeg[] = [];
  for (const [packageId, at] of firstExport) {
    const { view } = await contentOf(session, packageId);
    const day = iso(dayOfTime(session.environment, at));
    const own = view.request.snapshotIds ?? [view.snapshotId];
    // The first holdings that can show the trades of an account: another snapshot that has it, of the day of the export or later.
    const nextOf = (account: string) =>
      snapshots.find((one) => one.snapshotId > Math.max(...own) && one.asOf >= day && one.accounts.includes(account));
    const sent = new Map<string, { account: string; symbol: string; shares: number; filled: number; known: boolean }>();
    for (const order of view.orders) {
      const key = `${order.account}\n${order.symbol}`;
      const leg = sent.get(key) ?? { account: order.account, symbol: order.symbol, shares: 0, filled: 0, known: false };
      const sign = isBuy(order) ? 1 : -1;
      leg.shares += sign * order.quantity;
      const fill = fills.get(order.orderId);
      if (fill) {
        leg.filled += sign * fill.quantity;
        leg.known = true;
      }
      sent.set(key, leg);
    }
    const before = await bookOf(own);
    for (const { account, symbol, shares, filled, known } of sent.values()) {
      const heldBefore = held(before, account, symbol);
      const next = nextOf(account);
      const change = next ? held(await bookOf([next.snapshotId]), account, symbol) - heldBefore : null;
      const done = known ? filled : change;
      legs.push({
        packageId,
        account,
        symbol,
        sentOn: day,
        sent: shares,
        filled: done,
        filledFrom: known ? 'fills' : change === null ? null : 'snapshot',
        status: statusOf(shares, done),
        heldBefore,
        heldNow: held(await bookOf(undefined), account, symbol),
      });
    }
  }
  legs.reverse();
  return { legs, fillsFiles: await fillsFiles(session), ...(await drift(session, exports.at(-1)!.packageId)) };
}

function held({ held: positions }: Book, account: string, symbol: string): number {
  let shares = 0;
  for (const { view } of positions)
    if (view.account === account && (view.role === 'hedge' || view.role === 'investment') && view.chain[0] === symbol)
      shares += view.quantity;
  return shares;
}

function statusOf(sent: number, filled: number | null): LedgerLeg['status'] {
  if (filled === null) return 'sent';
  if (filled === 0 || Math.sign(filled) !== Math.sign(sent)) return 'not filled';
  if (filled === sent) return 'filled';
  return Math.abs(filled) < Math.abs(sent) ? 'partly filled' : 'over-filled';
}

/** The layers of the last exported set on the latest book: what each ETF is held at and should be. */
async function drift(session: Session, packageId: number): Promise<Pick<LedgerView, 'drift' | 'note'>> {
  const { request } = (await contentOf(session, packageId)).view;
  const { runId: _run, snapshotId: _snapshot, snapshotIds: _snapshots, date: _date, ...rest } = request;
  try {
    const { view } = await planHedge(session, rest satisfies HedgeRequest);
    const etfs = view.legs
      .filter(({ held: now, target }) => now !== 0 || target !== 0)
      .map(({ etf, held: now, target }) => ({
        etf,
        held: now,
        target,
        drift: now - target,
        share: target === 0 ? null : (now - target) / Math.abs(target),
      }))
      .sort((a, b) => Math.abs(b.drift) - Math.abs(a.drift));
    return { drift: { packageId, snapshotId: view.snapshotId, date: view.date, etfs }, note: null };
  } catch (error) {
    if (!(error instanceof HedgerowError)) throw error;
    return { drift: null, note: error.data.message };
  }
}

/** What came of the exported sets, and how far the hedges are from their targets now. */
import { HedgerowError } from '../../contract/errors.ts';
import type { LedgerLeg, LedgerView } from '../../contract/results-orders.ts';
import type { HedgeRequest } from '../../contract/results.ts';
import { exactShares, parseIsoDay } from '../../contract/units.ts';
import { groupBy } from '../../workers/db/group.ts';
import { planHedge } from '../hedge.ts';
import { basisOf } from '../runs.ts';
import { dayOfTime, iso, type Session } from '../session.ts';
import { deskOf, leftOut } from './desk.ts';
import { fillsFiles, fillsOf } from './fills.ts';
import { isBuy } from '../../exporters/orders/index.ts';
import { contentOf, exportsOf, frozenOf } from './packages.ts';

export async function getLedger(session: Session): Promise<LedgerView> {
  const exports = await exportsOf(session);
  if (exports.length === 0) return { legs: [], fillsFiles: [], drift: null, note: 'No order set was exported yet.' };
  const firstExport = new Map<number, string>();
  for (const { packageId, at } of exports) if (!firstExport.has(packageId)) firstExport.set(packageId, at);
  const fills = await fillsOf(session);
  const snapshots = [...(await session.reader.call('snapshots', null))].sort((a, b) => a.snapshotId - b.snapshotId);
  const asked: (readonly number[] | null)[] = [];
  const places = new Map<string, number>();
  /** Place of a book among those asked for. */
  const placeOf = (snapshotIds: readonly number[] | null): number => {
    const key = snapshotIds?.join() ?? '';
    let place = places.get(key);
    if (place === undefined) places.set(key, (place = asked.push(snapshotIds) - 1));
    return place;
  };
  const now = placeOf(null);
  const sets: SentSet[] = [];
  for (const [packageId, at] of firstExport) {
    const { orders, snapshotIds: own } = await frozenOf(session, packageId);
    const day = iso(dayOfTime(session.environment, at));
    // The first holdings that can show the trades of an account: another snapshot that has it, of the day of the export or later.
    const nextOf = (account: string): Pick<SentLeg, 'next' | 'nextLater'> => {
      const next = snapshots.find((one) => one.snapshotId > Math.max(...own) && one.asOf >= day && one.accounts.includes(account));
      return next ? { next: placeOf([next.snapshotId]), nextLater: next.asOf > day } : { next: null, nextLater: false };
    };
    const sent = new Map<string, SentLeg>();
    const nexts = new Map<string, ReturnType<typeof nextOf>>();
    for (const order of orders) {
      const { account, symbol } = order;
      const key = `${account}\n${symbol}`;
      if (!nexts.has(account)) nexts.set(account, nextOf(account));
      const leg = sent.get(key) ?? { account, symbol, ...nexts.get(account)!, shares: 0, filled: 0, known: false };
      const sign = isBuy(order) ? 1 : -1;
      leg.shares += sign * order.quantity;
      const fill = fills.get(order.orderId);
      if (fill !== undefined) {
        leg.filled = exactShares(leg.filled + sign * fill);
        // That nothing was filled may have been said while the order still worked: later holdings know better.
        leg.known ||= fill > 0 || leg.next === null;
      }
      sent.set(key, leg);
    }
    sets.push({ packageId, day, before: placeOf(own), legs: [...sent.values()] });
  }
  const { held, splitsSince } = await heldIn(
    session,
    asked,
    sets.flatMap(({ day, legs: own }) => [...new Set(own.map(({ symbol }) => symbol))].map((etf) => ({ etf, day }))),
  );
  // Sets whose trades the same holdings show first.
  const together = groupBy(
    sets.flatMap(({ day, legs: own }) => own.map((leg) => ({ leg, splits: splitsSince(leg.symbol, day) }))),
    ({ leg }) => holdingKey(leg),
  );
  const legs = sets.toReversed().flatMap(({ packageId, day, before, legs: own }) =>
    own.map((leg): LedgerLeg => {
      const { account, symbol, next, shares, filled, known } = leg;
      const splits = splitsSince(symbol, day);
      const [from, to] = [before, next].map((place) => (place === null ? null : held(place, account, symbol)));
      const heldBefore = from === null ? null : exactShares(from! / splits);
      const moved = from === null || to === null ? null : to! - from!;
      const mates = together.get(holdingKey(leg))!;
      const done = known ? filled : moved === null ? null : filledOf(leg, moved, mates);
      return {
        packageId,
        account,
        symbol,
        sentOn: day,
        sent: shares,
        filled: done,
        filledFrom: known ? 'fills' : done === null ? null : 'snapshot',
        movedOtherwise: moved === null || !leg.nextLater ? null : movedOtherwise(leg, moved, mates),
        status: statusOf(shares, done, known ? 1 : splits),
        heldBefore,
        heldNow: held(now, account, symbol),
        splits,
      };
    }),
  );
  return { legs, fillsFiles: await fillsFiles(session), ...(await driftNow(session, exports.at(-1)!)) };
}

interface SentLeg {
  readonly account: string;
  readonly symbol: string;
  /** Place of the book that first shows the account's trades; null while there is none. */
  readonly next: number | null;
  /** Whether that book is of a later day than the export. */
  readonly nextLater: boolean;
  shares: number;
  filled: number;
  /** Whether fills of it were imported. */
  known: boolean;
}

const holdingKey = ({ account, symbol, next }: SentLeg): string => JSON.stringify([account, symbol, next]);

/**
 * What was filled of a leg whose holding `moved` by some shares of today, where the legs of one or several sets moved it: what fills do not
 * tell of the others is this one's if it is the only such leg, else all of each or none of any. null where that does not tell, as of legs that
 * undo each other.
 */
export function filledOf(one: SentLeg, moved: number, legs: readonly { readonly leg: SentLeg; readonly splits: number }[]): number | null {
  const sum = (list: typeof legs, sharesOf: (leg: SentLeg) => number): number =>
    list.reduce((total, { leg, splits }) => total + sharesOf(leg) * splits, 0);
  const open = legs.filter(({ leg }) => !leg.known);
  const left = exactShares(
    moved -
      sum(
        legs.filter(({ leg }) => leg.known),
        ({ filled }) => filled,
      ),
  );
  if (open.length === 1) return exactShares(left / open[0]!.splits);
  const off = Math.abs(left - sum(open, ({ shares }) => shares));
  const isAll = off < (open.every(({ splits }) => splits === 1) ? 1e-8 : 1);
  if (isAll === (left === 0)) return null;
  return isAll ? one.shares : 0;
}

/** Shares as ordered that a holding `moved` by, where the fills of all legs that moved it tell other ones; null where they agree or tell not all. */
function movedOtherwise(one: SentLeg, moved: number, legs: readonly { readonly leg: SentLeg; readonly splits: number }[]): number | null {
  if (!legs.every(({ leg }) => leg.known)) return null;
  const told = legs.reduce((total, { leg, splits }) => total + leg.filled * splits, 0);
  const off = Math.abs(moved - told);
  if (off < (legs.every(({ splits }) => splits === 1) ? 1e-8 : 1)) return null;
  return exactShares(moved / legs.find(({ leg }) => leg === one)!.splits);
}

interface SentSet {
  readonly packageId: number;
  readonly day: string;
  readonly before: number;
  readonly legs: readonly SentLeg[];
}

interface HeldIn {
  /** Shares of today an account of one of the books holds of an ETF, on the run in use; null when there is no such book (any more). */
  readonly held: (place: number, account: string, symbol: string) => number | null;
  /** Shares of today for one of an ISO day. */
  readonly splitsSince: (symbol: string, day: string) => number;
}

async function heldIn(
  session: Session,
  books: readonly (readonly number[] | null)[],
  since: readonly { readonly etf: string; readonly day: string }[],
): Promise<HeldIn> {
  const [basis, desk] = [await basisOf(session, {}), await deskOf(session)];
  const found = await session.reader.call('heldShares', {
    revision: basis.revision,
    knownAsOf: basis.knownAsOf,
    leftOut: leftOut(desk),
    books,
    since: since.map(({ etf, day }) => ({ etf, day: parseIsoDay(day)! })),
  });
  const splits = new Map(since.map(({ etf, day }, i) => [`${etf}\n${day}`, found.splits[i]!]));
  const shares = found.books.map((rows) => rows && new Map(rows.map((row) => [`${row.account}\n${row.etf}`, row.shares])));
  return {
    held: (place, account, symbol) => {
      const book = shares[place]!;
      return book && (book.get(`${account}\n${symbol}`) ?? 0);
    },
    splitsSince: (symbol, day) => splits.get(`${symbol}\n${day}`)!,
  };
}

/** What a split leaves of a share is paid in money: then less than a share of today is no difference. */
function statusOf(sent: number, filled: number | null, splits: number): LedgerLeg['status'] {
  if (filled === null) return 'sent';
  if (splits !== 1 && Math.abs(filled - sent) * splits < 1) return 'filled';
  if (filled === 0 || Math.sign(filled) !== Math.sign(sent)) return 'not filled';
  if (filled === sent) return 'filled';
  return Math.abs(filled) < Math.abs(sent) ? 'partly filled' : 'over-filled';
}

/** The accounts a set was made of, but those that the desk rules leave out by now; nothing where it was of the whole book. */
export async function accountsStill(session: Session, { accounts }: HedgeRequest): Promise<{ accounts?: readonly string[] }> {
  const out = leftOut(await deskOf(session));
  return accounts ? { accounts: accounts.filter((account) => !out.includes(account)) } : {};
}

/** The layers of the last exported set on the latest book: what each ETF is held at and should be. */
export async function driftNow(
  session: Session,
  { packageId, at }: { readonly packageId: number; readonly at: string },
): Promise<Pick<LedgerView, 'drift' | 'note'>> {
  const day = iso(dayOfTime(session.environment, at));
  const { orders, snapshotIds: own } = await frozenOf(session, packageId);
  const traded = new Set(orders.map(({ account }) => account));
  const { request } = (await contentOf(session, packageId)).view;
  // From the exact targets: what was too small to be traded is drift all the same.
  const { runId: _run, snapshotId: _snapshot, snapshotIds: _snapshots, date: _date, minTrade: _least, band: _band, ...rest } = request;
  try {
    const { view } = await planHedge(session, { ...rest, ...(await accountsStill(session, rest)), minTrade: 0 } satisfies HedgeRequest);
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
    const early = view.snapshots.some(
      ({ snapshotId, asOf, accounts }) => (asOf < day || own.includes(snapshotId)) && accounts.some((account) => traded.has(account)),
    );
    const holdingsOf = view.snapshots.map(({ asOf }) => asOf).sort()[0]!;
    return { drift: { packageId, snapshotId: view.snapshotId, holdingsOf, early, date: view.date, etfs }, note: null };
  } catch (error) {
    if (!(error instanceof HedgerowError)) throw error;
    return { drift: null, note: error.data.message };
  }
}

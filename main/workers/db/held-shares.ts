/** Shares of ETFs of the map that books hold: what the ledger compares, without the returns and exposures of a whole book. */
import { everySnapshot, type SnapshotRecord, type Workspace } from '../../../db/index.ts';
import { HedgerowError } from '../../contract/errors.ts';
import { exactShares } from '../../contract/units.ts';
import { bookLines, type BookLines, type LinesRequest } from './book-lines.ts';
import { readMaster } from './master.ts';
import { holderOf } from './name-look-ups.ts';
import { isForeign } from './position-value.ts';
import { rememberedQuotes } from './quotes.ts';
import { snapshotsNow } from './remembered.ts';
import { sharesOfValues } from './worth.ts';

export interface HeldSharesRequest extends Pick<LinesRequest, 'leftOut'> {
  readonly revision: number;
  readonly knownAsOf: number;
  /** Snapshots of each book, taken back or not; null: of every account the latest there is. */
  readonly books: readonly (readonly number[] | null)[];
  /** Days of orders, whose shares may be others by now. */
  readonly since?: readonly { readonly etf: string; readonly day: number }[];
}

interface HeldShares {
  readonly account: string;
  readonly etf: string;
  /** Signed, in shares of the same day for all books: splits since the snapshot's date counted. */
  readonly shares: number;
}

export interface HeldSharesFound {
  readonly books: readonly (readonly HeldShares[] | null)[];
  /** For each entry of `since` the shares there are by now for one of its day. */
  readonly splits: readonly number[];
}

/**
 * Of each book in turn, per account and ETF; null for a book that is not there (all holdings taken back, no account part of the book).
 * Lines in other money count nowhere, as in the book.
 */
export function heldShares(ws: Workspace, { revision, knownAsOf, leftOut, books, since = [] }: HeldSharesRequest): HeldSharesFound {
  const [present, ever] = [snapshotsNow(ws), everySnapshot(ws)];
  const master = readMaster(ws, revision, knownAsOf);
  const identities = master.history.at(knownAsOf);
  const etfs = new Map([...master.etfSecurity].flatMap(([etf, id]) => (id === null ? [] : [[id, etf] as const])));
  const quotes = rememberedQuotes(ws, master, { revision, knownAsOf }, knownAsOf, new Set(etfs.keys()));
  const sharesOn = Math.max(knownAsOf, ...ever.map(({ asOf }) => asOf));
  const sharesOf = (snapshotIds: readonly number[] | null): HeldShares[] | null => {
    const request = { snapshotId: null, ...(snapshotIds ? { snapshotIds } : {}), account: null, leftOut, snapshotsUntil: null };
    const sums = new Map<string, { account: string; etf: string; shares: number }>();
    const lines = linesOrNone(ws, request, snapshotIds ? ever : present);
    if (lines === null) return null;
    const ofMap = lines.map((line) => {
      const security = line.symbolId === null ? null : holderOf(identities, line, line.asOf);
      return security !== null && etfs.has(security) ? security : null;
    });
    const worths = sharesOfValues(ws, master, { revision, knownAsOf }, knownAsOf, lines, ofMap);
    for (const [i, line] of lines.entries()) {
      const security = ofMap[i] ?? null;
      const etf = security === null ? undefined : etfs.get(security);
      if (etf === undefined || isForeign(line)) continue;
      const key = `${line.account}\n${etf}`;
      const sum = sums.get(key) ?? { account: line.account, etf, shares: 0 };
      sum.shares = exactShares(
        sum.shares +
          exactShares(worths.get(line)?.shares ?? Number(line.quantity ?? 0)) * (quotes.get(security!)?.splits(line.asOf, sharesOn) ?? 1),
      );
      sums.set(key, sum);
    }
    return [...sums.values()];
  };
  return {
    books: books.map(sharesOf),
    splits: since.map(({ etf, day }) => {
      const security = master.etfSecurity.get(etf) ?? null;
      return (security === null ? undefined : quotes.get(security)?.splits(day, sharesOn)) ?? 1;
    }),
  };
}

function linesOrNone(ws: Workspace, request: LinesRequest, list: readonly SnapshotRecord[]): BookLines['lines'] | null {
  try {
    return bookLines(ws, request, list).lines;
  } catch (error) {
    if (error instanceof HedgerowError && error.data.code === 'not_found') return null;
    throw error;
  }
}

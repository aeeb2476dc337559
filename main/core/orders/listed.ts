/** The restricted list of the desk rules, with what its entries stand for. */
import type { DeskRules } from '../../contract/desk.ts';
import type { ListedCode } from '../../workers/db/listed-codes.ts';
import type { Book } from '../book.ts';
import type { Session } from '../session.ts';

export type Listed = ListedCode & NonNullable<DeskRules['restricted']>[number];

/** In the order of the list; null where the desk has none. */
export async function listedOf(session: Session, desk: DeskRules, book: Book): Promise<readonly Listed[] | null> {
  const list = desk.restricted;
  if (list === undefined) return null;
  const { revision, knownAsOf } = book.basis;
  const snapshotIds = book.priced.snapshots.map((one) => one.snapshotId);
  const codes = list.map(({ code }) => code);
  const found = codes.length === 0 ? [] : await session.reader.call('listedCodes', { revision, knownAsOf, snapshotIds, codes });
  return list.map((entry, i) => ({ ...found[i]!, ...entry }));
}

const STRICTEST = ['restricted', 'no_short', 'watch'] as const;

/** The entry that holds for an ETF: of several the strictest. */
export const entryOf = (listed: readonly Listed[], etf: string): Listed | undefined =>
  STRICTEST.flatMap((kind) => listed.filter((entry) => entry.kind === kind)).find(({ etfs }) => etfs.includes(etf));

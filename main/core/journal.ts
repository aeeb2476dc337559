/** The journal as a session reads it: entries are added and never changed, so each is read once, and found whole once. */
import type { DbProcedures } from '../workers/db/procedures.ts';
import type { Session } from './session.ts';

const entriesAfter = (session: Session, action: string, after: number) => session.reader.call('journalOf', { action, after });

type Entry = Awaited<ReturnType<typeof entriesAfter>>[number];

interface Kind<T> {
  /** Number of the last entry read. */
  last: number;
  readonly kept: T[];
}

const read = new WeakMap<Session, Map<string, Kind<unknown>>>();

/** What `keep` takes of each entry of one kind, oldest first; always the same function for a kind. */
export async function entriesOf<T>(session: Session, action: string, keep: (entry: Entry) => T): Promise<readonly T[]> {
  let kinds = read.get(session);
  if (!kinds) read.set(session, (kinds = new Map()));
  let kind = kinds.get(action) as Kind<T> | undefined;
  if (!kind) kinds.set(action, (kind = { last: 0, kept: [] }));
  for (const entry of await entriesAfter(session, action, kind.last)) {
    // Another question may have brought the same one meanwhile.
    if (entry.seq <= kind.last) continue;
    kind.kept.push(keep(entry));
    kind.last = entry.seq;
  }
  return kind.kept;
}

/** How far a walk found everything whole, and who had written until then. */
const marks = new WeakMap<Session, { readonly writes: string; readonly mark: Mark }>();

type Mark = Parameters<DbProcedures['verifyJournal']>[0]['since'];

/**
 * Walks the journal and compares what batches brought with it, on a reading connection. Of a desk of years that takes seconds: a later walk goes
 * on from the one before, unless somebody else has written to the file since.
 */
export async function walkJournal(session: Session, reader: Session['reader'] = session.reader) {
  // Asked of the writing connection, whose own commits do not count.
  const writes = `${await session.writer.call('foreignWrites', null)} in life ${session.writer.lives}`;
  const held = marks.get(session);
  const walk = await reader.call('verifyJournal', { since: held?.writes === writes ? held.mark : null });
  if (walk.whole) marks.set(session, { writes, mark: walk.whole });
  else marks.delete(session);
  return walk;
}

/** The journal as a session reads it: entries are added and never changed, so each is read once. */
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

/** What is chosen: the accounts there are to choose from, and what an address names. */
import type { SnapshotRow } from '../../main/contract/results.ts';

/** Accounts of a snapshot, or of the book, which is the latest snapshot of every account; '' is the one without a name. */
export function accountsOf(snapshots: readonly SnapshotRow[], snapshotId: number | null): string[] {
  const shown = snapshotId === null ? snapshots : snapshots.filter((row) => row.snapshotId === snapshotId);
  return [...new Set(shown.flatMap((row) => row.accounts))].sort();
}

/** Letters of a name that fit into a choice. */
const MOST_LETTERS = 64;

/** Names that fit into a choice: longer ones keep both of their ends, unless that makes two of them one. */
export function tellApart(names: readonly string[]): string[] {
  const half = Math.floor((MOST_LETTERS - 1) / 2);
  const short = names.map((name) => (name.length <= MOST_LETTERS ? name : `${name.slice(0, half)}…${name.slice(-half)}`));
  const times = new Map<string, number>();
  for (const name of short) times.set(name, (times.get(name) ?? 0) + 1);
  return short.map((name, i) => (times.get(name) === 1 ? name : names[i]!));
}

/** The newest snapshot of the book on an ISO day, '' for now: of a day before all of them it is today's book. */
export const latestOn = (snapshots: readonly SnapshotRow[], date: string): SnapshotRow | undefined =>
  snapshots.findLast(({ asOf }) => date === '' || asOf <= date) ?? snapshots.at(-1);

/** The parts of an address such as `#/security/12/history`; what is badly written in it stays as it is. */
export function addressParts(hash: string): { screen: string; subject: string; detail: string } {
  const [screen = '', subject = '', detail = ''] = hash.split('/').slice(1).map(decoded);
  return { screen, subject, detail };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

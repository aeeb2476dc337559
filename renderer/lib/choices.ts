/** What is chosen: the accounts there are to choose from, and what an address names. */
import type { SnapshotRow } from '../../main/contract/results.ts';

/** Accounts of a snapshot, or of the book, which is the latest snapshot of every account; '' is the one without a name. */
export function accountsOf(snapshots: readonly SnapshotRow[], snapshotId: number | null): string[] {
  const shown = snapshotId === null ? snapshots : snapshots.filter((row) => row.snapshotId === snapshotId);
  return [...new Set(shown.flatMap((row) => row.accounts))].sort();
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

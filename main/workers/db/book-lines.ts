/** Which lines of which holdings snapshots make a book: of every account the latest snapshot that has it. */
import { readHoldings, type HoldingsLine, type SnapshotRecord, type Workspace } from '../../../db/index.ts';
import { HedgerowError } from '../../contract/errors.ts';
import { snapshotsNow } from './remembered.ts';

export interface LinesRequest {
  /** One snapshot alone; null: all of them, or those of `snapshotIds`. */
  readonly snapshotId: number | null;
  readonly snapshotIds?: readonly number[] | undefined;
  readonly account: string | null;
  /** Accounts to take; all when left out. */
  readonly accounts?: readonly string[] | undefined;
  /** Accounts that are no part of any book. */
  readonly leftOut?: readonly string[] | undefined;
  /** An as-of day somebody chose: later snapshots are not taken while there are earlier ones. Null: the latest holdings there are. */
  readonly snapshotsUntil: number | null;
  /** Corrections imported after this day are not known: the snapshot that they correct counts. Null: all are. */
  readonly correctionsUntil?: number | null | undefined;
}

export interface BookLine extends HoldingsLine {
  /** Of the line's own snapshot. */
  readonly asOf: number;
}

export interface BookLines {
  /** Those that lines come from, by date, the newest last. */
  readonly snapshots: readonly SnapshotRecord[];
  /** Positions and cash. */
  readonly lines: readonly BookLine[];
  readonly errorLines: number;
}

/** Accounts without a name are told apart by the source they were imported with. */
const keyOf = (account: string, snapshot: SnapshotRecord): string => (account === '' ? `\n${snapshot.source}` : account);

/**
 * Which snapshot of a list, in its order, has an account of another one last. A snapshot is known from its own day on, as prices are (MODEL.md 8);
 * one that corrects another of the same account and day from the day of its import on.
 */
export function newestOf(
  list: readonly SnapshotRecord[],
  correctionsUntil: number | null = null,
): (account: string, of: SnapshotRecord) => SnapshotRecord | undefined {
  const latest = new Map<string, SnapshotRecord>();
  for (const snapshot of list)
    for (const account of snapshot.accounts) {
      const key = keyOf(account, snapshot);
      const corrects = latest.get(key)?.asOf === snapshot.asOf;
      if (!corrects || snapshot.importDay <= (correctionsUntil ?? Infinity)) latest.set(key, snapshot);
    }
  return (account, of) => latest.get(keyOf(account, of));
}

/** Throws not_found without any snapshot, or for an account nobody has. */
export function bookLines(ws: Workspace, request: LinesRequest, list: readonly SnapshotRecord[] = snapshotsNow(ws)): BookLines {
  const { snapshotId, snapshotIds, leftOut = [] } = request;
  const named = snapshotId === null ? (snapshotIds ?? null) : [snapshotId];
  const missing = named?.find((id) => !list.some((row) => row.snapshotId === id));
  if (missing !== undefined) throw new HedgerowError('not_found', `There is no snapshot ${missing}.`, 'Import a holdings file.');
  const known = list.filter((row) => row.asOf <= (request.snapshotsUntil ?? Infinity));
  // A book looked at on a day before every snapshot is today's book on that day's exposures.
  const pool = named ? list.filter((row) => named.includes(row.snapshotId)) : known.length > 0 ? known : list;
  if (pool.length === 0) throw new HedgerowError('not_found', 'There is no holdings snapshot yet.', 'Import a holdings file.');
  const latest = newestOf(pool, named ? null : request.correctionsUntil);
  const accounts = [...new Set(pool.flatMap((row) => row.accounts))]
    .filter((account) => named !== null || !leftOut.includes(account))
    .sort();
  const asked = request.account === null ? request.accounts : [request.account];
  const noAccount = (names: readonly string[]): HedgerowError =>
    new HedgerowError(
      'not_found',
      `The ${pool.length > 1 ? 'snapshots have' : 'snapshot has'} no account "${names.join(', ')}".`,
      `Accounts: ${accounts.join(', ') || 'none'}.`,
    );
  // One that is mistyped would leave its account unhedged without a word.
  const unknown = asked?.filter((account) => !accounts.includes(account)) ?? [];
  if (unknown.length > 0) throw noAccount(unknown);
  const wanted = (account: string): boolean =>
    (request.account === null || account === request.account) &&
    (request.accounts === undefined || request.accounts.includes(account)) &&
    (named !== null || !leftOut.includes(account));
  const used = pool.filter((row) => row.accounts.some((account) => wanted(account) && latest(account, row) === row));
  const lines: BookLine[] = [];
  let errorLines = 0;
  for (const snapshot of used)
    for (const line of readHoldings(ws, snapshot.snapshotId)) {
      if (line.disposition === 'error') errorLines++;
      if (line.disposition !== 'position' && line.disposition !== 'cash') continue;
      if (wanted(line.account) && latest(line.account, snapshot) === snapshot) lines.push({ ...line, asOf: snapshot.asOf });
    }
  if (lines.length > 0) return { snapshots: used, lines, errorLines };
  throw asked === undefined || asked.length === 0
    ? new HedgerowError('not_found', 'No account is part of the book.', 'Take an account into the book again in the desk rules.')
    : noAccount(asked);
}

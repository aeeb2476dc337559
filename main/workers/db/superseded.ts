/** What has replaced the inputs of a hedge since they were read. */
import { currentRevision, replacedSince, type Replaced, type Workspace } from '../../../db/index.ts';
import { WHAT_IF } from '../../contract/report.ts';
import { slotOfDay, type EpochDay } from '../../contract/units.ts';
import { newestOf } from './book-lines.ts';
import { readHistory, readMaster, RETURN_FIELDS } from './master.ts';
import { snapshotsNow } from './remembered.ts';
import { symbolsOf } from './stored-series.ts';

export interface SupersededRequest {
  /** Of the run. */
  readonly revision: number;
  readonly knownAsOf: number;
  /** The book is as known on this day, which is no later, and looked at on `today`. */
  readonly knownOn: number;
  readonly today: number;
  /** Session of the prices. */
  readonly day: number;
  /** Securities of the book, and the ETFs of its hedge. */
  readonly securityIds: readonly number[];
  /** The snapshots that serve the book, and the accounts it has of them. */
  readonly snapshotIds: readonly number[];
  readonly accounts: readonly string[];
}

export interface Superseded {
  /** Accounts of which there are newer holdings than those of the book. */
  readonly holdings: readonly { readonly account: string; readonly file: string; readonly asOf: number }[];
  readonly data: readonly Replaced[];
  /** Accounts of the book whose lines are a what-if that was kept. */
  readonly whatIfs: readonly string[];
  /** Of all holdings that there are. */
  readonly everyAccount: readonly string[];
}

export function superseded(ws: Workspace, request: SupersededRequest): Superseded {
  const { revision, knownAsOf, knownOn, today, day, securityIds } = request;
  const now = currentRevision(ws);
  const before = readMaster(ws, revision, knownAsOf).history.at(knownOn);
  const symbolIds = symbolsOf(securityIds.flatMap((id) => before.pieces(id)));
  const lastSlot = slotOfDay(day as EpochDay)!;
  const replaced =
    revision === now && today <= knownOn ? [] : replacedSince(ws, { revision, knownOn, today, symbolIds, fields: RETURN_FIELDS, lastSlot });
  // Another name of a company changes nothing while the tickers are whose they were.
  const after = replaced.some(({ named }) => named) ? readHistory(ws, now, today).at(today) : before;
  const differs = (id: number): boolean => JSON.stringify(before.pieces(id)) !== JSON.stringify(after.pieces(id));
  const renamed = after !== before && securityIds.some(differs);
  const data = replaced
    .map((one) => ({ ...one, named: one.named && renamed }))
    .filter(({ priced, acted, etfMap, classed, named }) => priced > 0 || acted > 0 || etfMap || classed || named);
  const list = snapshotsNow(ws);
  const newest = newestOf(list);
  const used = list.filter((one) => request.snapshotIds.includes(one.snapshotId));
  const newestUsed = newestOf(used);
  const served = used.flatMap((own) =>
    own.accounts.flatMap((account) => (request.accounts.includes(account) && newestUsed(account, own) === own ? [{ account, own }] : [])),
  );
  const holdings = served.flatMap(({ account, own }) => {
    const latest = newest(account, own)!;
    return latest === own ? [] : [{ account, file: latest.file, asOf: latest.asOf }];
  });
  const whatIfs = served.flatMap(({ account, own: { file, batchSource } }) =>
    file === WHAT_IF.file && batchSource.startsWith(WHAT_IF.source) ? [account] : [],
  );
  return { holdings, data, whatIfs, everyAccount: [...new Set(list.flatMap(({ accounts }) => accounts))] };
}

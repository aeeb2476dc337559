/** What has replaced the inputs of a hedge since they were read. */
import { currentRevision, listSnapshots, replacedSince, type Replaced, type Workspace } from '../../../db/index.ts';
import { slotOfDay, type EpochDay } from '../../contract/units.ts';
import { newestOf } from './book-lines.ts';
import { readMaster, RETURN_FIELDS } from './master.ts';
import { symbolsOf } from './stored-series.ts';

export interface SupersededRequest {
  /** Of the run. */
  readonly revision: number;
  readonly knownAsOf: number;
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
  /** Of all holdings that there are. */
  readonly everyAccount: readonly string[];
}

export function superseded(ws: Workspace, request: SupersededRequest): Superseded {
  const { revision, knownAsOf, day } = request;
  const identities = readMaster(ws, revision, knownAsOf).history.at(knownAsOf);
  const symbolIds = symbolsOf(request.securityIds.flatMap((id) => identities.pieces(id)));
  const data =
    revision === currentRevision(ws)
      ? []
      : replacedSince(ws, { revision, symbolIds, fields: RETURN_FIELDS, lastSlot: slotOfDay(day as EpochDay)! });
  const list = listSnapshots(ws);
  const newest = newestOf(list);
  const used = list.filter((one) => request.snapshotIds.includes(one.snapshotId));
  const newestUsed = newestOf(used);
  const holdings = used.flatMap((own) =>
    own.accounts.flatMap((account) => {
      const now = newest(account, own)!;
      if (!request.accounts.includes(account) || newestUsed(account, own) !== own || now === own) return [];
      return [{ account, file: now.file, asOf: now.asOf }];
    }),
  );
  return { holdings, data, everyAccount: [...new Set(list.flatMap(({ accounts }) => accounts))] };
}

/** Whether what the workspace holds is what was stored in it. */
import { damagedRuns, newestWholeBackup, verifyJournal, type Workspace } from '../../../db/index.ts';
import { journalFault } from '../../exporters/orders/index.ts';
import type { Noticed } from './doctor-master.ts';

/** A journal that does not hold together, or batches that are not what it says; runs that do not agree with their checksums. */
export function alteredStore(ws: Workspace): Noticed[] {
  const found = { severity: 'error', code: 'altered', day: null } as const;
  const message = 'The run does not agree with its checksum: it was changed on the disk, and is not used.';
  const runs = damagedRuns(ws).map(({ runId, error }): Noticed => ({ ...found, subject: `R${runId}`, message, advice: error.data.action }));
  const { brokenAt, altered } = verifyJournal(ws);
  if (brokenAt === null && altered.length === 0) return runs;
  const fault = journalFault({ brokenAt, altered, backup: newestWholeBackup(ws) })!;
  return [{ ...found, subject: 'all', message: fault.message, advice: fault.action }, ...runs];
}

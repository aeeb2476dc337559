/** Whether what the workspace holds is what was stored in it. */
import { newestWholeBackup, verifyJournal, type Workspace } from '../../../db/index.ts';
import { journalFault } from '../../exporters/orders/index.ts';
import type { Noticed } from './doctor-master.ts';

/** A journal that does not hold together, or batches that are not what it says; null where all is whole. */
export function alteredStore(ws: Workspace): Noticed | null {
  const { brokenAt, altered } = verifyJournal(ws);
  if (brokenAt === null && altered.length === 0) return null;
  const { message, action } = journalFault({ brokenAt, altered, backup: newestWholeBackup(ws) })!;
  return { severity: 'error', code: 'altered', subject: 'all', day: null, message, advice: action };
}

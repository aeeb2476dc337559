/** The change counter and what it makes visible. */
import type { Revision } from '../main/contract/units.ts';
import { get } from './connection.ts';
import type { Workspace } from './connection.ts';

/** SQL condition: the batch aliased `b` is visible at revision @revision. */
export const VISIBLE = '(b.revision <= @revision AND (b.undone_revision IS NULL OR b.undone_revision > @revision))';

/** The change counter: 0 in a new workspace, one more for each commit and each undo. */
export function currentRevision(ws: Workspace): Revision {
  const row = get<{ revision: number }>(ws, 'SELECT max(ifnull(max(revision), 0), ifnull(max(undone_revision), 0)) AS revision FROM batch');
  return (row?.revision ?? 0) as Revision;
}

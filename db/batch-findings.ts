/** Open findings of a few imports, without reading all there are. */
import { all } from './connection.ts';
import type { Workspace } from './connection.ts';

/** Messages of findings of one code that the batches brought and nobody dismissed, oldest first. */
export function openFindingsOf(
  ws: Workspace,
  batchIds: readonly number[],
  code: string,
): { readonly batchId: number; readonly message: string }[] {
  const text = `SELECT batch_id AS batchId, message FROM finding
    WHERE batch_id IN (SELECT value FROM json_each(?)) AND code = ? AND dismissed_at IS NULL ORDER BY finding_id`;
  return all<{ batchId: number; message: string }>(ws, text, JSON.stringify(batchIds), code);
}

/** What each batch brought to the series, batch after batch: for who counts values by their batches. */
import { all, snapshotRead } from './connection.ts';
import type { Workspace } from './connection.ts';
import { fetchBlock } from './blocks.ts';
import type { BlockQuery } from './blocks.ts';
import { fetchTile, tileOfBlock } from './tiles.ts';
import type { Tile } from './tiles.ts';
import { VISIBLE } from './visibility.ts';

/**
 * Visits everything the visible batches say of the fields, in the order of the batches, one at a time; a block that is stored by itself
 * comes as a tile of one series. Throws like `readBlocks`.
 */
export function visitByBatch(
  ws: Workspace,
  { fields, revision }: Pick<BlockQuery, 'fields' | 'revision'>,
  visit: (tile: Tile) => void,
): void {
  const part = (table: string, id: string, alone: 0 | 1): string => `SELECT s.${id} AS id, ${alone} AS alone, b.revision AS "order"
    FROM ${table} s JOIN batch b ON b.batch_id = s.batch_id WHERE s.field IN (SELECT value FROM json_each(@fields)) AND ${VISIBLE}`;
  const text = `${part('series_block', 'block_id', 1)} UNION ALL ${part('series_tile', 'tile_id', 0)} ORDER BY "order", alone, id`;
  snapshotRead(ws, () => {
    for (const { id, alone, order } of all<{ id: number; alone: 0 | 1; order: number }>(ws, text, {
      revision,
      fields: JSON.stringify(fields),
    }))
      visit(alone === 1 ? tileOfBlock(fetchBlock(ws, { blockId: id, joined: 0, order })) : fetchTile(ws, id, order));
  });
}

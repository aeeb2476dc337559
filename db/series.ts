/** Daily series, whichever way their blocks are stored. */
import type { Slot } from '../main/contract/units.ts';
import { all, get, snapshotRead } from './connection.ts';
import type { Workspace } from './connection.ts';
import { fetchBlock, touched, TOUCHES } from './blocks.ts';
import type { BlockQuery, StoredBlock } from './blocks.ts';
import { blockOfTile, readTiles } from './tiles.ts';
import type { Tile } from './tiles.ts';
import { VISIBLE } from './visibility.ts';

interface RowPlace {
  readonly blockId: number;
  readonly symbolId: number;
  readonly field: string;
  readonly order: number;
}

/**
 * Visits every block visible at a revision, ordered by symbol, field and batch revision; the order of the blocks of one
 * series within one batch is always the same but means nothing. Throws `workspace_damaged` naming symbol, field and batch
 * when a checksum does not agree. The visitor may read the store.
 */
export function readBlocks(ws: Workspace, query: BlockQuery, visit: (block: StoredBlock) => void): void {
  const some = query.symbolIds === null ? '' : 'AND s.symbol_id IN (SELECT value FROM json_each(@symbols))';
  // The index alone answers this query; the big rows are then fetched one by one, so that no BLOB passes a sorter.
  const text = `SELECT s.block_id AS blockId, s.symbol_id AS symbolId, s.field AS field, b.revision AS "order"
    FROM series_block s JOIN batch b ON b.batch_id = s.batch_id
    WHERE s.field IN (SELECT value FROM json_each(@fields)) AND ${VISIBLE} AND ${TOUCHES} ${some} ORDER BY s.symbol_id, s.field, b.revision, s.block_id`;
  const { revision, symbolIds } = query;
  const fields = JSON.stringify(query.fields);
  snapshotRead(ws, () => {
    const rows = all<RowPlace>(ws, text, {
      revision,
      fields,
      ...touched(query),
      ...(symbolIds === null ? {} : { symbols: JSON.stringify(Array.from(symbolIds)) }),
    });
    let next = 0;
    eachTileEntry(readTiles(ws, query), symbolIds, (tile, place) => {
      const symbolId = tile.symbols[place]!;
      for (; next < rows.length && comesBefore(rows[next]!, symbolId, tile); next++)
        visit(fetchBlock(ws, rows[next]!.blockId, rows[next]!.order));
      visit(blockOfTile(tile, place));
    });
    for (; next < rows.length; next++) visit(fetchBlock(ws, rows[next]!.blockId, rows[next]!.order));
  });
}

function comesBefore(row: RowPlace, symbolId: number, tile: Tile): boolean {
  if (row.symbolId !== symbolId) return row.symbolId < symbolId;
  if (row.field !== tile.field) return row.field < tile.field;
  return row.order <= tile.order;
}

/** Visits every series of every tile, by symbol, then in the order of the tiles (a counting sort: there may be a million). */
function eachTileEntry(tiles: readonly Tile[], symbolIds: Int32Array | null, visit: (tile: Tile, place: number) => void): void {
  const wanted = symbolIds === null ? null : new Set(symbolIds);
  let highest = -1;
  for (const { symbols } of tiles) for (const id of symbols) if (id > highest) highest = id;
  const start = new Int32Array(highest + 2);
  for (const { symbols } of tiles) for (const id of symbols) if (wanted === null || wanted.has(id)) start[id + 1]!++;
  for (let id = 0; id <= highest; id++) start[id + 1]! += start[id]!;
  const count = start[highest + 1]!;
  const [tileOf, placeOf] = [new Int32Array(count), new Int32Array(count)];
  tiles.forEach(({ symbols }, t) => {
    for (let place = 0; place < symbols.length; place++) {
      const id = symbols[place]!;
      if (wanted !== null && !wanted.has(id)) continue;
      const at = start[id]!++;
      tileOf[at] = t;
      placeOf[at] = place;
    }
  });
  for (let at = 0; at < count; at++) visit(tiles[tileOf[at]!]!, placeOf[at]!);
}

/** First and last slot that any visible block of the fields touches, or null when there is none. Values may be missing there. */
export function slotRange(ws: Workspace, query: Omit<BlockQuery, 'symbolIds'>): { readonly first: Slot; readonly last: Slot } | null {
  const part = (table: string) => `SELECT s.first_slot AS first, s.first_slot + s.n - 1 AS last FROM ${table} s
    JOIN batch b ON b.batch_id = s.batch_id WHERE s.field IN (SELECT value FROM json_each(@fields)) AND ${VISIBLE}`;
  const text = `SELECT min(first) AS first, max(last) AS last FROM (${part('series_block')} UNION ALL ${part('series_tile')})`;
  const row = get<{ first: Slot | null; last: Slot }>(ws, text, { revision: query.revision, fields: JSON.stringify(query.fields) });
  return row === undefined || row.first === null ? null : { first: row.first, last: row.last };
}

/** First and last slot each symbol's visible blocks of the fields touch, by symbol id; anchors count as touched. */
export function seriesExtents(
  ws: Workspace,
  query: Omit<BlockQuery, 'symbolIds'>,
): Map<number, { readonly first: Slot; readonly last: Slot }> {
  const text = `SELECT s.symbol_id AS symbolId, min(s.first_slot) AS first, max(s.first_slot + s.n - 1) AS last
    FROM series_block s JOIN batch b ON b.batch_id = s.batch_id
    WHERE s.field IN (SELECT value FROM json_each(@fields)) AND ${VISIBLE} GROUP BY s.symbol_id`;
  return snapshotRead(ws, () => {
    const rows = all<{ symbolId: number; first: Slot; last: Slot }>(ws, text, {
      revision: query.revision,
      fields: JSON.stringify(query.fields),
    });
    const extents = new Map(rows.map(({ symbolId, first, last }) => [symbolId, { first, last }]));
    for (const { symbols, firstSlot, n } of readTiles(ws, query)) {
      for (const id of symbols) {
        const extent = extents.get(id);
        if (extent === undefined) extents.set(id, { first: firstSlot as Slot, last: (firstSlot + n - 1) as Slot });
        else {
          if (firstSlot < extent.first) extent.first = firstSlot as Slot;
          if (firstSlot + n - 1 > extent.last) extent.last = (firstSlot + n - 1) as Slot;
        }
      }
    }
    return extents;
  });
}

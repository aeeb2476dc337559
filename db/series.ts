/** Daily series, whichever way their blocks are stored. */
import type { Slot } from '../main/contract/units.ts';
import { all, get, snapshotRead } from './connection.ts';
import type { Workspace } from './connection.ts';
import { fetchBlock, SERIES_FIELDS } from './blocks.ts';
import type { BlockQuery, Place, StoredBlock } from './blocks.ts';
import { blockPlaces, coveredBy, joinsAt } from './joins.ts';
import { blockOfTile, readTiles } from './tiles.ts';
import type { Tile } from './tiles.ts';
import { VISIBLE } from './visibility.ts';

/**
 * Visits every block visible at a revision, ordered by symbol, field and batch revision; the order of the blocks of one
 * series within one batch is always the same but means nothing. Throws `workspace_damaged` naming symbol, field and batch
 * when a checksum does not agree. The visitor may read the store.
 */
export function readBlocks(ws: Workspace, query: BlockQuery, visit: (block: StoredBlock) => void): void {
  const { symbolIds } = query;
  snapshotRead(ws, () => {
    const joins = query.joined ? joinsAt(ws, query) : [];
    const rows = blockPlaces(ws, query, joins);
    let next = 0;
    eachTileEntry(readTiles(ws, query, coveredBy(joins)), symbolIds, (tile, place) => {
      const symbolId = tile.symbols[place]!;
      for (; next < rows.length && comesBefore(rows[next]!, symbolId, tile); next++) visit(fetchBlock(ws, rows[next]!));
      visit(blockOfTile(tile, place));
    });
    for (; next < rows.length; next++) visit(fetchBlock(ws, rows[next]!));
  });
}

function comesBefore(row: Place, symbolId: number, tile: Tile): boolean {
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
  return snapshotRead(ws, () => {
    const joins = joinsAt(ws, query);
    const extents = new Map<number, { first: Slot; last: Slot }>();
    const widen = (id: number, first: number, n: number): void => {
      const extent = extents.get(id);
      if (extent === undefined) extents.set(id, { first: first as Slot, last: (first + n - 1) as Slot });
      else {
        if (first < extent.first) extent.first = first as Slot;
        if (first + n - 1 > extent.last) extent.last = (first + n - 1) as Slot;
      }
    };
    for (const { symbolId, firstSlot, n } of blockPlaces(ws, { ...query, symbolIds: null }, joins)) widen(symbolId, firstSlot, n);
    for (const { symbols, firstSlot, n } of readTiles(ws, query, coveredBy(joins))) for (const id of symbols) widen(id, firstSlot, n);
    return extents;
  });
}

/** Those of some symbols that have any series at a revision: stored blocks answer for most, without a look at the others. */
export function symbolsWithSeries(ws: Workspace, symbolIds: Iterable<number>, revision: number): Set<number> {
  return snapshotRead(ws, () => {
    const query = { fields: SERIES_FIELDS, revision };
    const joins = joinsAt(ws, query);
    const [found, open] = [new Set<number>(), new Set(symbolIds)];
    const take = (id: number): void => {
      if (open.delete(id)) found.add(id);
    };
    const ask = (exists: string, parameters: Record<string, unknown>): void => {
      const text = `SELECT o.value AS id FROM json_each(@open) o WHERE EXISTS (SELECT 1 ${exists} AND s.symbol_id = o.value)`;
      if (open.size > 0) for (const { id } of all<{ id: number }>(ws, text, { open: JSON.stringify([...open]), ...parameters })) take(id);
    };
    ask(
      `FROM series_block s JOIN batch b ON b.batch_id = s.batch_id WHERE s.field IN (SELECT value FROM json_each(@fields)) AND ${VISIBLE}`,
      { fields: JSON.stringify(SERIES_FIELDS), revision },
    );
    ask('FROM series_joined s WHERE s.join_id IN (SELECT value FROM json_each(@joins))', {
      joins: JSON.stringify(joins.map(({ joinId }) => joinId)),
    });
    if (open.size > 0) for (const { symbols } of readTiles(ws, query, coveredBy(joins))) symbols.forEach(take);
    return found;
  });
}

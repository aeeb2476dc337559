/**
 * Where every visible block of some fields lies, so that the series of one symbol, or of all one after the other, are read without
 * looking the rest up. To be used within the snapshot it was made in: joins may be made anew.
 */
import type { Slot } from '../main/contract/units.ts';
import { fetchBlock, SERIES_FIELDS } from './blocks.ts';
import type { BlockQuery, Place, SeriesField, StoredBlock } from './blocks.ts';
import { snapshotRead } from './connection.ts';
import type { Workspace } from './connection.ts';
import { blockPlaces, coveredBy, joinsAt } from './joins.ts';
import { blockOfTile, readTiles } from './tiles.ts';
import type { Tile } from './tiles.ts';

export interface Extent {
  readonly first: Slot;
  readonly last: Slot;
}

export interface SeriesIndex {
  /** Symbols that have a block of any of the fields. */
  readonly symbols: ReadonlySet<number>;
  /** First and last slot that the blocks of a symbol and field touch, anchors included; null when there is no block. */
  extent(symbolId: number, field: SeriesField): Extent | null;
  /** The blocks of a symbol and field in the order of their batches. Throws `workspace_damaged` like `readBlocks`. */
  blocks(symbolId: number, field: SeriesField): StoredBlock[];
}

/** Tiles of one field over the same symbols: the place of a symbol is looked up once for all of them. */
interface TileGroup {
  readonly symbols: Int32Array;
  readonly places: ReadonlyMap<number, number>;
  readonly tiles: Tile[];
}

/** Indexes the blocks of some fields visible at a revision, joined; reads the tiles, which are small, and none of the long blocks. */
export function indexSeries(ws: Workspace, { symbolIds, ...query }: Pick<BlockQuery, 'fields' | 'revision' | 'symbolIds'>): SeriesIndex {
  const { rows, tiles } = snapshotRead(ws, () => {
    const joins = joinsAt(ws, query);
    return { rows: blockPlaces(ws, { ...query, symbolIds }, joins), tiles: readTiles(ws, query, coveredBy(joins)) };
  });
  const keyOf = (symbolId: number, field: SeriesField): number => symbolId * SERIES_FIELDS.length + SERIES_FIELDS.indexOf(field);
  const long = new Map<number, Place[]>();
  const withBlocks = new Set<number>();
  for (const row of rows) {
    const key = keyOf(row.symbolId, row.field);
    const list = long.get(key);
    if (list === undefined) long.set(key, [row]);
    else list.push(row);
    withBlocks.add(row.symbolId);
  }
  const groups = new Map<SeriesField, TileGroup[]>();
  for (const tile of tiles) {
    let list = groups.get(tile.field);
    if (list === undefined) groups.set(tile.field, (list = []));
    let group = list.findLast(({ symbols }) => sameIds(symbols, tile.symbols));
    if (group === undefined) {
      group = { symbols: tile.symbols, places: new Map(Array.from(tile.symbols, (id, place) => [id, place])), tiles: [] };
      list.push(group);
    }
    group.tiles.push(tile);
  }
  for (const list of groups.values()) for (const { symbols } of list) symbols.forEach((id) => withBlocks.add(id));

  const groupsOf = (symbolId: number, field: SeriesField): TileGroup[] =>
    (groups.get(field) ?? []).filter(({ places }) => places.has(symbolId));

  return {
    symbols: withBlocks,
    extent(symbolId, field) {
      const parts = [...(long.get(keyOf(symbolId, field)) ?? []), ...groupsOf(symbolId, field).flatMap(({ tiles: members }) => members)];
      if (parts.length === 0) return null;
      const first = parts.reduce((least, { firstSlot }) => Math.min(least, firstSlot), Infinity);
      const end = parts.reduce((most, { firstSlot, n }) => Math.max(most, firstSlot + n), -Infinity);
      return { first: first as Slot, last: (end - 1) as Slot };
    },
    blocks(symbolId, field) {
      const own = (long.get(keyOf(symbolId, field)) ?? []).map((place) => fetchBlock(ws, place));
      const tiled = groupsOf(symbolId, field).flatMap(({ places, tiles: members }) =>
        members.map((tile) => blockOfTile(tile, places.get(symbolId)!)),
      );
      // Stable: blocks of one batch keep their order.
      return tiled.length === 0 ? own : [...own, ...tiled].sort((a, b) => a.order - b.order);
    },
  };
}

function sameIds(a: Int32Array, b: Int32Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * Joins: what daily files added to a series day by day, as one block. Years of days would otherwise be thousands of short blocks per series,
 * each read, checked and laid out by itself. A join covers all tiles of a field between two; they stay as they are, and serve revisions from
 * before the join was made, and after one of its batches was undone, until it is made anew. Returns made of joined blocks are those made of
 * the blocks of the tiles, bit for bit: days are joined only where the later one begins where the earlier one ends and rests on its value,
 * and where nothing else was said of the series in between.
 */
import { all, insertText, run, selectList, transaction } from './connection.ts';
import type { Workspace } from './connection.ts';
import { checkBlock, checksum, insertBlock, SERIES_FIELDS, TOUCHES, touched } from './blocks.ts';
import type { BlockQuery, NewBlock, Place, SeriesField } from './blocks.ts';
import { blockOfTile, fetchTile } from './tiles.ts';
import type { Covered, Tile } from './tiles.ts';
import { currentRevision, VISIBLE } from './visibility.ts';

/** Fewest tiles worth a join. */
const LEAST_TILES = 16;
/** Values of the tiles of a join at most, so that making one takes little memory and time. */
const MOST_VALUES = 1_000_000;
/** A joined block may bridge this many empty slots. */
const LONGEST_HOLE = 64;

export interface Join {
  readonly joinId: number;
  readonly field: string;
  /** One more than the last tile of the join before, 0 in the first: between joins that follow each other there is no tile. */
  readonly firstTile: number;
  readonly lastTile: number;
}

/** SQL condition: no batch of the join aliased `j` was undone since it was made, as of @revision. */
const HOLDS = `NOT EXISTS (SELECT 1 FROM batch u WHERE u.undone_revision > j.revision AND u.undone_revision <= @revision
  AND u.batch_id BETWEEN j.first_batch AND j.last_batch)`;
const JOIN = ['field', 'firstTile', 'lastTile', 'firstBatch', 'lastBatch', 'revision'];
const SEALED = selectList(['joinId', ...JOIN, 'crc'], 'j');

/** What a join's checksum covers: altered, it would hide tiles that it does not hold, or serve revisions that it may not. */
interface Sealed extends Join {
  readonly firstBatch: number;
  readonly lastBatch: number;
  readonly revision: number;
}

const checksumOf = ({ joinId, field, firstTile, lastTile, firstBatch, lastBatch, revision }: Sealed): number =>
  checksum([joinId, field, firstTile, lastTile, firstBatch, lastBatch, revision]);

const isSound = (join: Sealed & { readonly crc: number }): boolean => join.crc === checksumOf(join);

/** The joins that serve a revision, in the order of their tiles; the days say themselves what one that was altered would. */
export const joinsAt = (ws: Workspace, { fields, revision }: Pick<BlockQuery, 'fields' | 'revision'>): Join[] =>
  all<Sealed & { crc: number }>(
    ws,
    `SELECT ${SEALED} FROM series_join j WHERE j.field IN (SELECT value FROM json_each(@fields)) AND j.revision <= @revision AND ${HOLDS}
     ORDER BY j.field, j.first_tile`,
    { fields: JSON.stringify(fields), revision },
  ).filter(isSound);

/** The tiles that joins stand for. */
export function coveredBy(joins: readonly Join[]): Covered {
  const byField = new Map<string, { ranges: Join[]; upTo: number }>();
  for (const join of joins) {
    let own = byField.get(join.field);
    if (own === undefined) byField.set(join.field, (own = { ranges: [], upTo: -1 }));
    own.ranges.push(join);
    if (join.firstTile === own.upTo + 1) own.upTo = join.lastTile;
  }
  return {
    upTo: (field) => byField.get(field)?.upTo ?? -1,
    has: (field, tileId) => byField.get(field)?.ranges.some((one) => one.firstTile <= tileId && tileId <= one.lastTile) ?? false,
  };
}

/**
 * Where the visible blocks are that are stored one by one, those of joins included, ordered by symbol, field and batch revision. The indexes
 * alone answer it: the big rows are then fetched one by one, so that no BLOB passes a sorter.
 */
export function blockPlaces(ws: Workspace, query: BlockQuery, joins: readonly Join[]): Place[] {
  const some = query.symbolIds === null ? '' : 'AND s.symbol_id IN (SELECT value FROM json_each(@symbols))';
  const part = (from: string, joined: 0 | 1, field: string, which: string) => `SELECT s.block_id AS blockId, ${joined} AS joined,
      s.symbol_id AS symbolId, ${field} AS field, b.revision AS "order", s.first_slot AS firstSlot, s.n AS n
    FROM ${from} JOIN batch b ON b.batch_id = s.batch_id WHERE ${which} AND ${TOUCHES} ${some}`;
  const parts = [part('series_block s', 0, 's.field', `s.field IN (SELECT value FROM json_each(@fields)) AND ${VISIBLE}`)];
  if (joins.length > 0)
    parts.push(
      part(
        'series_join j JOIN series_joined s ON s.join_id = j.join_id',
        1,
        'j.field',
        'j.join_id IN (SELECT value FROM json_each(@joins))',
      ),
    );
  return all<Place>(ws, `${parts.join(' UNION ALL ')} ORDER BY symbolId, field, "order", joined, blockId`, {
    revision: query.revision,
    fields: JSON.stringify(query.fields),
    ...touched(query),
    ...(joins.length > 0 ? { joins: JSON.stringify(joins.map(({ joinId }) => joinId)) } : {}),
    ...(query.symbolIds === null ? {} : { symbols: JSON.stringify(Array.from(query.symbolIds)) }),
  });
}

/** A tile and the join that covers it, whatever they hold. */
interface TileHead {
  readonly tileId: number;
  readonly batchId: number;
  readonly order: number;
  readonly visible: number;
  readonly values: number;
  readonly joinId: number | null;
}

/** Makes one join that is due, at the present revision; answers false when none is. Joins that serve no more, or were altered, make room. */
export function joinTiles(ws: Workspace): boolean {
  return transaction(ws, () => {
    const revision = currentRevision(ws);
    const joins = all<Sealed & { crc: number; holds: number }>(ws, `SELECT ${SEALED}, ${HOLDS} AS holds FROM series_join j`, { revision });
    for (const join of joins) if (join.holds === 0 || !isSound(join)) drop(ws, join.joinId);
    for (const field of SERIES_FIELDS) {
      const known = headsOf(ws, field, revision);
      const heads = dueTiles(known);
      if (heads === null) continue;
      for (const joinId of new Set(heads.map((head) => head.joinId))) if (joinId !== null) drop(ws, joinId);
      const [first, last] = [heads[0]!, heads.at(-1)!];
      const firstTile = (known[known.indexOf(first) - 1]?.tileId ?? -1) + 1;
      const join = { field, firstTile, lastTile: last.tileId, firstBatch: first.batchId, lastBatch: last.batchId, revision };
      const { rowId } = run(ws, insertText('series_join', JOIN), join);
      run(ws, 'UPDATE series_join SET crc = ? WHERE join_id = ?', checksumOf({ ...join, joinId: rowId }), rowId);
      const tiles = heads.filter(({ visible }) => visible === 1).map(({ tileId, order }) => fetchTile(ws, tileId, order));
      const alone = storedAlone(ws, field, first.batchId, last.batchId);
      for (const { batchId, ...block } of joinedBlocks(field, tiles, alone)) insertBlock(ws, batchId, checkBlock(block), rowId);
      return true;
    }
    return false;
  });
}

function drop(ws: Workspace, joinId: number): void {
  run(ws, 'DELETE FROM series_joined WHERE join_id = ?', joinId);
  run(ws, 'DELETE FROM series_join WHERE join_id = ?', joinId);
}

const headsOf = (ws: Workspace, field: SeriesField, revision: number): TileHead[] =>
  all<TileHead>(
    ws,
    `SELECT s.tile_id AS tileId, s.batch_id AS batchId, b.revision AS "order", ${VISIBLE} AS visible, length(s.symbols) / 4 * s.n AS "values",
      (SELECT j.join_id FROM series_join j WHERE j.field = s.field AND s.tile_id BETWEEN j.first_tile AND j.last_tile) AS joinId
     FROM series_tile s JOIN batch b ON b.batch_id = s.batch_id WHERE s.field = @field ORDER BY s.tile_id`,
    { field, revision },
  );

/**
 * The tiles of the next join: the first stretch of enough tiles that no join covers, with the joins right before it that are no larger, so
 * that each value is joined again only when as many have come.
 */
function dueTiles(heads: readonly TileHead[]): TileHead[] | null {
  for (let from = 0; from < heads.length;) {
    let to = from;
    let values = 0;
    let visible = 0;
    for (; to < heads.length && heads[to]!.joinId === null && (to === from || values + heads[to]!.values <= MOST_VALUES); to++) {
      values += heads[to]!.values;
      visible += heads[to]!.visible;
    }
    if (visible < LEAST_TILES) {
      from = Math.max(to, from + 1);
      continue;
    }
    for (;;) {
      const before = heads[from - 1]?.joinId ?? null;
      if (before === null) break;
      const members = heads.filter(({ joinId }) => joinId === before);
      const size = members.reduce((sum, one) => sum + one.values, 0);
      if (size > values || size + values > MOST_VALUES) break;
      from -= members.length;
      values += size;
    }
    return heads.slice(from, to);
  }
  return null;
}

/** What a block stored by itself says in between: the slots of its values, `to` not included. */
interface Said {
  readonly symbolId: number;
  readonly batchId: number;
  readonly from: number;
  readonly to: number;
}

/** The blocks stored by themselves in the batches from the first to the last, undone ones too: a join serves revisions that see them. */
function storedAlone(ws: Workspace, field: SeriesField, first: number, last: number): Map<number, Said[]> {
  const bySymbol = new Map<number, Said[]>();
  const text = `SELECT symbol_id AS symbolId, batch_id AS batchId, first_slot + anchored AS "from", first_slot + n AS "to"
    FROM series_block WHERE field = ? AND batch_id BETWEEN ? AND ?`;
  for (const said of all<Said>(ws, text, field, first, last)) {
    const list = bySymbol.get(said.symbolId);
    if (list === undefined) bySymbol.set(said.symbolId, [said]);
    else list.push(said);
  }
  return bySymbol;
}

type BatchBlock = NewBlock & { readonly batchId: number };

/** A block that grows by a day, from the batch `firstBatch` to `batchId`. */
interface Growing {
  readonly firstSlot: number;
  readonly anchored: boolean;
  readonly values: number[];
  readonly firstBatch: number;
  batchId: number;
}

interface SeriesDays {
  readonly alone: readonly Said[];
  readonly done: BatchBlock[];
  open: Growing | null;
  /** Slot behind the last one of all days so far. */
  end: number;
  /** Batch of the latest day that may be part of a joined block. */
  last: number;
  /** A batch corrects a day before its own: joined, both would be of one batch. Everything stays as it is. */
  tied: boolean;
}

/** The blocks of all series of some tiles, which come in the order of their batches, joined where they may be. */
function joinedBlocks(field: SeriesField, tiles: readonly Tile[], alone: ReadonlyMap<number, Said[]>): BatchBlock[] {
  const series = new Map<number, SeriesDays>();
  for (const tile of tiles)
    for (let place = 0; place < tile.symbols.length; place++) {
      const symbolId = tile.symbols[place]!;
      let days = series.get(symbolId);
      if (days === undefined) {
        days = { alone: alone.get(symbolId) ?? [], done: [], open: null, end: -Infinity, last: -1, tied: false };
        series.set(symbolId, days);
      }
      if (!days.tied) addDay(field, symbolId, days, tile, place);
    }
  const out: BatchBlock[] = [];
  for (const [symbolId, days] of series) {
    if (days.tied) continue;
    close(field, symbolId, days);
    out.push(...days.done);
  }
  for (const tile of tiles)
    tile.symbols.forEach((symbolId, place) => {
      if (series.get(symbolId)!.tied) out.push(blockOfTile(tile, place));
    });
  return out;
}

function addDay(field: SeriesField, symbolId: number, days: SeriesDays, tile: Tile, place: number): void {
  const { n, firstSlot, batchId } = tile;
  const { open, end } = days;
  const skip = tile.anchored;
  const correction = firstSlot + skip < end;
  days.end = Math.max(end, firstSlot + n);
  if (correction || tile.known !== null || tile.knownDay !== null) {
    // A later batch wins ties, and what is joined is of its last batch: nothing joins across a correction.
    days.tied = correction && days.last === batchId;
    close(field, symbolId, days);
    days.done.push(blockOfTile(tile, place));
    return;
  }
  days.last = batchId;
  const values = tile.values.subarray(place * n, (place + 1) * n);
  if (open === null || !follows(field, open, days, firstSlot, skip === 1 ? values[0]! : null, batchId)) {
    close(field, symbolId, days);
    days.open = { firstSlot, anchored: skip === 1, values: [...values], firstBatch: batchId, batchId };
    return;
  }
  for (let slot = end; slot < firstSlot; slot++) open.values.push(NaN);
  for (let i = skip; i < n; i++) open.values.push(values[i]!);
  open.batchId = batchId;
}

/** Whether a day may join the block before it: adjusted closes where they rest on its last value, others within a few weeks. */
function follows(
  field: SeriesField,
  open: Growing,
  { alone }: SeriesDays,
  firstSlot: number,
  anchor: number | null,
  batchId: number,
): boolean {
  const ends = open.firstSlot + open.values.length;
  if (alone.some((said) => said.batchId >= open.firstBatch && said.batchId <= batchId && said.from < ends && said.to > open.firstSlot))
    return false;
  if (anchor !== null) return firstSlot === ends - 1 && open.values.at(-1) === anchor && anchor !== 0;
  return field !== 'adj_close' && firstSlot - ends <= LONGEST_HOLE;
}

function close(field: SeriesField, symbolId: number, days: SeriesDays): void {
  if (days.open === null) return;
  const { firstSlot, anchored, values, batchId } = days.open;
  days.done.push({ symbolId, field, firstSlot, anchored, values: Float64Array.from(values), known: null, batchId });
  days.open = null;
}

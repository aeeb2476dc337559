/**
 * Short blocks of many symbols over the same slots, stored together: one row holds what a daily file adds to a field. As
 * rows of their own they would make reading slow (a year of 6,000 daily series is 1.5 million rows). Writers hand in blocks
 * and readers get blocks; only who asks what a revision added sees tiles.
 */
import type { BatchId, Slot, SymbolId } from '../main/contract/units.ts';
import { all, damaged, get, run } from './connection.ts';
import type { Workspace } from './connection.ts';
import { bytesOf, checkBlock, checksum, float64, insertBlock, malformed, touched, TOUCHES } from './blocks.ts';
import type { BlockQuery, CheckedBlock, NewBlock, SeriesField, StoredBlock } from './blocks.ts';
import { VISIBLE } from './visibility.ts';

/** Longest block that is collected. */
const SHORT = 64;
/** Fewest series that make a tile; fewer are stored as rows, which are read one by one. */
const FEWEST = 16;
/** Values collected before they are stored, so that memory stays bounded whatever a file holds. */
const MOST_VALUES = 1_000_000;

export interface Tile {
  readonly field: SeriesField;
  readonly batchId: BatchId;
  readonly order: number;
  readonly firstSlot: number;
  /** Slots of each series. */
  readonly n: number;
  readonly anchored: number;
  /** The one day from which all values were known; `known` is null then. Both null: each value on its own day. */
  readonly knownDay: number | null;
  readonly symbols: Int32Array;
  /** Series after series; `known` likewise. */
  readonly values: Float64Array;
  readonly known: Int32Array | null;
}

/** Short blocks of one field over the same slots, side by side. */
interface Group extends Omit<CheckedBlock, 'symbolId' | 'values' | 'known'> {
  readonly n: number;
  readonly symbols: number[];
  /** Series after series, with room for more. */
  values: Float64Array;
  known: Int32Array | null;
}

const fits = (group: Group, { field, firstSlot, values, anchored, knownDay, known }: CheckedBlock): boolean =>
  group.field === field &&
  group.firstSlot === firstSlot &&
  group.n === values.length &&
  group.anchored === anchored &&
  group.knownDay === knownDay &&
  (group.known === null) === (known === null);

function emptyGroup({ field, firstSlot, values, anchored, knownDay, known }: CheckedBlock): Group {
  const n = values.length;
  return { field, firstSlot, n, anchored, knownDay, symbols: [], values: new Float64Array(n), known: known && new Int32Array(n) };
}

/** Copies a block behind the others: the caller may use its arrays again before they are stored. */
function join(group: Group, { symbolId, values, known }: CheckedBlock): void {
  const at = group.symbols.length * group.n;
  if (at === group.values.length) {
    group.values = doubled(group.values, new Float64Array(2 * at));
    if (group.known !== null) group.known = doubled(group.known, new Int32Array(2 * at));
  }
  group.symbols.push(symbolId);
  // A day or two of thousands of names: a call for each costs more than the numbers.
  for (let i = 0; i < group.n; i++) group.values[at + i] = values[i]!;
  if (known !== null) group.known?.set(known, at);
}

function doubled<A extends Float64Array | Int32Array>(from: A, into: A): A {
  into.set(from);
  return into;
}

/** Takes the blocks of one batch: long ones are stored at once, short ones when flushed. */
export function collectBlocks(ws: Workspace, batchId: number): { readonly add: (block: NewBlock) => void; readonly flush: () => void } {
  const groups = new Map<string, Group>();
  /** Groups met last: a daily file goes through its few fields again and again. */
  let recent: Group[] = [];
  let collected = 0;
  /** Symbols found interned: each field of a daily file has the same ones. */
  const interned = new Set<number>();
  const flush = () => {
    for (const group of groups.values()) {
      if (group.symbols.length < FEWEST) insertSingly(ws, batchId, group);
      else {
        checkInterned(ws, group, interned);
        insertTile(ws, batchId, group);
      }
    }
    groups.clear();
    recent = [];
    collected = 0;
  };
  const add = (block: NewBlock) => {
    const checked = checkBlock(block);
    const n = checked.values.length;
    if (n > SHORT) return insertBlock(ws, batchId, checked);
    collected += n;
    if (collected >= MOST_VALUES) flush();
    for (const group of recent) if (fits(group, checked)) return join(group, checked);
    const key = [checked.field, checked.firstSlot, n, checked.anchored, checked.known === null ? checked.knownDay : 'each'].join(' ');
    const group = groups.get(key) ?? emptyGroup(checked);
    groups.set(key, group);
    join(group, checked);
    recent = [group, ...recent.slice(0, 3)];
  };
  return { add, flush };
}

function insertSingly(ws: Workspace, batchId: number, { symbols, values, known, n, ...alike }: Group): void {
  symbols.forEach((symbolId, i) => {
    const [from, to] = [i * n, (i + 1) * n];
    insertBlock(ws, batchId, { ...alike, symbolId, values: values.slice(from, to), known: known && known.slice(from, to) });
  });
}

const INSERT = `INSERT INTO series_tile (field, batch_id, first_slot, n, anchored, crc, known_day, symbols, known, "values")
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const keyOf = (row: Omit<TileRow, 'crc' | 'order'>) => [row.field, row.batchId, row.firstSlot, row.n, row.anchored, row.knownDay];

/** Throws for a symbol that is not interned: rows have a foreign key for this, a BLOB of ids has not. */
function checkInterned(ws: Workspace, { symbols, field, firstSlot }: Group, interned: Set<number>): void {
  const ids = symbols.filter((symbolId) => !interned.has(symbolId));
  if (ids.length === 0) return;
  const found = get<{ n: number }>(
    ws,
    'SELECT count(*) AS n FROM json_each(?) j JOIN symbol s ON s.symbol_id = j.value',
    JSON.stringify(ids),
  );
  if (found?.n !== ids.length) throw malformed({ field, firstSlot, symbolId: symbols[0]! });
  for (const id of ids) interned.add(id);
}

function insertTile(ws: Workspace, batchId: number, { field, firstSlot, n, knownDay, anchored, ...columns }: Group): void {
  const count = columns.symbols.length * n;
  const row = { field, batchId, firstSlot, n, anchored: Number(anchored), knownDay };
  const symbols = bytesOf(Int32Array.from(columns.symbols));
  const [values, known] = [bytesOf(columns.values.subarray(0, count)), columns.known && bytesOf(columns.known.subarray(0, count))];
  const crc = checksum(keyOf(row), symbols, values, known);
  run(ws, INSERT, field, batchId, firstSlot, n, row.anchored, crc, knownDay, symbols, known, values);
}

interface TileRow {
  readonly field: string;
  readonly batchId: number;
  readonly order: number;
  readonly firstSlot: number;
  readonly n: number;
  readonly anchored: number;
  readonly crc: number;
  readonly knownDay: number | null;
}

const FETCH = `SELECT field, batch_id AS batchId, first_slot AS firstSlot, n, anchored, crc, known_day AS knownDay, symbols, known, "values"
  FROM series_tile WHERE tile_id = ?`;

/** Tiles read before, the latest last, as far as they fit: a stored tile never changes, and every look at a few series meets all of them. */
const kept = new WeakMap<Workspace, Map<number, Tile>>();
const KEPT_VALUES = 4_000_000;

function keptTile(ws: Workspace, tileId: number, order: number): Tile {
  let tiles = kept.get(ws);
  if (tiles === undefined) kept.set(ws, (tiles = new Map()));
  const tile = tiles.get(tileId) ?? fetchTile(ws, tileId, order);
  tiles.delete(tileId);
  tiles.set(tileId, tile);
  return tile;
}

/** Lets go of the tiles read longest ago. */
function trim(ws: Workspace): void {
  const tiles = kept.get(ws);
  if (tiles === undefined) return;
  let values = 0;
  for (const [tileId, tile] of [...tiles].reverse()) {
    values += tile.values.length;
    if (values > KEPT_VALUES) tiles.delete(tileId);
  }
}

/** Tiles that need no reading, because what they hold comes joined. */
export interface Covered {
  /** All tiles of a field up to this one, itself included. */
  upTo(field: string): number;
  has(field: string, tileId: number): boolean;
}

const NONE: Covered = { upTo: () => -1, has: () => false };

/** The tiles of the fields visible at a revision but for those covered, by field, batch revision and order of writing, checked. */
export function readTiles(ws: Workspace, query: Omit<BlockQuery, 'symbolIds'>, covered = NONE): Tile[] {
  const text = `SELECT s.tile_id AS tileId, s.field AS field, b.revision AS "order" FROM json_each(@fields) f
    JOIN series_tile s ON s.field = f.key AND s.tile_id > f.value JOIN batch b ON b.batch_id = s.batch_id
    WHERE ${VISIBLE} AND ${TOUCHES} ORDER BY s.field, b.revision, s.tile_id`;
  const places = all<{ tileId: number; field: string; order: number }>(ws, text, {
    revision: query.revision,
    fields: JSON.stringify(Object.fromEntries(query.fields.map((field) => [field, covered.upTo(field)]))),
    ...touched(query),
  });
  const tiles = places.filter(({ field, tileId }) => !covered.has(field, tileId)).map(({ tileId, order }) => keptTile(ws, tileId, order));
  trim(ws);
  return tiles;
}

export function fetchTile(ws: Workspace, tileId: number, order: number): Tile {
  const row = get<TileRow & { symbols: Uint8Array; values: Uint8Array; known: Uint8Array | null }>(ws, FETCH, tileId);
  if (row === undefined) throw damaged(ws.dir, `tile ${tileId} is listed but not there.`);
  const count = row.symbols.length / 4;
  const lengths =
    Number.isInteger(count) && row.values.length === count * row.n * 8 && (row.known === null || row.known.length === count * row.n * 4);
  if (!lengths || checksum(keyOf(row), row.symbols, row.values, row.known) !== row.crc) throw badTile(ws, row, count);
  const symbols = new Int32Array(count);
  const known = row.known === null ? null : new Int32Array(count * row.n);
  bytesOf(symbols).set(row.symbols); // a BLOB lies at any alignment
  if (known !== null && row.known !== null) bytesOf(known).set(row.known);
  const { firstSlot, n, anchored, knownDay } = row;
  return {
    field: row.field as SeriesField,
    batchId: row.batchId as BatchId,
    order,
    firstSlot,
    n,
    anchored,
    knownDay,
    symbols,
    values: float64(row.values),
    known,
  };
}

function badTile(ws: Workspace, row: TileRow & { readonly symbols: Uint8Array }, count: number): Error {
  const symbolId = row.symbols.length < 4 ? 0 : new DataView(row.symbols.buffer, row.symbols.byteOffset).getInt32(0, true);
  const name = get<{ code: string }>(ws, 'SELECT code FROM symbol WHERE symbol_id = ?', symbolId)?.code ?? `symbol ${symbolId}`;
  const { field, batchId } = row;
  const what = `the ${field} values of ${name} and ${Math.floor(count) - 1} others in batch ${batchId} do not agree with their checksum.`;
  return damaged(ws.dir, what, { symbolId, symbol: name, symbols: Math.floor(count), field, batchId });
}

/** A copy, without a call into the runtime for each of thousands of short arrays. */
function copyOf(values: Float64Array, from: number, n: number): Float64Array {
  const copy = new Float64Array(n);
  for (let i = 0; i < n; i++) copy[i] = values[from + i]!;
  return copy;
}

/** The block of the series at `place` of a tile, in arrays of its own. */
export function blockOfTile(tile: Tile, place: number): StoredBlock {
  const { n, field, batchId, order, knownDay } = tile;
  const [from, to] = [place * n, (place + 1) * n];
  const known = tile.known !== null ? tile.known.slice(from, to) : knownDay !== null ? new Int32Array(n).fill(knownDay) : null;
  return {
    symbolId: tile.symbols[place]! as SymbolId,
    field,
    batchId,
    order,
    firstSlot: tile.firstSlot as Slot,
    values: copyOf(tile.values, from, n),
    known,
    anchored: tile.anchored === 1,
  };
}

/** A block as the only series of a tile, on its arrays. */
export function tileOfBlock({ symbolId, values, anchored, ...block }: StoredBlock): Tile {
  return { ...block, n: values.length, anchored: Number(anchored), knownDay: null, symbols: Int32Array.of(symbolId), values };
}

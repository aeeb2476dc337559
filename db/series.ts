/** Daily series as blocks: one symbol, one field, a contiguous stretch of slots, checked by a CRC on every read. */
import type { BatchId, Slot, SymbolId } from '../main/contract/units.ts';
import { dayOfSlot } from '../main/contract/units.ts';
import { HedgerowError } from '../main/contract/errors.ts';
import { all, damaged, get, run, snapshotRead } from './connection.ts';
import type { Workspace } from './connection.ts';
import { crc32 } from './crc32.ts';
import { VISIBLE } from './visibility.ts';

export const SERIES_FIELDS = ['close', 'adj_close', 'open', 'high', 'low', 'volume', 'return', 'market_cap'] as const;
export type SeriesField = (typeof SERIES_FIELDS)[number];

/** What a writer is given: slot `firstSlot + i` has `values[i]`. */
export interface NewBlock {
  readonly symbolId: number;
  readonly field: SeriesField;
  readonly firstSlot: number;
  /** NaN = no value; infinities are refused. */
  readonly values: Float64Array;
  /** EpochDay from which each value was known, or one day for all of them; null: each value on its own day. */
  readonly known: Int32Array | number | null;
  /** Adjusted closes only: the values stand on the base of the stored series (they are not a file's own base). */
  readonly anchored: boolean;
}

export interface StoredBlock {
  readonly symbolId: SymbolId;
  readonly field: SeriesField;
  readonly batchId: BatchId;
  /** Revision of the batch: of two versions known on the same day the one with the greater order is in force. */
  readonly order: number;
  readonly firstSlot: Slot;
  /** Fresh for every block; the visitor may keep them. */
  readonly values: Float64Array;
  readonly known: Int32Array | null;
  readonly anchored: boolean;
}

export interface BlockQuery {
  readonly fields: readonly SeriesField[];
  /** null = every symbol. */
  readonly symbolIds: Int32Array | null;
  readonly revision: number;
}

// The columns hold little-endian numbers and the arrays are read in place.
if (new Uint8Array(Uint16Array.of(1).buffer)[0] !== 1) throw new Error('Hedgerow runs on little-endian machines only.');

const bytesOf = (array: Float64Array | Int32Array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** Everything but the row id is covered, so that a flipped bit in a slot or a day is seen as well as one in a value. */
function checksum(row: Omit<BlockRow, 'blockId' | 'crc' | 'order'>, values: Uint8Array, known: Uint8Array | null): number {
  const key = [row.symbolId, row.field, row.batchId, row.firstSlot, row.n, row.anchored, row.knownDay].join(' ');
  const head = crc32(values, crc32(Buffer.from(key, 'latin1')));
  return known === null ? head : crc32(known, head);
}

interface BlockRow {
  readonly blockId: number;
  readonly symbolId: number;
  readonly field: string;
  readonly batchId: number;
  readonly order: number;
  readonly firstSlot: number;
  readonly n: number;
  readonly anchored: number;
  readonly crc: number;
  readonly knownDay: number | null;
}

const INSERT = `INSERT INTO series_block (symbol_id, field, batch_id, first_slot, n, anchored, crc, known_day, known, "values")
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** Stores one block of a batch; part of the batch's transaction. Throws `internal` on a malformed block. */
export function insertBlock(ws: Workspace, batchId: number, block: NewBlock): void {
  const { symbolId, field, firstSlot, values } = block;
  const n = values.length;
  const known = shortest(block);
  if (n === 0 || !SERIES_FIELDS.includes(field) || !isInt32(firstSlot) || !isInt32(firstSlot + n) || !isInt32(symbolId))
    throw malformed(block);
  for (let i = 0; i < n; i++) if (Math.abs(values[i]!) === Infinity) throw malformed(block);
  const knownDay = typeof known === 'number' ? known : null;
  const knownBytes = known instanceof Int32Array ? bytesOf(known) : null;
  const row = { symbolId, field, batchId, firstSlot, n, anchored: block.anchored ? 1 : 0, knownDay };
  const data = bytesOf(values);
  const crc = checksum(row, data, knownBytes);
  run(ws, INSERT, symbolId, field, batchId, firstSlot, n, row.anchored, crc, knownDay, knownBytes, data);
}

/** The known days in the least space: null when all are the values' own, one number when they are equal. */
function shortest(block: NewBlock): Int32Array | number | null {
  const { known, firstSlot, values } = block;
  if (known === null) return null;
  if (typeof known === 'number') {
    if (!isInt32(known)) throw malformed(block);
    return known;
  }
  if (known.length !== values.length) throw malformed(block);
  let [equal, own] = [true, true];
  for (let i = 0; i < known.length && (equal || own); i++) {
    equal &&= known[i] === known[0];
    own &&= known[i] === dayOfSlot((firstSlot + i) as Slot);
  }
  return own ? null : equal ? known[0]! : known;
}

const isInt32 = (value: number) => Number.isInteger(value) && value === (value | 0);

function malformed(block: NewBlock): HedgerowError {
  const what = `A ${block.field} block of symbol ${block.symbolId} at slot ${block.firstSlot} is malformed.`;
  return new HedgerowError('internal', what, 'Report this with the file that was imported.');
}

/**
 * Visits every block visible at a revision, ordered by symbol, field, batch revision and order of writing. Throws
 * `workspace_damaged` naming symbol, field and batch when a block's checksum does not agree. The visitor may read the store.
 */
export function readBlocks(ws: Workspace, query: BlockQuery, visit: (block: StoredBlock) => void): void {
  const some = query.symbolIds === null ? '' : 'AND s.symbol_id IN (SELECT value FROM json_each(@symbols))';
  // The index alone answers the first query; the big rows are then fetched one by one, so that no BLOB passes a sorter.
  const text = `SELECT s.block_id AS blockId, b.revision AS "order" FROM series_block s JOIN batch b ON b.batch_id = s.batch_id
    WHERE s.field IN (SELECT value FROM json_each(@fields)) AND ${VISIBLE} ${some} ORDER BY s.symbol_id, s.field, b.revision, s.block_id`;
  const parameters = {
    revision: query.revision,
    fields: JSON.stringify(query.fields),
    ...(query.symbolIds === null ? {} : { symbols: JSON.stringify(Array.from(query.symbolIds)) }),
  };
  snapshotRead(ws, () => {
    for (const { blockId, order } of all<{ blockId: number; order: number }>(ws, text, parameters)) visit(fetchBlock(ws, blockId, order));
  });
}

const FETCH = `SELECT block_id AS blockId, symbol_id AS symbolId, field, batch_id AS batchId, first_slot AS firstSlot, n, anchored, crc,
  known_day AS knownDay, known, "values" FROM series_block WHERE block_id = ?`;

function fetchBlock(ws: Workspace, blockId: number, order: number): StoredBlock {
  const row = get<BlockRow & { known: Uint8Array | null; values: Uint8Array }>(ws, FETCH, blockId);
  if (row === undefined) throw damaged(ws.dir, `block ${blockId} is listed but not there.`);
  const lengths = row.values.length === row.n * 8 && (row.known === null || row.known.length === row.n * 4);
  if (!lengths || checksum(row, row.values, row.known) !== row.crc) throw badBlock(ws, row);
  const values = new Float64Array(row.n);
  bytesOf(values).set(row.values); // a BLOB lies at any alignment
  let known: Int32Array | null = null;
  if (row.known !== null) {
    known = new Int32Array(row.n);
    bytesOf(known).set(row.known);
  } else if (row.knownDay !== null) {
    known = new Int32Array(row.n).fill(row.knownDay);
  }
  const { symbolId, field, batchId, firstSlot } = row;
  return {
    symbolId: symbolId as SymbolId,
    field: field as SeriesField,
    batchId: batchId as BatchId,
    order,
    firstSlot: firstSlot as Slot,
    values,
    known,
    anchored: row.anchored === 1,
  };
}

function badBlock(ws: Workspace, row: BlockRow): HedgerowError {
  const name = get<{ code: string }>(ws, 'SELECT code FROM symbol WHERE symbol_id = ?', row.symbolId)?.code ?? `symbol ${row.symbolId}`;
  const { field, batchId, symbolId } = row;
  return damaged(ws.dir, `the ${field} values of ${name} in batch ${batchId} do not agree with their checksum.`, {
    symbolId,
    symbol: name,
    field,
    batchId,
  });
}

/** First and last slot that any visible block of the fields touches, or null when there is none. Values may be missing there. */
export function slotRange(ws: Workspace, query: Omit<BlockQuery, 'symbolIds'>): { readonly first: Slot; readonly last: Slot } | null {
  const text = `SELECT min(s.first_slot) AS first, max(s.first_slot + s.n - 1) AS last FROM series_block s JOIN batch b ON b.batch_id = s.batch_id
    WHERE s.field IN (SELECT value FROM json_each(@fields)) AND ${VISIBLE}`;
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
  const rows = all<{ symbolId: number; first: Slot; last: Slot }>(ws, text, {
    revision: query.revision,
    fields: JSON.stringify(query.fields),
  });
  return new Map(rows.map(({ symbolId, first, last }) => [symbolId, { first, last }]));
}

/** One block as one row: one symbol, one field, a contiguous stretch of slots, checked by a CRC on every read. */
import type { BatchId, Slot, SymbolId } from '../main/contract/units.ts';
import { dayOfSlot } from '../main/contract/units.ts';
import { HedgerowError } from '../main/contract/errors.ts';
import { damaged, get, run } from './connection.ts';
import type { Workspace } from './connection.ts';
import { crc32 } from './crc32.ts';

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
  /** Only blocks that touch these slots, the last one included. Default: all. */
  readonly slots?: { readonly first: number; readonly last: number };
  /**
   * What successive days added to a series may come as one block, under the batch of its last day: for who wants values and when they became
   * known, not which batch brought each.
   */
  readonly joined?: true;
}

/** SQL condition: the block or tile aliased `s` touches the slots @first to @last. */
export const TOUCHES = '(s.first_slot <= @last AND s.first_slot + s.n > @first)';

/** The parameters of TOUCHES. */
export const touched = ({ slots }: Pick<BlockQuery, 'slots'>): { first: number; last: number } =>
  slots ?? { first: -2147483648, last: 2147483647 };

// The columns hold little-endian numbers and the arrays are read in place.
if (new Uint8Array(Uint16Array.of(1).buffer)[0] !== 1) throw new Error('Hedgerow runs on little-endian machines only.');

/** The bytes of an array, in place. */
export const bytesOf = (array: Float64Array | Int32Array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** The numbers of a BLOB, in place where it lies at an address fit for them (fresh memory costs more than reading). */
export function float64(blob: Uint8Array): Float64Array {
  if (blob.byteOffset % 8 === 0) return new Float64Array(blob.buffer, blob.byteOffset, blob.length / 8);
  const values = new Float64Array(blob.length / 8);
  bytesOf(values).set(blob);
  return values;
}

/** CRC of a row's key and BLOBs: a flipped bit in a slot or a day is seen as well as one in a value. */
export function checksum(key: readonly (string | number | null)[], ...blobs: readonly (Uint8Array | null)[]): number {
  return blobs.reduce<number>((crc, blob) => (blob === null ? crc : crc32(blob, crc)), crc32(Buffer.from(key.join(' '), 'latin1')));
}

interface BlockRow {
  readonly blockId: number;
  readonly symbolId: number;
  readonly field: string;
  readonly batchId: number;
  readonly firstSlot: number;
  readonly n: number;
  readonly anchored: number;
  readonly crc: number;
  readonly knownDay: number | null;
}

const COLUMNS = 'symbol_id, field, batch_id, first_slot, n, anchored, crc, known_day, known, "values"';
const INSERT = `INSERT INTO series_block (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const INSERT_JOINED = `INSERT INTO series_joined (${COLUMNS}, join_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** A block found well-formed, its known days in the least space. */
export interface CheckedBlock extends Omit<NewBlock, 'known'> {
  readonly knownDay: number | null;
  readonly known: Int32Array | null;
}

/** Throws `internal` on a malformed block. */
export function checkBlock(block: NewBlock): CheckedBlock {
  const { symbolId, field, firstSlot, values } = block;
  const n = values.length;
  if (n === 0 || !SERIES_FIELDS.includes(field) || ![symbolId, firstSlot, firstSlot + n].every(isInt32)) throw malformed(block);
  for (let i = 0; i < n; i++) if (Math.abs(values[i]!) === Infinity) throw malformed(block);
  const known = shortest(block);
  return { ...block, knownDay: typeof known === 'number' ? known : null, known: known instanceof Int32Array ? known : null };
}

const keyOf = (row: Omit<BlockRow, 'blockId' | 'crc'>) => [
  row.symbolId,
  row.field,
  row.batchId,
  row.firstSlot,
  row.n,
  row.anchored,
  row.knownDay,
];

/** Stores one block of a batch as a row of its own, or as one of a join; part of the caller's transaction. */
export function insertBlock(ws: Workspace, batchId: number, block: CheckedBlock, joinId: number | null = null): void {
  const { symbolId, field, firstSlot, knownDay } = block;
  const [values, known] = [bytesOf(block.values), block.known && bytesOf(block.known)];
  const row = { symbolId, field, batchId, firstSlot, n: block.values.length, anchored: Number(block.anchored), knownDay };
  const columns = [symbolId, field, batchId, firstSlot, row.n, row.anchored, checksum(keyOf(row), values, known), knownDay, known, values];
  if (joinId === null) run(ws, INSERT, ...columns);
  else run(ws, INSERT_JOINED, ...columns, joinId);
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

/** The error for a block no importer should make. */
export function malformed(block: Pick<NewBlock, 'field' | 'symbolId' | 'firstSlot'>): HedgerowError {
  const what = `A ${block.field} block of symbol ${block.symbolId} at slot ${block.firstSlot} is malformed.`;
  return new HedgerowError('internal', what, 'Report this with the file that was imported.');
}

const fetchFrom = (
  table: string,
) => `SELECT block_id AS blockId, symbol_id AS symbolId, field, batch_id AS batchId, first_slot AS firstSlot, n,
  anchored, crc, known_day AS knownDay, known, "values" FROM ${table} WHERE block_id = ?`;
const FETCH = fetchFrom('series_block');
const FETCH_JOINED = fetchFrom('series_joined');

/** Where a block is stored: a row of its own, or one of a join. */
export interface Place {
  readonly blockId: number;
  readonly joined: 0 | 1;
  readonly symbolId: number;
  readonly field: SeriesField;
  /** Revision of its batch. */
  readonly order: number;
  readonly firstSlot: number;
  readonly n: number;
}

/** One stored block. Throws `workspace_damaged` naming symbol, field and batch when the checksum does not agree. */
export function fetchBlock(ws: Workspace, { blockId, joined, order }: Pick<Place, 'blockId' | 'joined' | 'order'>): StoredBlock {
  const row = get<BlockRow & { known: Uint8Array | null; values: Uint8Array }>(ws, joined === 1 ? FETCH_JOINED : FETCH, blockId);
  if (row === undefined) throw damaged(ws.dir, `block ${blockId} is listed but not there.`);
  const lengths = row.values.length === row.n * 8 && (row.known === null || row.known.length === row.n * 4);
  if (!lengths || checksum(keyOf(row), row.values, row.known) !== row.crc) throw badBlock(ws, row);
  const values = float64(row.values);
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

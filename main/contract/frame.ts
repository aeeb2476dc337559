/**
 * Binary frame of a `columns` reply. Layout, little-endian:
 *
 *   0  4 bytes  magic `HRF1`
 *   4  uint32   length of the JSON header in bytes
 *   8  JSON     {header, columns: [{name, type: 'f64' | 'i32', length}]}, UTF-8
 *   …  columns  in the order of the header, each starting at the next multiple of 8 from the start of the frame
 *
 * The receiver makes views, it copies nothing; that is why every column is 8-aligned.
 */
import type { Columns } from './methods.ts';

const MAGIC = 0x31465248; // `HRF1`
const PREFIX = 8;
const align = (offset: number): number => (offset + 7) & ~7;

type ColumnType = 'f64' | 'i32';
interface ColumnEntry {
  readonly name: string;
  readonly type: ColumnType;
  readonly length: number;
}

/** Media type of a frame. */
export const FRAME_TYPE = 'application/vnd.hedgerow.frame';

/** One contiguous frame of the header and its columns. Throws RangeError when the columns differ in length. */
export function encodeFrame(reply: Columns): Uint8Array<ArrayBuffer> {
  const columns = Object.entries(reply.columns);
  const length = columns[0]?.[1].length ?? 0;
  const entries: ColumnEntry[] = columns.map(([name, column]) => {
    if (column.length !== length) throw new RangeError(`Column ${name} has ${column.length} rows, the first has ${length}.`);
    return { name, type: column instanceof Float64Array ? 'f64' : 'i32', length };
  });
  const json = new TextEncoder().encode(JSON.stringify({ header: reply.header, columns: entries }));
  let size = align(PREFIX + json.length);
  for (const [, column] of columns) size = align(size + column.byteLength);

  const frame = new Uint8Array(size);
  const view = new DataView(frame.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, json.length, true);
  frame.set(json, PREFIX);
  let offset = align(PREFIX + json.length);
  for (const [, column] of columns) {
    frame.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), offset);
    offset = align(offset + column.byteLength);
  }
  return frame;
}

/** Reads a frame back as views on `buffer`. Throws RangeError on anything that is not a whole frame. */
export function decodeFrame(buffer: ArrayBuffer): Columns {
  const bad = (why: string): never => {
    throw new RangeError(`Not a whole frame: ${why}.`);
  };
  if (buffer.byteLength < PREFIX) bad('too short');
  const view = new DataView(buffer);
  if (view.getUint32(0, true) !== MAGIC) bad('unknown magic');
  const jsonLength = view.getUint32(4, true);
  if (PREFIX + jsonLength > buffer.byteLength) bad('the header is cut off');
  const { header, entries } = readHeader(new TextDecoder().decode(new Uint8Array(buffer, PREFIX, jsonLength)));

  // No prototype: a column called `__proto__` is a column like any other.
  const columns = Object.create(null) as Record<string, Float64Array | Int32Array>;
  let offset = align(PREFIX + jsonLength);
  for (const { name, type, length } of entries) {
    const bytes = length * (type === 'f64' ? 8 : 4);
    if (offset + bytes > buffer.byteLength) bad(`column ${name} is cut off`);
    columns[name] = type === 'f64' ? new Float64Array(buffer, offset, length) : new Int32Array(buffer, offset, length);
    offset = align(offset + bytes);
  }
  return { header, columns };
}

function readHeader(json: string): { header: Record<string, unknown>; entries: readonly ColumnEntry[] } {
  let parsed: { header?: unknown; columns?: unknown };
  try {
    parsed = JSON.parse(json) as typeof parsed;
  } catch {
    throw new RangeError('Not a whole frame: the header is not JSON.');
  }
  const whole =
    typeof parsed.header === 'object' &&
    parsed.header !== null &&
    Array.isArray(parsed.columns) &&
    parsed.columns.every(
      (entry: ColumnEntry) =>
        typeof entry.name === 'string' &&
        (entry.type === 'f64' || entry.type === 'i32') &&
        Number.isSafeInteger(entry.length) &&
        entry.length >= 0,
    );
  if (!whole) throw new RangeError('Not a whole frame: the header has another shape.');
  return { header: parsed.header as Record<string, unknown>, entries: parsed.columns as ColumnEntry[] };
}

/** Files of one cube, read by libraries of other authors and compared bit for bit. */
import { openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { tableFromIPC, type Vector } from 'apache-arrow';
import { Footer } from 'apache-arrow/ipc/metadata/file';
import { parquetMetadataAsync, parquetRead, parquetReadObjects, type AsyncBuffer } from 'hyparquet';
import { Table as RustTable } from 'parquet-wasm/node';
import * as zarr from 'zarrita';

function bufferOf(path: string): AsyncBuffer {
  const file = openSync(path, 'r');
  const { size } = statSync(path);
  return {
    byteLength: size,
    slice(start, end = size) {
      const bytes = new Uint8Array(end - start);
      for (let at = 0; at < bytes.length;) at += readSync(file, bytes, at, bytes.length - at, start + at);
      return bytes.buffer;
    },
  };
}

/**
 * Numbers every (ticker, day) of the Parquet file by its place in the Zarr store, then compares field by field. Resolves to the
 * count of values; rejects at the first difference.
 */
export async function compareCubes(parquet: string, store: string): Promise<number> {
  const file = bufferOf(parquet);
  const metadata = await parquetMetadataAsync(file);
  const root = await zarr.open.v2({ get: (key: string) => Promise.resolve(read(join(store, key))) }, { kind: 'group' });
  const days = Array.from((await zarr.get(await zarr.open.v2(root.resolve('date'), { kind: 'array' }))).data as BigInt64Array, Number);
  const { dtype } = JSON.parse(readFileSync(join(store, 'ticker/.zarray'), 'utf8')) as { dtype: string };
  const width = Number(dtype.slice(2));
  const points = new Uint32Array(new Uint8Array(inflateSync(readFileSync(join(store, 'ticker/0')))).buffer);
  const line = new Map<string, number>();
  for (let i = 0; i < points.length / width; i++)
    line.set(String.fromCodePoint(...points.subarray(i * width, (i + 1) * width).filter((point) => point > 0)), i);
  const dayAt = new Map(days.map((day, i) => [day, i]));
  const keys = await parquetReadObjects({ file, metadata, columns: ['date', 'ticker'] });
  const at = Int32Array.from(
    keys,
    ({ date, ticker }) => line.get(ticker as string)! * days.length + dayAt.get((date as Date).getTime() / 86_400_000)!,
  );
  let compared = 0;
  for (const { name, type } of metadata.schema.slice(1)) {
    if (type !== 'DOUBLE') continue;
    const { data } = (await zarr.get(await zarr.open.v2(root.resolve(name), { kind: 'array' }))) as { data: Float64Array };
    let present = 0;
    // Row group by row group: objects of whole columns would take most of the time.
    await parquetRead({
      file,
      metadata,
      columns: [name],
      onChunk({ columnData, rowStart }) {
        for (let i = 0; i < columnData.length; i++) {
          const value = (columnData[i] ?? NaN) as number;
          const inStore = data[at[rowStart + i]!]!;
          if (!Object.is(inStore, value)) throw new Error(`${name} row ${rowStart + i}: ${inStore} in Zarr, ${value} in Parquet`);
          if (value === value) present++;
        }
      },
    });
    let inStore = 0;
    for (const value of data) if (value === value) inStore++;
    if (inStore !== present) throw new Error(`${name}: ${inStore} values in Zarr, ${present} in Parquet`);
    compared += present;
  }
  return compared;
}

/**
 * Every record batch of the Arrow file, decoded by the Rust implementation, against the row group of the Parquet file in its place.
 * Resolves to the count of values; rejects at the first difference.
 */
export async function compareArrow(parquet: string, arrow: string): Promise<number> {
  const [file, other] = [bufferOf(parquet), bufferOf(arrow)];
  const bytes = async (from: number, to: number): Promise<Uint8Array> => new Uint8Array(await other.slice(from, to));
  const length = new DataView((await bytes(other.byteLength - 10, other.byteLength - 6)).buffer).getInt32(0, true);
  const footer = Footer.decode(await bytes(other.byteLength - 10 - length, other.byteLength - 10));
  const blocks = [...footer.recordBatches()];
  const metadata = await parquetMetadataAsync(file);
  if (blocks.length !== metadata.row_groups.length) throw new Error(`${blocks.length} batches, ${metadata.row_groups.length} row groups`);
  const head = await bytes(8, blocks[0]!.offset);
  let compared = 0;
  let rowStart = 0;
  for (const [i, { offset, metaDataLength, bodyLength }] of blocks.entries()) {
    const batch = await bytes(offset, offset + metaDataLength + bodyLength);
    const table = tableFromIPC(RustTable.fromIPCStream(Buffer.concat([head, batch])).intoIPCStream());
    const rowEnd = rowStart + Number(metadata.row_groups[i]!.num_rows);
    await parquetRead({
      file,
      metadata,
      rowStart,
      rowEnd,
      onChunk({ columnName, columnData, rowStart: first }) {
        const at = reader(table.getChild(columnName)!);
        for (let k = 0; k < columnData.length; k++) {
          const value = columnData[k] as unknown;
          const mine = at(first - rowStart + k);
          if (!Object.is(mine, value instanceof Date ? value.getTime() : value))
            throw new Error(`${columnName} row ${first + k}: ${String(mine)} in Arrow, ${String(value)} in Parquet`);
          if (value !== null) compared++;
        }
      },
    });
    if (table.numRows !== rowEnd - rowStart) throw new Error(`batch ${i}: ${table.numRows} rows, ${rowEnd - rowStart} in Parquet`);
    rowStart = rowEnd;
  }
  return compared;
}

/** A value of a column of one batch; of numbers without the column's own look-up, which takes most of the time. */
function reader(column: Vector): (row: number) => unknown {
  const { values, nullBitmap, nullCount } = column.data[0]!;
  if (!(values instanceof Float64Array)) return (row) => column.get(row) as unknown;
  return (row) => (nullCount > 0 && ((nullBitmap[row >> 3]! >> (row & 7)) & 1) === 0 ? null : values[row]);
}

function read(path: string): Uint8Array | undefined {
  try {
    return new Uint8Array(readFileSync(path));
  } catch {
    return undefined;
  }
}

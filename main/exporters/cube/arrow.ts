/**
 * Arrow IPC, the file layout that is also called Feather version 2: one record batch per piece, each encoded on its own (in any
 * thread) and put into the file in order. The columns are those of the Parquet file: `date` a date, `ticker` and `flags` text, every
 * other one a nullable double with the very bits of the run.
 */
import {
  DateDay,
  Field,
  Float64,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  Utf8,
  type Data,
} from 'apache-arrow/Arrow';
import { MetadataVersion } from 'apache-arrow/enum';
import { FileBlock, Footer } from 'apache-arrow/ipc/metadata/file';
import { bitNames, type CubeColumn, type CubeRows, type Lineage } from './columns.ts';
import { fileMetadata, type CubeFile } from './file.ts';

/** A record batch as it stands in the file: its description, then its columns. */
export interface EncodedBatch {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly rows: number;
  /** Bytes of the description, with what says how long it is. */
  readonly described: number;
}

const MAGIC = new TextEncoder().encode('ARROW1');
/** What ends a stream of messages: a mark, and a description of no bytes. */
const END = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0);

function schemaOf(columns: readonly CubeColumn[], metadata?: ReadonlyMap<string, string>): Schema {
  return new Schema(
    [
      new Field('date', new DateDay(), false),
      new Field('ticker', new Utf8(), false),
      ...columns.map(({ name, bits }) => (bits ? new Field(name, new Utf8(), false) : new Field(name, new Float64(), true))),
    ],
    metadata === undefined ? null : new Map(metadata),
  );
}

/** Messages of a stream with these batches: what describes the columns, then the batches, then the end. */
function messages(schema: Schema, batch: RecordBatch | null): { readonly bytes: Uint8Array; readonly head: number } {
  const writer = new RecordBatchStreamWriter();
  writer.reset(undefined, schema);
  if (batch) writer.write(batch);
  writer.finish();
  const bytes = writer.toUint8Array(true);
  return { bytes, head: described(bytes) };
}

/** Bytes of the description a message begins with: a mark, its length, and itself. */
const described = (message: Uint8Array): number => 8 + new DataView(message.buffer, message.byteOffset).getInt32(4, true);

/** Encodes rows as one record batch; `rows.count` must not be 0. */
export function encodeBatch(columns: readonly CubeColumn[], { count, days, tickers, values }: CubeRows): EncodedBatch {
  const schema = schemaOf(columns);
  const children: Data[] = [
    makeData({ type: new DateDay(), length: count, nullCount: 0, data: days }),
    textData(tickers),
    ...columns.map(({ bits }, index) =>
      bits ? textData(Array.from(values[index]!, (mask) => bitNames(bits, mask))) : numberData(values[index]!),
    ),
  ];
  const batch = new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length: count, nullCount: 0, children }));
  const { bytes, head } = messages(schema, batch);
  const own = bytes.slice(head, bytes.length - END.length);
  return { bytes: own, rows: count, described: described(own) };
}

function textData(texts: readonly string[]): Data {
  const encoder = new TextEncoder();
  const known = new Map<string, Uint8Array>();
  const parts = texts.map((text) => {
    const part = known.get(text) ?? encoder.encode(text);
    known.set(text, part);
    return part;
  });
  const valueOffsets = new Int32Array(texts.length + 1);
  parts.forEach((part, i) => (valueOffsets[i + 1] = valueOffsets[i]! + part.length));
  const data = new Uint8Array(valueOffsets[texts.length]!);
  parts.forEach((part, i) => data.set(part, valueOffsets[i]));
  return makeData({ type: new Utf8(), length: texts.length, nullCount: 0, valueOffsets, data });
}

/** NaN becomes null: a bit per value says which are there. */
function numberData(data: Float64Array): Data {
  const nullBitmap = new Uint8Array((data.length + 7) >> 3);
  let nullCount = 0;
  data.forEach((value, i) => {
    if (value === value) nullBitmap[i >> 3]! |= 1 << (i & 7);
    else nullCount++;
  });
  return makeData({ type: new Float64(), length: data.length, nullCount, data, ...(nullCount > 0 ? { nullBitmap } : {}) });
}

/** The frame around the batches. Lineage and units become metadata of the schema, under the keys of the Parquet file. */
export function arrowFile(columns: readonly CubeColumn[], lineage: Lineage): CubeFile<EncodedBatch> {
  const schema = schemaOf(columns, new Map(fileMetadata(columns, lineage)));
  const blocks: FileBlock[] = [];
  return {
    head() {
      const { bytes, head } = messages(schema, null);
      return Uint8Array.of(...MAGIC, 0, 0, ...bytes.subarray(0, head));
    },
    place({ bytes, described: length }, at) {
      blocks.push(new FileBlock(length, bytes.length - length, at));
    },
    foot() {
      const footer = Footer.encode(new Footer(schema, MetadataVersion.V5, blocks, []));
      return Uint8Array.of(...END, ...footer, ...new Uint8Array(Int32Array.of(footer.length).buffer), ...MAGIC);
    },
  };
}

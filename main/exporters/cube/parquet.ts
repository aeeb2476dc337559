/**
 * Parquet: one row group per piece, each encoded on its own (in any thread) and put into the file in order. `date` is a DATE,
 * `ticker` and `flags` are strings, every other column is a nullable DOUBLE with the very bits of the run; missing is NULL.
 */
import type { KeyValue, RowGroup, SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { fileMetadata, type CubeFile } from './file.ts';
import { bitNames, type CubeColumn, type CubeRows, type Lineage } from './columns.ts';

/** Bytes of a row group and where its columns are in them. */
export interface EncodedRows {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly rows: number;
  readonly group: RowGroup;
}

/** The four bytes every Parquet file begins with. */
const MAGIC = 4;

function schemaOf(columns: readonly CubeColumn[]): SchemaElement[] {
  return [
    { name: 'metrics', num_children: columns.length + 2 },
    { name: 'date', type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' }, repetition_type: 'REQUIRED' },
    { name: 'ticker', type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' }, repetition_type: 'REQUIRED' },
    ...columns.map(({ name, bits }): SchemaElement =>
      bits
        ? { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' }, repetition_type: 'REQUIRED' }
        : { name, type: 'DOUBLE', repetition_type: 'OPTIONAL' },
    ),
  ];
}

/** NaN becomes null; an array without NaN stays as it is, which is several times as fast to write. */
function nullable(values: Float64Array): Float64Array | (number | null)[] {
  let missing = false;
  for (let i = 0; i < values.length && !missing; i++) missing = values[i] !== values[i];
  return missing ? Array.from(values, (value) => (value === value ? value : null)) : values;
}

/** Kept between row groups: a new one for each would be garbage of the size of the file. */
const scratch = new ByteWriter();

/** Encodes rows as one row group; `rows.count` must not be 0. */
export function encodeRowGroup(columns: readonly CubeColumn[], rows: CubeRows): EncodedRows {
  const { count, days, tickers, values } = rows;
  scratch.index = 0;
  scratch.offset = 0;
  const writer = scratch;
  const parquet = new ParquetWriter({ writer, schema: schemaOf(columns) });
  void parquet.write({
    rowGroupSize: count,
    columnData: [
      // The order of rows makes the ranges of these two worth having; of a metric they would only cost time.
      { name: 'date', data: days, offsetIndex: false },
      { name: 'ticker', data: tickers as string[], offsetIndex: false },
      ...columns.map(({ name, bits }, index) => ({
        name,
        data: bits ? Array.from(values[index]!, (mask) => bitNames(bits, mask)) : nullable(values[index]!),
        statistics: false,
        offsetIndex: false,
      })),
    ],
  });
  return { bytes: writer.getBytes().slice(MAGIC), rows: count, group: parquet.row_groups[0]! };
}

/** The frame around the row groups. Lineage becomes key-value metadata. */
export function parquetFile(columns: readonly CubeColumn[], lineage: Lineage): CubeFile<EncodedRows> {
  const writer = new ByteWriter();
  const kvMetadata = fileMetadata(columns, lineage).map(([key, value]): KeyValue => ({ key, value }));
  const parquet = new ParquetWriter({ writer, schema: schemaOf(columns), kvMetadata, createdBy: 'hedgerow' });
  return {
    head: () => writer.getBytes().slice(),
    place({ group, rows }, at) {
      const shift = BigInt(at - MAGIC);
      const moved = (offset: bigint | undefined): bigint | undefined => (offset === undefined ? undefined : offset + shift);
      parquet.num_rows += BigInt(rows);
      parquet.row_groups.push({
        ...group,
        columns: group.columns.map((chunk) => ({
          ...chunk,
          file_offset: chunk.file_offset + shift,
          meta_data: {
            ...chunk.meta_data!,
            data_page_offset: chunk.meta_data!.data_page_offset + shift,
            ...(chunk.meta_data!.dictionary_page_offset === undefined
              ? {}
              : { dictionary_page_offset: moved(chunk.meta_data!.dictionary_page_offset)! }),
          },
        })),
      });
    },
    foot(at) {
      writer.index = 0;
      writer.offset = at;
      void parquet.finish();
      return writer.getBytes().slice();
    },
  };
}

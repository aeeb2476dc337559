/**
 * Zarr, version 2 layout with consolidated metadata, as `xarray.open_zarr` reads it: dimensions `ticker` and `date`, one
 * array per field, zlib. Chunks are tall enough that one date and wide enough that one ticker is read quickly. A chunk
 * without any value is left out: the fill value is NaN.
 */
import type { CubeColumn, Lineage } from './columns.ts';

/** Tickers and dates in a chunk: 256 KiB of doubles. */
export const CHUNK_TICKERS = 128;
const CHUNK_DATES = 256;

export type Compress = (bytes: Uint8Array) => Uint8Array;

/** A file of the store: path with `/`, and its bytes. */
export interface StoreFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

interface Coordinates {
  readonly tickers: readonly string[];
  /** EpochDay per date. */
  readonly days: Int32Array;
}

const COMPRESSOR = { id: 'zlib', level: 1 };
const json = (path: string, value: unknown): StoreFile => ({ path, bytes: new TextEncoder().encode(JSON.stringify(value, null, 1)) });

function arrayHead(shape: readonly number[], chunks: readonly number[], dtype: string, fill: string | number | null): object {
  return { zarr_format: 2, shape, chunks, dtype, order: 'C', compressor: COMPRESSOR, filters: null, fill_value: fill };
}

/** All metadata and both coordinates; the field chunks follow. */
export function zarrHead(
  columns: readonly CubeColumn[],
  { tickers, days }: Coordinates,
  lineage: Lineage,
  compress: Compress,
): StoreFile[] {
  const width = Math.max(1, ...tickers.map((ticker) => [...ticker].length));
  const attributes: Record<string, object> = {
    '.zattrs': { title: 'Hedgerow metrics', Conventions: 'CF-1.10', ...Object.fromEntries(lineage) },
    'ticker/.zattrs': { _ARRAY_DIMENSIONS: ['ticker'], long_name: 'ticker valid on the date' },
    'date/.zattrs': { _ARRAY_DIMENSIONS: ['date'], units: 'days since 1970-01-01', calendar: 'proleptic_gregorian', standard_name: 'time' },
  };
  const heads: Record<string, object> = {
    '.zgroup': { zarr_format: 2 },
    'ticker/.zarray': arrayHead([tickers.length], [Math.max(1, tickers.length)], `<U${width}`, ''),
    'date/.zarray': arrayHead([days.length], [Math.max(1, days.length)], '<i8', null),
  };
  for (const { name, wire, long, unit, description, bits } of columns) {
    heads[`${name}/.zarray`] = arrayHead([tickers.length, days.length], [CHUNK_TICKERS, CHUNK_DATES], '<f8', 'NaN');
    attributes[`${name}/.zattrs`] = {
      _ARRAY_DIMENSIONS: ['ticker', 'date'],
      units: unit,
      long_name: description,
      wire_name: wire,
      field_name: long,
      ...(bits ? { flag_masks: Object.values(bits), flag_meanings: Object.keys(bits).join(' ') } : {}),
    };
  }
  const metadata = { ...heads, ...attributes };
  return [
    ...Object.entries(metadata).map(([path, value]) => json(path, value)),
    json('.zmetadata', { zarr_consolidated_format: 1, metadata }),
    ...(tickers.length > 0 ? [{ path: 'ticker/0', bytes: compress(fixedText(tickers, width)) }] : []),
    ...(days.length > 0 ? [{ path: 'date/0', bytes: compress(bytesOf(BigInt64Array.from(days, BigInt))) }] : []),
  ];
}

/**
 * Chunks of one band of `CHUNK_TICKERS` tickers. `values[(field * CHUNK_TICKERS + ticker) * dates + date]`, NaN where there
 * is nothing; the last chunk of dates is filled up with NaN.
 */
export function zarrBand(
  columns: readonly CubeColumn[],
  band: number,
  dates: number,
  values: Float64Array,
  compress: Compress,
): StoreFile[] {
  const out: StoreFile[] = [];
  const chunk = new Float64Array(CHUNK_TICKERS * CHUNK_DATES);
  columns.forEach(({ name }, field) => {
    for (let first = 0, part = 0; first < dates; first += CHUNK_DATES, part++) {
      const wide = Math.min(CHUNK_DATES, dates - first);
      let any = false;
      chunk.fill(NaN);
      for (let ticker = 0; ticker < CHUNK_TICKERS; ticker++) {
        const at = (field * CHUNK_TICKERS + ticker) * dates + first;
        const line = values.subarray(at, at + wide);
        chunk.set(line, ticker * CHUNK_DATES);
        any ||= line.some((value) => value === value);
      }
      if (any) out.push({ path: `${name}/${band}.${part}`, bytes: compress(bytesOf(chunk)) });
    }
  });
  return out;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array => new Uint8Array(buffer, byteOffset, byteLength);

/** UTF-32 of fixed width, as numpy keeps text. */
function fixedText(texts: readonly string[], width: number): Uint8Array {
  const points = new Uint32Array(texts.length * width);
  texts.forEach((text, i) => [...text].forEach((character, j) => (points[i * width + j] = character.codePointAt(0)!)));
  return bytesOf(points);
}

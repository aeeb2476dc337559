/** Pieces of the cube in the formats of files, computed and encoded where the cascade runs. */
import { deflateSync } from 'node:zlib';
import { CHUNK_TICKERS, zarrBand, type CubeColumn, type CubeRows, type StoreFile } from '../../exporters/cube/index.ts';
import { F } from '../../quant/cascade/index.ts';
import type { Fitter } from './fits.ts';

/** A stretch of rows [from, to) of one series under one ticker. */
export interface CubeUnit {
  readonly series: number;
  readonly from: number;
  readonly to: number;
  readonly ticker: string;
}

/** Columns of a file and the field of the tile behind each. */
export interface CubeFields {
  readonly columns: readonly CubeColumn[];
  readonly fields: readonly number[];
}

/** Columns kept between row groups, as long as the longest so far. */
const kept: Float64Array[] = [];
function columnOf(index: number, room: number): Float64Array {
  if ((kept[index]?.length ?? 0) < room) kept[index] = new Float64Array(room);
  return kept[index]!;
}

/** Rows of the units that exist; null when there are none. They hold until they are asked for again. */
export function cubeRows(fits: Fitter, units: readonly CubeUnit[], { fields }: CubeFields, check: () => void): CubeRows | null {
  const { nRows, days } = fits.panel;
  const room = units.reduce((sum, unit) => sum + unit.to - unit.from, 0);
  const values = fields.map((_, f) => columnOf(f, room));
  const dates = new Int32Array(room);
  const tickers: string[] = [];
  let count = 0;
  for (const { series, from, to, ticker } of units) {
    check();
    const tile = fits.fit(series, from, to);
    const level = F.level! * nRows;
    for (let row = from; row < to; row++) {
      if (Number.isNaN(tile.values[level + row]!)) continue;
      dates[count] = days[row]!;
      tickers.push(ticker);
      for (let f = 0; f < fields.length; f++) values[f]![count] = tile.values[fields[f]! * nRows + row]!;
      count++;
    }
  }
  if (count === 0) return null;
  const present = values.map((column) => column.subarray(0, count));
  return { count, days: dates.subarray(0, count), tickers, values: present };
}

/** Zarr chunks of a band of tickers over rows [from, to), and how many rows it has. `lines[i]` are the units of ticker i of the band. */
export function zarrChunks(
  fits: Fitter,
  band: number,
  lines: readonly (readonly CubeUnit[])[],
  { columns, fields }: CubeFields,
  from: number,
  to: number,
  check: () => void,
): { files: StoreFile[]; rows: number } {
  const { nRows } = fits.panel;
  const dates = to - from;
  const values = new Float64Array(fields.length * CHUNK_TICKERS * dates).fill(NaN);
  let rows = 0;
  lines.forEach((units, line) => {
    for (const unit of units) {
      check();
      const tile = fits.fit(unit.series, unit.from, unit.to);
      const level = F.level! * nRows;
      for (let row = unit.from; row < unit.to; row++) if (!Number.isNaN(tile.values[level + row]!)) rows++;
      fields.forEach((field, f) =>
        values.set(
          tile.values.subarray(field * nRows + unit.from, field * nRows + unit.to),
          (f * CHUNK_TICKERS + line) * dates + unit.from - from,
        ),
      );
    }
  });
  check();
  return { files: zarrBand(columns, band, dates, values, (bytes) => new Uint8Array(deflateSync(bytes, { level: 1 }))), rows };
}

/** Rows of the cube as a reply: JSON records, CSV, Parquet or Arrow. */
import {
  encodeRowGroup,
  metricsHeader,
  parquetFile,
  formatMetrics,
  type CubeColumn,
  type CubeFile,
  type CubeRows,
} from '../../exporters/cube/index.ts';
import { flagNames } from '../../quant/cascade/index.ts';
import type { CubeLine } from '../cube/get.ts';
import type { CubePlan } from '../cube/plan.ts';
import { iso } from '../session.ts';

export const TABLE_FORMATS = ['json', 'csv', 'parquet', 'arrow'] as const;
export type TableFormat = (typeof TABLE_FORMATS)[number];

/** Content type of each. */
export const TABLE_TYPES: Readonly<Record<TableFormat, string>> = {
  json: 'application/json',
  csv: 'text/csv',
  parquet: 'application/vnd.apache.parquet',
  arrow: 'application/vnd.apache.arrow.file',
};

export interface Body {
  readonly type: string;
  readonly bytes: Uint8Array | string;
}

/** A value as JSON: missing is null, flags are their names. */
function jsonValue({ bits }: CubeColumn, value: number): number | string[] | null {
  if (bits) return flagNames(value);
  return Number.isNaN(value) ? null : value;
}

/** Row `row` of a line by column name. */
export function record(columns: readonly CubeColumn[], line: CubeLine, row: number): Record<string, unknown> {
  return Object.fromEntries(columns.map((column, f) => [column.name, jsonValue(column, line.values[f]![row]!)]));
}

export const json = (value: unknown): Body => ({ type: 'application/json', bytes: JSON.stringify(value) });

/** All rows of the lines; JSON has `head` beside `data`. */
export async function table(
  plan: CubePlan,
  lines: readonly CubeLine[],
  format: TableFormat,
  head: Readonly<Record<string, unknown>>,
): Promise<Body> {
  const { columns, lineage } = plan;
  if (format === 'json') {
    const data = lines.flatMap((line) =>
      Array.from(line.days, (day, row) => ({ date: iso(day), ticker: line.tickers[row]!, ...record(columns, line, row) })),
    );
    return json({ ...head, data, lineage: Object.fromEntries(lineage) });
  }
  const count = lines.reduce((sum, line) => sum + line.days.length, 0);
  const days = new Int32Array(count);
  const tickers: string[] = [];
  const values = columns.map(() => new Float64Array(count));
  for (const line of lines) {
    const at = tickers.length;
    days.set(line.days, at);
    line.values.forEach((column, f) => values[f]!.set(column, at));
    tickers.push(...line.tickers);
  }
  const type = TABLE_TYPES[format];
  if (format === 'csv') return { type: `${type}; charset=utf-8`, bytes: csv(plan, days, tickers, values) };
  const rows = { count, days, tickers, values };
  if (format === 'parquet') return { type, bytes: whole(parquetFile(columns, lineage), rows, () => encodeRowGroup(columns, rows)) };
  const { arrowFile, encodeBatch } = await import('../../exporters/cube/arrow.ts');
  return { type, bytes: whole(arrowFile(columns, lineage), rows, () => encodeBatch(columns, rows)) };
}

/** A file of one piece, or of none when there are no rows. */
function whole<P extends { readonly bytes: Uint8Array }>(file: CubeFile<P>, { count }: CubeRows, encode: () => P): Uint8Array {
  const parts: Uint8Array[] = [file.head()];
  if (count > 0) {
    const piece = encode();
    file.place(piece, parts[0]!.length);
    parts.push(piece.bytes);
  }
  parts.push(file.foot(parts.reduce((sum, part) => sum + part.length, 0)));
  return Buffer.concat(parts);
}

function csv({ columns, lineage }: CubePlan, days: Int32Array, tickers: string[], values: readonly Float64Array[]): string {
  const count = tickers.length;
  const together = new Float64Array(count * columns.length);
  values.forEach((column, f) => together.set(column, f * count));
  const named = columns.map(({ name, bits }, index) => ({ name, index, ...(bits ? { names: flagNames } : {}) }));
  const simulated = lineage.some(([key, value]) => key === 'simulated' && value === 'true');
  const rows = formatMetrics(named, { values: together, rowCount: count, dates: Array.from(days, iso), tickers });
  return metricsHeader(named, simulated ? lineage : []) + new TextDecoder().decode(rows);
}

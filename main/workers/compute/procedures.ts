/** What a compute worker does with the panels it holds; the main thread says which (`core/engine.ts`). */
import { HedgerowError } from '../../contract/errors.ts';
import { encodeRowGroup, formatMetrics } from '../../exporters/cube/index.ts';
import { historicalRisk, type HistoricalRisk } from '../../quant/book/index.ts';
import { F, flagNames, type Served } from '../../quant/cascade/index.ts';
import type { RobustSettings } from '../../quant/robust/index.ts';
import { updated, type Panel, type PanelUpdate } from '../panel.ts';
import { Moved, type TaskContext } from '../rpc.ts';
import type { RunParts } from '../run-parts.ts';
import { bookParts, seriesParts, type BookPartsRequest } from './book-parts.ts';
import { takeOver } from './changed-pieces.ts';
import { compareSettings } from './compare.ts';
import { cubeRows, zarrChunks, type CubeFields, type CubeUnit } from './cube.ts';
import { copyFields, createFitter, type Depth, type Fitter } from './fits.ts';
import { fundLinks } from './fund-links.ts';
import { copyAtLevel } from './own-level.ts';
import { stepsBetween, type ChangeSide } from './risk-change.ts';
import { profits, riskOf, type ProfitsRequest, type RiskRequest } from './risk.ts';
import { summarize, type Work } from './summarize.ts';
import { inTurns } from './turns.ts';

/** By panel and kernel settings. */
const held = new Map<string, Fitter>();

function current(key: string): Fitter {
  const fitter = held.get(key);
  if (!fitter) throw new HedgerowError('internal', 'The compute worker does not hold this panel.', 'Try again.');
  return fitter;
}

function continued(update: PanelUpdate): Panel {
  for (const { panel } of held.values()) if (panel.key === update.base) return updated(panel, update);
  throw new HedgerowError('internal', 'The compute worker does not hold the earlier panel.', 'Try again.');
}

export interface FieldsRequest {
  readonly series: readonly number[];
  readonly fields: readonly number[];
  readonly from: number;
  readonly to: number;
}

interface LevelFieldsRequest {
  readonly key: string;
  readonly series: readonly number[];
  readonly fields: readonly number[];
  readonly row: number;
  readonly level: Depth;
  readonly into: Float64Array | null;
}

/** Selected fields of selected series over rows [from, to): `values[(i * fields + f) * rows + row]`. */
export interface FieldBlock extends Omit<FieldsRequest, 'series'> {
  readonly values: Float64Array;
}

export const procedures = {
  /** Takes a panel, told in full or as what differs from one it holds, and lets go of another. */
  hold({ key, panel, settings, drop }: { key: string; panel: Panel | PanelUpdate; settings: RobustSettings; drop: string | null }): null {
    const whole = 'base' in panel ? continued(panel) : panel;
    if (drop !== null) held.delete(drop);
    held.set(key, createFitter(whole, settings));
    return null;
  },

  /** Computes units of a run, which a shared counter hands out turn by turn, into shared memory. */
  summarize({ key, parts, ...work }: { key: string; parts: RunParts } & Work, context: TaskContext): null {
    summarize(current(key), work, parts, context);
    return null;
  },

  /** Takes over what an earlier run of a panel that the worker holds as well shares with this one; answers the units left. */
  takeOver(request: { key: string; before: string; earlier: RunParts; window: number; order: Int32Array; parts: RunParts }): Int32Array {
    const { key, before, earlier, window, order, parts } = request;
    return takeOver({ panel: current(before).panel, parts: earlier }, current(key).panel, window, order, parts);
  },

  /** Several settings in one pass; what they sum up lands in shared memory. */
  compare: compareSettings,

  /** Fields of some series over rows [from, to); into shared memory where some is given, else the answer brings them. */
  async fields(
    { key, series, fields, from, to, into }: FieldsRequest & { readonly key: string; readonly into: Float64Array | null },
    context: TaskContext,
  ): Promise<Moved<Float64Array<ArrayBuffer>> | null> {
    const fits = current(key);
    const size = fields.length * (to - from);
    const own = into === null ? new Float64Array(series.length * size) : null;
    await inTurns(series, context, (one, i) => copyFields(fits.rows(one, from, to), fields, from, to, into ?? own!, i * size));
    return own && new Moved(own, [own.buffer]);
  },

  /** The same of a row, what files tell of the deepest level (MODEL.md 12) told of a chosen one. */
  async levelFields(
    { key, series, fields, row, level, into }: LevelFieldsRequest,
    context: TaskContext,
  ): Promise<Moved<Float64Array<ArrayBuffer>> | null> {
    const fits = current(key);
    const size = fields.length;
    const own = into === null ? new Float64Array(series.length * size) : null;
    await inTurns(series, context, (one, i) =>
      copyAtLevel(fits, one, fields, row, level, (into ?? own!).subarray(i * size, (i + 1) * size)),
    );
    return own && new Moved(own, [own.buffer]);
  },

  /** Links of funds on a row, each given by the series of its chain from the market down to itself. */
  fundLinks: ({ key, chains, row }: { key: string; chains: readonly (readonly number[])[]; row: number }) =>
    chains.map((chain) => fundLinks(current(key), chain, row)),

  /** How a row of a series came about. */
  served: ({ key, series, row }: { key: string; series: number; row: number }): Served => current(key).served(series, row),

  /** Returns of some series over rows [from, to) as row `row` knows them: `values[i * rows + row]`. */
  returns({
    key,
    series,
    row,
    from,
    to,
  }: {
    key: string;
    series: readonly number[];
    row: number;
    from: number;
    to: number;
  }): Moved<Float64Array> {
    const fits = current(key);
    const values = new Float64Array(series.length * (to - from));
    series.forEach((one, i) => values.set(fits.returnsAt(one, row).subarray(from, to), i * (to - from)));
    return new Moved(values, [values.buffer]);
  },

  /** How many returns each series has over rows [from, to) as row `row` knows them. */
  counts({ key, series, row, from, to }: { key: string; series: readonly number[]; row: number; from: number; to: number }): Int32Array {
    const fits = current(key);
    return Int32Array.from(series, (one) => {
      const returns = fits.returnsAt(one, row);
      let count = 0;
      for (let t = from; t < to; t++) if (!Number.isNaN(returns[t]!)) count++;
      return count;
    });
  },

  /** Profit of `values` (dollars, one per series) on the returns of each row up to `row`, and the share of the dollars that has one. */
  profits: ({ key, ...request }: { key: string } & ProfitsRequest) => profits(current(key), request),

  /** The risk of a book taken apart (MODEL.md 10); null with fewer than two common rows. */
  risk: ({ key, ...request }: { key: string } & RiskRequest, context: TaskContext) => riskOf(current(key), request, context.check),

  /** Daily parts of a series over rows [from, to) (MODEL.md 9). */
  parts: ({ key, series, ...period }: { key: string; series: number; from: number; to: number }) =>
    seriesParts(current(key), series, period),

  /** Daily parts of a book over rows [from, to), and what each of its positions adds to them. */
  bookParts: ({ key, ...request }: { key: string } & BookPartsRequest, context: TaskContext) => bookParts(current(key), request, context),

  /** Why the risk of a book changed from one side to the other (MODEL.md 10). */
  riskSteps: ({ from, to }: { from: ChangeSide; to: ChangeSide }) => stepsBetween(current, from, to),

  /** Volatility of holdings (`values`, dollars, one per series) on the returns of rows [from, to) as row `row` knows them (MODEL.md 10). */
  history({
    key,
    series,
    values,
    row,
    from,
    to,
    minRows,
  }: {
    key: string;
    series: readonly number[];
    values: readonly number[];
    row: number;
    from: number;
    to: number;
    minRows: number;
  }): Pick<HistoricalRisk, 'volatility' | 'rows' | 'dropped'> {
    const fits = current(key);
    const { volatility, rows, dropped } = historicalRisk(
      values,
      series.map((one) => fits.returnsAt(one, row)),
      from,
      to,
      minRows,
    );
    return { volatility, rows, dropped };
  },

  /** CSV lines of one series over rows [from, to) (CLI.md `export metrics`), and how many there are. */
  csv(
    {
      key,
      series,
      columns,
      from,
      to,
      dates,
    }: {
      key: string;
      series: number;
      columns: readonly { name: string; index: number }[];
      from: number;
      to: number;
      dates: readonly string[];
    },
    context: TaskContext,
  ): Moved<{ bytes: Uint8Array<ArrayBuffer>; rows: number }> {
    context.check();
    const fits = current(key);
    const { nRows } = fits.panel;
    const { values } = fits.fit(series, from, to);
    const rowCount = to - from;
    const level = F.level! * nRows + from;
    const present = new Uint8Array(rowCount);
    let rows = 0;
    for (let i = 0; i < rowCount; i++) if (values[level + i] === values[level + i]) rows += present[i] = 1;
    const block = new Float64Array(columns.length * rowCount);
    columns.forEach(({ index }, f) => block.set(values.subarray(index * nRows + from, index * nRows + to), f * rowCount));
    const tickers: string[] = [];
    for (const span of fits.panel.series[series]!.names)
      for (let row = Math.max(span.from, from); row < Math.min(span.to, to); row++) tickers.push(span.ticker);
    const bytes =
      rows === 0
        ? new Uint8Array(0)
        : formatMetrics(
            columns.map(({ name, index }, f) => ({ name, index: f, ...(index === F.flags ? { names: flagNames } : {}) })),
            { values: block, rowCount, dates, tickers, present },
          );
    return new Moved({ bytes, rows }, [bytes.buffer]);
  },

  /** Rows of some securities as a Parquet row group. */
  rowGroup({ key, units, ...fields }: { key: string; units: readonly CubeUnit[] } & CubeFields, context: TaskContext) {
    const rows = cubeRows(current(key), units, fields, context.check);
    const encoded = rows && encodeRowGroup(fields.columns, rows);
    return new Moved(encoded, encoded ? [encoded.bytes.buffer] : []);
  },

  /** Rows of some securities as an Arrow record batch. */
  async recordBatch({ key, units, ...fields }: { key: string; units: readonly CubeUnit[] } & CubeFields, context: TaskContext) {
    const rows = cubeRows(current(key), units, fields, context.check);
    // Loaded when it is needed: every other start of a worker would pay for it.
    const { encodeBatch } = await import('../../exporters/cube/arrow.ts');
    const encoded = rows && encodeBatch(fields.columns, rows);
    return new Moved(encoded, encoded ? [encoded.bytes.buffer] : []);
  },

  /** Chunks of a band of tickers for a Zarr store. */
  zarrChunks(
    request: { key: string; band: number; lines: readonly (readonly CubeUnit[])[]; from: number; to: number } & CubeFields,
    context: TaskContext,
  ) {
    const { key, band, lines, from, to } = request;
    const done = zarrChunks(current(key), band, lines, request, from, to, context.check);
    return new Moved(
      done,
      done.files.map(({ bytes }) => bytes.buffer as ArrayBuffer),
    );
  },
};

export type ComputeProcedures = typeof procedures;

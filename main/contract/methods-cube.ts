/** The cube as files and as typed columns, and the read-only interface for the analyst's own scripts. */
import * as v from 'valibot';
import type { Columns } from './methods.ts';
import { day, none, runId, strictObject, text, ticker } from './schemas.ts';

const cube = {
  runId: v.optional(runId),
  knownAsOf: v.optional(day),
  names: v.optional(v.picklist(['wire', 'long'] as const)),
  tickers: v.optional(v.pipe(v.array(ticker), v.minLength(1), v.maxLength(5000))),
  fields: v.optional(v.pipe(v.array(text(40)), v.minLength(1), v.maxLength(80))),
  from: v.optional(day),
  to: v.optional(day),
};

export const CUBE_METHODS = {
  'cube.export': {
    kind: 'job',
    input: strictObject({ ...cube, format: v.picklist(['csv', 'parquet', 'arrow', 'zarr'] as const), byYear: v.optional(v.boolean()) }),
  },
  'cube.get': { kind: 'columns', input: strictObject({ ...cube, tickers: v.pipe(v.array(ticker), v.minLength(1), v.maxLength(500)) }) },
  'service.status': { kind: 'call', input: none },
  'service.start': {
    kind: 'call',
    input: strictObject({ port: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1024), v.maxValue(65535))) }),
  },
  'service.stop': { kind: 'call', input: none },
  'service.renew': { kind: 'call', input: none },
} as const;

/** The read-only interface on this machine. */
export interface ServiceStatus {
  readonly running: boolean;
  /** `http://127.0.0.1:8787` while it runs. */
  readonly address: string | null;
  readonly port: number;
  /** What scripts send as `Authorization: Bearer …`. */
  readonly token: string;
}

export interface CubeOutput {
  /** One file; a Zarr store and files by year come as a zip file. */
  'cube.export': {
    readonly rows: number;
    readonly artifacts: readonly { readonly artifactId: string; readonly name: string; readonly bytes: number }[];
  };
  /** header: {tickers, lineage}; columns: `day` (EpochDay), `ticker` (index into the header's) and one per field. */
  'cube.get': Columns;
  'service.status': ServiceStatus;
  /** Off until started; starts again with the program until stopped. */
  'service.start': ServiceStatus;
  'service.stop': ServiceStatus;
  /** A new token; the old one stops working at once. */
  'service.renew': ServiceStatus;
}

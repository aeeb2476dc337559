/** The whole cube of the modern set in every format, each by a process of its own; Parquet and Zarr read back and compared. */
import { spawn } from 'node:child_process';
import { openSync, readFileSync, readSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { parquetMetadataAsync, parquetReadObjects, type AsyncBuffer } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import * as zarr from 'zarrita';
import { record } from '../bench/record.ts';
import { CUBE_FORMATS } from '../core/export.ts';
import { startRun } from '../core/runs.ts';
import { closeSession } from '../core/session.ts';
import { hasModern, importModern } from '../core/testing/modern.ts';
import { ROOT } from './testing/cli.ts';

/** Runs a command line in a process of its own; answers its JSON and its peak memory, where the system tells it. */
async function command(
  dir: string,
  ...args: string[]
): Promise<{ value: { rows: number; bytes: number; milliseconds: number }; peakMB: number }> {
  const child = spawn(process.execPath, [join(ROOT, 'main', 'cli', 'index.ts'), '--workspace', dir, '--json', ...args], {
    env: { ...process.env, HEDGEROW_TODAY: '2026-08-01' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  let peakMB = NaN;
  const look = setInterval(() => {
    try {
      peakMB = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))![1]) / 1024;
    } catch {
      // Ended, or a system without /proc.
    }
  }, 50);
  const code = await new Promise((resolve) => child.on('close', resolve));
  clearInterval(look);
  if (code !== 0) throw new Error(`exit ${String(code)}: ${text}`);
  return { value: JSON.parse(text) as { rows: number; bytes: number; milliseconds: number }, peakMB };
}

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

/** Numbers every (ticker, day) of the Parquet file by its place in the Zarr store, then compares field by field. */
async function compare(parquet: string, store: string): Promise<number> {
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
    const rows = await parquetReadObjects({ file, metadata, columns: [name] });
    let present = 0;
    for (let i = 0; i < rows.length; i++) {
      const value = (rows[i]![name] ?? NaN) as number;
      if (!Object.is(data[at[i]!], value)) throw new Error(`${name} row ${i}: ${data[at[i]!]} in Zarr, ${value} in Parquet`);
      if (value === value) present++;
    }
    let inStore = 0;
    for (const value of data) if (value === value) inStore++;
    if (inStore !== present) throw new Error(`${name}: ${inStore} values in Zarr, ${present} in Parquet`);
    compared += present;
  }
  return compared;
}

function read(path: string): Uint8Array | undefined {
  try {
    return new Uint8Array(readFileSync(path));
  } catch {
    return undefined;
  }
}

describe.skipIf(!hasModern)('the whole cube', () => {
  it('is written in every format below 1.5 GB of memory, with the same doubles', { timeout: 1_800_000 }, async () => {
    const { session, folder } = await importModern();
    try {
      const { summary } = await startRun(session, {});
      await closeSession(session);
      const figures: Record<string, object> = {};
      for (const format of CUBE_FORMATS) {
        const { value, peakMB } = await command(
          session.dir,
          'export',
          'metrics',
          '--format',
          format,
          '--out',
          join(folder, `cube.${format}`),
        );
        expect(value.rows).toBe(summary.rows);
        expect(peakMB).not.toBeGreaterThan(1500);
        const seconds = value.milliseconds / 1000;
        figures[format] = { megabytes: value.bytes / 1e6, seconds, megabytesPerSecond: value.bytes / 1e6 / seconds, peakMemoryMB: peakMB };
      }
      rmSync(join(folder, 'cube.csv'));
      const compared = await compare(join(folder, 'cube.parquet'), join(folder, 'cube.zarr'));
      record('cube', { rows: summary.rows, valuesCompared: compared, ...figures });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** `export metrics`: the cube as CSV, computed and formatted by the compute workers, written in order. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statfsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { HedgerowError } from '../contract/errors.ts';
import { metricsHeader } from '../exporters/cube/index.ts';
import { FIELDS } from '../quant/cascade/index.ts';
import type { Panel } from '../workers/panel.ts';
import { lineage, load, panelFor, rowOf } from './engine.ts';
import { basisOf } from './runs.ts';
import { iso, type Hooks, type Session } from './session.ts';

export interface ExportOptions {
  readonly out: string;
  readonly names: 'wire' | 'long';
  readonly tickers?: readonly string[] | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly runId?: string | undefined;
  /** Leading `#` lines with the lineage. */
  readonly lineage?: boolean | undefined;
  readonly threads?: number | undefined;
}

export interface ExportResult {
  readonly file: string;
  readonly bytes: number;
  readonly rows: number;
  readonly milliseconds: number;
  readonly runId: string;
  readonly simulated: boolean;
}

/** A stretch of one security under one ticker. */
interface Unit {
  readonly ticker: string;
  readonly series: number;
  readonly from: number;
  readonly to: number;
}

/** Rough bytes of a row with all fields, for the check of the disk before a long export. */
const ROW_BYTES = 900;
/** Pieces each worker may be ahead of the file. */
const AHEAD = 4;

function unitsOf(panel: Panel, wanted: ReadonlySet<number> | null, from: number, to: number): Unit[] {
  const units: Unit[] = [];
  panel.series.forEach((series, i) => {
    if (panel.planStart[i] === panel.planStart[i + 1] || (wanted && !wanted.has(series.securityId))) return;
    for (const span of series.names) {
      const unit = { ticker: span.ticker, series: i, from: Math.max(from, span.from), to: Math.min(to, span.to) };
      if (unit.from < unit.to) units.push(unit);
    }
  });
  // By ticker, then date: a ticker used by two companies is one stretch after the other.
  return units.sort((a, b) => (a.ticker < b.ticker ? -1 : a.ticker > b.ticker ? 1 : a.from - b.from));
}

/** Writes the cube; an interrupted export leaves no file. Rejects with disk_full before starting when space is short. */
export async function exportMetrics(session: Session, options: ExportOptions, hooks: Hooks = {}): Promise<ExportResult> {
  const started = performance.now();
  const basis = await basisOf(session, options.runId);
  const { simulated } = await session.reader.call('state', null);
  const wanted = options.tickers ? await resolveAll(session, basis.revision, options.tickers) : null;
  const panel = await panelFor(session, basis, wanted, hooks);
  const from =
    options.from === undefined ? 0 : rowOf(panel, options.from) + (iso(panel.days[rowOf(panel, options.from)]!) < options.from ? 1 : 0);
  const to = options.to === undefined ? panel.nRows : rowOf(panel, options.to) + 1;
  const units = unitsOf(panel, wanted && new Set(wanted), from, to);
  const out = resolve(options.out);
  const expected = units.reduce((sum, unit) => sum + (unit.to - unit.from) * ROW_BYTES, 0);
  checkSpace(out, expected);
  const columns = FIELDS.flatMap((field, index) => (field.internal ? [] : [{ name: field[options.names], index }]));
  const head = lineage(session, basis, panel, simulated);
  const header = metricsHeader(
    columns,
    options.lineage || simulated
      ? Object.entries({ ...head, settings: JSON.stringify(head.settings) }).map(([key, value]) => [key, String(value)] as const)
      : [],
  );
  const workers = session.compute.slice(0, Math.min(options.threads ?? session.threads, session.compute.length));
  const key = await load(session, panel, basis.settings, workers.length);
  const dates = Array.from(panel.days, iso);

  const draft = `${out}.${process.pid}.part`;
  const handle = await open(draft, 'wx').catch((error: Error) => {
    throw new HedgerowError(
      'io',
      `${basename(out)} cannot be written in ${dirname(out)}: ${error.message}`,
      'Choose another folder or name.',
    );
  });
  let bytes = 0;
  let rows = 0;
  try {
    const write = async (chunk: Uint8Array): Promise<void> => {
      let at = 0;
      while (at < chunk.length) at += (await handle.write(chunk, at)).bytesWritten;
      bytes += chunk.length;
    };
    await write(new TextEncoder().encode(header));
    const pending: Promise<{ bytes: Uint8Array; rows: number }>[] = [];
    const launch = (index: number): void => {
      const unit = units[index];
      if (!unit) return;
      const { series, from: first, to: last } = unit;
      const answer = workers[index % workers.length]!.call(
        'csv',
        { key, series, columns, from: first, to: last, dates: dates.slice(first, last) },
        { signal: hooks.signal },
      );
      answer.catch(() => undefined);
      pending[index] = answer;
    };
    for (let i = 0; i < workers.length * AHEAD; i++) launch(i);
    for (let i = 0; i < units.length; i++) {
      if (hooks.signal?.aborted) throw new HedgerowError('cancelled', 'Cancelled.', 'No file was written.');
      const done = await pending[i]!;
      delete pending[i];
      launch(i + workers.length * AHEAD);
      rows += done.rows;
      if (done.bytes.length) await write(done.bytes);
      if ((i & 31) === 0) hooks.onProgress?.(i / units.length, 'writing metrics');
    }
    await handle.sync();
    await handle.close();
    renameSync(draft, out);
    syncFolder(dirname(out));
  } catch (error) {
    await handle.close().catch(() => undefined);
    rmSync(draft, { force: true });
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC')
      throw new HedgerowError(
        'disk_full',
        `The disk became full after ${Math.round(bytes / 1e6)} MB.`,
        'Free some space; the unfinished file was removed.',
      );
    throw error;
  }
  return { file: out, bytes, rows, milliseconds: performance.now() - started, runId: basis.runId, simulated };
}

async function resolveAll(session: Session, revision: number, tickers: readonly string[]): Promise<number[]> {
  const out: number[] = [];
  for (const ticker of tickers) {
    const found = await session.reader.call('resolve', { revision, ticker, day: null });
    if (found === null) throw new HedgerowError('not_found', `No security is called ${ticker}.`, 'Check the spelling of --tickers.');
    out.push(found);
  }
  return out;
}

function checkSpace(out: string, expected: number): void {
  let free;
  try {
    const stat = statfsSync(dirname(out));
    free = stat.bavail * stat.bsize;
  } catch {
    return; // The folder is missing: opening the file says so.
  }
  if (free < expected)
    throw new HedgerowError(
      'disk_full',
      `The export needs about ${Math.round(expected / 1e6)} MB; ${dirname(out)} has ${Math.round(free / 1e6)} MB free.`,
      'Free some space, choose another disk, or export fewer tickers or dates.',
    );
}

function syncFolder(folder: string): void {
  try {
    const handle = openSync(folder, 'r');
    fsyncSync(handle);
    closeSync(handle);
  } catch {
    // Windows cannot sync folders; the rename is journalled there.
  }
}

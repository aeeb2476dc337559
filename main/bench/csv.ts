/**
 * A price file of 7.6 million rows, symbol by symbol as vendors write them (about 450 MB), from bytes to sorted typed arrays: the reader that
 * imports use, on the disk cache, in one thread and in two (the start of the second counts). Each sample is a process of its own that reads the
 * file twice: `fresh` is its first read (memory never touched, nothing compiled), `again` its second. `plainArrays` is what it costs to hand the
 * packed rows on as doubles, security by security, as an import takes them. Every value, day and line is compared with what was written.
 *
 *     node main/bench/csv.ts              HEDGEROW_BENCH_ROWS=7600000
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { dayOfSession, isSession, sessionAtOrBefore } from '../calendar/index.ts';
import { formatIsoDay, parseIsoDay, slotOfDay, type Session } from '../contract/units.ts';
import { parseFile, rowsBySymbol, type StagedSeries } from '../importers/index.ts';
import { createRandom } from '../quant/cascade/testing/market.ts';
import { unpacked } from '../workers/io/bytes.ts';
import { secondThread } from '../workers/io/second.ts';
import { bundle } from './bundles.ts';
import { record } from './record.ts';

const ROWS = Number(process.env.HEDGEROW_BENCH_ROWS ?? 7_600_000);
const ROUNDS = Number(process.env.HEDGEROW_BENCH_ROUNDS ?? 3);
const DAYS = 2533;
const LAST = parseIsoDay('2026-06-30')!;
const FIELDS = ['open', 'high', 'low', 'close', 'volume'] as const;
const session = sessionAtOrBefore(LAST) - DAYS + 1;
const days = Array.from({ length: DAYS }, (_, t) => dayOfSession((session + t) as Session));
const slots = Int32Array.from(days, (day) => slotOfDay(day)!);

const fileIn = (folder: string): string => join(folder, 'prices.csv');
/** The values as `Number()` reads what was written, security by security and field by field. */
const valuesIn = (folder: string): string => join(folder, 'values.bin');

interface Sample {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly plainArraysSeconds: number;
}

function write(folder: string): void {
  const random = createRandom(5);
  const dates = days.map(formatIsoDay);
  const file = openSync(fileIn(folder), 'w');
  const values = openSync(valuesIn(folder), 'w');
  writeSync(file, `symbol,date,${FIELDS.join(',')}\n`);
  for (let from = 0; from < ROWS; from += DAYS) {
    const rows = Math.min(DAYS, ROWS - from);
    const symbol = `S${String(from / DAYS).padStart(5, '0')}`;
    const columns = FIELDS.map(() => new Float64Array(rows));
    let text = '';
    let close = 20 + 100 * random();
    for (let t = 0; t < rows; t++) {
      const before = close;
      close = Math.round(before * (0.98 + 0.0403 * random()) * 10_000) / 10_000;
      const prices = [before, close * 1.01, before * 0.99, close].map((price) => price.toFixed(4));
      const cells = [...prices, String(Math.floor(random() * 1e7))];
      cells.forEach((cell, field) => (columns[field]![t] = Number(cell)));
      text += `${symbol},${dates[t]!},${cells.join(',')}\n`;
    }
    writeSync(file, text);
    for (const column of columns) writeSync(values, column);
  }
  closeSync(file);
  closeSync(values);
}

/** Seconds that handing on all rows takes. Throws when one is not as it was written. */
function check(staged: StagedSeries, folder: string): number {
  const start = performance.now();
  let rows = 0;
  for (const { symbol } of rowsBySymbol(staged)) rows += symbol.length;
  const seconds = (performance.now() - start) / 1000;
  if (rows !== ROWS) throw new Error('rows are missing');
  const file = openSync(valuesIn(folder), 'r');
  let at = 0;
  for (const { symbol, slot, line, values } of rowsBySymbol(staged)) {
    if (symbol.length !== Math.min(DAYS, ROWS - at)) throw new Error('rows of a security are missing');
    const written = new Float64Array(symbol.length);
    for (const field of FIELDS) {
      readSync(file, written);
      const column = values[staged.fields.indexOf(field)]!;
      if (!written.every((value, row) => value === column[row])) throw new Error(`a value of row ${at} or behind is another`);
    }
    slot.forEach((value, row) => {
      if (value !== slots[row] || line[row] !== at + row + 2) throw new Error(`row ${at + row} has another day or line`);
    });
    at += symbol.length;
  }
  closeSync(file);
  return seconds;
}

async function read(folder: string, bundles: string, workers: 1 | 2): Promise<Sample> {
  const path = fileIn(folder);
  const start = performance.now();
  const cpu = process.cpuUsage();
  const second = workers === 2 ? secondThread(join(bundles, 'io.worker.cjs'), path, LAST, { cancelled: () => false }) : null;
  const { staged, rejected } = await parseFile(
    'prices.csv',
    () => unpacked({ path, name: 'prices.csv' }, 0, () => undefined),
    {},
    { today: LAST, isSession, bytes: statSync(path).size, second, cancelled: () => false, progress: () => undefined },
  );
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  await second?.close();
  if (!('fields' in staged) || staged.rows !== ROWS || rejected !== 0) throw new Error('rows are missing');
  return { seconds, cpuSeconds: (user + system) / 1e6, plainArraysSeconds: check(staged, folder) };
}

/** A process that reads the file twice. */
function sample(folder: string, bundles: string, workers: 1 | 2): readonly [Sample, Sample] {
  const { status, stdout, stderr } = spawnSync(process.execPath, [import.meta.filename, 'read', folder, bundles, String(workers)], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`a read failed: ${stderr}`);
  return JSON.parse(stdout) as [Sample, Sample];
}

/** Waits until others leave the cores alone, for a few seconds at most; answers the share of them that is idle. */
async function idleCores(): Promise<number> {
  const ticks = (): { idle: number; all: number } =>
    cpus().reduce(({ idle, all }, { times: one }) => ({ idle: idle + one.idle, all: all + Object.values(one).reduce((a, b) => a + b) }), {
      idle: 0,
      all: 0,
    });
  for (let left = 8; ; left--) {
    const before = ticks();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const after = ticks();
    const share = (after.idle - before.idle) / Math.max(1, after.all - before.all);
    if (share > 0.9 || left === 0) return share;
  }
}

async function measure(): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'csv-bench-'));
  const bundles = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', `hedgerow-csv-${process.pid}`);
  try {
    await bundle(bundles, ['io_worker']);
    write(work);
    const samples = { 1: [] as (readonly [Sample, Sample])[], 2: [] as (readonly [Sample, Sample])[] };
    const idle = { 1: [] as number[], 2: [] as number[] };
    for (let round = 0; round < ROUNDS; round++) {
      for (const workers of [1, 2] as const) {
        idle[workers].push(await idleCores());
        samples[workers].push(sample(work, bundles, workers));
      }
    }
    const spread = (which: 0 | 1, workers: 1 | 2, key: keyof Sample) => {
      const sorted = samples[workers].map((one) => one[which][key]).sort((a, b) => a - b);
      const [fastest, median, slowest] = [sorted[0]!, sorted[sorted.length >> 1]!, sorted.at(-1)!].map(
        (value) => Math.round(value * 100) / 100,
      );
      return { fastest, median, slowest };
    };
    const of = (workers: 1 | 2) => ({
      // Two threads on cores that others use are one.
      coresIdleBefore: idle[workers].map((share) => Math.round(share * 100) / 100),
      freshSeconds: spread(0, workers, 'seconds'),
      freshCpuSeconds: spread(0, workers, 'cpuSeconds'),
      againSeconds: spread(1, workers, 'seconds'),
      againCpuSeconds: spread(1, workers, 'cpuSeconds'),
      plainArraysSeconds: spread(1, workers, 'plainArraysSeconds'),
    });
    const figures = {
      rows: ROWS,
      megabytes: Math.round(statSync(fileIn(work)).size / 1e6),
      fields: FIELDS.join(', '),
      rounds: ROUNDS,
      targetSeconds: { oneWorker: 2.5, twoWorkers: 1.5, aim: 0.7 },
      oneWorker: of(1),
      twoWorkers: of(2),
    };
    console.log(JSON.stringify(figures, null, 1));
    record('csv', figures);
  } finally {
    rmSync(work, { recursive: true, force: true });
    rmSync(bundles, { recursive: true, force: true });
  }
}

const [, , mode, folder, bundles, workers] = process.argv;
if (mode === 'read') {
  const threads = workers === '2' ? 2 : 1;
  console.log(JSON.stringify([await read(folder!, bundles!, threads), await read(folder!, bundles!, threads)]));
} else await measure();

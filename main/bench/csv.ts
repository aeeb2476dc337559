/**
 * A price file of 7.6 million rows, symbol by symbol as vendors write them (about 450 MB), from bytes to sorted typed arrays: the reader that
 * imports use, on the disk cache, in one thread and in two (the start of the second counts). Every value is compared with the one that was written.
 *
 *     node main/bench/csv.ts              HEDGEROW_BENCH_ROWS=7600000
 */
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dayOfSession, isSession, sessionAtOrBefore } from '../calendar/index.ts';
import { formatIsoDay, parseIsoDay, slotOfDay, type Session } from '../contract/units.ts';
import { parseFile, rowsBySymbol } from '../importers/index.ts';
import { createRandom } from '../quant/cascade/testing/market.ts';
import { unpacked } from '../workers/io/bytes.ts';
import { secondThread } from '../workers/io/second.ts';
import { bundle } from './bundles.ts';
import { record } from './record.ts';

const ROWS = Number(process.env.HEDGEROW_BENCH_ROWS ?? 7_600_000);
const ROUNDS = Number(process.env.HEDGEROW_BENCH_ROUNDS ?? 3);
const DAYS = 2533;
const BUNDLES = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', `hedgerow-csv-${process.pid}`);
const LAST = parseIsoDay('2026-06-30')!;

const work = mkdtempSync(join(tmpdir(), 'csv-bench-'));
const path = join(work, 'prices.csv');
const session = sessionAtOrBefore(LAST) - DAYS + 1;
const days = Array.from({ length: DAYS }, (_, t) => dayOfSession((session + t) as Session));
const dates = days.map(formatIsoDay);

/** Writes the file; the closes are kept to compare with. */
function write(): Float64Array {
  const random = createRandom(5);
  const closes = new Float64Array(ROWS);
  const file = openSync(path, 'w');
  writeSync(file, 'symbol,date,open,high,low,close,volume\n');
  const price = (x: number): string => x.toFixed(4);
  let lines: string[] = [];
  let close = 0;
  for (let i = 0; i < ROWS; i++) {
    const t = i % DAYS;
    const before = t === 0 ? 20 + 100 * random() : close;
    close = Math.round(before * (0.98 + 0.0403 * random()) * 10_000) / 10_000;
    closes[i] = close;
    lines.push(
      `S${String(Math.floor(i / DAYS)).padStart(5, '0')},${dates[t]!},${price(before)},${price(close * 1.01)},${price(before * 0.99)},${price(close)},${Math.floor(random() * 1e7)}`,
    );
    if (lines.length === 50_000 || i === ROWS - 1) {
      writeSync(file, `${lines.join('\n')}\n`);
      lines = [];
    }
  }
  closeSync(file);
  return closes;
}

async function read(workers: 1 | 2) {
  const start = performance.now();
  const cpu = process.cpuUsage();
  const second = workers === 2 ? secondThread(join(BUNDLES, 'io.worker.cjs'), path, LAST, { cancelled: () => false }) : null;
  const parsed = await parseFile(
    'prices.csv',
    () => unpacked({ path, name: 'prices.csv' }, 0, () => undefined),
    {},
    { today: LAST, isSession, bytes: statSync(path).size, second, cancelled: () => false, progress: () => undefined },
  );
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  await second?.close();
  return { parsed, seconds, cpuSeconds: (user + system) / 1e6 };
}

try {
  await bundle(BUNDLES, ['io_worker']);
  const closes = write();
  const bytes = statSync(path).size;
  const times = new Map<1 | 2, { seconds: number; cpuSeconds: number }[]>([
    [1, []],
    [2, []],
  ]);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const workers of [1, 2] as const) {
      const { parsed, seconds, cpuSeconds } = await read(workers);
      const { staged } = parsed;
      if (!('fields' in staged) || staged.rows !== ROWS || parsed.rejected !== 0) throw new Error('rows are missing');
      const field = staged.fields.indexOf('close');
      let i = 0;
      for (const { slot, line, values } of rowsBySymbol(staged)) {
        const close = values[field]!;
        for (let row = 0; row < slot.length; row++, i++)
          if (close[row] !== closes[i] || slot[row] !== slotOfDay(days[i % DAYS]!) || line[row] !== i + 2)
            throw new Error(`row ${i} has another value, day or line`);
      }
      if (i !== ROWS) throw new Error('rows are missing');
      if (round > 0 || ROUNDS === 0) times.get(workers)!.push({ seconds, cpuSeconds });
    }
  }
  const fastest = (workers: 1 | 2, key: 'seconds' | 'cpuSeconds'): number =>
    Math.round(Math.min(...times.get(workers)!.map((one) => one[key])) * 100) / 100;
  const figures = {
    rows: ROWS,
    megabytes: Math.round(bytes / 1e6),
    fields: 'open, high, low, close, volume',
    oneWorker: { targetSeconds: 2.5, fastestSeconds: fastest(1, 'seconds'), cpuSeconds: fastest(1, 'cpuSeconds') },
    twoWorkers: { targetSeconds: 1.5, fastestSeconds: fastest(2, 'seconds'), cpuSeconds: fastest(2, 'cpuSeconds') },
  };
  console.log(JSON.stringify(figures));
  record('csv', figures);
} finally {
  rmSync(work, { recursive: true, force: true });
  rmSync(BUNDLES, { recursive: true, force: true });
}

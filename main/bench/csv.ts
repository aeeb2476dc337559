/**
 * A price file of 7.6 million rows, symbol by symbol as vendors write them (about 450 MB), from bytes to sorted typed arrays: the reader that
 * imports use, on the disk cache. Every value is compared with the one that was written.
 *
 *     node main/bench/csv.ts              HEDGEROW_BENCH_ROWS=7600000
 */
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dayOfSession, isSession, sessionAtOrBefore } from '../calendar/index.ts';
import { formatIsoDay, parseIsoDay, slotOfDay, type Session } from '../contract/units.ts';
import { parseFile } from '../importers/index.ts';
import { createRandom } from '../quant/cascade/testing/market.ts';
import { unpacked } from '../workers/io/bytes.ts';
import { record } from './record.ts';

const ROWS = Number(process.env.HEDGEROW_BENCH_ROWS ?? 7_600_000);
const ROUNDS = Number(process.env.HEDGEROW_BENCH_ROUNDS ?? 3);
const DAYS = 2533;
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

async function read() {
  const start = performance.now();
  const cpu = process.cpuUsage();
  const open = () => unpacked({ path, name: 'prices.csv' }, 0, () => undefined);
  const parsed = await parseFile(
    'prices.csv',
    open,
    {},
    { today: LAST, isSession, bytes: statSync(path).size, cancelled: () => false, progress: () => undefined },
  );
  const { user, system } = process.cpuUsage(cpu);
  return { parsed, seconds: (performance.now() - start) / 1000, cpuSeconds: (user + system) / 1e6 };
}

try {
  const closes = write();
  const bytes = statSync(path).size;
  const times: { seconds: number; cpuSeconds: number }[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const { parsed, seconds, cpuSeconds } = await read();
    const { staged } = parsed;
    if (!('fields' in staged) || staged.slot.length !== ROWS || parsed.rejected !== 0) throw new Error('rows are missing');
    const close = staged.values[staged.fields.indexOf('close')]!;
    for (let i = 0; i < ROWS; i++)
      if (close[i] !== closes[i] || staged.slot[i] !== slotOfDay(days[i % DAYS]!)) throw new Error(`row ${i} has another value or day`);
    if (round > 0 || ROUNDS === 0) times.push({ seconds, cpuSeconds });
  }
  const fastest = <K extends 'seconds' | 'cpuSeconds'>(key: K): number => Math.round(Math.min(...times.map((one) => one[key])) * 100) / 100;
  const figures = {
    rows: ROWS,
    megabytes: Math.round(bytes / 1e6),
    fields: 'open, high, low, close, volume',
    oneWorker: { targetSeconds: 2.5, fastestSeconds: fastest('seconds'), cpuSeconds: fastest('cpuSeconds') },
  };
  console.log(JSON.stringify(figures));
  record('csv', figures);
} finally {
  rmSync(work, { recursive: true, force: true });
}

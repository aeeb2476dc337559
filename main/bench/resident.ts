/**
 * 16,000 securities over 5,040 days out of a panel that is in memory, on one and on two workers: names listed and delisted over the whole
 * history, a tenth of them with single days missing, some funds that begin in the middle. First every field with digests and totals, as a run
 * makes them on compute workers; then the fifteen outputs that the C opponent has, on the kernel alone. The digests of all outputs must not
 * depend on the workers. Memory is that of the process, panel and all workers together.
 *
 *     node main/bench/resident.ts
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { dayOfSession, sessionAtOrBefore } from '../calendar/index.ts';
import { OLS_252 } from '../contract/settings.ts';
import { parseIsoDay, type Session } from '../contract/units.ts';
import { estimatorSettings } from '../core/engine.ts';
import { allUnits, workOf } from '../core/run-compute.ts';
import { createNoise, createRandom } from '../quant/cascade/testing/market.ts';
import type { ComputeProcedures } from '../workers/compute/procedures.ts';
import { SPAN, type Panel } from '../workers/panel.ts';
import { WorkerClient } from '../workers/rpc.ts';
import { createParts, totalsOf } from '../workers/run-parts.ts';
import type { ThreadData } from './cascade-thread.ts';
import { record } from './record.ts';
import { SECTORS, SUBSECTORS } from './universe.ts';

const STOCKS = Number(process.env.HEDGEROW_BENCH_STOCKS ?? 16_000);
const DATES = Number(process.env.HEDGEROW_BENCH_DATES ?? 5_040);
const ROUNDS = Number(process.env.HEDGEROW_BENCH_ROUNDS ?? 5);

/** Normal noise out of a table: eighty million fresh values would take a minute. */
function quickNoise(random: () => number): () => number {
  const table = Float64Array.from({ length: 1 << 16 }, createNoise(11));
  let [at, step] = [0, 1];
  return () => {
    at = (at + step) & (table.length - 1);
    if ((at & 1023) === 0) step = 1 | Math.floor(random() * 4096);
    return table[at]!;
  };
}

/** The panel, and how many (security, date) cells of the stocks have a return. */
function createPanel(): { panel: Panel; filled: number } {
  const random = createRandom(12);
  const noise = quickNoise(random);
  const funds = 1 + SECTORS + SUBSECTORS;
  const count = funds + STOCKS;
  const returns = new Float64Array(new SharedArrayBuffer(count * DATES * 8));
  const column = (i: number): Float64Array => returns.subarray(i * DATES, (i + 1) * DATES);
  const mix = (out: Float64Array, a: number, x: Float64Array, b: number, y: Float64Array, sd: number): void => {
    for (let t = 0; t < DATES; t++) out[t] = a * x[t]! + b * y[t]! + sd * noise();
  };
  const market = column(0);
  for (let t = 0; t < DATES; t++) market[t] = 0.0003 + 0.01 * noise();
  for (let k = 0; k < SECTORS; k++) mix(column(1 + k), 0.8 + 0.4 * random(), market, 0, market, 0.006);
  for (let k = 0; k < SUBSECTORS; k++) mix(column(1 + SECTORS + k), 0.3, market, 0.7, column(1 + (k % SECTORS)), 0.006);
  for (let k = 0; k < SUBSECTORS; k += 10) column(1 + SECTORS + k).fill(NaN, 0, DATES >> 1);
  let filled = 0;
  const plan = new Int32Array(new SharedArrayBuffer(STOCKS * SPAN * 4));
  const planStart = new Int32Array(new SharedArrayBuffer((count + 1) * 4));
  for (let i = 0; i < STOCKS; i++) {
    const u = Math.floor((i * SUBSECTORS) / STOCKS);
    const own = column(funds + i);
    const sub = column(1 + SECTORS + u);
    const sector = column(1 + (u % SECTORS));
    mix(own, 0.5, market, 0.5, sector, 0.015);
    for (let t = DATES >> 1; t < DATES; t++) own[t] = own[t]! + 0.3 * (sub[t]! - sector[t]!);
    // A third is there throughout; a third is listed later; a third stops trading, half of those listed later as well.
    const kind = i % 3;
    const from = kind === 1 || i % 6 === 2 ? Math.floor(random() * DATES * 0.8) : 0;
    const to = kind === 2 ? Math.min(DATES, from + 30 + Math.floor(random() * (DATES - from))) : DATES;
    own.fill(NaN, 0, from).fill(NaN, to);
    if (i % 10 === 3) for (let k = 0; k < 6; k++) own[from + 1 + Math.floor(random() * (to - from - 2))] = NaN;
    for (let t = from; t < to; t++) if (!Number.isNaN(own[t]!)) filled++;
    plan.set([0, DATES, 0, 1 + (u % SECTORS), 1 + SECTORS + u, 0], i * SPAN);
    planStart[funds + i] = i;
  }
  planStart[count] = STOCKS;
  const firstSession = sessionAtOrBefore(parseIsoDay('2026-06-30')!) - DATES + 1;
  const panel: Panel = {
    key: 'resident',
    basis: 'resident',
    firstSession,
    nRows: DATES,
    days: Int32Array.from({ length: DATES }, (_, t) => dayOfSession((firstSession + t) as Session)),
    series: Array.from({ length: count }, (_, i) => ({
      securityId: i + 1,
      names: [{ from: 0, to: DATES, ticker: `Q${i}` }],
      name: null,
      isEtf: i < funds,
    })),
    returns,
    stride: DATES,
    place: Int32Array.from({ length: count }, (_, i) => i),
    epochs: new Map(),
    plan,
    planStart,
    lastRow: new Int32Array(new SharedArrayBuffer(count * 4)).fill(DATES - 1),
    chains: [{ market: '', sector: '', subsector: '', scheme: '', sectorName: '', industryName: '', undated: true }],
    dataAsOf: 0,
    knownAsOf: 0,
    revision: 1,
  };
  return { panel, filled };
}

const { panel, filled } = createPanel();
const key = 'resident';
const workers = [1, 2].map(
  (n) => new WorkerClient<ComputeProcedures>(`compute ${n}`, new URL('../workers/compute.worker.ts', import.meta.url)),
);
await Promise.all(workers.map((worker) => worker.call('hold', { key, panel, settings: estimatorSettings(OLS_252), drop: null })));
const units = allUnits(panel, 0, DATES);

/** Seconds of one run on some workers and of the processors, with the digests of all outputs and the rows. */
async function run(threads: number): Promise<{ seconds: number; cpuSeconds: number; digest: string; rows: number }> {
  const work = workOf(panel, units, threads);
  const parts = createParts(panel);
  const cpu = process.cpuUsage();
  const start = performance.now();
  await Promise.all(workers.slice(0, threads).map((worker) => worker.call('summarize', { key, ...work, parts })));
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return {
    seconds,
    cpuSeconds: (user + system) / 1e6,
    digest: Buffer.from(parts.digests.buffer).toString('base64'),
    rows: totalsOf(parts).rows,
  };
}

/** Seconds on one and two workers in turn; `once` throws when the bytes are not those of the first time. */
async function measure(once: (threads: number) => Promise<{ seconds: number; cpuSeconds: number }>) {
  const times = new Map<number, number[]>([1, 2].map((threads) => [threads, []]));
  const cpuOfOne: number[] = [];
  for (let round = 0; round < ROUNDS; round++)
    for (const [threads, list] of times) {
      const { seconds, cpuSeconds } = await once(threads);
      list.push(seconds);
      if (threads === 1) cpuOfOne.push(cpuSeconds);
    }
  return {
    oneWorkerSeconds: spread(times.get(1)!),
    // On a busy machine the wall tells of the others; this does not.
    oneWorkerCpuSeconds: spread(cpuOfOne),
    twoWorkersSeconds: spread(times.get(2)!),
    scaling: round2(spread(times.get(1)!).fastest / spread(times.get(2)!).fastest),
  };
}

const round2 = (x: number): number => Math.round(x * 100) / 100;
const spread = (list: readonly number[]) => {
  const sorted = [...list].sort((a, b) => a - b);
  return { fastest: round2(sorted[0]!), median: round2(sorted[sorted.length >> 1]!) };
};
const first = await run(2);
const allFields = await measure(async (threads) => {
  const one = await run(threads);
  if (one.digest !== first.digest) throw new Error('the workers give other bytes');
  return one;
});
await Promise.all(workers.map((worker) => worker.stop()));

/** The kernel alone over all chains; answers seconds, or with `digests` the sum of the digests of all outputs. */
async function fifteen(threads: readonly Worker[], counter: Int32Array, digests: boolean) {
  Atomics.store(counter, 0, 0);
  const cpu = process.cpuUsage();
  const start = performance.now();
  const sums = await Promise.all(
    threads.map(async (thread) => {
      thread.postMessage(digests);
      return ((await once(thread, 'message')) as [number])[0];
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { seconds, cpuSeconds: (user + system) / 1e6, digest: sums.reduce((sum, one) => (sum + one) >>> 0, 0) };
}

const group = Int32Array.from({ length: STOCKS }, (_, i) => Math.floor((i * SUBSECTORS) / STOCKS));
const workerData: ThreadData = {
  settings: { window: OLS_252.window, minObs: OLS_252.minObs, intercept: OLS_252.intercept, halfLife: OLS_252.halfLife },
  kernel: 'wasm-simd',
  fields: 'core',
  dates: DATES,
  series: panel.returns,
  subsectors: SUBSECTORS,
  group,
  starts: [...[...group.keys()].filter((i) => group[i] !== group[i - 1]), STOCKS],
  counter: new Int32Array(new SharedArrayBuffer(4)),
};
const threads = [1, 2].map(() => new Worker(new URL('./cascade-thread.ts', import.meta.url), { workerData }));
const { counter } = workerData;
const digest = async (count: number) => (await fifteen(threads.slice(0, count), counter, true)).digest;
if ((await digest(1)) !== (await digest(2))) throw new Error('the threads give other bytes');
const fifteenOutputs = await measure((count) => fifteen(threads.slice(0, count), counter, false));
await Promise.all(threads.map((thread) => thread.terminate()));

const figures = {
  stocks: STOCKS,
  dates: DATES,
  filled: round2(filled / (STOCKS * DATES)),
  rows: first.rows,
  targets: { twoWorkersSeconds: 1, peakGiB: 1.2 },
  allFields,
  fifteenOutputs,
  peakGiB: round2(process.resourceUsage().maxRSS / 2 ** 20),
};
console.log(JSON.stringify(figures));
record('resident', figures);

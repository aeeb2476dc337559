/**
 * Benchmark of the cascade kernel: nanoseconds per (stock, date), both implementations and the C opponent on the same data in the same run.
 * Answers are compared with the brute-force oracle and with each other first; a wrong kernel is not timed. Repetitions of all cases are
 * interleaved, so that other work on the machine meets all of them; fastest and median are kept.
 *
 *   node main/bench/cascade.ts          HEDGEROW_BENCH_OPPONENTS=<folder with cbench.c> adds the C opponent (needs gcc)
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ThreadData } from './cascade-thread.ts';
import { createOpponent, type Opponent } from './opponent.ts';
import { record } from './record.ts';
import { createUniverse, cutUniverse, SECTORS, SUBSECTORS, type Universe } from './universe.ts';
import { createCascade, FIELD_COUNT, KERNEL_VERSION } from '../quant/cascade/index.ts';
import type { Chain, KernelName, KernelSettings, Tile } from '../quant/cascade/index.ts';
import { firstDifference } from '../quant/cascade/testing/bits.ts';
import { compareWithOracle, createComparison, punch, worstOf } from '../quant/cascade/testing/market.ts';

const STOCKS = Number(process.env.HEDGEROW_BENCH_STOCKS ?? 200);
const DATES = Number(process.env.HEDGEROW_BENCH_DATES ?? 2520);
/** Passes of a round, of which the fastest counts: the first finds the caches full of another case. (The opponent makes its own.) */
const PASSES = 3;
const ROUNDS = Number(process.env.HEDGEROW_BENCH_ROUNDS ?? 15);
/** Room for the tables of all chains, which the opponent keeps too. */
const TABLE_BYTES = 2 ** 28;
/** What the opponent was made for, a few hundred stocks lie in the caches: its ratios are taken at both sizes. */
const OPPONENT_STOCKS = 3000;
/** A ratio to C counts only when C itself is at most this slow: otherwise the machine was too busy. */
const C_LIMIT = 6;
const OLS: KernelSettings = { window: 252, minObs: 126, intercept: true, halfLife: null };
const KERNELS: readonly KernelName[] = ['wasm-simd', 'typescript'];

interface Case {
  readonly name: string;
  readonly kernel: KernelName | 'C';
  readonly outputs: number;
  /** Answers nanoseconds per (stock, date). */
  readonly run: () => number;
  readonly times: number[];
}

interface Options {
  readonly settings?: KernelSettings;
  readonly missing?: true;
  readonly splitEtf?: true;
  readonly fields?: 'all' | 'core';
}

const timed = (cells: number, run: () => void): number => {
  const start = performance.now();
  run();
  return ((performance.now() - start) * 1e6) / cells;
};

/** A case of one thread. The cascade is kept, so chain tables are made by the first, uncounted pass, as the opponent makes its own. */
function oneThread(universe: Universe, name: string, kernel: KernelName, options: Options = {}): Case {
  const { settings = OLS, fields = 'all' } = options;
  const nRows = universe.dates;
  const returns = options.missing ? universe.missing : universe.full;
  const cascade = createCascade(settings, { firstSession: 0, nRows }, { kernel, fields, tableBytes: TABLE_BYTES });
  const tile = cascade.tile();
  const chains = new Map<number, Chain>();
  for (const u of universe.group) {
    if (chains.has(u)) continue;
    const subsector = universe.subsectors[u]!;
    chains.set(u, cascade.chain(universe.market, universe.sectors[u % SECTORS]!, options.splitEtf ? punch(subsector, u, 0.01) : subsector));
  }
  const pass = () =>
    returns.forEach((r, i) => cascade.security([{ from: 0, to: nRows, chain: chains.get(universe.group[i]!)!, r }], nRows - 1, tile));
  return { name, kernel, outputs: fields === 'all' ? FIELD_COUNT : 15, run: () => timed(returns.length * nRows, pass), times: [] };
}

/** Sampled windows against the oracle, and every bit of both implementations; throws when any field is off. */
function gate(universe: Universe): { compared: number; worst: number; tilesWithEqualBits: number } {
  const comparison = createComparison();
  const nRows = universe.dates;
  let tilesWithEqualBits = 0;
  for (let i = 0; i < universe.full.length; i += Math.ceil(universe.full.length / 6)) {
    const u = universe.group[i]!;
    const chain = { m: universe.market, s: universe.sectors[u % SECTORS]!, u: universe.subsectors[u]! };
    for (const r of [universe.full[i]!, universe.missing[i]!])
      for (const fields of ['all', 'core'] as const) {
        const [first, second] = KERNELS.map((kernel): Tile => {
          const cascade = createCascade(OLS, { firstSession: 0, nRows }, { kernel, fields });
          cascade.security([{ from: 0, to: nRows, chain: cascade.chain(chain.m, chain.s, chain.u), r }], nRows - 1, cascade.tile());
          return cascade.tile();
        });
        const difference = firstDifference(first!, second!);
        if (difference !== null) throw new Error(`the implementations differ: ${difference}`);
        tilesWithEqualBits += 1;
        if (fields === 'all') compareWithOracle(comparison, OLS, chain, r, nRows - 1, first!, (t) => t % 31 === 0);
      }
  }
  const worst = worstOf(comparison);
  if (comparison.mismatches.length > 0 || !(worst <= 1e-10))
    throw new Error(`wrong answers: ${worst}, ${comparison.mismatches.slice(0, 5).join('; ')}`);
  return { compared: comparison.compared, worst, tilesWithEqualBits };
}

/** Runs the cases in turn, ROUNDS times, after one uncounted pass each. */
function measure(cases: readonly Case[], rounds = ROUNDS): void {
  for (const one of cases) for (let warm = 0; warm < 2; warm++) one.run();
  for (let round = 0; round < rounds; round++)
    for (const one of cases) one.times.push(Math.min(...Array.from({ length: one.kernel === 'C' ? 1 : PASSES }, one.run)));
}

const sorted = (times: readonly number[]): number[] => [...times].sort((a, b) => a - b);
const fastest = ({ times }: Pick<Case, 'times'>): number => sorted(times)[0]!;
const median = ({ times }: Pick<Case, 'times'>): number => sorted(times)[times.length >> 1]!;
const round2 = (x: number): number => Math.round(x * 100) / 100;

/** Wall nanoseconds per (stock, date) of all chains on some threads, chain tables kept; the fastest and the median of the rounds. */
async function threads(universe: Universe, kernel: KernelName, count: number): Promise<{ fastest: number; median: number }> {
  const { dates } = universe;
  const columns = [universe.market, ...universe.sectors, ...universe.subsectors, ...universe.full];
  const series = new Float64Array(new SharedArrayBuffer(columns.length * dates * 8));
  columns.forEach((column, k) => series.set(column, k * dates));
  const starts = [...universe.group.keys()].filter((i) => universe.group[i] !== universe.group[i - 1]);
  const counter = new Int32Array(new SharedArrayBuffer(4));
  const workerData: ThreadData = {
    settings: OLS,
    kernel,
    fields: 'all',
    dates,
    series,
    subsectors: SUBSECTORS,
    group: universe.group,
    starts: [...starts, universe.group.length],
    counter,
  };
  const workers = Array.from({ length: count }, () => new Worker(new URL('./cascade-thread.ts', import.meta.url), { workerData }));
  const times: number[] = [];
  for (let round = 0; round < ROUNDS + 3; round++) {
    Atomics.store(counter, 0, 0);
    const start = performance.now();
    await Promise.all(
      workers.map(async (worker) => {
        worker.postMessage(false);
        await once(worker, 'message');
      }),
    );
    if (round >= 3) times.push(((performance.now() - start) * 1e6) / (universe.full.length * dates));
  }
  await Promise.all(workers.map((worker) => worker.terminate()));
  return { fastest: round2(fastest({ times })), median: round2(median({ times })) };
}

const universe = createUniverse(STOCKS, DATES);
const accuracy = gate(cutUniverse(universe, Math.min(STOCKS, 50), DATES));
console.log(
  `answers checked: ${accuracy.compared} values against the oracle, largest relative error ${accuracy.worst.toExponential(2)}; ` +
    `${accuracy.tilesWithEqualBits} tiles equal bit for bit in both implementations`,
);

const casesOf = (opponent: Opponent): Case[] =>
  (['vh', 'vhcorr'] as const).map((variant) => ({
    name: variant === 'vh' ? 'complete data' : '2 % missing',
    kernel: 'C',
    outputs: 15,
    run: () => opponent.run(variant, 1),
    times: [],
  }));
const opponent = createOpponent(universe);
const opponents: Case[] = typeof opponent === 'string' ? [] : casesOf(opponent);
if (typeof opponent === 'string') console.log(`C opponent skipped: ${opponent}`);

const cases = [
  ...opponents,
  ...KERNELS.flatMap((kernel) => [
    oneThread(universe, 'complete data', kernel, { fields: 'core' }),
    oneThread(universe, 'complete data', kernel),
    oneThread(universe, '2 % missing', kernel, { fields: 'core', missing: true }),
    oneThread(universe, '2 % missing', kernel, { missing: true }),
    oneThread(universe, '2 % missing and ETF holes', kernel, { missing: true, splitEtf: true }),
    oneThread(universe, 'half-life 63, complete data', kernel, { settings: { ...OLS, halfLife: 63 } }),
    oneThread(universe, 'half-life 63, 2 % missing', kernel, { settings: { ...OLS, halfLife: 63 }, missing: true }),
    oneThread(universe, 'window 63, complete data', kernel, { settings: { ...OLS, window: 63, minObs: 32 } }),
    oneThread(universe, 'window 504, complete data', kernel, { settings: { ...OLS, window: 504 } }),
  ]),
];
measure(cases);

const quarter = (x: number) => [x >> 2, x >> 1, x];
const growth = KERNELS.flatMap((kernel) => [
  ...quarter(STOCKS).map((n) => oneThread(cutUniverse(universe, n, DATES), `${n} stocks x ${DATES} dates`, kernel)),
  ...quarter(DATES).map((n) => oneThread(cutUniverse(universe, STOCKS, n), `${STOCKS} stocks x ${n} dates`, kernel)),
]);
measure(growth, Math.ceil(ROUNDS / 2));

/** The fifteen outputs beside C at the size that it was made for. */
function besideC(): Case[] {
  if (typeof opponent === 'string') return [];
  const large = createUniverse(OPPONENT_STOCKS, DATES);
  const other = createOpponent(large);
  if (typeof other === 'string') return [];
  const list = [
    ...casesOf(other),
    ...KERNELS.flatMap((kernel) => [
      oneThread(large, 'complete data', kernel, { fields: 'core' }),
      oneThread(large, '2 % missing', kernel, { fields: 'core', missing: true }),
    ]),
  ];
  measure(list, Math.ceil(ROUNDS / 3));
  other.close();
  return list;
}
const large = besideC();

const scaling = [];
for (const kernel of KERNELS) {
  const one = await threads(universe, kernel, 1);
  const two = await threads(universe, kernel, 2);
  scaling.push({ kernel, oneThread: one, twoThreads: two, fastestRatio: round2(one.fastest / two.fastest) });
}
if (typeof opponent !== 'string') {
  const one = Math.min(...Array.from({ length: 5 }, () => opponent.run('vh', 1)));
  const two = Math.min(...Array.from({ length: 5 }, () => opponent.run('vh', 2)));
  scaling.push({ kernel: 'C', oneThread: { fastest: one }, twoThreads: { fastest: two }, fastestRatio: round2(one / two) });
  opponent.close();
}

/** Fastest to fastest against C's fifteen outputs on the same data; null where there is no such opponent. */
function ratioToC({ name, times }: Case, list: readonly Case[]): number | null {
  const c = list.find((one) => one.name === name && one.kernel === 'C');
  return c === undefined ? null : round2(fastest({ times }) / fastest(c));
}
const cRuns = large.length > 0 ? fastest(large[0]!) : null;
const counts = cRuns !== null && cRuns <= C_LIMIT;

const figures = (list: readonly Case[]) =>
  list.map((one) => ({
    name: one.name,
    kernel: one.kernel,
    outputs: one.outputs,
    fastest: round2(fastest(one)),
    median: round2(median(one)),
    ratioToC: one.kernel === 'C' ? null : ratioToC(one, list),
  }));
const show = (title: string, list: readonly Case[]) => {
  console.log(`\n${title}; ns per (stock, date)`);
  console.log(
    `${'case'.padEnd(32)}${'kernel'.padEnd(12)}${'outputs'.padStart(8)}${'fastest'.padStart(9)}${'median'.padStart(9)}${'to C'.padStart(7)}`,
  );
  for (const one of figures(list))
    console.log(
      `${one.name.padEnd(32)}${one.kernel.padEnd(12)}${String(one.outputs).padStart(8)}${one.fastest.toFixed(1).padStart(9)}${one.median.toFixed(1).padStart(9)}${(one.ratioToC === null ? '' : one.ratioToC.toFixed(1)).padStart(7)}`,
    );
};
show(`${STOCKS} stocks x ${DATES} dates, one thread, ${ROUNDS} interleaved rounds`, cases);
show(`${OPPONENT_STOCKS} stocks x ${DATES} dates, one thread`, large);
show('growth', growth);
console.log('\nthreads:');
for (const one of scaling)
  console.log(`${one.kernel.padEnd(12)}${one.oneThread.fastest} -> ${one.twoThreads.fastest} ns: ${one.fastestRatio} times`);
if (cRuns !== null) console.log(`\nratios ${counts ? 'count' : 'do NOT count'}: C vh ran in ${cRuns.toFixed(1)} ns (limit ${C_LIMIT})`);

record('cascade', {
  kernel: KERNEL_VERSION,
  stocks: STOCKS,
  dates: DATES,
  fields: FIELD_COUNT,
  rounds: ROUNDS,
  unit: 'nanoseconds per (stock, date); repetitions interleaved on a machine that may be busy (see load)',
  accuracy,
  ratiosCount: counts,
  measured: figures(cases),
  opponentSize: { stocks: OPPONENT_STOCKS, measured: figures(large) },
  growth: figures(growth),
  scaling,
});

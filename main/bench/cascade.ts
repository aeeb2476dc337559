/**
 * Benchmark of the cascade kernel: nanoseconds per (stock, date) for all fields, one thread, and the C opponent on the same data.
 * Answers are compared with the brute-force oracle first; a wrong kernel is not timed.
 *
 *   node main/bench/cascade.ts          HEDGEROW_BENCH_OPPONENTS=<folder with cbench.c> adds the C opponent (needs gcc)
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { record } from './record.ts';
import { createCascade, createTile, FIELD_COUNT, KERNEL_VERSION } from '../quant/cascade/index.ts';
import type { Chain, KernelSettings } from '../quant/cascade/index.ts';
import { compareWithOracle, createComparison, createNoise, createRandom, punch, worstOf } from '../quant/cascade/testing/market.ts';

const STOCKS = Number(process.env.HEDGEROW_BENCH_STOCKS ?? 500);
const DATES = Number(process.env.HEDGEROW_BENCH_DATES ?? 2520);
const SECTORS = 11;
/** The opponent has this number built in. */
const SUBSECTORS = 120;
const REPETITIONS = 7;
const OLS: KernelSettings = { window: 252, minObs: 126, intercept: true, halfLife: null };

interface Universe {
  readonly market: Float64Array;
  readonly sectors: readonly Float64Array[];
  readonly subsectors: readonly Float64Array[];
  readonly group: Int32Array;
  readonly full: readonly Float64Array[];
  readonly missing: readonly Float64Array[];
}

function createUniverse(stocks: number, dates: number): Universe {
  const noise = createNoise(7);
  const random = createRandom(8);
  const series = (value: (t: number) => number) => Float64Array.from({ length: dates }, (_, t) => value(t));
  const market = series(() => 0.0003 + 0.01 * noise());
  const mix = (a: number, x: Float64Array, b: number, y: Float64Array, sd: number) => series((t) => a * x[t]! + b * y[t]! + sd * noise());
  const sectors = Array.from({ length: SECTORS }, () => mix(0.8 + 0.4 * random(), market, 0, market, 0.006));
  const subsectors = Array.from({ length: SUBSECTORS }, (_, k) =>
    mix(0.3 * random(), market, 0.7 + 0.5 * random(), sectors[k % SECTORS]!, 0.006),
  );
  const group = Int32Array.from({ length: stocks }, () => Math.floor(random() * SUBSECTORS)).sort();
  const full = Array.from({ length: stocks }, (_, i) => {
    const u = group[i]!;
    const factor = mix(0.6 * random() + 0.3, market, 0.3, sectors[u % SECTORS]!, 0);
    return mix(1, factor, 0.5 * random(), subsectors[u]!, 0.015);
  });
  return { market, sectors, subsectors, group, full, missing: full.map((r, i) => punch(r, i, 0.02)) };
}

interface Measured {
  readonly name: string;
  /** Nanoseconds per (stock, date): fastest and median repetition. */
  readonly fastest: number;
  readonly median: number;
}

function timed(name: string, cells: number, run: () => void): Measured {
  run();
  const times = Array.from({ length: REPETITIONS }, () => {
    const start = performance.now();
    run();
    return ((performance.now() - start) * 1e6) / cells;
  }).sort((a, b) => a - b);
  return { name, fastest: times[0]!, median: times[REPETITIONS >> 1]! };
}

/** Times one setting over all stocks; chains are made outside the clock, their moments inside it. */
function bench(universe: Universe, name: string, settings: KernelSettings, returns: readonly Float64Array[], splitEtf = false): Measured {
  const nRows = universe.market.length;
  const tile = createTile(nRows);
  const run = () => {
    const cascade = createCascade(settings, { firstSession: 0, nRows });
    let chain: Chain | null = null;
    returns.forEach((r, i) => {
      const u = universe.group[i]!;
      if (i === 0 || universe.group[i - 1] !== u) {
        const subsector = universe.subsectors[u]!;
        chain = cascade.chain(universe.market, universe.sectors[u % SECTORS]!, splitEtf ? punch(subsector, u, 0.01) : subsector);
      }
      cascade.security([{ from: 0, to: nRows, chain: chain!, r }], nRows - 1, tile);
    });
  };
  return timed(name, returns.length * nRows, run);
}

/** Compares sampled windows of complete and holed stocks with the oracle; throws when any field is off by more than 1e-10. */
function gate(universe: Universe): { compared: number; worst: number } {
  const comparison = createComparison();
  const nRows = universe.market.length;
  const tile = createTile(nRows);
  const cascade = createCascade(OLS, { firstSession: 0, nRows });
  for (let i = 0; i < universe.full.length; i += Math.ceil(universe.full.length / 6)) {
    const u = universe.group[i]!;
    const chain = { m: universe.market, s: universe.sectors[u % SECTORS]!, u: universe.subsectors[u]! };
    const state = cascade.chain(chain.m, chain.s, chain.u);
    for (const r of [universe.full[i]!, universe.missing[i]!]) {
      cascade.security([{ from: 0, to: nRows, chain: state, r }], nRows - 1, tile);
      compareWithOracle(comparison, OLS, chain, r, nRows - 1, tile, (t) => t % 31 === 0);
    }
  }
  const worst = worstOf(comparison);
  if (comparison.mismatches.length > 0 || !(worst <= 1e-10))
    throw new Error(`wrong answers: ${worst}, ${comparison.mismatches.slice(0, 5).join('; ')}`);
  return { compared: comparison.compared, worst };
}

interface Opponent {
  readonly name: string;
  readonly skipped?: string;
  readonly fastest?: number;
}

function benchC(universe: Universe): Opponent[] {
  const names = ['C vh, complete data (15 outputs)', 'C vhcorr, 2 % missing (15 outputs)'];
  const folder = process.env.HEDGEROW_BENCH_OPPONENTS;
  const skip = (skipped: string) => names.map((name) => ({ name, skipped }));
  if (folder === undefined || !existsSync(join(folder, 'cbench.c'))) return skip('no HEDGEROW_BENCH_OPPONENTS folder with cbench.c');
  const work = mkdtempSync(join(tmpdir(), 'cascade-bench-'));
  try {
    const program = join(work, 'cbench');
    try {
      execFileSync('gcc', ['-O3', '-march=native', '-w', '-DLANES=4', '-o', program, join(folder, 'cbench.c'), '-lpthread', '-lm'], {
        stdio: 'pipe',
      });
    } catch (error) {
      return skip(`gcc: ${(error as Error).message.split('\n')[0]}`);
    }
    const nRows = universe.market.length;
    const join64 = (rows: readonly Float64Array[]) => {
      const all = new Float64Array(rows.length * nRows);
      rows.forEach((row, i) => all.set(row, i * nRows));
      return new Uint8Array(all.buffer);
    };
    writeFileSync(join(work, 'ret_full.f64'), join64(universe.full));
    writeFileSync(join(work, 'ret_miss.f64'), join64(universe.missing));
    writeFileSync(join(work, 'etf.f64'), join64([universe.market, ...universe.sectors, ...universe.subsectors]));
    writeFileSync(join(work, 'grp.i32'), new Uint8Array(universe.group.slice().buffer));
    writeFileSync(join(work, 'u2s.i32'), new Uint8Array(Int32Array.from({ length: SUBSECTORS }, (_, k) => k % SECTORS).buffer));
    writeFileSync(join(work, 'meta.json'), `{"N": ${universe.full.length}, "T": ${nRows}, "NS": ${SECTORS}, "NU": ${SUBSECTORS}}`);
    return [
      ['vh', 'full'],
      ['vhcorr', 'miss'],
    ].map(([variant, data], k) => {
      const line = execFileSync(program, [variant!, '1', 'cache', data!, String(REPETITIONS), '0', work], { encoding: 'utf8' });
      return { name: names[k]!, fastest: (JSON.parse(line) as { ns_min: number }).ns_min };
    });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const universe = createUniverse(STOCKS, DATES);
const accuracy = gate(universe);
console.log(`answers checked: ${accuracy.compared} values against the oracle, largest relative error ${accuracy.worst.toExponential(2)}`);
const measured = [
  bench(universe, 'ols-252, complete data', OLS, universe.full),
  bench(universe, 'ols-252, 2 % missing', OLS, universe.missing),
  bench(universe, 'ols-252, 2 % missing and ETF holes', OLS, universe.missing, true),
  bench(universe, 'half-life 63, complete data', { ...OLS, halfLife: 63 }, universe.full),
  bench(universe, 'half-life 63, 2 % missing', { ...OLS, halfLife: 63 }, universe.missing),
  bench(universe, 'window 63, complete data', { ...OLS, window: 63, minObs: 32 }, universe.full),
  bench(universe, 'window 504, complete data', { ...OLS, window: 504 }, universe.full),
];
const opponents = benchC(universe);

console.log(`\n${STOCKS} stocks x ${DATES} dates, ${FIELD_COUNT} fields, one thread; ns per (stock, date)`);
console.log(`${'case'.padEnd(42)}${'fastest'.padStart(9)}${'median'.padStart(9)}`);
for (const { name, fastest, median } of measured)
  console.log(`${name.padEnd(42)}${fastest.toFixed(1).padStart(9)}${median.toFixed(1).padStart(9)}`);
for (const { name, fastest, skipped } of opponents)
  console.log(`${name.padEnd(42)}${fastest === undefined ? `  skipped: ${skipped}` : fastest.toFixed(1).padStart(9)}`);

record('cascade', { kernel: KERNEL_VERSION, stocks: STOCKS, dates: DATES, fields: FIELD_COUNT, accuracy, measured, opponents });

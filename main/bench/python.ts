/**
 * The fifteen outputs beside the same work in Python, on the same data in the same run: numpy cumulative sums and pandas rolling windows, one
 * thread each. Skipped by name where there is no such Python.
 *
 *     HEDGEROW_BENCH_OPPONENTS=<folder with py_bench.py> HEDGEROW_BENCH_PYTHON=python3 node main/bench/python.ts
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCascade, F, type Chain } from '../quant/cascade/index.ts';
import { compareWithOracle, createComparison, worstOf } from '../quant/cascade/testing/market.ts';
import { writeUniverse } from './opponent.ts';
import { record } from './record.ts';
import { createUniverse, SECTORS } from './universe.ts';

const STOCKS = Number(process.env.HEDGEROW_BENCH_STOCKS ?? 300);
const DATES = 2520;
const ROUNDS = Number(process.env.HEDGEROW_BENCH_ROUNDS ?? 5);
const OLS = { window: 252, minObs: 126, intercept: true, halfLife: null };
const OPPONENTS = { numpy_cumsum: 5, pandas: 50 } as const;

const folder = process.env.HEDGEROW_BENCH_OPPONENTS ?? '';
const python = process.env.HEDGEROW_BENCH_PYTHON ?? 'python3';
if (!existsSync(join(folder, 'py_bench.py'))) {
  console.log('skipped: no HEDGEROW_BENCH_OPPONENTS folder with py_bench.py');
  process.exit(0);
}
const universe = createUniverse(STOCKS, DATES);
const work = mkdtempSync(join(tmpdir(), 'python-bench-'));

const cascade = createCascade(OLS, { firstSession: 0, nRows: DATES }, { fields: 'core' });
const chains = new Map<number, Chain>();
const chainOf = (u: number): Chain => {
  let chain = chains.get(u);
  if (!chain) chains.set(u, (chain = cascade.chain(universe.market, universe.sectors[u % SECTORS]!, universe.subsectors[u]!)));
  return chain;
};
/** Nanoseconds per (stock, date); answers a checksum like the opponents', so that the work is done. */
function own(): { ns: number; sum: number } {
  const start = performance.now();
  let sum = 0;
  universe.full.forEach((r, i) => {
    cascade.security([{ from: 0, to: DATES, chain: chainOf(universe.group[i]!), r }], DATES - 1, cascade.tile());
    sum += cascade.tile().values[(F.l3_sub_beta ?? F.l3_sub_exp)! * DATES + DATES - 1]!;
  });
  return { ns: ((performance.now() - start) * 1e6) / (STOCKS * DATES), sum };
}

/** Nanoseconds per (stock, date) of an opponent; a text when it cannot run. */
function theirs(variant: string): number | string {
  try {
    const text = execFileSync(python, [join(folder, 'py_bench.py'), variant, 'full'], {
      encoding: 'utf8',
      stdio: 'pipe',
      env: { ...process.env, BENCH_DATA: work, OMP_NUM_THREADS: '1' },
    });
    return (JSON.parse(text) as { ns_min: number }).ns_min;
  } catch (error) {
    return (error as Error).message.split('\n').find((line) => line.includes('Error')) ?? 'it cannot run';
  }
}

try {
  const u = universe.group[0]!;
  const comparison = createComparison();
  const full = createCascade(OLS, { firstSession: 0, nRows: DATES });
  const chain = { m: universe.market, s: universe.sectors[u % SECTORS]!, u: universe.subsectors[u]! };
  full.security([{ from: 0, to: DATES, chain: full.chain(chain.m, chain.s, chain.u), r: universe.full[0]! }], DATES - 1, full.tile());
  compareWithOracle(comparison, OLS, chain, universe.full[0]!, DATES - 1, full.tile(), (t) => t % 31 === 0);
  const worst = worstOf(comparison);
  if (!(worst <= 1e-10)) throw new Error(`wrong answers: ${worst}`);

  writeUniverse(universe, work);
  own();
  const ours: number[] = [];
  const others = new Map<string, number[]>();
  const skipped: Record<string, string> = {};
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(own().ns, own().ns);
    for (const variant of Object.keys(OPPONENTS)) {
      if (variant in skipped) continue;
      const ns = theirs(variant);
      if (typeof ns === 'string') skipped[variant] = ns;
      else others.set(variant, [...(others.get(variant) ?? []), ns]);
    }
  }
  const fastest = Math.min(...ours);
  const figures = {
    stocks: STOCKS,
    dates: DATES,
    kernel: cascade.kernel,
    unit: 'nanoseconds per (stock, date), fastest of the rounds; fifteen outputs',
    ours: Math.round(fastest * 10) / 10,
    opponents: [...others].map(([variant, list]) => ({
      variant,
      ns: Math.round(Math.min(...list) * 10) / 10,
      ratio: Math.round((Math.min(...list) / fastest) * 10) / 10,
      target: OPPONENTS[variant as keyof typeof OPPONENTS],
    })),
    skipped,
  };
  console.log(JSON.stringify(figures));
  record('python', figures);
} finally {
  rmSync(work, { recursive: true, force: true });
}

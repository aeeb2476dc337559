/**
 * A cold process over a whole workspace, as a script starts it: the released command line opens the store, forms the panel and computes every
 * field of every row. 3,000 securities x 2,520 days. Wall time and the largest memory of the process, by threads; beside it what a process
 * takes that does nothing but start and write once to as much memory, which on some machines is most of the time.
 *
 *     node main/bench/cold.ts
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunSummary } from '../contract/results.ts';
import { bundle } from './bundles.ts';
import { record } from './record.ts';
import { benchDay, folderOf, makeWorkspace, type BenchSpec } from './workspace.ts';

const SPEC: BenchSpec = { stocks: 3000, dates: 2520, data: 'complete' };
const ROUNDS = Number(process.env.HEDGEROW_BENCH_ROUNDS ?? 7);

const root = join(import.meta.dirname, '..', '..');
const work = mkdtempSync(join(tmpdir(), 'cold-bench-'));
const bundles = join(root, 'node_modules', '.cache', `hedgerow-bench-${process.pid}`);

interface Run {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMiB: number;
  readonly panelMs: number;
  readonly cascadeMs: number;
  readonly rows: number;
  readonly digest: string;
}

/**
 * Says on the way out what the process took; loaded before the program, which ends by itself. On Linux the largest memory that
 * `resourceUsage` tells is at least that of the process which started this one.
 */
const METER = `process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const { existsSync, readFileSync, writeFileSync } = require('fs');
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  const own = /VmHWM:\\s+(\\d+) kB/.exec(status);
  writeFileSync(process.env.HEDGEROW_BENCH_METER, JSON.stringify({ maxRSS: own ? Number(own[1]) : maxRSS, cpu: userCPUTime + systemCPUTime }));
});`;

function run(folder: string, threads: number): Run {
  const meter = join(work, 'meter.json');
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--require', join(work, 'meter.cjs'), join(bundles, 'cli.cjs'), 'run', '--workspace', folder, '--threads', String(threads), '--json'],
    {
      encoding: 'utf8',
      env: { ...process.env, HEDGEROW_TODAY: benchDay(), HEDGEROW_THREADS: String(threads), HEDGEROW_BENCH_METER: meter },
    },
  );
  const wallMs = performance.now() - start;
  if (status !== 0) throw new Error(`the run failed: ${stderr}`);
  const { rows, digest, milliseconds } = JSON.parse(stdout) as RunSummary;
  const { maxRSS, cpu } = JSON.parse(readFileSync(meter, 'utf8')) as { maxRSS: number; cpu: number };
  return { wallMs, cpuMs: cpu / 1000, peakMiB: maxRSS / 1024, panelMs: milliseconds.panel, cascadeMs: milliseconds.cascade, rows, digest };
}

/** Wall time of a process of the same runtime that fills `mebibytes` of fresh memory. */
function touch(mebibytes: number): number {
  const start = performance.now();
  const { status } = spawnSync(process.execPath, ['-e', `new Float64Array(${Math.round(mebibytes)} * 131072).fill(1)`]);
  if (status !== 0) throw new Error('the reference failed');
  return performance.now() - start;
}

const best = <K extends keyof Run>(runs: readonly Run[], key: K): number => Math.round(Math.min(...runs.map((run) => run[key] as number)));
const middle = <K extends keyof Run>(runs: readonly Run[], key: K): number =>
  Math.round(runs.map((run) => run[key] as number).sort((a, b) => a - b)[runs.length >> 1]!);

try {
  writeFileSync(join(work, 'meter.cjs'), METER);
  await bundle(bundles, ['cli', 'db_worker', 'compute_worker', 'io_worker']);
  const folder = folderOf(work, SPEC);
  makeWorkspace(folder, SPEC);
  const runs = new Map<number, Run[]>([1, 2].map((threads) => [threads, []]));
  // Threads in turn, so that other work on the machine meets both; the first run of each is not counted.
  for (let round = 0; round <= ROUNDS; round++)
    for (const [threads, list] of runs) {
      const one = run(folder, threads);
      if (round > 0) list.push(one);
    }
  const all = [...runs.values()].flat();
  if (new Set(all.map(({ digest }) => digest)).size !== 1) throw new Error('the threads give other bytes');
  if (all[0]!.rows < SPEC.stocks * (SPEC.dates - 1)) throw new Error(`only ${all[0]!.rows} rows`);
  const reference = Array.from({ length: ROUNDS }, () => touch(best(all, 'peakMiB')));
  const touchMs = Math.round(Math.min(...reference));
  const figures = [...runs].map(([threads, list]) => ({
    threads,
    wallToTouch: Math.round((100 * best(list, 'wallMs')) / touchMs) / 100,
    wallMs: { fastest: best(list, 'wallMs'), median: middle(list, 'wallMs') },
    panelMs: { fastest: best(list, 'panelMs'), median: middle(list, 'panelMs') },
    cascadeMs: { fastest: best(list, 'cascadeMs'), median: middle(list, 'cascadeMs') },
    cpuMs: { fastest: best(list, 'cpuMs'), median: middle(list, 'cpuMs') },
    peakMiB: { least: best(list, 'peakMiB'), median: middle(list, 'peakMiB') },
  }));
  for (const one of figures) console.log(JSON.stringify(one));
  record('cold', {
    ...SPEC,
    rows: all[0]!.rows,
    rounds: ROUNDS,
    what: 'wall time of the whole process and the largest memory of it; every field of every row, digest included',
    targets: { wallMs: 500, peakMiB: 350 },
    reference: { what: 'a process that fills as much fresh memory, fastest of as many rounds', touchMs },
    figures,
  });
} finally {
  rmSync(work, { recursive: true, force: true });
  rmSync(bundles, { recursive: true, force: true });
}

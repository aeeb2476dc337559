/**
 * Start-up and memory of both shells, as a user meets them: from the start of the program to the first useful paint (the Start
 * screen, painted), and the memory of all its processes, at rest and with the sample computed and its book on the screen.
 *
 *   node main/bench/startup.ts browser|electron [ROUNDS]   results/startup-SHELL.json; needs `npm run build`, and for Electron
 *                                                          ELECTRON_OVERRIDE_DIST_PATH; sizes of what lies in out/ too
 *
 * Memory is the proportional set size (shared pages counted once), Linux only. The first round of a shell is cold: the system's
 * file cache is dropped before it where that is allowed. The correctness gate: the screens must show the sample's book.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { goTo, openSampleAndRun } from '../../e2e/fixtures.ts';
import { startDisplay } from '../../e2e/display.ts';
import { ELECTRON_DIST, openInBrowser, openInElectron, ROOT, type Running } from '../../e2e/shells.ts';
import { record } from './record.ts';

const [shell, given] = process.argv.slice(2);
if (shell !== 'browser' && shell !== 'electron') throw new Error('startup.ts browser|electron [ROUNDS]');
const rounds = Number(given ?? 5);

/** Memory of a process and everything it started, MiB. */
function memoryOf(root: number): { MiB: number; processes: number } {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // Ended meanwhile.
    }
  }
  let kB = 0;
  let processes = 0;
  const visit = (pid: number): void => {
    try {
      kB += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1] ?? 0);
      processes += 1;
    } catch {
      // Ended meanwhile.
    }
    (children.get(pid) ?? []).forEach(visit);
  };
  visit(root);
  return { MiB: Math.round(kB / 1024), processes };
}

/** Empties the system's file cache; false where that is not allowed. */
function dropCaches(): boolean {
  spawnSync('sync');
  try {
    writeFileSync('/proc/sys/vm/drop_caches', '3');
    return true;
  } catch {
    return false;
  }
}

/** Milliseconds from the start of the program until the Start screen was painted. */
async function firstPaint(app: Running): Promise<number> {
  await app.page.getByRole('heading', { name: 'Start', level: 1 }).waitFor();
  const painted = await app.page.evaluate(
    () =>
      new Promise<number>((done) => {
        new PerformanceObserver((list, observer) => {
          observer.disconnect();
          done(performance.timeOrigin + list.getEntries()[0]!.startTime);
        }).observe({ type: 'largest-contentful-paint', buffered: true });
      }),
  );
  return painted - app.startedAt;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

async function measure(open: () => Promise<Running>) {
  const cache = dropCaches();
  const paints: number[] = [];
  let idle = { MiB: 0, processes: 0 };
  let loaded = idle;
  for (let round = 0; round <= rounds; round++) {
    const app = await open();
    paints.push(Math.round(await firstPaint(app)));
    if (round === rounds) {
      idle = memoryOf(process.pid);
      await openSampleAndRun(app.page);
      await goTo(app.page, 'Book');
      await app.page.getByRole('grid', { name: 'Positions', exact: true }).getByRole('row').nth(2).waitFor();
      loaded = memoryOf(process.pid);
    }
    await app.close();
  }
  const [cold, ...warm] = paints;
  const harness = memoryOf(process.pid).MiB;
  return {
    firstUsefulPaint: { coldMilliseconds: cold, cacheDropped: cache, warmMilliseconds: median(warm), rounds: warm },
    memory: { idleMiB: idle.MiB - harness, loadedMiB: loaded.MiB - harness, processes: loaded.processes - 1 },
  };
}

function sizeOf(path: string): number {
  const stat = statSync(path);
  return stat.isDirectory() ? readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0) : stat.size;
}

const stopDisplay = await startDisplay();
const out = join(ROOT, 'out');
const artifacts = existsSync(out)
  ? ['portable', join('release', 'linux-unpacked'), join('e2e', 'linux-unpacked')].filter((name) => existsSync(join(out, name)))
  : [];
record(`startup-${shell}`, {
  ...(await measure(() => (shell === 'browser' ? openInBrowser() : openInElectron({ reload: false })))),
  ...(shell === 'electron' ? { electronVersion: readFileSync(join(ELECTRON_DIST!, 'version'), 'utf8').trim() } : {}),
  artifactsMB: Object.fromEntries(artifacts.map((name) => [name, Math.round(sizeOf(join(out, name)) / 1e6)])),
});
stopDisplay?.();

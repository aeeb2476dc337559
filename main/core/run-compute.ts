/** Computes a run on several threads, taking over from the last run of the session every piece that nothing has changed. */
import type { EstimatorSettings } from '../contract/settings.ts';
import { robustPath } from '../quant/robust/index.ts';
import type { Earlier } from '../workers/compute/changed-pieces.ts';
import type { Work } from '../workers/compute/summarize.ts';
import { SPAN, type Panel } from '../workers/panel.ts';
import { COUNT, COUNTS, createParts, segmentOf, totalsOf, type RunParts, type RunTotals } from '../workers/run-parts.ts';
import type { CallOptions } from '../workers/rpc.ts';
import { estimatorSettings, fitterKey, keeps, onPanel, sha256, tickerAt } from './engine.ts';
import type { Hooks, Session } from './session.ts';

export interface Computed {
  readonly totals: RunTotals;
  readonly digest: string;
  readonly threads: number;
  /** Rows computed now; the others were taken over. */
  readonly computedRows: number;
}

/** The last complete runs of a session by settings: no outputs, but the digest and counts of every piece. */
const earlierRuns = new WeakMap<Session, Map<string, Earlier>>();
const KEPT_RUNS = 2;

interface RunRows {
  /** Rows [from, to). */
  readonly from: number;
  readonly to: number;
  /** Nothing is taken over, so that the digest proves another run's. */
  readonly anew: boolean;
}

/** Computes every row of [from, to); neither the number of threads nor what was taken over changes the digest. */
export async function computeRun(
  session: Session,
  panel: Panel,
  settings: EstimatorSettings,
  { from, to, anew }: RunRows,
  threads: number,
  hooks: Hooks,
): Promise<Computed> {
  const parts = createParts(panel, from, to);
  const whole = from === 0 && to === panel.nRows;
  const name = JSON.stringify(settings);
  const runs = earlierRuns.get(session) ?? new Map<string, Earlier>();
  earlierRuns.set(session, runs);
  const units = (whole && !anew ? await unitsLeft(session, runs.get(name), panel, settings, parts) : null) ?? allUnits(panel, from, to);
  const used = await computeUnits(session, panel, settings, units, parts, threads, {
    signal: hooks.signal,
    ...(hooks.onProgress ? { onProgress: (share, note) => hooks.onProgress?.(share === null ? null : 0.4 + 0.6 * share, note) } : {}),
  });
  if (whole) {
    runs.delete(name);
    runs.set(name, { panel, parts });
    if (runs.size > KEPT_RUNS) runs.delete(runs.keys().next().value!);
  }
  let computedRows = 0;
  for (let unit = 0; unit < units.length; unit += 3) computedRows += units[unit + 2]! - units[unit + 1]!;
  return { totals: totalsOf(parts), digest: digestOf(panel, parts), threads: used, computedRows };
}

/** Has the workers compute units into `parts`; answers how many took part. */
async function computeUnits(
  session: Session,
  panel: Panel,
  settings: EstimatorSettings,
  units: Int32Array,
  parts: RunParts,
  threads: number,
  hooks: CallOptions,
): Promise<number> {
  const workers = session.compute.slice(0, Math.min(threads, session.compute.length));
  const shared = workOf(panel, units, workers.length);
  const work = workers.map((worker) =>
    onPanel(worker, panel, settings, (key) => worker.call('summarize', { key, ...shared, parts }, hooks)),
  );
  await Promise.all(work);
  return workers.length;
}

/** Units of a turn at most. */
const LONGEST_TURN = 64;
/** Turns that each worker has at least, so that none waits long for the last one. */
const TURNS_EACH = 8;

/**
 * Cuts units into the turns that workers take one at a time. Neighbours of one chain and industry go together, so that what they have in
 * common is computed by one worker alone.
 */
export function workOf(panel: Panel, units: Int32Array, workers: number): Work {
  const count = units.length / 3;
  const longest = Math.max(1, Math.min(LONGEST_TURN, Math.floor(count / (workers * TURNS_EACH))));
  const turns: number[] = [];
  let chain = '';
  for (let unit = 0; unit < count; unit++) {
    const own = lastChain(panel, units[unit * 3]!)!;
    if (own !== chain || unit - turns.at(-1)! >= longest) turns.push(unit);
    chain = own;
  }
  return { units, turns: Int32Array.from([...turns, count]), counter: new Int32Array(new SharedArrayBuffer(4)) };
}

/** ETFs, scheme and industry of a series in its last span; null without any. */
function lastChain({ plan, planStart }: Panel, series: number): string | null {
  const last = planStart[series + 1]! - 1;
  return last < planStart[series]! ? null : plan.subarray(last * SPAN + 2, last * SPAN + 6).join();
}

/** What tells the outputs of each series over rows [from, to) from others: equal texts, equal outputs; '' without any. */
export async function seriesDigests(
  session: Session,
  panel: Panel,
  settings: EstimatorSettings,
  from: number,
  to: number,
  hooks: Hooks,
): Promise<readonly string[]> {
  const parts = createParts(panel, from, to);
  await computeUnits(session, panel, settings, allUnits(panel, from, to), parts, session.compute.length, { signal: hooks.signal });
  return panel.series.map((_, i) => pieceDigests(parts, i));
}

/** Series in the order the workers take them: neighbours share a chain and an industry, so that their moments are computed once. */
export function workOrder(panel: Panel): Int32Array {
  const keyed = panel.series.flatMap((_, i) => {
    const key = lastChain(panel, i);
    return key === null ? [] : [{ i, key }];
  });
  return Int32Array.from(
    keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.i - b.i)),
    (one) => one.i,
  );
}

/** Series, from and to of each unit: every series that has rows, whole. */
export const allUnits = (panel: Panel, from: number, to: number): Int32Array =>
  Int32Array.from([...workOrder(panel)].flatMap((i) => [i, from, to]));

/** Takes over what an earlier run shares with this one; answers what is left to compute, null when there is no earlier run to go by. */
async function unitsLeft(
  session: Session,
  earlier: Earlier | undefined,
  panel: Panel,
  settings: EstimatorSettings,
  parts: RunParts,
): Promise<Int32Array | null> {
  const worker = session.compute[0]!;
  // Held slopes and industries reach further than a window.
  if (robustPath(estimatorSettings(settings)) !== null) return null;
  // The same panel again is a run asked for again: it is computed, so that the digests can be compared.
  if (!earlier || earlier.panel === panel || !keeps(worker, earlier.panel, settings)) return null;
  const { panel: before, parts: own } = earlier;
  const request = { before: fitterKey(before, settings), earlier: own, window: settings.window, order: workOrder(panel), parts };
  return onPanel(worker, panel, settings, (key) => worker.call('takeOver', { key, ...request }));
}

/** Digests of the segments of a series that the run touches, as text. */
function pieceDigests(parts: RunParts, series: number): string {
  const { segments, digests, counts, from, to } = parts;
  const [first, end] = [series * segments + segmentOf(parts, from), series * segments + segmentOf(parts, to - 1) + 1];
  let rows = 0;
  for (let piece = first; piece < end; piece++) rows += counts[piece * COUNTS + COUNT.rows]!;
  if (rows === 0) return '';
  return Buffer.from(digests.buffer, digests.byteOffset + first * 4, (end - first) * 4).toString('hex');
}

/** Under the last ticker, not the store's id: files imported in another order give other ids and the same outputs. */
function digestOf(panel: Panel, parts: RunParts): string {
  const lines = panel.series.flatMap((_, i) => {
    const own = pieceDigests(parts, i);
    return own === '' ? [] : [`${tickerAt(panel, i, parts.to - 1)}:${own}`];
  });
  return sha256(lines.sort().join('\n'));
}

/** Panels and computations: what the reader builds and the compute workers answer, for any run. */
import { createHash } from 'node:crypto';
import type { EstimatorSettings } from '../contract/settings.ts';
import { HedgerowError, toErrorData } from '../contract/errors.ts';
import type { Lineage } from '../contract/results.ts';
import type { HistoricalRisk } from '../quant/book/index.ts';
import { F, type Served } from '../quant/cascade/index.ts';
import { lowerBound } from '../quant/returns/index.ts';
import type { RobustSettings } from '../quant/robust/index.ts';
import type { FieldBlock } from '../workers/compute/procedures.ts';
import {
  lastRowOf,
  returnsOfSeries,
  SPAN,
  updated,
  type ChainNames,
  type Panel,
  type PanelSettings,
  type PanelUpdate,
} from '../workers/panel.ts';
import type { CallOptions } from '../workers/rpc.ts';
import { dayGiven, iso, KEPT_PANELS, type Hooks, type Session } from './session.ts';

/** What fixes every number of a run. */
export interface RunBasis {
  /** `R12`, or '' before the run has an id. */
  readonly runId: string;
  readonly settings: EstimatorSettings;
  /** EpochDay. */
  readonly knownAsOf: number;
  readonly revision: number;
}

export function panelSettings({ knowledge, returns, schemes, universe, shrink }: EstimatorSettings): PanelSettings {
  return { knowledge, returns, schemes, ...(universe === undefined ? {} : { universe }), ...(shrink === 'vasicek' ? { caps: true } : {}) };
}

/** Securities of the panels in memory; null: all. */
const within = new WeakMap<Promise<Panel>, ReadonlySet<number> | null>();

/** Whether a panel in memory has all of `wanted` (null: all securities). */
function covers(held: Promise<Panel>, wanted: readonly number[] | null): boolean {
  const ids = within.get(held) ?? null;
  return ids === null || (wanted !== null && wanted.every((id) => ids.has(id)));
}

/** The panel of a basis for some securities (null: all). A panel of more securities that is in memory serves as well. */
export async function panelFor(session: Session, basis: RunBasis, securities: readonly number[] | null, hooks: Hooks = {}): Promise<Panel> {
  const base = JSON.stringify([basis.revision, basis.knownAsOf, panelSettings(basis.settings)]);
  // A shrunk slope depends on the whole industry.
  const wanted = basis.settings.shrink === 'vasicek' ? null : securities;
  for (const [other, held] of session.panels)
    if (other.startsWith(`${base}/`) && covers(held, wanted))
      return held.catch((error: unknown) => {
        // It was given up with the question that asked for it first, and not with this one.
        if (toErrorData(error).code !== 'cancelled' || hooks.signal?.aborted) throw error;
        return panelFor(session, basis, securities, hooks);
      });
  const sorted = wanted === null ? null : [...new Set(wanted)].sort((a, b) => a - b);
  const key = sorted === null ? `${base}/all` : `${base}/${sorted.join(',')}`;
  const made = askForPanel(session, basis, sorted, hooks);
  within.set(made, sorted === null ? null : new Set(sorted));
  session.panels.set(key, made);
  made.catch(() => session.panels.delete(key));
  while (session.panels.size > KEPT_PANELS) session.panels.delete(session.panels.keys().next().value!);
  return made;
}

/** How a panel came from an earlier one, for the workers that hold the earlier. */
const updates = new WeakMap<Panel, PanelUpdate>();

async function askForPanel(session: Session, basis: RunBasis, securities: readonly number[] | null, hooks: Hooks): Promise<Panel> {
  const { revision, knownAsOf, settings } = basis;
  const settled = securities === null ? await Promise.allSettled(session.panels.values()) : [];
  const held = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const answer = await session.panelReader.call(
    'panel',
    { revision, knownAsOf, settings: panelSettings(settings), securities, have: held.map(({ key }) => key) },
    { signal: hooks.signal, ...(hooks.onProgress ? { onProgress: hooks.onProgress } : {}) },
  );
  if ('panel' in answer) return answer.panel;
  const { update } = answer;
  const panel = updated(
    held.find(({ key }) => key === update.base)!,
    update,
  );
  updates.set(panel, update);
  return panel;
}

/** What the estimators read of a run's settings. */
export function estimatorSettings(settings: EstimatorSettings): RobustSettings {
  const { window, minObs, intercept, halfLife, loss, huberC, refresh, chain, shrink, riskShares } = settings;
  return { window, minObs, intercept, halfLife, loss, huberC, refresh, chain, shrink, riskShares };
}

/** Names a panel under settings, as workers hold it. */
export const fitterKey = (panel: Panel, settings: EstimatorSettings): string =>
  `${panel.key}#${JSON.stringify(estimatorSettings(settings))}`;

type ComputeWorker = Session['compute'][number];

/** What each worker holds, the latest used last; of one life of its thread. */
const holding = new WeakMap<ComputeWorker, { readonly life: number; readonly keys: string[] }>();

/**
 * Work of a compute worker on a panel, which it is given first unless it holds it. Both messages leave in the same turn, so no
 * other caller's panel comes between them.
 */
export async function onPanel<T>(
  worker: ComputeWorker,
  panel: Panel,
  settings: EstimatorSettings,
  work: (key: string) => Promise<T>,
): Promise<T> {
  const kernel = estimatorSettings(settings);
  const key = fitterKey(panel, settings);
  const life = worker.lives;
  let held = holding.get(worker);
  if (held?.life !== life) holding.set(worker, (held = { life, keys: [] }));
  const { keys } = held;
  const at = keys.indexOf(key);
  if (at >= 0) keys.splice(at, 1);
  const drop = at < 0 && keys.length === KEPT_PANELS ? keys.shift()! : null;
  keys.push(key);
  const update = updates.get(panel);
  const told = update !== undefined && keys.concat(drop ?? []).some((one) => one.startsWith(`${update.base}#`)) ? update : panel;
  const given = at < 0 ? worker.call('hold', { key, panel: told, settings: kernel, drop }) : null;
  // A worker that could not take the panel is given it again next time.
  given?.catch(() => keys.includes(key) && keys.splice(keys.indexOf(key), 1));
  const [answer] = await Promise.all([work(key), given]);
  return answer;
}

/** Whether a worker holds a panel. It then does so through the next `onPanel` of another, which drops the one used longest ago. */
export function keeps(worker: ComputeWorker, panel: Panel, settings: EstimatorSettings): boolean {
  const held = holding.get(worker);
  const key = fitterKey(panel, settings);
  if (held?.life !== worker.lives || !held.keys.includes(key)) return false;
  held.keys.push(held.keys.splice(held.keys.indexOf(key), 1)[0]!);
  return true;
}

/** Places of fields by wire name. Throws `usage` for an unknown one. */
export const fieldIndexes = (wires: readonly string[]): number[] =>
  wires.map((wire) => {
    const index = F[wire];
    if (index === undefined) throw new HedgerowError('usage', `There is no field ${wire}.`, 'See the field table in the help.');
    return index;
  });

/** Fewest series for which another thread is asked: a cross-section of them takes it longer than to be told of it. */
const FEWEST_FOR_A_THREAD = 256;

/** Options of a worker's call on many items, of which it tells how many are done. */
export const counted = ({ onProgress, signal }: Hooks, count: number, what: string): CallOptions => ({
  signal,
  ...(onProgress ? { onProgress: (share) => onProgress(share, countNote(share ?? 0, count, what)) } : {}),
});

const countNote = (share: number, count: number, what: string): string =>
  `${Math.round(share * count).toLocaleString('en')} of ${count.toLocaleString('en')} ${what}`;

/** Selected fields of some series over rows [from, to). */
export async function fieldsOf(
  session: Answering,
  panel: Panel,
  settings: EstimatorSettings,
  series: readonly number[],
  fields: readonly number[],
  from: number,
  to: number,
  hooks: Hooks = {},
): Promise<FieldBlock> {
  const values = await shareOut(session, panel, settings, series, fields.length * (to - from), hooks, (worker, key, own, into, options) =>
    worker.call('fields', { key, series: own, fields, from, to, into }, options),
  );
  return { fields, from, to, values };
}

/** The same of one row, with links, variance and counts of `level` or the deepest level above it, not of the deepest there is. */
export async function fieldsAtLevel(
  session: Answering,
  panel: Panel,
  settings: EstimatorSettings,
  series: readonly number[],
  fields: readonly number[],
  row: number,
  level: 1 | 2 | 3,
  hooks: Hooks = {},
): Promise<FieldBlock> {
  const values = await shareOut(session, panel, settings, series, fields.length, hooks, (worker, key, own, into, options) =>
    worker.call('levelFields', { key, series: own, fields, row, level, into }, options),
  );
  return { fields, from: row, to: row + 1, values };
}

type Answering = Pick<Session, 'answering' | 'compute'>;
type Share = (
  worker: ComputeWorker,
  key: string,
  series: readonly number[],
  into: Float64Array | null,
  options: CallOptions,
) => Promise<Float64Array | null>;

/**
 * `size` values of each series, by the answering worker and those of the pool that run and have nothing to do: each fills its share of shared
 * memory, or answers the values where nobody shares.
 */
async function shareOut(
  { answering, compute }: Answering,
  panel: Panel,
  settings: EstimatorSettings,
  series: readonly number[],
  size: number,
  { onProgress, signal }: Hooks,
  ask: Share,
): Promise<Float64Array> {
  const others = compute
    .filter((worker) => worker !== answering && worker.idle)
    .slice(0, Math.max(0, Math.floor(series.length / FEWEST_FOR_A_THREAD) - 1));
  const workers = [answering, ...others];
  const values = others.length === 0 ? null : new Float64Array(new SharedArrayBuffer(series.length * size * 8));
  const startOf = (k: number): number => Math.floor((k * series.length) / workers.length);
  const done = workers.map(() => 0);
  const tell = (share: number | null, k: number): void => {
    done[k] = share ?? 0;
    const all = done.reduce((sum, one) => sum + one, 0) / workers.length;
    onProgress?.(all, countNote(all, series.length, 'securities'));
  };
  const answers = await Promise.all(
    workers.map((worker, k) => {
      const [first, end] = [startOf(k), startOf(k + 1)];
      const into = values?.subarray(first * size, end * size) ?? null;
      return onPanel(worker, panel, settings, (key) =>
        ask(worker, key, series.slice(first, end), into, { signal, onProgress: (share) => tell(share, k) }),
      );
    }),
  );
  return values ?? answers[0]!;
}

/** How a row of a series came about. */
export const servedBy = (session: Session, panel: Panel, settings: EstimatorSettings, series: number, row: number): Promise<Served> =>
  onPanel(session.answering, panel, settings, (key) => session.answering.call('served', { key, series, row }));

/** Returns of some series over rows [from, to) as known at row `row`, one array each. */
export async function returnsOf(
  session: Session,
  panel: Panel,
  settings: EstimatorSettings,
  series: readonly number[],
  row: number,
  from: number,
  to: number,
): Promise<Float64Array[]> {
  const worker = session.answering;
  const flat = await onPanel(worker, panel, settings, (key) => worker.call('returns', { key, series, row, from, to }));
  const rows = to - from;
  return series.map((_, i) => flat.subarray(i * rows, (i + 1) * rows));
}

/** How many returns some series have over rows [from, to) as known at row `row`. */
export const countsOf = (
  session: Session,
  panel: Panel,
  settings: EstimatorSettings,
  series: readonly number[],
  row: number,
  from: number,
  to: number,
): Promise<Int32Array> =>
  onPanel(session.answering, panel, settings, (key) => session.answering.call('counts', { key, series, row, from, to }));

/**
 * Profit of dollars held per series (`held`) on every row up to `row`, as known then, and the share of those dollars that has a return.
 * What has none adds nothing; where nothing has one the profit is NaN.
 */
export const profitsOf = (
  session: Session,
  panel: Panel,
  settings: EstimatorSettings,
  held: ReadonlyMap<number, number>,
  row: number,
): Promise<{ readonly profit: Float64Array; readonly covered: Float64Array }> =>
  onPanel(session.answering, panel, settings, (key) =>
    session.answering.call('profits', { key, series: [...held.keys()], values: [...held.values()], row }),
  );

/** Volatility of dollars held per series (`held`) on the returns of rows [from, to) as known at row `row`, and the rows used. */
export const historyOf = (
  session: Session,
  panel: Panel,
  settings: EstimatorSettings,
  held: ReadonlyMap<number, number>,
  row: number,
  from: number,
  to: number,
): Promise<Pick<HistoricalRisk, 'volatility' | 'rows' | 'dropped'>> =>
  onPanel(session.answering, panel, settings, (key) =>
    session.answering.call('history', {
      key,
      series: [...held.keys()],
      values: [...held.values()],
      row,
      from,
      to,
      minRows: settings.minObs,
    }),
  );

const indexes = new WeakMap<Panel, ReadonlyMap<number, number>>();

/** Place of every security in a panel. */
export function seriesIndex(panel: Panel): ReadonlyMap<number, number> {
  let index = indexes.get(panel);
  if (!index) indexes.set(panel, (index = new Map(panel.series.map((series, i) => [series.securityId, i]))));
  return index;
}

/** Row of a date: the last session at or before it. Throws `usage` for a date outside the panel. */
export function rowOf(panel: Panel, date: string | undefined): number {
  if (date === undefined) return panel.nRows - 1;
  const day = dayGiven(date, 'date');
  const row = lowerBound(panel.days, day + 1) - 1;
  if (row < 0 || day > Math.max(panel.knownAsOf, panel.dataAsOf))
    throw new HedgerowError(
      'usage',
      `${date} is outside the data (${iso(panel.days[0]!)} to ${iso(panel.dataAsOf)}).`,
      'Choose a date inside.',
    );
  return row;
}

/** Chain in force for a series on a row; null when the series has no output there. */
export function chainAt(panel: Panel, series: number, row: number): ChainNames | null {
  for (let p = panel.planStart[series]!; p < panel.planStart[series + 1]!; p++) {
    if (panel.plan[p * SPAN]! <= row && row < panel.plan[p * SPAN + 1]!) return panel.chains[panel.plan[p * SPAN + 5]!]!;
  }
  return null;
}

/** The last chain in force before row `to`: what was merged before it stays of its sector. null for none. */
export function chainUntil(panel: Panel, series: number, to: number): ChainNames | null {
  for (let p = panel.planStart[series + 1]! - 1; p >= panel.planStart[series]!; p--)
    if (panel.plan[p * SPAN]! < to) return panel.chains[panel.plan[p * SPAN + 5]!]!;
  return null;
}

/** Whether a row lies after the last one that a series may have: it was merged or delisted. */
export const isOver = (panel: Panel, series: number, row: number): boolean => row > lastRowOf(panel, series);

/** Why a series has no output on a row, as the end of a sentence. */
export function whyNoRow(panel: Panel, series: number, row: number): string {
  const on = (at: number): string => iso(panel.days[at]!);
  if (isOver(panel, series, row)) return `it was merged or delisted, and the last is of ${on(lastRowOf(panel, series))}`;
  const first = returnsOfSeries(panel, series).findIndex((one) => !Number.isNaN(one));
  if (first < 0) return 'no return of it is known';
  return first > row ? `its first return is of ${on(first)}` : 'no return on it and the 20 sessions before';
}

/** Series of the chain's ETFs in force on a row, market first, as far as they have prices. */
export function chainSeries(panel: Panel, series: number, row: number): number[] {
  for (let p = panel.planStart[series]!; p < panel.planStart[series + 1]!; p++) {
    const at = p * SPAN;
    if (panel.plan[at]! > row || row >= panel.plan[at + 1]!) continue;
    const etfs = Array.from(panel.plan.subarray(at + 2, at + 5));
    const end = etfs.findIndex((etf) => etf < 0);
    return end < 0 ? etfs : etfs.slice(0, end);
  }
  return [];
}

/** What a series is called on a row; before its first row it has its first name. */
export function tickerAt(panel: Panel, series: number, row: number): string {
  const { names, securityId } = panel.series[series]!;
  return (names.find((span) => row < span.to) ?? names.at(-1))?.ticker ?? `#${securityId}`;
}

export function lineage(session: Session, basis: RunBasis, panel: Panel, simulated: boolean): Lineage {
  return {
    runId: basis.runId,
    settings: basis.settings,
    dataAsOf: iso(panel.dataAsOf),
    knownAsOf: iso(basis.knownAsOf),
    revision: basis.revision,
    softwareVersion: session.environment.softwareVersion,
    simulated,
  };
}

export const sha256 = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');

/** null for NaN: JSON has no NaN, and missing stays missing. */
export const orNull = (value: number | undefined): number | null => (value === undefined || Number.isNaN(value) ? null : value);

/** What several settings do on the same data, in one pass: the panel is loaded once and no output is digested or stored. */
import type { SettingOutcome, SettingsCompared } from '../contract/methods-compare.ts';
import { HedgerowError } from '../contract/errors.ts';
import { changedSettings, type EstimatorSettings } from '../contract/settings.ts';
import { COMPARED, COMPARED_SUMS } from '../workers/compute/compare.ts';
import { estimatorSettings, lineage, panelFor, type RunBasis } from './engine.ts';
import { workOrder } from './run-compute.ts';
import { basisOf, rowRange } from './runs.ts';
import { completeSettings } from './settings.ts';
import { iso, today, type Hooks, type Session } from './session.ts';

export interface CompareInput {
  /** Patches over presets. */
  readonly settings: readonly Partial<EstimatorSettings>[];
  /** Its data, known-as-of day and universe; default: the newest run's, else what is known today. */
  readonly runId?: string | undefined;
  readonly tickers?: readonly string[] | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly threads?: number | undefined;
}

/** The eight settings compared when none are named: four windows, with equal weights and with a half-life of a quarter of the window. */
export const EIGHT_SETTINGS: readonly Partial<EstimatorSettings>[] = [63, 126, 252, 504].flatMap((window) => [
  { window, minObs: Math.floor(window / 2), halfLife: null },
  { window, minObs: Math.floor(window / 2), halfLife: Math.floor(window / 4) },
]);

/** Compares settings. Rejects with usage for settings that need other returns than the first, and for bad settings. */
export async function compareSettings(session: Session, input: CompareInput, hooks: Hooks = {}): Promise<SettingsCompared> {
  const started = performance.now();
  const basis = await startingPoint(session, input.runId);
  const { knowledge, returns, schemes, universe } = basis.settings;
  const all = input.settings.map((patch) =>
    completeSettings({ ...patch, knowledge, returns, schemes, ...(universe === undefined ? {} : { universe }) }),
  );
  input.settings.forEach((patch, i) => {
    for (const key of ['knowledge', 'returns', 'schemes', 'universe'] as const)
      if (patch[key] !== undefined && JSON.stringify(patch[key]) !== JSON.stringify(basis.settings[key]))
        throw new HedgerowError(
          'usage',
          `Setting ${i + 1} asks for ${key}=${String(patch[key])}: other returns than ${basis.runId || 'the rest'}.`,
          'Compare such runs with each other: make two runs.',
        );
  });
  // One panel serves all: with the capitalisations if any of them shrinks.
  const shrinking = all.find((one) => one.shrink === 'vasicek');
  const wanted = await securitiesOf(session, basis, input.tickers);
  const loading = {
    signal: hooks.signal,
    ...(hooks.onProgress ? { onProgress: (x: number | null, note: string) => hooks.onProgress?.(x === null ? null : 0.2 * x, note) } : {}),
  };
  const panel = await panelFor(session, { ...basis, settings: shrinking ?? basis.settings }, wanted, loading);
  const loaded = performance.now();
  const { from, to } = rowRange(panel, { from: input.from ?? null, to: input.to ?? null });
  const only = wanted === null ? null : new Set(wanted);
  const order = workOrder(panel).filter((series) => only === null || only.has(panel.series[series]!.securityId));
  const sums = new Float64Array(new SharedArrayBuffer(Math.max(1, panel.series.length * all.length * COMPARED_SUMS) * 8));
  const request = { panel, settings: all.map(estimatorSettings), counter: new Int32Array(new SharedArrayBuffer(4)), order, from, to, sums };
  const workers = session.compute.slice(0, Math.min(input.threads ?? session.threads, session.compute.length));
  await Promise.all(
    workers.map((worker) =>
      worker.call('compare', request, {
        signal: hooks.signal,
        ...(hooks.onProgress ? { onProgress: (x, note) => hooks.onProgress?.(x === null ? null : 0.2 + 0.8 * x, note) } : {}),
      }),
    ),
  );
  const { simulated } = await session.reader.call('state', null);
  const series = [...order].sort((a, b) => a - b);
  const common = series.filter((one) => sums[one * all.length * COMPARED_SUMS + COMPARED.common]! > 0);
  return {
    lineage: lineage(session, basis, panel, simulated),
    firstDay: iso(panel.days[from]!),
    lastDay: iso(panel.days[to - 1]!),
    securities: series.length,
    common: {
      securities: common.length,
      rows: common.reduce((rows, one) => rows + sums[one * all.length * COMPARED_SUMS + COMPARED.common]!, 0),
    },
    outcomes: all.map((settings, k) =>
      outcome(settings, series, common, (one, sum) => sums[(one * all.length + k) * COMPARED_SUMS + sum]!),
    ),
    milliseconds: { panel: loaded - started, cascade: performance.now() - loaded },
    threads: workers.length,
  };
}

function outcome(
  settings: EstimatorSettings,
  series: readonly number[],
  common: readonly number[],
  sum: (series: number, which: number) => number,
): SettingOutcome {
  const total = (which: number): number => series.reduce((all, one) => all + sum(one, which), 0);
  const mean = (of: readonly number[], value: (series: number) => number): number | null =>
    of.length === 0 ? null : of.reduce((all, one) => all + value(one), 0) / of.length;
  const moving = common.filter((one) => sum(one, COMPARED.gross) > 0);
  const turned = common.filter((one) => sum(one, COMPARED.moves) > 0);
  const rowsByLevel = [0, 1, 2, 3].map((level) => total(COMPARED.level + level)) as [number, number, number, number];
  return {
    settings,
    changed: changedSettings(settings),
    rows: rowsByLevel.reduce((a, b) => a + b),
    rowsByLevel,
    failedRows: total(COMPARED.failed),
    residualShare: mean(common, (one) => sum(one, COMPARED.residualShare) / sum(one, COMPARED.common)),
    saved: [0, 1, 2].map((k) => mean(moving, (one) => 1 - sum(one, COMPARED.left + k) / sum(one, COMPARED.gross))) as [
      number | null,
      number | null,
      number | null,
    ],
    turnover: mean(turned, (one) => (252 * sum(one, COMPARED.turnover)) / sum(one, COMPARED.moves)),
  };
}

/** The newest run's data, or today's when there is no run. */
async function startingPoint(session: Session, runId: string | undefined): Promise<RunBasis> {
  if (runId !== undefined || (await session.reader.call('runs', null)).length > 0) return basisOf(session, { runId });
  const { revision } = await session.reader.call('state', null);
  return { runId: '', settings: completeSettings(), knownAsOf: today(session.environment), revision };
}

async function securitiesOf(session: Session, basis: RunBasis, tickers: readonly string[] | undefined): Promise<number[] | null> {
  if (tickers === undefined) return null;
  return Promise.all(
    tickers.map(async (ticker) => {
      const id = await session.reader.call('resolve', {
        revision: basis.revision,
        knownAsOf: basis.knownAsOf,
        ticker,
        day: basis.knownAsOf,
      });
      if (id === null) throw new HedgerowError('not_found', `No security is called ${ticker}.`, 'Check the spelling.');
      return id;
    }),
  );
}

/** Starting runs from anywhere: the runs screen, the context bar, a command. */
import type { ErrorData } from '../../main/contract/errors.ts';
import type { Input } from '../../main/contract/methods.ts';
import type { Preset } from '../../main/contract/results-workbench.ts';
import type { DamagedRun, RunSummary } from '../../main/contract/results.ts';
import type { EstimatorSettings } from '../../main/contract/settings.ts';
import { call, errorData } from './api.ts';
import { app, onLeave, refresh, refreshed, turnTo } from './app.svelte.ts';
import { makeEdit } from './edits.svelte.ts';
import { runJob } from './jobs.svelte.ts';

export const running = $state({ busy: false, error: undefined as ErrorData | undefined });
onLeave(() => (running.error = undefined));

/** The damaged run that every view takes that names none, and refuses. */
export const damagedDefault = (): DamagedRun | undefined => app.damagedRuns.find(({ meant }) => meant);

/** The run every view takes that names none: the pinned one, else the newest; none where that one is damaged. */
export const defaultRun = (): RunSummary | undefined =>
  damagedDefault() ? undefined : (app.runs.find((run) => run.pinned) ?? app.runs[0]);

/** Where nothing is pinned and the newest run has other settings than runs before it: the latest of those. It may have been an experiment. */
export function otherSettings(): RunSummary | undefined {
  const [latest, ...before] = app.runs;
  if (!latest || damagedDefault() || app.runs.some((run) => run.pinned)) return undefined;
  return before.find((run) => !sameSettings(run.lineage.settings, latest.lineage.settings));
}

/** Makes a run the basis of every view that names none (null: the newest is again); an edit that can be undone. */
export function pinRun(runId: string | null): Promise<void> {
  const before = app.runs.find((run) => run.pinned)?.lineage.runId ?? null;
  const set = async (pinned: string | null): Promise<void> => {
    await call('runs.pin', { runId: pinned });
    await refresh();
  };
  return makeEdit(
    runId === null ? `unpinning of ${before}` : `pinning of ${runId}`,
    () => set(runId),
    () => set(before),
  );
}

/** Hides a run, which may be damaged; an edit that can be undone. Order sets made on it keep it. A pin is put back with a whole one. */
export const removeRun = ({ runId, pinned }: { readonly runId: string; readonly pinned?: true | undefined }): Promise<void> => {
  const whole = app.runs.some((run) => run.lineage.runId === runId);
  return makeEdit(
    `deletion of ${runId}`,
    async () => {
      await call('runs.delete', { runId });
      if (app.runId === runId) app.runId = '';
      await refresh();
    },
    async () => {
      await call('runs.restore', { runId });
      if (pinned && whole) await call('runs.pin', { runId });
      await refresh();
    },
  );
};

/** The run that is looked at: the chosen one, else the default. */
export const currentRun = (): RunSummary | undefined => app.runs.find((run) => run.lineage.runId === app.runId) ?? defaultRun();

/** Whether the data have changed since a run. */
export const isStale = ({ lineage }: RunSummary): boolean => lineage.revision < (app.workspace?.revision ?? 0);

/** Runs the cascade to its end and returns its summary; null when it failed, and `running.error` says why. */
export async function startRun(input: Input<'run.start'>): Promise<RunSummary | null> {
  running.busy = true;
  running.error = undefined;
  try {
    const summary = await runJob('run.start', input);
    await refreshed();
    return summary;
  } catch (reason) {
    running.error = errorData(reason);
    return null;
  } finally {
    running.busy = false;
  }
}

/** Settings of a run as input for another one. */
export const settingsOf = (run: RunSummary | undefined): Pick<Input<'run.start'>, 'settings'> =>
  run ? { settings: { ...run.lineage.settings, schemes: [...run.lineage.settings.schemes] } } : {};

/** Makes a run the one of every screen. A date after its last day has no rows in it. */
export function useRun(run: RunSummary): void {
  const { runId } = run.lineage;
  // Repeating an old run answers that old run: the default would show another one.
  app.runId = runId === defaultRun()?.lineage.runId ? '' : runId;
  if (app.date > run.lastDay) app.date = '';
  // The list of runs shows it too, and not the one that was looked at before.
  if (app.screen === 'runs') turnTo(runId);
}

/** Runs with the settings of the run that is looked at and makes the new one that; where it fails `running.error` says why. */
export async function runAgain(): Promise<void> {
  const run = await startRun(settingsOf(currentRun()));
  if (run) useRun(run);
}

/** A stored run that differs from `like` only in its day of knowledge. */
export const runKnownAsOf = (day: string, like: RunSummary | undefined): RunSummary | undefined =>
  app.runs.find(
    ({ lineage }) =>
      lineage.knownAsOf === day &&
      lineage.revision === app.workspace?.revision &&
      (!like || JSON.stringify(lineage.settings) === JSON.stringify(like.lineage.settings)),
  );

/** What a run shows on screens as its settings: the name of the preset it was made with, else that they are its own. */
export const presetOf = (run: RunSummary, presets: readonly Preset[]): string =>
  presets.find((preset) => sameSettings(preset.settings, withoutUniverse(run.lineage.settings)))?.name ?? 'own settings';

/** Which rows are masked is no part of how they are estimated. */
function withoutUniverse({ universe: _, ...settings }: EstimatorSettings): EstimatorSettings {
  return settings;
}

export const sameSettings = (a: EstimatorSettings, b: EstimatorSettings): boolean => {
  const text = (settings: EstimatorSettings): string => JSON.stringify(Object.entries(settings).sort(([x], [y]) => (x < y ? -1 : 1)));
  return text(a) === text(b);
};

/** A stored run on today's data with these settings, knowing what `like` knows. */
export const runWith = (settings: EstimatorSettings, like: RunSummary | undefined): RunSummary | undefined =>
  app.runs.find(
    ({ lineage }) =>
      lineage.revision === app.workspace?.revision &&
      (!like || lineage.knownAsOf === like.lineage.knownAsOf) &&
      sameSettings(lineage.settings, settings),
  );

/** Cascade runs: settings and knowledge day in, summary, checks and digest out. The outputs themselves are not stored. */
import { CALENDAR_VERSION } from '../calendar/index.ts';
import type { DamagedRun, RunSummary } from '../contract/results.ts';
import { storedSettings, type EstimatorSettings } from '../contract/settings.ts';
import { HedgerowError } from '../contract/errors.ts';
import type { EpochDay } from '../contract/units.ts';
import { DIGEST_VERSION, kernelName, KERNEL_VERSION, type KernelName } from '../quant/cascade/index.ts';
import { lowerBound, PROXY_VERSION } from '../quant/returns/index.ts';
import { ROBUST_VERSION, robustPath } from '../quant/robust/index.ts';
import { UNIVERSE_VERSION } from '../quant/universe/index.ts';
import { PINNED_RUN } from '../workers/meta-keys.ts';
import type { Panel } from '../workers/panel.ts';
import { estimatorSettings, panelFor, sha256, type RunBasis } from './engine.ts';
import { computeRun } from './run-compute.ts';
import { completeSettings } from './settings.ts';
import { dayGiven, iso, knownDayGiven, nowIso, today, type Hooks, type Session } from './session.ts';

export interface RunOptions {
  readonly settings?: Partial<EstimatorSettings>;
  /** ISO days; rows outside are not part of the run. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly knownAsOf?: string | undefined;
  readonly threads?: number | undefined;
  /** Repeat this run at its own revision and compare. */
  readonly like?: string | undefined;
}

interface RunRange {
  readonly from: string | null;
  readonly to: string | null;
}

/** The stored part of a summary; id, settings and fingerprint have columns of their own. */
type StoredSummary = Omit<RunSummary, 'lineage' | 'fingerprint' | 'digest' | 'createdAt'> & {
  readonly range: RunRange;
  readonly dataAsOf: string;
  readonly simulated: boolean;
  /** Kernel picked at start-up; it changes no bit, so it is no part of the fingerprint. Absent from runs stored before there were two. */
  readonly kernel?: KernelName;
};

interface RunRow {
  readonly runId: number;
  readonly createdAt: string;
  readonly settings: EstimatorSettings;
  readonly knownAsOf: number;
  readonly revision: number;
  readonly fingerprint: string;
  readonly digest: string;
  readonly summary: unknown;
}

function summaryOf(session: Session, row: RunRow): RunSummary {
  const { range: _, dataAsOf, simulated, ...rest } = row.summary as StoredSummary;
  return {
    lineage: {
      runId: `R${row.runId}`,
      settings: storedSettings(row.settings),
      dataAsOf,
      knownAsOf: iso(row.knownAsOf),
      revision: row.revision,
      softwareVersion: session.environment.softwareVersion,
      simulated,
    },
    fingerprint: row.fingerprint,
    digest: row.digest,
    createdAt: row.createdAt,
    ...rest,
  };
}

/** Stored runs that are what was stored, newest first; `damagedRuns` has the others. */
export async function listRuns(session: Session): Promise<readonly RunSummary[]> {
  const pinned = (await session.reader.call('state', null)).meta[PINNED_RUN];
  return (await session.reader.call('runs', null)).map((row) => ({
    ...summaryOf(session, row),
    ...(row.runId === pinned ? { pinned: true as const } : {}),
  }));
}

/** Stored runs that are not what was stored, newest first. */
export const damagedRuns = (session: Session): Promise<readonly DamagedRun[]> => session.reader.call('damagedRuns', null);

const numberOf = (run: RunSummary | DamagedRun): number => Number(('damaged' in run ? run.runId : run.lineage.runId).slice(1));

/** Every stored run, newest first. */
export async function allRuns(session: Session): Promise<readonly (RunSummary | DamagedRun)[]> {
  return [...(await listRuns(session)), ...(await damagedRuns(session))].sort((a, b) => numberOf(b) - numberOf(a));
}

/** Which run a view is of, and how late its knowledge may be. */
export interface RunChoice {
  readonly runId?: string | undefined;
  /** ISO day: the run's settings and data as known then; default: the day of the run. */
  readonly knownAsOf?: string | undefined;
}

/** Basis of a stored run (default: the pinned one, else the newest), as known on its own day or another. Rejects with not_found. */
export async function basisOf(session: Session, { runId, knownAsOf }: RunChoice): Promise<RunBasis> {
  const row = await session.reader.call('run', { runId });
  const day = knownAsOf === undefined ? row.knownAsOf : knownDayGiven(session.environment, knownAsOf);
  return { runId: `R${row.runId}`, settings: storedSettings(row.settings), knownAsOf: day, revision: row.revision };
}

export function rowRange(panel: Panel, range: RunRange): { from: number; to: number } {
  const from = range.from === null ? 0 : lowerBound(panel.days, dayGiven(range.from, 'from'));
  const to = range.to === null ? panel.nRows : lowerBound(panel.days, dayGiven(range.to, 'to') + 1);
  if (from >= to)
    throw new HedgerowError(
      'usage',
      `There is no session from ${range.from ?? 'the first day'} to ${range.to ?? 'the last day'}.`,
      `The data run from ${iso(panel.days[0]!)} to ${iso(panel.dataAsOf)}.`,
    );
  return { from, to };
}

/** Runs the cascade and stores the run; an equal fingerprint must give equal bytes, and is then the same run. */
export async function startRun(session: Session, options: RunOptions, hooks: Hooks = {}): Promise<{ summary: RunSummary; same?: boolean }> {
  const started = performance.now();
  const { environment } = session;
  const state = await session.reader.call('state', null);
  const like = options.like === undefined ? null : await session.reader.call('run', { runId: options.like });
  const range: RunRange = like ? (like.summary as StoredSummary).range : { from: options.from ?? null, to: options.to ?? null };
  const knownDay = options.knownAsOf === undefined ? today(environment) : knownDayGiven(environment, options.knownAsOf);
  const knownAsOf = like ? like.knownAsOf : knownDay;
  const basis: RunBasis = {
    runId: '',
    settings: like ? storedSettings(like.settings) : completeSettings(options.settings),
    knownAsOf,
    revision: like ? like.revision : state.revision,
  };
  const threads = options.threads ?? session.threads;
  for (const worker of session.compute.slice(0, threads)) worker.start();
  const panel = await panelFor(session, basis, null, {
    signal: hooks.signal,
    ...(hooks.onProgress ? { onProgress: (share, note) => hooks.onProgress?.(share === null ? null : 0.4 * share, note) } : {}),
  });
  const panelDone = performance.now();
  const { from, to } = rowRange(panel, range);
  const noticed = like ? null : session.panelReader.call('runFindings', { revision: basis.revision, knownAsOf: basis.knownAsOf });
  // Awaited below; a run that fails first must not leave it without anybody.
  noticed?.catch(() => undefined);
  const done = await computeRun(session, panel, basis.settings, { from, to, anew: like !== null }, threads, hooks);
  const finished = performance.now();
  const { universe } = basis.settings;
  const robust = robustPath(estimatorSettings(basis.settings)) !== null;
  const versions = [
    CALENDAR_VERSION,
    KERNEL_VERSION,
    DIGEST_VERSION,
    ...(robust ? [ROBUST_VERSION] : []),
    ...(panel.proxied ? [PROXY_VERSION] : []),
    ...(universe === undefined ? [] : [UNIVERSE_VERSION]),
  ];
  // A run of an older version is named by the settings it stored.
  const named = like ? like.settings : basis.settings;
  const fingerprint = sha256(JSON.stringify([named, basis.knownAsOf, basis.revision, range, ...versions]));
  const { totals, digest } = done;
  const stored: StoredSummary = {
    range,
    dataAsOf: iso(panel.dataAsOf),
    simulated: state.simulated,
    firstDay: iso(panel.days[from]!),
    lastDay: iso(panel.days[to - 1]!),
    securities: totals.securities,
    rows: totals.rows,
    rowsByLevel: totals.byLevel,
    ...(universe === undefined ? {} : { universe: { name: universe, inMask: totals.rows - totals.maskedRows, masked: totals.maskedRows } }),
    checks: {
      failedRows: totals.failedRows,
      worstAdditivity: totals.worstAdditivity,
      worstReplication: totals.worstReplication,
      collinearRows: totals.collinearRows,
    },
    milliseconds: { panel: panelDone - started, cascade: finished - panelDone, total: finished - started },
    threads: done.threads,
    computedRows: done.computedRows,
    kernel: kernelName(),
  };
  const row = {
    createdAt: nowIso(environment),
    settings: basis.settings,
    knownAsOf: basis.knownAsOf as EpochDay,
    revision: basis.revision,
    fingerprint,
    digest,
    summary: stored,
  };
  if (like)
    return { summary: summaryOf(session, { ...row, runId: like.runId }), same: like.digest === digest && like.fingerprint === fingerprint };
  const twin = (await session.reader.call('runs', null)).find((run) => run.fingerprint === fingerprint);
  if (twin && twin.digest !== digest)
    throw new HedgerowError(
      'internal',
      `This run has the fingerprint of R${twin.runId} but other bytes.`,
      'Do not trust either; run "check" and report this.',
    );
  const runId = twin ? twin.runId : await session.writer.call('saveRun', row);
  await session.writer.call('noteRun', { revision: basis.revision, found: await noticed! });
  return { summary: summaryOf(session, { ...row, runId }) };
}

/** An open workspace with its workers. Everything below runs on the main thread and only waits for workers. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { formatIsoDay, parseIsoDay, whyNoDay, type EpochDay } from '../contract/units.ts';
import { HedgerowError } from '../contract/errors.ts';
import { UNFINISHED } from '../contract/workspace.ts';
import type { ComputeProcedures } from '../workers/compute/procedures.ts';
import type { DbProcedures } from '../workers/db/procedures.ts';
import type { IoProcedures } from '../workers/io/procedures.ts';
import type { Panel } from '../workers/panel.ts';
import { WorkerClient } from '../workers/rpc.ts';
import type { CoreEnvironment } from './environment.ts';

/** How long work is seen and cancelled: in a shell as a job, in a terminal by its last line and Ctrl+C. */
export interface Hooks {
  readonly onProgress?: ((share: number | null, note: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Session {
  readonly environment: CoreEnvironment;
  readonly dir: string;
  /** The only read-write connection. */
  readonly writer: WorkerClient<DbProcedures>;
  /** A read-only connection: look-ups never wait for an import. */
  readonly reader: WorkerClient<DbProcedures>;
  /** Builds panels, which takes seconds: of a desk another read-only connection, so that look-ups do not wait for that either. */
  readonly panelReader: WorkerClient<DbProcedures>;
  /** Another read-only connection, started by the first look of the doctor: looks take seconds and nobody waits for them. */
  readonly doctor: WorkerClient<DbProcedures>;
  readonly io: WorkerClient<IoProcedures>;
  /** The pool of runs, comparisons and exports. */
  readonly compute: readonly WorkerClient<ComputeProcedures>[];
  /** Answers the screens: of a desk a worker beside the pool, which a run keeps busy for seconds. */
  readonly answering: WorkerClient<ComputeProcedures>;
  readonly threads: number;
  /** Panels kept by key, newest last. */
  readonly panels: Map<string, Promise<Panel>>;
}

/** Panels kept in memory; more would only repeat the same returns. */
export const KEPT_PANELS = 2;

export function today(environment: CoreEnvironment): EpochDay {
  const fixed = environment.today === undefined ? null : parseIsoDay(environment.today);
  if (fixed !== null) return fixed;
  return localDay(new Date());
}

/** Day of a time stamp by the user's clock, as `today` counts them. */
export function dayOfTime(environment: CoreEnvironment, timestamp: string): EpochDay {
  return environment.today === undefined ? localDay(new Date(timestamp)) : parseIsoDay(timestamp.slice(0, 10))!;
}

const localDay = (time: Date): EpochDay => (Date.UTC(time.getFullYear(), time.getMonth(), time.getDate()) / 86_400_000) as EpochDay;

/** Time stamps follow a fixed today, so that tests repeat. */
export function nowIso(environment: CoreEnvironment): string {
  return environment.today === undefined ? new Date().toISOString() : `${environment.today}T12:00:00.000Z`;
}

/**
 * How far threads give way to those that somebody waits for: imports and runs at a desk, which take seconds anyhow, and the looks of
 * the doctor, which nobody waits for.
 */
export const PATIENCE = { work: 10, looks: 19 } as const;

/** `panels`: it may be asked for panels. */
function dbWorker(
  environment: CoreEnvironment,
  dir: string,
  mode: 'write' | 'read',
  { patience = 0, panels = false } = {},
): WorkerClient<DbProcedures> {
  const { softwareVersion, nativeBinding } = environment;
  return new WorkerClient<DbProcedures>(mode === 'write' ? 'database' : 'reading', environment.workers.db, {
    workerData: { dir, mode, softwareVersion, nativeBinding, lockToken: randomBytes(16).toString('hex'), patience },
    // BLOBs are freed when the young generation is collected: a small one lets the same memory serve again, and fresh memory is dear. Look-ups
    // leave little rows instead, of which a small one would collect more often than they are forgotten.
    ...(panels ? { resourceLimits: { maxYoungGenerationSizeMb: 2 } } : {}),
  });
}

/**
 * Opens a workspace folder. Rejects with workspace_locked, workspace_newer, workspace_damaged or not_found. `desk`: somebody looks at
 * screens meanwhile, so questions have threads of their own and runs leave a core free; a command asks one thing after the other.
 * `making`: by who fills it for the first time; nobody else gets what is there meanwhile, or was left by a process that was killed.
 */
export async function openSession(environment: CoreEnvironment, folder: string, { desk = false, making = false } = {}): Promise<Session> {
  const dir = resolve(folder);
  if (!making && existsSync(join(dir, UNFINISHED)))
    throw new HedgerowError(
      'workspace_damaged',
      `The workspace ${dir} is not finished: its making goes on, or was cut off.`,
      'If nothing makes it any more, remove the folder and make it anew; nothing of yours is in it yet.',
    );
  const patience = desk ? PATIENCE.work : 0;
  // Not the writer: a frozen set or a repair is waited for.
  const writer = dbWorker(environment, dir, 'write');
  const reader = dbWorker(environment, dir, 'read', { panels: !desk });
  // Its thread starts beside the writer's; it opens the file with its first call.
  reader.start();
  try {
    await writer.call('ready', null);
  } catch (error) {
    await Promise.all([writer.stop(), reader.stop()]);
    throw error;
  }
  const threads = environment.threads ?? Math.max(1, Math.min(16, availableParallelism() - (desk ? 1 : 0)));
  const computing = (name: string, given = {}): WorkerClient<ComputeProcedures> =>
    new WorkerClient(name, environment.workers.compute, { workerData: given });
  const compute = Array.from({ length: threads }, (_, i) => computing(`compute ${i + 1}`, { patience }));
  return {
    environment,
    dir,
    writer,
    reader,
    panelReader: desk ? dbWorker(environment, dir, 'read', { panels: true }) : reader,
    doctor: dbWorker(environment, dir, 'read', { patience: desk ? PATIENCE.looks : 0, panels: true }),
    io: new WorkerClient<IoProcedures>('import', environment.workers.io, {
      workerData: { second: threads > 1 ? environment.workers.io : null, patience },
    }),
    compute,
    answering: desk ? computing('answering') : compute[0]!,
    threads,
    panels: new Map(),
  };
}

/** Ends the workers; the writer closes its file and frees the lock first. */
export async function closeSession(session: Session): Promise<void> {
  await Promise.allSettled([
    session.reader.stop(),
    session.panelReader.stop(),
    session.doctor.stop(),
    session.io.stop(),
    session.answering.stop(),
    ...session.compute.map((worker) => worker.stop()),
  ]);
  // A writer that was lost left its lock: only its next life can free it.
  await session.writer.call('ready', null).catch(() => undefined);
  await session.writer.call('close', null).catch(() => undefined);
  await session.writer.stop();
}

/** Opens, works, closes. */
export async function withSession<T>(
  environment: CoreEnvironment,
  folder: string,
  work: (session: Session) => Promise<T>,
  options?: { readonly making: boolean },
): Promise<T> {
  const session = await openSession(environment, folder, options);
  try {
    return await work(session);
  } finally {
    await closeSession(session);
  }
}

/** An ISO day given by the user as EpochDay. */
export function dayGiven(text: string, what: string): EpochDay {
  const day = parseIsoDay(text);
  if (day === null)
    throw new HedgerowError('usage', `${what} "${text}" is not a date: ${whyNoDay(text)}.`, 'Write a day that there is, as YYYY-MM-DD.');
  return day;
}

/** A knowledge day given by the user: nothing is known in the future. */
export function knownDayGiven(environment: CoreEnvironment, text: string): EpochDay {
  const day = dayGiven(text, 'known-as-of');
  if (day > today(environment))
    throw new HedgerowError('usage', `The known-as-of day ${text} is in the future.`, 'Choose today or an earlier day.');
  return day;
}

export const iso = (day: number): string => formatIsoDay(day as EpochDay);

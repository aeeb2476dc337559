/** The core as the shells use it: the method table of the contract over one open workspace. Input is validated by the shells' handler. */
import { existsSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Columns, CoreEvent, Input, JobState, Method, Output } from '../contract/methods.ts';
import { METHODS } from '../contract/methods.ts';
import { isSlow, type Asker } from '../contract/questions.ts';
import { isOfProgram } from '../contract/shown.ts';
import { HedgerowError } from '../contract/errors.ts';
import { getBook } from './book.ts';
import { compareSettings, type CompareInput } from './compare-settings.ts';
import { cubeTable } from './cube-table.ts';
import { holdingsTable } from './holdings-table.ts';
import type { CoreEnvironment } from './environment.ts';
import { createFiles, type Files } from './files.ts';
import { createHealth } from './health-table.ts';
import { ordersTable } from './orders/table.ts';
import { identitiesTable } from './identities.ts';
import { commitStage, discardStage, listBatches, stageFile, undoBatch } from './imports.ts';
import { createJobs } from './jobs.ts';
import { followPreferences, getPreferences, setPreference } from './preferences.ts';
import { listRecent, noteOpened } from './recent.ts';
import { riskTable } from './risk/table.ts';
import { listRuns, startRun } from './runs.ts';
import { searchSecurities, showSecurity } from './security.ts';
import { securityTable } from './security-table.ts';
import { closeSession, nowIso, openSession, type Hooks, type Session } from './session.ts';
import { createService } from './service/index.ts';
import type { CoreContext, Kind, Table } from './table.ts';
import { tells } from './telling.ts';
import { workbenchTable } from './workbench/table.ts';
import { travelTable } from './travel-table.ts';
import { universeTable } from './universe.ts';
import { updateTable } from './update/table.ts';
import { createWorkspaceAt, markForDoubleClick } from './workspaces.ts';

type Answer<M extends Method> = Kind<M> extends 'job' ? { readonly jobId: number } : Output[M];

export interface Core {
  /** `call` methods answer their output, `job` methods the id of the started job. Rejects with HedgerowError. */
  call<M extends Method>(method: M, input: Input<M>, asker?: Asker): Promise<Answer<M>>;
  columns<M extends Method>(method: M, input: Input<M>, asker?: Asker): Promise<Columns>;
  events(listener: (event: CoreEvent) => void): () => void;
  readonly files: Pick<Files, 'registerPath' | 'path' | 'spool' | 'artifact' | 'installer'>;
  /** How many workspaces were opened so far: `OpenWorkspace.opened` of the open one. */
  opened(): number;
  /** Folder of the open workspace; null when none is open. */
  openFolder(): string | null;
  close(): Promise<void>;
}

/** Any entry of the table, once its input is validated. */
type Run = (input: unknown, hooks: Required<Hooks>) => unknown;

/** How long a workspace that is left may take to answer. */
const LEAVING_MS = 2000;

interface CoreOptions {
  /** Milliseconds after which a question is shown as a job. */
  readonly shownAfter?: number;
}

/** Makes the core of a shell; one workspace is open at a time. */
export async function createCore(environment: CoreEnvironment, { shownAfter }: CoreOptions = {}): Promise<Core> {
  const listeners = new Set<(event: CoreEvent) => void>();
  const emit = (event: CoreEvent): void => listeners.forEach((listener) => listener(event));
  const stopFollowing = followPreferences(environment.home, (key, value) => emit({ type: 'preference', key, value }));
  const jobs = createJobs(
    (job) => emit({ type: 'job', job }),
    () => opened,
    shownAfter,
  );
  const files = createFiles(environment.home);
  let session: Session | null = null;
  let opened = 0;

  function current(): Session {
    if (!session) throw new HedgerowError('not_found', 'No workspace is open.', 'Open or create one.');
    return session;
  }

  async function changed(): Promise<void> {
    emit({ type: 'workspace', revision: session ? (await session.reader.call('state', null)).revision : null });
    if (session) void health.lookIfChanged().catch(() => undefined);
  }

  /** What the open workspace is being asked, jobs apart. */
  const asked = new Set<Promise<unknown>>();
  async function ask(method: Method, input: unknown, asker: Asker = {}): Promise<unknown> {
    const run = table[method] as Run;
    const answer = isSlow(method)
      ? jobs.answer(method, asker, async (hooks) => run(input, hooks))
      : Promise.resolve(run(input, undefined as never));
    if (!isOfProgram(method)) asked.add(answer);
    try {
      return await answer;
    } finally {
      asked.delete(answer);
    }
  }
  /**
   * Closes what is open no longer. What it is asked by now is answered first, unless that takes long; questions whose answers nobody can look at
   * any more are given up at once, before the next workspace is asked any.
   */
  async function leave(left: Session): Promise<void> {
    jobs.giveUpAnswers();
    const patience = sleep(LEAVING_MS, null, { ref: false });
    await Promise.race([Promise.allSettled(asked), patience]);
    await closeSession(left);
  }

  async function close(): Promise<void> {
    const open = session;
    session = null;
    if (open) await leave(open);
  }

  let switching: Promise<unknown> = Promise.resolve();
  /** What changes which workspace is open is done one after the other: windows ask when they like. */
  function alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = switching.then(work);
    switching = turn.catch(() => undefined);
    return turn;
  }

  /** Gives up a look at the data; the open workspace is then left unless more works in it than the `own` jobs, which are those that ask. */
  async function refuseWhileBusy(own = 0): Promise<void> {
    const refuse = (): void => {
      const works = ({ status, method }: JobState): boolean => status === 'running' && method !== 'doctor.look' && !isSlow(method);
      if (session && jobs.list().filter(works).length > own)
        throw new HedgerowError('blocked', 'A job is running in the open workspace.', 'Wait for it or cancel it first.');
    };
    refuse();
    await health.stop();
    refuse();
  }

  const open = (dir: string, own = 0): Promise<Output['workspace.open']> =>
    alone(async () => {
      if (session?.dir !== dir) await openAnother(dir, own);
      noteOpened(environment.home, dir, nowIso(environment));
      const info = await current().reader.call('info', null);
      await changed();
      return info;
    });

  async function openAnother(dir: string, own: number): Promise<void> {
    await refuseWhileBusy(own);
    const next = await openSession(environment, dir, { desk: true });
    try {
      // Opening takes a while: a job may have begun meanwhile.
      await refuseWhileBusy(own);
    } catch (error) {
      await closeSession(next);
      throw error;
    }
    markForDoubleClick(dir);
    const before = session;
    session = next;
    opened += 1;
    if (before) await leave(before);
  }

  /** A folder in the workspaces folder that does not exist yet. */
  function freeFolder(name: string): string {
    for (let i = 1; ; i++) {
      const dir = join(environment.home, 'workspaces', `${i === 1 ? name : `${name} ${i}`}.hedgerow`);
      if (!existsSync(dir)) return dir;
    }
  }

  const whileClosed = (work: (dir: string) => Promise<void>): Promise<Output['workspace.open']> =>
    alone(async () => {
      const { dir } = current();
      await refuseWhileBusy(1);
      await close();
      try {
        await work(dir);
      } finally {
        session = await openSession(environment, dir, { desk: true });
        await changed();
      }
      return session.reader.call('info', null);
    });

  const context: CoreContext = { environment, files, current, changed, whileClosed };
  const health = createHealth(context, jobs);
  const service = createService(environment.home, environment.softwareVersion, current);
  await service.resume();

  const table: Table = {
    'settings.compare': (input, hooks) => compareSettings(current(), input as CompareInput, hooks),
    ...cubeTable(context, service),
    ...holdingsTable(context),
    ...identitiesTable(context),
    ...health.table,
    ...ordersTable(context),
    ...riskTable(context),
    ...workbenchTable(context),
    ...updateTable(context),
    ...securityTable(context),
    ...universeTable(context),
    ...travelTable(context),
    'workspace.recent': () => listRecent(environment.home, files.registerPath),
    'workspace.open': ({ handle }) => {
      const { path } = files.source(handle);
      // A double click gives a file; the folder around it is the workspace.
      return open(['workspace.db', 'open.hedgerow'].includes(basename(path)) ? dirname(path) : path);
    },
    'workspace.create': async ({ name }) => {
      // Not made and then not opened: trying again would make a second one.
      await refuseWhileBusy();
      const dir = freeFolder(name);
      // Its name is its folder's: a second one of this name is told from the first.
      await createWorkspaceAt(environment, dir);
      return open(dir);
    },
    'workspace.createSample': async (_, hooks) => {
      await refuseWhileBusy(1);
      const dir = freeFolder('Sample (simulated)');
      await createWorkspaceAt(environment, dir, { sample: true, ...hooks });
      return open(dir, 1);
    },
    'workspace.info': async () => {
      if (!session) return null;
      const of = opened;
      const { reader } = session;
      const [info, deskChanges] = await Promise.all([reader.call('info', null), reader.call('countJournal', { action: 'desk' })]);
      return { ...info, opened: of, deskChanges };
    },
    'workspace.close': () =>
      alone(async () => {
        await refuseWhileBusy();
        await close();
        await changed();
        return null;
      }),
    'import.stage': ({ handle, options }, hooks) => stageFile(current(), files.source(handle), (options ?? {}) as never, hooks),
    'import.commit': async ({ stageId, ...choices }, hooks) => {
      const report = await commitStage(current(), stageId, choices, hooks);
      await changed();
      return report;
    },
    'import.discard': async ({ stageId }) => {
      await discardStage(current(), stageId);
      return null;
    },
    'batches.list': () => listBatches(current()),
    'batches.undo': async ({ batchId }) => {
      const row = await undoBatch(current(), batchId);
      await changed();
      return row;
    },
    'run.start': async (input, hooks) => {
      const { summary } = await startRun(current(), input as never, hooks);
      await changed();
      return summary;
    },
    'runs.list': () => listRuns(current()),
    'run.repeat': async ({ runId }, hooks) => {
      const { summary, same } = await startRun(current(), { like: runId }, hooks);
      return { summary, same: same === true };
    },
    'security.search': ({ text, limit }) => searchSecurities(current(), text, limit),
    'security.show': (input) => showSecurity(current(), input),
    'snapshots.list': () => current().reader.call('snapshots', null),
    'book.get': (input, hooks) => getBook(current(), input, hooks),
    'files.offer': ({ name, text }) => {
      const path = join(files.artifactFolder(), name);
      writeFileSync(path, text, { mode: 0o600 });
      return files.offer(path);
    },
    'preferences.get': () => getPreferences(environment.home),
    'preferences.set': ({ key, value }) => {
      setPreference(environment.home, key, value);
      return null;
    },
    'jobs.get': ({ jobId }) => jobs.get(jobId),
    'jobs.list': () => jobs.list(),
    'jobs.cancel': ({ jobId }) => jobs.cancel(jobId),
  };

  return {
    async call(method, input, asker) {
      if (METHODS[method].kind !== 'job') {
        const answer = await ask(method, input, asker);
        // What is done is done, whether or not it could be told.
        if (tells(method, input)) await changed().catch(() => undefined);
        return answer as never;
      }
      return jobs.start(method, (hooks) => Promise.resolve((table[method] as Run)(input, hooks))) as never;
    },
    columns: (method, input, asker) => ask(method, input, asker) as Promise<Columns>,
    events(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    files,
    opened: () => opened,
    openFolder: () => session?.dir ?? null,
    async close() {
      stopFollowing();
      await jobs.close();
      await service.close();
      await alone(close);
      files.close();
    },
  };
}

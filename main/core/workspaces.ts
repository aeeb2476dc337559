/** Making, filling, backing up and restoring workspaces. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { sessionDays } from '../calendar/index.ts';
import type { WorkspaceInfo } from '../contract/results.ts';
import { HedgerowError } from '../contract/errors.ts';
import { WorkerClient } from '../workers/rpc.ts';
import type { FolderProcedures } from '../workers/db/folder.ts';
import type { CoreEnvironment } from './environment.ts';
import { importFile } from './imports.ts';
import { setDesk } from './orders/desk.ts';
import { SAMPLE_DESK } from './sample/holdings.ts';
import { sampleFiles } from './sample/sample.ts';
import { withSession, type Hooks, type Session } from './session.ts';

/** A db worker that is not bound to an open workspace: it makes and restores folders. */
async function withFolderWorker<T>(environment: CoreEnvironment, work: (worker: WorkerClient<FolderProcedures>) => Promise<T>): Promise<T> {
  const { softwareVersion, nativeBinding } = environment;
  const worker = new WorkerClient<FolderProcedures>('folder', environment.workers.db, {
    workerData: { mode: 'folder', softwareVersion, nativeBinding },
  });
  try {
    return await work(worker);
  } finally {
    await worker.stop();
  }
}

export interface CreateOptions extends Hooks {
  readonly sample?: boolean;
}

/** Makes a workspace folder with the starter ETF map, or with the simulated sample market. A failed attempt leaves nothing behind. */
export async function createWorkspaceAt(environment: CoreEnvironment, folder: string, options: CreateOptions = {}): Promise<WorkspaceInfo> {
  const dir = resolve(folder);
  const { sample = false } = options;
  await withFolderWorker(environment, (worker) => worker.call('create', { dir, simulated: sample }));
  try {
    const fill = async (session: Session): Promise<WorkspaceInfo> => {
      if (sample) await fillSample(session, options);
      else await importFile(session, join(environment.resources, 'etf-map.csv'), { kind: 'etf-map', source: 'starter' }, options);
      await session.writer.call('finish', null);
      return session.reader.call('info', null);
    };
    return await withSession(environment, dir, fill, { making: true });
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

/** Imports the simulated files through the ordinary import path. */
async function fillSample(session: Session, hooks: Hooks): Promise<void> {
  const spool = mkdtempSync(join(tmpdir(), 'hedgerow-sample-'));
  try {
    const files = sampleFiles(sessionDays());
    for (const [i, file] of files.entries()) {
      const path = join(spool, file.name);
      writeFileSync(path, file.text);
      hooks.onProgress?.(i / files.length, `sample: ${file.name}`);
      const report = await importFile(session, path, { kind: file.kind, source: 'simulated' }, { signal: hooks.signal });
      if (report.outcome !== 'committed')
        throw new HedgerowError(
          'internal',
          `The sample file ${file.name} was not accepted (${report.outcome}).`,
          'Report this.',
          report.issues.slice(0, 20),
        );
    }
    await setDesk(session, SAMPLE_DESK, 'sample');
  } finally {
    rmSync(spool, { recursive: true, force: true });
  }
}

/**
 * A folder cannot be double-clicked into a program everywhere, so a file in it can: the system opens `.hedgerow` files with
 * Hedgerow, which opens the workspace around them. Its absence is no fault.
 */
export function markForDoubleClick(dir: string): void {
  try {
    writeFileSync(join(dir, 'open.hedgerow'), 'Double-click this file to open the workspace around it in Hedgerow.\n', { flag: 'wx' });
  } catch {
    // It is there already, or the folder cannot be written to.
  }
}

/** Writes a verified backup; answers its path. */
export async function backupTo(environment: CoreEnvironment, folder: string, file: string | undefined): Promise<string> {
  return withSession(environment, folder, (session) =>
    session.writer.call('backup', { file: file === undefined ? undefined : resolve(file) }),
  );
}

/**
 * Puts a backup in place of a workspace's database; answers where the replaced state is kept (null when there was none), and the files of orders
 * that only it had sent (null when it is too damaged to tell). `altered`: also one that is not what was stored, which rejects with `blocked`
 * otherwise.
 */
export async function restoreFrom(
  environment: CoreEnvironment,
  folder: string,
  file: string,
  altered = false,
): Promise<{ readonly kept: string | null; readonly forgotten: readonly string[] | null }> {
  return withFolderWorker(environment, (worker) => worker.call('restore', { dir: resolve(folder), file: resolve(file), altered }));
}

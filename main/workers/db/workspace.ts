/** The workspace this worker thread serves, opened on first use. */
import { workerData } from 'node:worker_threads';
import { openWorkspace, type OpenOptions, type Workspace } from '../../../db/index.ts';

interface DbWorkerData {
  readonly dir: string;
  readonly mode: OpenOptions['mode'];
  readonly softwareVersion: string;
  readonly nativeBinding: string | undefined;
  readonly lockToken: string | undefined;
}

let opened: Workspace | null = null;

export function workspace(): Workspace {
  if (!opened) {
    const { dir, mode, softwareVersion, nativeBinding, lockToken } = workerData as DbWorkerData;
    opened = openWorkspace(dir, {
      mode,
      softwareVersion,
      ...(nativeBinding === undefined ? {} : { nativeBinding }),
      ...(lockToken === undefined ? {} : { lockToken }),
    });
  }
  return opened;
}

/** The workspace, where this thread has it open and may write. */
export const openedForWriting = (): Workspace | null => (opened?.mode === 'write' ? opened : null);

export function closeWorkspace(): void {
  opened?.close();
  opened = null;
}

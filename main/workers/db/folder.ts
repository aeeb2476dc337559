/** Procedures on workspace folders as a whole; they need no open workspace. */
import { workerData } from 'node:worker_threads';
import { createWorkspace, restoreWorkspace } from '../../../db/index.ts';

export type { ForgottenOrders, RestoreDetail } from '../../../db/index.ts';

interface FolderWorkerData {
  readonly softwareVersion: string;
  readonly nativeBinding: string | undefined;
}

function options(): { softwareVersion: string; nativeBinding?: string } {
  const { softwareVersion, nativeBinding } = workerData as FolderWorkerData;
  return { softwareVersion, ...(nativeBinding === undefined ? {} : { nativeBinding }) };
}

export const folderProcedures = {
  /** Makes the workspace, unfinished, and closes it again. */
  create({ dir, simulated }: { dir: string; simulated: boolean }): null {
    createWorkspace(dir, { ...options(), simulated, unfinished: true }).close();
    return null;
  },
  restore({ dir, file, altered }: { dir: string; file: string; altered: boolean }): ReturnType<typeof restoreWorkspace> {
    return restoreWorkspace(dir, file, { ...options(), altered });
  },
};

export type FolderProcedures = typeof folderProcedures;

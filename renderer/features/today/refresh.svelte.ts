/** The daily refresh, startable from anywhere; its result outlives the screen. */
import type { ErrorData } from '../../../main/contract/errors.ts';
import type { JobState } from '../../../main/contract/methods.ts';
import type { RefreshResult } from '../../../main/contract/results-workbench.ts';
import { errorData } from '../../lib/api.ts';
import { app, onLeave, refresh } from '../../lib/app.svelte.ts';
import { jobs, runJob, waitFor } from '../../lib/jobs.svelte.ts';

export const today = $state({
  busy: false,
  result: undefined as RefreshResult | undefined,
  error: undefined as ErrorData | undefined,
  /** The job that was waited for last. */
  jobId: null as number | null,
  /** Counts refreshes: what is shown follows it. */
  round: 0,
});

onLeave(() => Object.assign(today, { result: undefined, error: undefined }));

/** Imports the given files, or what waits in the watched folder, and runs. */
export const refreshToday = (handles?: readonly string[]): Promise<void> =>
  follow(async () => {
    const input = handles === undefined ? {} : { handles: [...handles] };
    const result = await runJob('today.refresh', input, (jobId) => (today.jobId = jobId));
    // What was just made is what is looked at.
    Object.assign(app, { runId: '', date: '', snapshotId: null });
    return result;
  });

/** The last refresh of this workspace, also one that another window or this page before a reload began. */
export const lastRefresh = (): JobState | undefined =>
  Object.values(jobs.byId).findLast(({ method, opened }) => method === 'today.refresh' && opened === app.workspace?.opened);

/** Waits for a refresh that goes on already, or has ended; nothing when this page waits for one, or has told of it. */
export async function followRefresh(jobId: number): Promise<void> {
  if (today.busy || today.jobId === jobId) return;
  today.jobId = jobId;
  await follow(() => waitFor('today.refresh', jobId));
}

async function follow(work: () => Promise<RefreshResult>): Promise<void> {
  if (today.busy) return;
  today.busy = true;
  today.error = undefined;
  today.result = undefined;
  try {
    today.result = await work();
  } catch (error) {
    today.error = errorData(error);
  } finally {
    await refresh();
    today.round += 1;
    today.busy = false;
  }
}

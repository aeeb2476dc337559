/** The daily refresh, startable from anywhere; its result outlives the screen. */
import type { ErrorData } from '../../../main/contract/errors.ts';
import type { RefreshResult } from '../../../main/contract/results-workbench.ts';
import { errorData } from '../../lib/api.ts';
import { app, onLeave, refresh } from '../../lib/app.svelte.ts';
import { runJob, waitFor } from '../../lib/jobs.svelte.ts';

export const today = $state({
  busy: false,
  result: undefined as RefreshResult | undefined,
  error: undefined as ErrorData | undefined,
  /** Counts refreshes: what is shown follows it. */
  round: 0,
});

onLeave(() => Object.assign(today, { result: undefined, error: undefined }));

/** Imports the given files, or what waits in the watched folder, and runs. */
export const refreshToday = (handles?: readonly string[]): Promise<void> =>
  follow(async () => {
    const result = await runJob('today.refresh', handles === undefined ? {} : { handles: [...handles] });
    // What was just made is what is looked at.
    Object.assign(app, { runId: '', date: '', snapshotId: null });
    return result;
  });

/** Waits for a refresh that goes on already; nothing when this page waits for it. */
export const followRefresh = (jobId: number): Promise<void> => follow(() => waitFor('today.refresh', jobId));

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

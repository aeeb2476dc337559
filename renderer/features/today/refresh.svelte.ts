/** The daily refresh, startable from anywhere; its result outlives the screen. */
import type { ErrorData } from '../../../main/contract/errors.ts';
import type { RefreshResult } from '../../../main/contract/results-workbench.ts';
import { errorData } from '../../lib/api.ts';
import { app, refresh } from '../../lib/app.svelte.ts';
import { runJob } from '../../lib/jobs.svelte.ts';

export const today = $state({
  busy: false,
  result: undefined as RefreshResult | undefined,
  error: undefined as ErrorData | undefined,
  /** Counts refreshes: what is shown follows it. */
  round: 0,
});

/** Imports the given files, or what waits in the watched folder, and runs. */
export async function refreshToday(handles?: readonly string[]): Promise<void> {
  if (today.busy) return;
  today.busy = true;
  today.error = undefined;
  today.result = undefined;
  try {
    today.result = await runJob('today.refresh', handles === undefined ? {} : { handles: [...handles] });
    // What was just made is what is looked at.
    app.runId = '';
    app.date = '';
    app.snapshotId = null;
  } catch (error) {
    today.error = errorData(error);
  } finally {
    await refresh();
    today.round += 1;
    today.busy = false;
  }
}

/** Opening workspaces, from the start screen and from the menu. */
import type { ErrorData } from '../../../main/contract/errors.ts';
import { bridge, call, errorData } from '../../lib/api.ts';
import { go, refresh } from '../../lib/app.svelte.ts';
import { runJob } from '../../lib/jobs.svelte.ts';

export const opening = $state({ busy: false, error: undefined as ErrorData | undefined });

/** Does one thing at a time, keeps its error for the screen, and goes to `next` when it worked. */
async function attempt(work: () => Promise<unknown>, next: 'import' | 'runs' | 'book'): Promise<void> {
  opening.busy = true;
  opening.error = undefined;
  try {
    await work();
    await refresh();
    go(next);
  } catch (error) {
    opening.error = errorData(error);
    go('start');
  } finally {
    opening.busy = false;
  }
}

export const openRecent = (handle: string): Promise<void> => attempt(() => call('workspace.open', { handle }), 'book');
export const create = (name: string): Promise<void> => attempt(() => call('workspace.create', { name }), 'import');
export const openSample = (): Promise<void> => attempt(() => runJob('workspace.createSample', {}), 'runs');

export async function openFolder(): Promise<void> {
  const handle = await bridge?.chooseWorkspace();
  if (handle) await openRecent(handle);
}

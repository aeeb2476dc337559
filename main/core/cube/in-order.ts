/** Pieces computed by many workers, used in order. */
import { HedgerowError } from '../../contract/errors.ts';
import type { Hooks } from '../session.ts';

/** Pieces each worker may be ahead of the file. */
const AHEAD = 4;

/**
 * Starts `start(i)` for i in 0 … count-1, at most `workers` x `ahead` at a time, and hands each answer to `use` in order.
 * Rejects with cancelled when the signal says so, else with the first failure.
 */
export async function inOrder<T>(
  count: number,
  workers: number,
  start: (index: number) => Promise<T>,
  use: (answer: T) => Promise<void> | void,
  hooks: Hooks,
  ahead = AHEAD,
): Promise<void> {
  const pending: (Promise<T> | undefined)[] = [];
  const launch = (index: number): void => {
    if (index >= count) return;
    const answer = start(index);
    answer.catch(() => undefined); // Awaited later, or never when an earlier piece fails.
    pending[index] = answer;
  };
  for (let i = 0; i < workers * ahead; i++) launch(i);
  for (let i = 0; i < count; i++) {
    if (hooks.signal?.aborted) throw new HedgerowError('cancelled', 'Cancelled.', 'No file was written.');
    const answer = await pending[i]!;
    pending[i] = undefined;
    launch(i + workers * ahead);
    await use(answer);
    hooks.onProgress?.((i + 1) / count, 'writing metrics');
  }
}

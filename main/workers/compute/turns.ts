/** Long work of a compute worker, which answers other questions in between. */
import type { TaskContext } from '../rpc.ts';

/** Milliseconds that others wait at most. */
const TURN = 25;

/**
 * Does `work` on each item and tells how many are done. What else the worker is asked meanwhile is answered in between: no state of the worker
 * may be relied on from one item to the next. Rejects with cancelled when the caller gave up.
 */
export async function inTurns<T>(
  items: readonly T[],
  { check, progress }: TaskContext,
  work: (item: T, index: number) => void,
): Promise<void> {
  let since = performance.now();
  for (const [index, item] of items.entries()) {
    check();
    work(item, index);
    if (performance.now() - since < TURN) continue;
    progress((index + 1) / items.length);
    await new Promise((next) => void setImmediate(next));
    since = performance.now();
  }
}

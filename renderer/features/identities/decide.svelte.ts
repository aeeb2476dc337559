/** A decision being made on the screen: tried out first, then stored; what it said stays until the next one. */
import type { ErrorData } from '../../../main/contract/errors.ts';
import type { DecisionResult } from '../../../main/contract/results-identities.ts';
import { ApiError, call, errorData } from '../../lib/api.ts';
import { runJob } from '../../lib/jobs.svelte.ts';

export const decision = $state({
  busy: false,
  error: undefined as ErrorData | undefined,
  /** The last result: a trial (batchId null), or what was stored. */
  result: undefined as DecisionResult | undefined,
  undone: false,
});

export function forget(): void {
  decision.error = undefined;
  decision.result = undefined;
  decision.undone = false;
}

/** Runs a decision; true when it went through. */
export async function decide(work: () => Promise<DecisionResult>): Promise<boolean> {
  decision.busy = true;
  forget();
  try {
    decision.result = await work();
    return true;
  } catch (thrown) {
    decision.error = errorData(thrown);
    return false;
  } finally {
    decision.busy = false;
  }
}

/** Takes a decision back. */
export async function undo(batchId: number): Promise<void> {
  decision.busy = true;
  decision.error = undefined;
  try {
    await runJob('batches.undo', { batchId }, () => undefined);
    if (decision.result?.batchId === batchId) decision.undone = true;
  } catch (thrown) {
    decision.error = errorData(thrown);
  } finally {
    decision.busy = false;
  }
}

/** The security a text names, when it names one. */
export async function findOne(text: string): Promise<number> {
  const hits = await call('identities.find', { text });
  const wanted = text.trim().toUpperCase();
  const exact = hits.filter(
    (hit) => hit.ticker === wanted || hit.matched.toUpperCase().split(' ').includes(wanted) || /^#?\d+$/.test(wanted),
  );
  const found = exact.length > 0 ? exact : hits;
  if (found.length === 1) return found[0]!.securityId;
  const some = found.slice(0, 6).map((hit) => `#${hit.securityId} ${hit.ticker}`);
  throw new ApiError(
    found.length === 0
      ? {
          code: 'not_found',
          message: `Nothing is called ${text}.`,
          action: 'Write a ticker, a name or a number such as #12.',
          retryable: true,
        }
      : {
          code: 'ambiguous',
          message: `${text} means ${found.length} securities: ${some.join(', ')}.`,
          action: 'Write the number of one.',
          retryable: true,
        },
  );
}

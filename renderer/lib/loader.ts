/** What is shown of data that loads: which answer counts, and when the one shown is old. `resource.svelte.ts` makes it reactive. */
import type { ErrorData } from '../../main/contract/errors.ts';
import { errorData } from './api.ts';

export interface Loaded<T> {
  /** The last good answer, shown while a newer one loads; undefined before the first. */
  data: T | undefined;
  error: ErrorData | undefined;
  loading: boolean;
  /** Loading for so long that what is shown should be marked as old: a quick answer must not make the screen flicker. */
  late: boolean;
}

export interface LoaderOptions {
  /** Milliseconds to wait for further changes of what is to be loaded. */
  readonly delay?: number;
  /** While one load goes on, changes wait for its end, and only the last of them is loaded: nothing is late by more than one load. */
  readonly oneAtATime?: boolean;
}

/** Milliseconds without an answer after which one is late. */
const LATE = 250;

export interface Loader<T> {
  /** Loads by `work`, in place of what was asked for before; null = nothing to load. Answers what takes it back while it waits. */
  begin(work: (() => Promise<T>) | null): (() => void) | undefined;
  /** Nobody looks any more. */
  stop(): void;
}

/** Keeps `shown` as the answers come, in whatever order they come. */
export function loader<T>(shown: Loaded<T>, { delay = 0, oneAtATime = false }: LoaderOptions = {}): Loader<T> {
  let clock: ReturnType<typeof setTimeout> | undefined;
  const startClock = (): void => void (clock ??= setTimeout(() => (shown.late = true), LATE));
  const stopClock = (): void => {
    clearTimeout(clock);
    clock = undefined;
    shown.late = false;
  };
  let latest = 0;
  let busy = false;
  let next: (() => void) | undefined;

  function begin(work: (() => Promise<T>) | null): (() => void) | undefined {
    const turn = (latest += 1);
    next = undefined;
    if (!work) {
      Object.assign(shown, { data: undefined, error: undefined, loading: false });
      stopClock();
      return undefined;
    }
    shown.loading = true;
    startClock();
    const settle = (value: T | undefined, reason: ErrorData | undefined): void => {
      busy = false;
      const waiting = next;
      next = undefined;
      // With one load at a time an answer is shown although a newer one is asked for next.
      if (turn === latest || (waiting && !reason)) {
        shown.data = value;
        shown.error = reason;
      }
      stopClock();
      if (turn === latest) shown.loading = false;
      // What was asked for before may come after what was asked for last: then nothing is waited for any more.
      else if (shown.loading) startClock();
      waiting?.();
    };
    const run = (): void => {
      if (busy && oneAtATime) return void (next = run);
      busy = true;
      work().then(
        (value) => settle(value, undefined),
        (reason: unknown) => settle(undefined, errorData(reason)),
      );
    };
    if (delay === 0) {
      run();
      return undefined;
    }
    const timer = setTimeout(run, delay);
    return () => clearTimeout(timer);
  }

  return { begin, stop: () => clearTimeout(clock) };
}

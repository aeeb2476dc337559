/** What is shown of data that loads: which answer counts, and when the one shown is old. `resource.svelte.ts` makes it reactive. */
import type { ErrorData } from '../../main/contract/errors.ts';
import { errorData, type Question } from './api.ts';

export interface Loaded<T> {
  /** The last good answer, shown while a newer one loads; undefined before the first. */
  data: T | undefined;
  error: ErrorData | undefined;
  loading: boolean;
  /** Loading for so long that what is shown should be marked as old: a quick answer must not make the screen flicker. */
  late: boolean;
  /** Name of what is asked for, as its jobs have it; '' before the first. */
  question: string;
}

export interface LoaderOptions {
  /** Milliseconds to wait for further changes of what is to be loaded. */
  readonly delay?: number;
  /** While one load goes on, changes wait for its end, and only the last of them is loaded: nothing is late by more than one load. */
  readonly oneAtATime?: boolean;
  /** Told of each question whose answer nobody waits for any more. */
  readonly giveUp?: (question: string) => void;
}

const CANCELLED: ErrorData = { code: 'cancelled', message: 'Nothing was loaded.', action: 'It can be asked for again.', retryable: true };

/** Milliseconds without an answer after which one is late. */
const LATE = 250;

export interface Loader<T> {
  /** Loads by `work`, in place of what was asked for before; null = nothing to load. Answers what takes it back while it waits. */
  begin(work: ((question: Question) => Promise<T>) | null): (() => void) | undefined;
  /** Somebody gives up what loads, which is then said in its place. */
  cancel(): void;
  /** Nobody looks any more. */
  stop(): void;
}

/** Keeps `shown` as the answers come, in whatever order they come. */
export function loader<T>(shown: Loaded<T>, { delay = 0, oneAtATime = false, giveUp }: LoaderOptions = {}): Loader<T> {
  let clock: ReturnType<typeof setTimeout> | undefined;
  const startClock = (): void => void (clock ??= setTimeout(() => (shown.late = true), LATE));
  const stopClock = (): void => {
    clearTimeout(clock);
    clock = undefined;
    shown.late = false;
  };
  let open: AbortController | null = null;
  const leave = (): void => {
    if (open) giveUp?.(shown.question);
    open?.abort();
    open = null;
  };
  let latest = 0;
  let busy = false;
  let next: (() => void) | undefined;

  function begin(work: ((question: Question) => Promise<T>) | null): (() => void) | undefined {
    const turn = (latest += 1);
    next = undefined;
    if (!work) {
      leave();
      Object.assign(shown, { data: undefined, error: undefined, loading: false });
      stopClock();
      return undefined;
    }
    shown.loading = true;
    startClock();
    const name = crypto.randomUUID();
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
      if (name === shown.question) open = null;
      if (turn === latest) shown.loading = false;
      // What was asked for before may come after what was asked for last: then nothing is waited for any more.
      else if (shown.loading) startClock();
      waiting?.();
    };
    const run = (): void => {
      if (busy && oneAtATime) return void (next = run);
      leave();
      busy = true;
      open = new AbortController();
      shown.question = name;
      work({ name, signal: open.signal }).then(
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

  return {
    begin,
    cancel() {
      leave();
      latest += 1;
      next = undefined;
      stopClock();
      Object.assign(shown, { data: undefined, error: CANCELLED, loading: false });
    },
    stop() {
      clearTimeout(clock);
      leave();
    },
  };
}

/** Data that follows reactive inputs: loads when they change, keeps the last answer meanwhile, drops answers that come late. */
import type { ErrorData } from '../../main/contract/errors.ts';
import { errorData } from './api.ts';

export interface Resource<T> {
  /** The last good answer, shown while a newer one loads; undefined before the first. */
  readonly data: T | undefined;
  readonly error: ErrorData | undefined;
  readonly loading: boolean;
  /** Loading for so long that what is shown should be marked as old: a quick answer must not make the screen flicker. */
  readonly late: boolean;
  reload(): void;
}

/** Milliseconds without an answer after which one is late. */
const LATE = 250;

/**
 * To be called while a component is set up. `load` reads its reactive inputs before its first await; null = nothing to load.
 * `delay`: milliseconds to wait for further changes of the inputs. `oneAtATime`: while one load goes on, changes of the inputs
 * wait for its end, and only the last of them is loaded; so what follows a slider being dragged is never late by more than one load.
 */
export function resource<T>(
  load: () => (() => Promise<T>) | null,
  { delay = 0, oneAtATime = false }: { delay?: number; oneAtATime?: boolean } = {},
): Resource<T> {
  let data = $state.raw<T>();
  let error = $state.raw<ErrorData>();
  let loading = $state(true);
  let late = $state(false);
  let round = $state(0);
  let clock: ReturnType<typeof setTimeout> | undefined;
  const startClock = (): void => void (clock ??= setTimeout(() => (late = true), LATE));
  const stopClock = (): void => {
    clearTimeout(clock);
    clock = undefined;
    late = false;
  };
  let latest = 0;
  let busy = false;
  let next: (() => void) | undefined;

  $effect(() => {
    void round;
    const turn = (latest += 1);
    const work = load();
    next = undefined;
    if (!work) {
      data = undefined;
      error = undefined;
      loading = false;
      return stopClock();
    }
    loading = true;
    startClock();
    const settle = (value: T | undefined, reason: ErrorData | undefined): void => {
      busy = false;
      const waiting = next;
      next = undefined;
      // With one load at a time an answer is shown although a newer one is asked for next.
      if (turn === latest || (waiting && !reason)) {
        data = value;
        error = reason;
      }
      stopClock();
      if (turn === latest) loading = false;
      else startClock();
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
    if (delay === 0) return run();
    const timer = setTimeout(run, delay);
    return () => clearTimeout(timer);
  });

  $effect(() => () => clearTimeout(clock));

  return {
    get data() {
      return data;
    },
    get error() {
      return error;
    },
    get loading() {
      return loading;
    },
    get late() {
      return late;
    },
    reload: () => (round += 1),
  };
}

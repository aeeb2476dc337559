/** Data that follows reactive inputs: loads when they change, keeps the last answer meanwhile, drops answers that come late. */
import type { ErrorData } from '../../main/contract/errors.ts';
import { errorData } from './api.ts';

export interface Resource<T> {
  /** The last good answer, shown while a newer one loads; undefined before the first. */
  readonly data: T | undefined;
  readonly error: ErrorData | undefined;
  readonly loading: boolean;
  reload(): void;
}

/**
 * To be called while a component is set up. `load` reads its reactive inputs before its first await; null = nothing to load.
 * `delay`: milliseconds to wait for further changes of the inputs.
 */
export function resource<T>(load: () => (() => Promise<T>) | null, delay = 0): Resource<T> {
  let data = $state.raw<T>();
  let error = $state.raw<ErrorData>();
  let loading = $state(true);
  let round = $state(0);
  let latest = 0;

  $effect(() => {
    void round;
    const turn = (latest += 1);
    const work = load();
    if (!work) {
      data = undefined;
      error = undefined;
      loading = false;
      return;
    }
    loading = true;
    const run = (): void => {
      work().then(
        (value) => {
          if (turn !== latest) return;
          data = value;
          error = undefined;
          loading = false;
        },
        (reason: unknown) => {
          if (turn !== latest) return;
          data = undefined;
          error = errorData(reason);
          loading = false;
        },
      );
    };
    if (delay === 0) return run();
    const timer = setTimeout(run, delay);
    return () => clearTimeout(timer);
  });

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
    reload: () => (round += 1),
  };
}

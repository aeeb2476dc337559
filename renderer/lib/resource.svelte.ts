/** Data that follows reactive inputs: loads when they change, keeps the last answer meanwhile, drops answers that come late. */
import { untrack } from 'svelte';
import type { ErrorData } from '../../main/contract/errors.ts';
import type { Question } from './api.ts';
import { giveUp } from './jobs.svelte.ts';
import { loader, type Loaded, type LoaderOptions } from './loader.ts';

export interface Resource<T> extends Readonly<Loaded<T>> {
  reload(): void;
  /** Gives up what loads. */
  cancel(): void;
}

class Shown<T> implements Loaded<T> {
  data = $state.raw<T>();
  error = $state.raw<ErrorData>();
  loading = $state(true);
  late = $state(false);
  question = $state('');
  cancel = (): void => undefined;
  round = $state(0);
  readonly reload = (): void => void (this.round += 1);
}

/**
 * To be called while a component is set up. `load` reads its reactive inputs before its first await; null = nothing to load. Calls that are
 * given the question's name are given up when nobody waits for them any more.
 */
export function resource<T>(
  load: () => ((question: Question) => Promise<T>) | null,
  options: Omit<LoaderOptions, 'giveUp'> = {},
): Resource<T> {
  const shown = new Shown<T>();
  const { begin, stop, cancel } = loader(shown, { ...options, giveUp });
  $effect(() => {
    void shown.round;
    const work = load();
    // Work that begins at once must not add what it reads to what is followed.
    return untrack(() => begin(work));
  });
  shown.cancel = cancel;
  $effect(() => stop);
  return shown;
}

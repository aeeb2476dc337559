/** Data that follows reactive inputs: loads when they change, keeps the last answer meanwhile, drops answers that come late. */
import { untrack } from 'svelte';
import type { ErrorData } from '../../main/contract/errors.ts';
import { loader, type Loaded, type LoaderOptions } from './loader.ts';

export interface Resource<T> extends Readonly<Loaded<T>> {
  reload(): void;
}

class Shown<T> implements Loaded<T> {
  data = $state.raw<T>();
  error = $state.raw<ErrorData>();
  loading = $state(true);
  late = $state(false);
  round = $state(0);
  readonly reload = (): void => void (this.round += 1);
}

/** To be called while a component is set up. `load` reads its reactive inputs before its first await; null = nothing to load. */
export function resource<T>(load: () => (() => Promise<T>) | null, options: LoaderOptions = {}): Resource<T> {
  const shown = new Shown<T>();
  const { begin, stop } = loader(shown, options);
  $effect(() => {
    void shown.round;
    const work = load();
    // Work that begins at once must not add what it reads to what is followed.
    return untrack(() => begin(work));
  });
  $effect(() => stop);
  return shown;
}

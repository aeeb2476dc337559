/** What a person asks a screen for. It outlives the screen: who looks at another one and comes back finds the question as it was. */
import { onLeave } from './app.svelte.ts';

export function remembered<T extends object>(first: () => T): T {
  const now = $state(first());
  // Names, days and runs of one workspace are none of another.
  onLeave(() => Object.assign(now, first()));
  return now;
}

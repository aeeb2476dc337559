/** What is typed into a form and not kept yet. It outlives the tab and the screen: leaving and coming back loses nothing. */
import { onLeave } from './app.svelte.ts';

export class FormDraft<T extends object> {
  typed = $state<T>();
  /** The form as it was filled last. */
  filled = $state.raw<T>();
  readonly unsaved = $derived(this.typed !== undefined && JSON.stringify(this.typed) !== JSON.stringify(this.filled));

  constructor() {
    onLeave(() => Object.assign(this, { typed: undefined, filled: undefined }));
  }

  fill(now: T): void {
    this.typed = structuredClone(now);
    this.filled = now;
  }
}

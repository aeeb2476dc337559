/** What is typed into the desk rules and not saved yet. It outlives the tab and the screen: leaving and coming back loses nothing. */
import type { DeskRules } from '../../../main/contract/desk.ts';
import { onLeave } from '../../lib/app.svelte.ts';
import type { Draft } from './desk.ts';

class DeskDraft {
  typed = $state<Draft>();
  /** The form as the rules filled it last. */
  filled = $state.raw<Draft>();
  /** The rules that what is typed was typed on. */
  rules = $state.raw<DeskRules>();
  readonly unsaved = $derived(this.typed !== undefined && JSON.stringify(this.typed) !== JSON.stringify(this.filled));

  fill(now: Draft, rules: DeskRules): void {
    this.typed = structuredClone(now);
    this.filled = now;
    this.rules = rules;
  }
}

export const deskDraft = new DeskDraft();
onLeave(() => Object.assign(deskDraft, { typed: undefined, filled: undefined, rules: undefined }));

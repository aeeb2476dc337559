/** The desk rules as typed and not saved yet. */
import type { DeskRules } from '../../../main/contract/desk.ts';
import { onLeave } from '../../lib/app.svelte.ts';
import { FormDraft } from '../../lib/form-draft.svelte.ts';
import type { Draft } from './desk.ts';

class DeskDraft extends FormDraft<Draft> {
  /** The rules that what is typed was typed on. */
  rules = $state.raw<DeskRules>();

  override fill(now: Draft, rules: DeskRules | undefined = this.rules): void {
    super.fill(now);
    this.rules = rules;
  }
}

export const deskDraft = new DeskDraft();
onLeave(() => (deskDraft.rules = undefined));

/** Choices of the hedge as edits: what was chosen can be taken back (Ctrl/Cmd+Z) and made again. */
import { untrack } from 'svelte';
import type { DeskRules } from '../../../main/contract/desk.ts';
import { app, go, onLeave } from '../../lib/app.svelte.ts';
import { edits, noteEdit, type Edit } from '../../lib/edits.svelte.ts';
import { choice, chosenNow } from './request.svelte.ts';
import { chosenOf, differences, NAMES, type Chosen } from './usual.ts';

/** Milliseconds of rest that end an edit: a slider that is dragged makes one, not a hundred. */
const REST = 500;

/** What the last edit left. */
let before = chosenNow();

/** Chooses all of it; an edit like any other. */
export function choose(to: Chosen): void {
  const { level, ...rest } = structuredClone(to);
  app.level = level;
  Object.assign(choice, rest);
}

function apply(to: Chosen): Promise<void> {
  before = to;
  choose(to);
  go('hedge');
  return Promise.resolve();
}

/** Whether the ticket of this workspace has begun with the usual one. */
export const ticketStart = $state({ made: false });
onLeave(() => (ticketStart.made = false));

/** Begins the ticket as the desk rules have it, once, which is no edit. */
export function startTicket(ticket: DeskRules['ticket']): void {
  if (ticketStart.made) return;
  if (ticket) choose((before = chosenOf(ticket)));
  ticketStart.made = true;
}

/** To be called while the hedge screen is set up: notes every change that is made on it, at once. */
export function followChoices(): void {
  before = chosenNow();
  /** The edit that goes on while a slider is dragged. */
  let going: { readonly edit: Edit; to: Chosen; at: number } | undefined;

  function note(from: Chosen, to: Chosen): void {
    const changed = differences(from, to);
    if (changed.length === 0) return;
    before = to;
    const label = `hedge: ${changed.map((key) => NAMES[key]).join(', ')}`;
    const at = performance.now();
    if (going?.edit.label === label && at - going.at < REST && edits.done.at(-1) === going.edit) {
      Object.assign(going, { to, at });
      return;
    }
    const edit = noteEdit({ label, undo: () => apply(from), redo: () => apply(made.to) });
    const made = (going = { edit, to, at });
  }
  $effect(() => {
    const now = chosenNow();
    untrack(() => note(before, now));
  });
}

/** Choices of the hedge as edits: what was chosen can be taken back (Ctrl/Cmd+Z) and made again. */
import { untrack } from 'svelte';
import { app, go } from '../../lib/app.svelte.ts';
import { edits, noteEdit, type Edit } from '../../lib/edits.svelte.ts';
import { choice, type Choice } from './request.svelte.ts';

/** Milliseconds of rest that end an edit: a slider that is dragged makes one, not a hundred. */
const REST = 500;

type Chosen = Choice & { readonly level: 1 | 2 | 3 };
const chosenNow = (): Chosen => ({ ...$state.snapshot(choice), level: app.level });

const NAMES: Readonly<Record<keyof Chosen, string>> = {
  layers: 'layers',
  minTrade: 'smallest trade',
  band: 'no-trade band',
  rounding: 'whole shares',
  netting: 'accounts',
  exclude: 'ETFs left out',
  limits: 'limits per ETF',
  grossCap: 'cap on all hedges',
  format: 'format',
  orderType: 'orders',
  limitBps: 'limit distance',
  level: 'level',
};

/** What the last edit left. */
let before = chosenNow();

function apply(to: Chosen): Promise<void> {
  const { level, ...rest } = structuredClone(to);
  before = to;
  app.level = level;
  Object.assign(choice, rest);
  go('hedge');
  return Promise.resolve();
}

/** To be called while the hedge screen is set up: notes every change that is made on it, at once. */
export function followChoices(): void {
  before = chosenNow();
  /** The edit that goes on while a slider is dragged. */
  let going: { readonly edit: Edit; to: Chosen; at: number } | undefined;

  function note(from: Chosen, to: Chosen): void {
    const changed = (Object.keys(NAMES) as (keyof Chosen)[]).filter((key) => JSON.stringify(from[key]) !== JSON.stringify(to[key]));
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

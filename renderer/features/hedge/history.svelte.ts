/** Choices of the hedge as edits: what was chosen can be taken back (Ctrl/Cmd+Z) and made again. */
import { app, go } from '../../lib/app.svelte.ts';
import { noteEdit } from '../../lib/edits.svelte.ts';
import { choice, type Choice } from './request.svelte.ts';

/** Milliseconds of rest that end an edit: a slider that was dragged is one edit, not a hundred. */
const REST = 500;

type Chosen = Choice & { readonly level: 1 | 2 | 3 };
const chosenNow = (): Chosen => ({ ...$state.snapshot(choice), level: app.level });

const NAMES: Readonly<Record<keyof Chosen, string>> = {
  layers: 'layers',
  minTrade: 'smallest trade',
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

/** To be called while the hedge screen is set up: notes every change that is made on it. */
export function followChoices(): void {
  before = chosenNow();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function note(): void {
    clearTimeout(timer);
    timer = undefined;
    const [from, to] = [before, chosenNow()];
    before = to;
    const changed = (Object.keys(NAMES) as (keyof Chosen)[]).filter((key) => JSON.stringify(from[key]) !== JSON.stringify(to[key]));
    if (changed.length === 0) return;
    const label = `hedge: ${changed.map((key) => NAMES[key]).join(', ')}`;
    noteEdit({ label, undo: () => apply(from), redo: () => apply(to) });
  }
  $effect(() => {
    if (JSON.stringify(chosenNow()) === JSON.stringify(before)) return;
    clearTimeout(timer);
    timer = setTimeout(note, REST);
  });
  // A change that was just made is noted before the screen is left.
  $effect(() => () => {
    if (timer !== undefined) note();
  });
}

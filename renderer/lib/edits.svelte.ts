/** Edits that can be taken back (Ctrl/Cmd+Z) and made again, newest last. They live as long as the page; the store keeps what was done. */
import type { ErrorData } from '../../main/contract/errors.ts';
import { errorData, shownWorkspace } from './api.ts';

export interface Edit {
  /** In words, e.g. `import of prices.csv`. */
  readonly label: string;
  readonly undo: () => Promise<unknown>;
  /** null: it cannot be made again. */
  readonly redo: (() => Promise<unknown>) | null;
  /** The import batch it made. */
  readonly batch?: () => number;
}

const KEPT = 100;

export const edits = $state({
  done: [] as Edit[],
  undone: [] as Edit[],
  busy: false,
  /** What was said last, and whether it failed. */
  said: '',
  error: undefined as ErrorData | undefined,
});

/** Notes an edit that was just made, and answers it. What was undone before it cannot be made again. */
export function noteEdit(edit: Edit): Edit {
  edits.done = [...edits.done, edit].slice(-KEPT);
  edits.undone = [];
  edits.said = '';
  edits.error = undefined;
  // As it is kept: the one to compare with.
  return edits.done.at(-1)!;
}

/** The edits being made, one after the other. */
let making: Promise<unknown> = Promise.resolve();

/** Makes an edit after those before it and notes it when it worked. A screen may show its effect sooner than it is noted. */
export function makeEdit(label: string, redo: () => Promise<unknown>, undo: () => Promise<unknown>): Promise<void> {
  const made = making.then(async () => {
    const of = shownWorkspace();
    await redo();
    // What was done in a workspace that is shown no more is not to be taken back in another.
    if (of === shownWorkspace()) noteEdit({ label, undo, redo });
  });
  making = made.catch(() => undefined);
  return made;
}

/** Another workspace has other edits. */
export function forgetEdits(): void {
  Object.assign(edits, { done: [], undone: [], said: '', error: undefined });
}

/** The edit that made an import batch, while it can be taken back. */
export const editOfBatch = (batchId: number): Edit | undefined => edits.done.find((edit) => edit.batch?.() === batchId);

/** Reasons for which it will never work: it was taken back elsewhere, or what it was about is gone. */
const FOR_GOOD: readonly ErrorData['code'][] = ['usage', 'not_found'];

/** Takes an edit back that need not be the last one, as a button beside what it did does. */
export async function undoEdit(edit: Edit): Promise<boolean> {
  if (edits.busy) return false;
  edits.done = [...edits.done.filter((other) => other !== edit), edit];
  await undoLast();
  return edits.error === undefined;
}

export const undoLast = (): Promise<void> => step('done', 'undone', 'Undone', (edit) => edit.undo);
export const redoLast = (): Promise<void> => step('undone', 'done', 'Made again', (edit) => edit.redo);

async function step(
  from: 'done' | 'undone',
  to: 'done' | 'undone',
  word: string,
  work: (edit: Edit) => (() => Promise<unknown>) | null,
): Promise<void> {
  if (edits.busy) return;
  edits.busy = true;
  edits.error = undefined;
  // What is still being made is the last edit, not the one before it.
  await making;
  const edit = edits[from].at(-1);
  if (!edit) {
    edits.busy = false;
    return;
  }
  try {
    await work(edit)?.();
    edits[from] = edits[from].slice(0, -1);
    if (to === 'done' || edit.redo) edits[to] = [...edits[to], edit];
    edits.said = `${word}: ${edit.label}`;
  } catch (reason) {
    edits.error = errorData(reason);
    // It must not stand before the others for ever.
    if (FOR_GOOD.includes(edits.error.code)) edits[from] = edits[from].slice(0, -1);
    edits.said = `Not ${word.toLowerCase()}: ${edit.label}`;
  } finally {
    edits.busy = false;
  }
}

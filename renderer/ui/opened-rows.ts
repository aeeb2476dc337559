/** Which row of each grid was opened last, so that who comes back goes on from there. */
import { onLeave } from '../lib/app.svelte.ts';
import type { GridLine } from './grid.ts';
import type { Cell } from './grid-keys.ts';

const opened = new Map<string, { readonly id: string | number; readonly column: number }>();
// Another workspace has other rows under the same numbers.
onLeave(() => opened.clear());

/** The row of the grid called so is being opened: who comes back goes on from there. */
export const noteOpened = (grid: string, id: string | number, column: number): unknown => opened.set(grid, { id, column });

/** The cell a row was last opened from, unless it is gone or something else holds the focus; null for none. */
export function openedBefore<Row>(grid: string, lines: readonly GridLine<Row>[], id: (row: Row) => string | number): Cell | null {
  const last = opened.get(grid);
  const focused = document.activeElement;
  if (!last || (focused !== document.body && focused?.tagName !== 'MAIN')) return null;
  const row = lines.findIndex((line) => line.kind === 'row' && id(line.row) === last.id);
  return row < 0 ? null : { row, column: last.column };
}

/** Hover texts of cells, made when they are wanted: most cells are never pointed at, and a cell may show another row next. */
import { dated } from '../lib/format.ts';
import { cellOf } from './grid-keys.ts';
import { cellText, type GridContent } from './grid.ts';

export interface Hints<Row> {
  /** Gives the cell that an event is about its text. */
  explain(event: Event, content: GridContent<Row>): void;
  /** Takes it away, as the cell may show something else now. */
  forget(): void;
}

export function createHints<Row>(): Hints<Row> {
  let explained: HTMLElement | undefined;
  const forget = (): void => {
    explained?.removeAttribute('title');
    explained = undefined;
  };
  return {
    forget,
    explain(event, { lines, columns }) {
      const found = cellOf(event);
      if (!found || found.row < 0) return;
      forget();
      const column = columns[found.column];
      if (!column) return;
      explained = found.element;
      const line = lines[found.row];
      const title =
        line?.kind === 'row' ? (column.hint?.(line.row) ?? (column.custom ? null : cellText(column, line.row))) : explained.textContent;
      if (title !== null && title.trim() !== '') explained.title = dated(title);
    },
  };
}

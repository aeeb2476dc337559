/** The cursor of a grid: where keys and letters move it, and which cell an event is about. */
import { typedLine, type GridColumn, type GridLine } from './grid.ts';

export interface Cell {
  /** -1 is the header. */
  readonly row: number;
  readonly column: number;
}

interface Extent {
  readonly rows: number;
  readonly columns: number;
  /** Rows that PgUp and PgDn move. */
  readonly page: number;
}

/** `toEnd`: with Ctrl or Cmd. null for a key that does not move. */
export function movedCell(key: string, toEnd: boolean, { row, column }: Cell, { rows, columns, page }: Extent): Cell | null {
  const last = { row: rows - 1, column: columns - 1 };
  const moves: Record<string, Cell> = {
    ArrowUp: { row: toEnd ? 0 : row - 1, column },
    ArrowDown: { row: toEnd ? last.row : row + 1, column },
    ArrowLeft: { row, column: toEnd ? 0 : column - 1 },
    ArrowRight: { row, column: toEnd ? last.column : column + 1 },
    PageUp: { row: Math.max(0, row - page), column },
    PageDown: { row: row + page, column },
    Home: { row: toEnd ? 0 : row, column: 0 },
    End: { row: toEnd ? last.row : row, column: last.column },
  };
  const to = moves[key];
  return to ? { row: Math.max(-1, Math.min(last.row, to.row)), column: Math.max(0, Math.min(last.column, to.column)) } : null;
}

/** The cell that an event is about. */
export function cellOf(event: Event): (Cell & { readonly element: HTMLElement }) | null {
  const element = (event.target as Element).closest<HTMLElement>('[aria-colindex]');
  const line = element?.closest('[aria-rowindex]');
  if (!element || !line) return null;
  return { element, row: Number(line.getAttribute('aria-rowindex')) - 2, column: Number(element.getAttribute('aria-colindex')) - 1 };
}

/** Letters typed one soon after the other are one word. */
const PAUSE = 900;
/** As long as the first key of a shortcut of two is remembered. */
const SHORTCUT = 1500;

/** Answers the line that begins with what was typed so far; -1 for a letter that is left to others. */
export function createTypeAhead<Row>(): (letter: string, lines: readonly GridLine<Row>[], column: GridColumn<Row>, row: number) => number {
  let typed = '';
  let typedAt = 0;
  let shortcutAt = -Infinity;
  return (letter, lines, column, row) => {
    const now = performance.now();
    const again = now - typedAt < PAUSE && typed !== '';
    // `g` begins a shortcut to a screen, whose second letter is no name either.
    const second = now - shortcutAt < SHORTCUT;
    shortcutAt = !again && !second && letter === 'g' ? now : -Infinity;
    if (second || shortcutAt === now) return -1;
    const wanted = again ? typed + letter : letter;
    const found = typedLine(lines, column, wanted, again ? row : row + 1);
    // A letter that finds nothing is left to others: `t` shows the picture of a chart again.
    if (found >= 0) [typed, typedAt] = [wanted, now];
    return found;
  };
}

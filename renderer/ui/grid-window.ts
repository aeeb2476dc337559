/**
 * Which rows and columns of a large grid exist: those in view and the ones under the cursor. Elements are used again: one that
 * leaves the view takes what comes into it, so that scrolling makes and removes nothing.
 */

export interface Viewport {
  readonly top: number;
  readonly left: number;
  readonly width: number;
  readonly height: number;
}

/** Lines beyond the view, above and below. */
const SPARE = 4;

/** Left edge of every column at its least width, and the right edge of the last; columns stretch only when all of them fit. */
export function columnEdges(columns: readonly { readonly width: string }[]): number[] {
  const out = [0];
  for (const column of columns) out.push(out.at(-1)! + Number(/(\d+)px/.exec(column.width)?.[1] ?? 0));
  return out;
}

/** CSS tracks of the columns. Where they do not all fit they have their least widths: plain pixels are laid out in a fraction of the time. */
export function tracks(columns: readonly { readonly width: string }[], edges: readonly number[], width: number): string {
  const plain = edges.at(-1)! > width;
  return columns.map((column, c) => (plain ? `${edges[c + 1]! - edges[c]!}px` : column.width)).join(' ');
}

/** Lines in view of `count` lines of `line` pixels, and the one under the cursor, so that the focus is never lost by scrolling. */
export function linesInView({ top, height }: Viewport, line: number, count: number, cursor: number): number[] {
  const first = Math.max(0, Math.min(Math.floor(top / line), count) - SPARE);
  const last = Math.min(count, Math.ceil((top + height) / line) + SPARE);
  const out: number[] = [];
  for (let r = first; r < last; r++) out.push(r);
  return cursor >= 0 && cursor < count && (cursor < first || cursor >= last) ? [...out, cursor] : out;
}

/** The first column, which stays, the ones in view, and the one under the cursor. */
export function columnsInView({ left, width }: Viewport, edges: readonly number[], cursor: number): number[] {
  const count = edges.length - 1;
  const all = edges[count]! <= width;
  const first = all ? 1 : Math.max(1, edges.findIndex((edge) => edge > left) - 1);
  const end = all ? -1 : edges.findIndex((edge) => edge >= left + width);
  const last = end < 0 ? count : Math.min(count, end + 1);
  const out = count > 0 ? [0] : [];
  for (let c = first; c < last; c++) out.push(c);
  return cursor > 0 && cursor < count && (cursor < first || cursor >= last) ? [...out, cursor].sort((a, b) => a - b) : out;
}

/** What stands in an element now. */
export interface Place {
  readonly slot: number;
  /** Line or column. */
  readonly at: number;
}

/**
 * Gives every wanted line or column an element: the one it had, or one that became free. A place that did not change stays the same
 * object, and so does the list when no place changed. `inOrder`: the list follows the lines instead of the elements.
 */
export function createPlaces(): (wanted: readonly number[], inOrder?: boolean) => readonly Place[] {
  let places: readonly Place[] = [];
  let listed: readonly Place[] = [];
  return (wanted, inOrder = false) => {
    const open = new Set(wanted);
    const next: (Place | undefined)[] = wanted.map((_, slot) => {
      const place = places[slot];
      return place && open.delete(place.at) ? place : undefined;
    });
    const rest = open.values();
    places = next.map((place, slot) => place ?? { slot, at: rest.next().value! });
    const list = inOrder ? places.toSorted((a, b) => a.at - b.at) : places;
    if (list.length !== listed.length || list.some((place, i) => place !== listed[i])) listed = list;
    return listed;
  };
}

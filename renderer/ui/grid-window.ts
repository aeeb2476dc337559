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

/** Lines beyond the view, above and below: a finger on a pad moves by less between two frames, and each line costs at every column that comes. */
const SPARE = 2;

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

/** Whether a text may be wider than a cell of `width` pixels: a cell that is sure to hold its text needs no clip, and most hold a number. */
export const mayBeCut = (text: string, width: number): boolean => text.length * (/^[\d.,−+-]*$/.test(text) ? 7 : 9) > width - 12;

/**
 * Lines in view of `count` lines of `line` pixels, and the one under the cursor, so that the focus is never lost by scrolling. Always as
 * many, wherever the view stands: scrolling makes no elements.
 */
export function linesInView({ top, height }: Viewport, line: number, count: number, cursor: number): number[] {
  const many = Math.ceil(height / line) + 2 * SPARE;
  return span(Math.floor(top / line) - SPARE, many, 0, count, cursor);
}

/** The first column, which stays, the ones in view beside it, and the one under the cursor. Always as many, too. */
export function columnsInView({ left, width }: Viewport, edges: readonly number[], cursor: number): number[] {
  const count = edges.length - 1;
  if (count <= 0) return [];
  if (edges[count]! <= width) return span(0, count, 0, count, -1);
  const first = columnAt(left + edges[1]!, edges);
  let many = 1;
  for (let c = 1, end = 1; c < count; c++) {
    // Of the columns that begin with c, cut off at its left to a last pixel.
    while (end < count && edges[end]! < edges[c + 1]! + width - edges[1]!) end++;
    many = Math.max(many, end - c);
  }
  return [0, ...span(first, many, 1, count, cursor)].sort((a, b) => a - b);
}

/** The column over a pixel, among those after the first. */
function columnAt(pixel: number, edges: readonly number[]): number {
  let c = 1;
  while (c < edges.length - 2 && edges[c + 1]! <= pixel) c++;
  return c;
}

/** `many` numbers from `first` on, moved to lie within `from` ≤ n < `to`; with `cursor` at the end when it lies there too. */
function span(first: number, many: number, from: number, to: number, cursor: number): number[] {
  const begin = Math.max(from, Math.min(first, to - many));
  const end = Math.min(to, begin + many);
  const out: number[] = [];
  for (let n = begin; n < end; n++) out.push(n);
  return cursor >= from && cursor < to && (cursor < begin || cursor >= end) ? [...out, cursor] : out;
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

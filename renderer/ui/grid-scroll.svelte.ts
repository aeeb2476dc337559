/** Where a grid has been scrolled to, whether it still moves, and how far it must go to show a cell. */
import type { Cell } from './grid-keys.ts';

/** Milliseconds without scrolling after which the rows stand in their order for screen readers too. */
const REST = 200;

export interface Scrolling {
  readonly top: number;
  readonly left: number;
  readonly moving: boolean;
  /** Takes over where `box` stands; whether that is somewhere else than before. */
  follow(box: HTMLElement): boolean;
  /** The grid is no more. */
  end(): void;
}

/** `rested` is called once the grid stands still. */
export function createScrolling(rested: () => void): Scrolling {
  let top = $state(0);
  let left = $state(0);
  let moving = $state(false);
  let rest: ReturnType<typeof setTimeout> | undefined;
  return {
    get top() {
      return top;
    },
    get left() {
      return left;
    },
    get moving() {
      return moving;
    },
    follow(box) {
      // Both are read before either is written: in between the page would be laid out twice.
      const [down, aside] = [box.scrollTop, box.scrollLeft];
      if (top === down && left === aside) return false;
      top = down;
      left = aside;
      moving = true;
      clearTimeout(rest);
      rest = setTimeout(() => {
        moving = false;
        rested();
      }, REST);
      return true;
    },
    end: () => clearTimeout(rest),
  };
}

export interface Extent {
  readonly edges: readonly number[];
  /** Pixels of a line, and how many there are under the heading. */
  readonly line: number;
  readonly lines: number;
  /** Pixels at the foot that stand still. */
  readonly foot: number;
}

/** Scrolls by as little as shows a cell whole: under the heading, over the foot, beside the first column. */
export function bringIntoView(box: HTMLElement, at: Cell, { edges, line, lines, foot }: Extent): void {
  const y = at.row * line;
  const below = foot + 2 * line;
  if (at.row >= 0 && at.row < lines) {
    if (y < box.scrollTop) box.scrollTop = y;
    if (y + below > box.scrollTop + box.clientHeight) box.scrollTop = y + below - box.clientHeight;
  }
  if (at.column > 0 && edges.at(-1)! > box.clientWidth) {
    const [from, to] = [edges[at.column]!, edges[at.column + 1]!];
    if (from - edges[1]! < box.scrollLeft) box.scrollLeft = from - edges[1]!;
    if (to > box.scrollLeft + box.clientWidth) box.scrollLeft = to - box.clientWidth;
  }
}

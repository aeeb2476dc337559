/** Where a grid has been scrolled to, and whether it still moves. */

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

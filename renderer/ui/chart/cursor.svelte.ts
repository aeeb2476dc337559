/** The day that is looked at in a chart of days. It is a day and no row: rows that are asked for again, or more of them, do not move it. */
export interface DayCursor {
  /** ISO day. */
  readonly day: string;
  readonly pinned: boolean;
  put(day: string): void;
  pin(pinned: boolean): void;
}

/** To be called while a component is set up. Begins on `start`, and again when that or `range` becomes another; what is pinned stays. */
export function dayCursor(start: () => string, range: () => string = () => ''): DayCursor {
  // By their values, since what they are read from may be an equal answer.
  const first = $derived(start());
  const within = $derived(range());
  let looked = $derived.by(() => {
    void within;
    return first;
  });
  let pinned = $state<string | null>(null);
  return {
    get day() {
      return pinned ?? looked;
    },
    get pinned() {
      return pinned !== null;
    },
    put(day) {
      looked = day;
      if (pinned !== null) pinned = day;
    },
    pin(on) {
      if (on) pinned = looked;
      else if (pinned !== null) [looked, pinned] = [pinned, null];
    },
  };
}

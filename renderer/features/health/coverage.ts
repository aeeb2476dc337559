/** The coverage calendar of one source and field: per month, how complete its worst session is. */

export interface Month {
  /** 1 to 12. */
  readonly month: number;
  readonly sessions: number;
  /** Smallest count of the month as a share of what the sessions around have, and the day of it. */
  readonly least: number;
  readonly leastDay: string;
  readonly leastCount: number;
  /** Largest count of the month. */
  readonly most: number;
  /** Sessions below WHOLE. */
  readonly short: readonly { readonly day: string; readonly count: number; readonly expected: number }[];
}

export interface Year {
  readonly year: number;
  /** By month, January first; null = no session of the source's time. */
  readonly months: readonly (Month | null)[];
}

/** Sessions on either side that say how many values a session should have. */
const AROUND = 10;
/** From this share on a session counts as complete: listings come and go. */
export const WHOLE = 0.97;

/** `days` and `counts` are parallel; sessions before the first and after the last value are no part of the source. */
export function calendarOf(days: readonly string[], counts: readonly number[]): readonly Year[] {
  const first = counts.findIndex((count) => count > 0);
  if (first < 0) return [];
  const last = counts.findLastIndex((count) => count > 0);
  const years = new Map<number, (Month | null)[]>();
  for (let from = first; from <= last;) {
    const name = days[from]!.slice(0, 7);
    let to = from;
    while (to <= last && days[to]!.startsWith(name)) to++;
    const year = Number(name.slice(0, 4));
    const months = years.get(year) ?? Array.from({ length: 12 }, () => null);
    years.set(year, months);
    months[Number(name.slice(5)) - 1] = monthOf(days, counts, from, to, first, last);
    from = to;
  }
  return [...years].map(([year, months]) => ({ year, months }));
}

function monthOf(days: readonly string[], counts: readonly number[], from: number, to: number, first: number, last: number): Month {
  const short: { day: string; count: number; expected: number }[] = [];
  let [least, leastRow, most] = [Infinity, from, 0];
  for (let row = from; row < to; row++) {
    const expected = median(counts.slice(Math.max(first, row - AROUND), Math.min(last, row + AROUND) + 1));
    const share = expected > 0 ? counts[row]! / expected : 1;
    if (share < WHOLE) short.push({ day: days[row]!, count: counts[row]!, expected });
    if (share < least) [least, leastRow] = [share, row];
    most = Math.max(most, counts[row]!);
  }
  return {
    month: Number(days[from]!.slice(5, 7)),
    sessions: to - from,
    least: Math.min(1, least),
    leastDay: days[leastRow]!,
    leastCount: counts[leastRow]!,
    most,
    short,
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

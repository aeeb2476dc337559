import { expect, it } from 'vitest';
import { createRandom } from '../cascade/testing/market.ts';
import type { DailyParts } from './bridge.ts';
import { weightedParts, type Earlier, type Stretch } from './weighted.ts';

const [start, from, to] = [31, 40, 70];
const random = createRandom(5);
const next = (): number => 2 * random() - 1;
/** One in ten days is missing. */
const series = (length = to - from): Float64Array => Float64Array.from({ length }, () => (next() > 0.8 ? NaN : next() / 50));
const daily = Array.from({ length: 6 }, (): DailyParts => ({ market: series(), sector: series(), subsector: series(), gross: series() }));
const stretches: readonly Stretch[] = [
  { from: 30, weights: new Map([0, 1, 2, 3].map((place) => [place, 0.25])), unmodelled: 0 },
  { from: 50, weights: new Map([2, 3, 4, 5].map((place) => [place, place === 5 ? -0.3 : 0.4])), young: new Set([3, 5]), unmodelled: 0.2 },
];

/** The first stretch began before the period. */
const earlier: Earlier = { from: start, gross: daily.map((_, place) => (place < 4 ? series(from - start) : null)) };

/** Weight of a place on a row, grown anew from the date of its stretch. */
function weightOn(row: number, drift: boolean): { weights: Map<number, number>; unmodelled: number } {
  const stretch = drift ? stretches.findLast((one) => one.from < row) : stretches[0];
  const grown = new Map<number, number>();
  let base = 1;
  for (const [place, weight] of stretch!.weights) {
    let value = weight;
    for (let t = stretch!.from + 1; drift && t < row; t++) {
      const g = t < from ? earlier.gross[place]![t - start]! : daily[place]!.gross[t - from]!;
      if (!Number.isNaN(g)) value *= 1 + g;
    }
    base += value - weight;
    grown.set(place, value);
  }
  return { weights: new Map([...grown].map(([place, value]) => [place, value / base])), unmodelled: stretch!.unmodelled / base };
}

it.each([true, false])('sums positions day by day, and what each adds, by weights that are recounted for every day (drift %s)', (drift) => {
  const { book, parts, uncovered, uncoveredModelled } = weightedParts(stretches, drift ? earlier : null, daily, { from, to });
  const added = daily.map(() => 0);
  for (let row = from; row < to; row++) {
    const t = row - from;
    let [sum, all, out, outYoung] = [0, 0, 0, 0];
    const young = drift && row > 50 ? [3, 5] : [];
    const { weights, unmodelled } = weightOn(row, drift);
    for (const [place, weight] of weights) {
      const { market, sector, subsector, gross } = daily[place]!;
      all += Math.abs(weight);
      if ([market, sector, subsector, gross].some((one) => Number.isNaN(one[t]!))) {
        out += Math.abs(weight);
        if (young.includes(place)) outYoung += Math.abs(weight);
        continue;
      }
      sum += weight * gross[t]!;
      added[place]! += weight * gross[t]!;
    }
    expect(uncovered[t]).toBeCloseTo((out + unmodelled) / (all + unmodelled), 12);
    expect(uncoveredModelled[t]).toBeCloseTo((out - outYoung) / (all - outYoung), 12);
    if (out === all) expect(book.gross[t]).toBeNaN();
    else expect(book.gross[t]).toBeCloseTo(sum, 12);
  }
  parts.forEach((one, i) => {
    // The stretch of the first day holds no place 4 or 5.
    if (!one) return expect([drift, i > 3]).toEqual([false, true]);
    const { market, sector, subsector, residual, total } = one;
    expect(total).toBeCloseTo(added[i]!, 12);
    expect(market + sector + subsector + residual).toBeCloseTo(total, 12);
  });
});

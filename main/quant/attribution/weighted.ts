/** Daily parts of a book from those of its positions. */
import type { BridgeParts } from '../../contract/results-risk.ts';
import type { DailyParts } from './bridge.ts';

/** Rows [from, to). */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/** Weights by place of a position, in force from the row after `from`. */
export interface Stretch {
  readonly from: number;
  readonly weights: ReadonlyMap<number, number>;
  /** Places among them that nothing models on its day: too young, they take part once they have parts. */
  readonly young?: ReadonlySet<number>;
  /** Absolute weight of the positions that have no place, for nothing models them. */
  readonly unmodelled: number;
}

export interface WeightedParts {
  readonly book: DailyParts;
  /** What each position adds over the period; null where no day has every part of it. */
  readonly parts: readonly (BridgeParts | null)[];
  /** Share of the absolute weight without every part, per day: the unmodelled have none. */
  readonly uncovered: Float64Array;
  /** The same among the modelled alone, the young once they have parts. */
  readonly uncoveredModelled: Float64Array;
}

/** Weights on a row; asked for row after row. */
type WeightsOn = (row: number) => Omit<Stretch, 'from'>;

type Sums = { -readonly [K in keyof BridgeParts]: number };

export function sumParts(parts: readonly BridgeParts[]): BridgeParts {
  const out: Sums = { market: 0, sector: 0, subsector: 0, residual: 0, total: 0 };
  for (const one of parts) for (const key of Object.keys(out) as (keyof BridgeParts)[]) out[key] += one[key];
  return out;
}

/** Returns of positions on the rows [from, the period): the first stretch of a period may have begun before it. */
export interface Earlier {
  readonly from: number;
  /** By place; null where no stretch before the period has the position. */
  readonly gross: readonly (Float64Array | null)[];
}

/** The stretch in force on a row: the last that began before it. */
export const stretchOn = (stretches: readonly Stretch[], row: number): Stretch | undefined => stretches.findLast((one) => one.from < row);

/** Weights of the stretch in force, grown by the returns since its date: holdings are kept, not rebalanced. */
function drifting(stretches: readonly Stretch[], daily: readonly DailyParts[], { from }: Period, earlier: Earlier): WeightsOn {
  const grossOn = (place: number, row: number): number =>
    row < from ? earlier.gross[place]![row - earlier.from]! : daily[place]!.gross[row - from]!;
  let current: Stretch | undefined;
  let grown = new Map<number, number>();
  /** Rows before it are in `grown`. */
  let next = from;
  return (row) => {
    const stretch = stretchOn(stretches, row);
    if (!stretch) return { weights: new Map(), unmodelled: 0 };
    if (stretch !== current) {
      current = stretch;
      grown = new Map(stretch.weights);
      next = stretch.from + 1;
    }
    for (; next < row; next++)
      for (const [place, weight] of grown) {
        const g = grossOn(place, next);
        if (!Number.isNaN(g)) grown.set(place, weight * (1 + g));
      }
    let base = 1;
    for (const [place, weight] of stretch.weights) base += grown.get(place)! - weight;
    return {
      weights: new Map([...grown].map(([place, weight]) => [place, weight / base])),
      ...(stretch.young ? { young: stretch.young } : {}),
      unmodelled: Math.abs(stretch.unmodelled / base),
    };
  };
}

/**
 * Daily parts of the book: `sum w x`; a position without every part is left out of the day. With `earlier` weights grow from a stretch's date
 * on; null: those of the first stretch on every day.
 */
export function weightedParts(
  stretches: readonly Stretch[],
  earlier: Earlier | null,
  daily: readonly DailyParts[],
  period: Period,
): WeightedParts {
  const weightsOn: WeightsOn = earlier ? drifting(stretches, daily, period, earlier) : () => stretches[0]!;
  const { from, to } = period;
  const days = to - from;
  const [market, sector, subsector, gross] = [0, 1, 2, 3].map(() => new Float64Array(days)) as [
    Float64Array<ArrayBuffer>,
    Float64Array<ArrayBuffer>,
    Float64Array<ArrayBuffer>,
    Float64Array<ArrayBuffer>,
  ];
  const parts = daily.map((): Sums | null => null);
  const uncovered = new Float64Array(days);
  const uncoveredModelled = new Float64Array(days);
  const [all, out, outYoung] = [new Float64Array(days), new Float64Array(days), new Float64Array(days)];
  const any = new Uint8Array(days);
  for (let first = 0, end; first < days; first = end) {
    const { weights, young, unmodelled } = weightsOn(from + first);
    // Weights that stay are taken a position at a time: its days lie together in memory, those of thousands of positions far apart.
    end = earlier ? first + 1 : days;
    for (const [place, weight] of weights) {
      const one = daily[place]!;
      for (let t = first; t < end; t++) {
        const [m, s, u, g] = [one.market[t]!, one.sector[t]!, one.subsector[t]!, one.gross[t]!];
        all[t]! += Math.abs(weight);
        if (Number.isNaN(m + s + u + g)) {
          out[t]! += Math.abs(weight);
          if (young?.has(place)) outYoung[t]! += Math.abs(weight);
          continue;
        }
        any[t] = 1;
        market[t]! += weight * m;
        sector[t]! += weight * s;
        subsector[t]! += weight * u;
        gross[t]! += weight * g;
        const sum = (parts[place] ??= { market: 0, sector: 0, subsector: 0, residual: 0, total: 0 });
        sum.market += weight * m;
        sum.sector += weight * s;
        sum.subsector += weight * u;
        sum.residual += weight * (g - m - s - u);
        sum.total += weight * g;
      }
    }
    for (let t = first; t < end; t++) {
      uncovered[t] = all[t]! + unmodelled === 0 ? 1 : (out[t]! + unmodelled) / (all[t]! + unmodelled);
      const modelled = all[t]! - outYoung[t]!;
      uncoveredModelled[t] = modelled === 0 ? 1 : (out[t]! - outYoung[t]!) / modelled;
      if (!any[t]) for (const series of [market, sector, subsector, gross]) series[t] = NaN;
    }
  }
  return { book: { market, sector, subsector, gross }, parts, uncovered, uncoveredModelled };
}

/** Daily parts of a book from those of its positions. */
import type { BridgeParts } from '../../contract/results-risk.ts';
import type { DailyParts } from '../../quant/attribution/index.ts';

/** Rows [from, to). */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/** Weight per security on a row. */
export type WeightsOn = (row: number) => ReadonlyMap<number, number>;

type Sums = { -readonly [K in keyof BridgeParts]: number };

export function sumParts(parts: readonly BridgeParts[]): BridgeParts {
  const out: Sums = { market: 0, sector: 0, subsector: 0, residual: 0, total: 0 };
  for (const one of parts) for (const key of Object.keys(out) as (keyof BridgeParts)[]) out[key] += one[key];
  return out;
}

/** Weights of the snapshot in force the day before, grown by the returns since its date: holdings are kept, not rebalanced. */
export function drifting(
  stretches: readonly { readonly from: number; readonly weights: ReadonlyMap<number, number> }[],
  daily: readonly DailyParts[],
  place: ReadonlyMap<number, number>,
  { from }: Period,
): WeightsOn {
  return (row) => {
    const stretch = stretches.findLast((one) => one.from < row);
    if (!stretch) return new Map();
    let base = 1;
    const out = new Map<number, number>();
    for (const [id, weight] of stretch.weights) {
      let grown = weight;
      for (let t = Math.max(stretch.from + 1, from); t < row; t++) {
        const g = daily[place.get(id)!]!.gross[t - from]!;
        if (!Number.isNaN(g)) grown *= 1 + g;
      }
      base += grown - weight;
      out.set(id, grown);
    }
    return new Map([...out].map(([id, grown]) => [id, grown / base]));
  };
}

/** Daily parts of the book: `sum w x`; a position without every part is left out of the day; `uncovered`: its share of the weight. */
export function weighted(
  weightsOn: WeightsOn,
  daily: readonly DailyParts[],
  place: ReadonlyMap<number, number>,
  { from, to }: Period,
): { readonly book: DailyParts; readonly parts: readonly BridgeParts[]; readonly uncovered: Float64Array } {
  const days = to - from;
  const [market, sector, subsector, gross] = [0, 1, 2, 3].map(() => new Float64Array(days)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const parts = daily.map((): Sums => ({ market: 0, sector: 0, subsector: 0, residual: 0, total: 0 }));
  const uncovered = new Float64Array(days);
  for (let t = 0; t < days; t++) {
    const weights = weightsOn(from + t);
    let [any, all, out] = [false, 0, 0];
    for (const [id, weight] of weights) {
      const i = place.get(id)!;
      const one = daily[i]!;
      const [m, s, u, g] = [one.market[t]!, one.sector[t]!, one.subsector[t]!, one.gross[t]!];
      all += Math.abs(weight);
      if (Number.isNaN(m + s + u + g)) {
        out += Math.abs(weight);
        continue;
      }
      any = true;
      market[t]! += weight * m;
      sector[t]! += weight * s;
      subsector[t]! += weight * u;
      gross[t]! += weight * g;
      const sum = parts[i]!;
      sum.market += weight * m;
      sum.sector += weight * s;
      sum.subsector += weight * u;
      sum.residual += weight * (g - m - s - u);
      sum.total += weight * g;
    }
    uncovered[t] = all === 0 ? 1 : out / all;
    if (!any) for (const series of [market, sector, subsector, gross]) series[t] = NaN;
  }
  return { book: { market, sector, subsector, gross }, parts, uncovered };
}

/** The factor side of `chain = realised`: link betas at every refresh, and the cleaned factors that past days realised. Once per chain. */
import type { Weights } from '../cascade/sums.ts';
import type { ChainReturns } from '../cascade/rows.ts';
import type { Sample } from './pass.ts';
import type { Schedule } from './schedule.ts';
import { createSlope, gather, solveSlope, type Slope } from './slope.ts';
import type { RobustSettings } from './types.ts';

/** What fits of any kind share. */
export interface Tools {
  readonly settings: RobustSettings;
  readonly nRows: number;
  readonly schedule: Schedule;
  readonly weights: Weights;
  readonly sample: Sample;
}

export interface FactorSide {
  /** Per refresh: `lam` sm, um, us. */
  readonly links: readonly (readonly [Slope, Slope, Slope])[];
  /** Realised s* and u* per row; NaN before the first refresh that has what they need. */
  readonly cleanS: Float64Array;
  readonly cleanU: Float64Array;
}

/** Fits the slope of y on x over the window ending at `row`. `raw`: what x was cleaned from (x itself for the market). */
export function fitAt(tools: Tools, row: number, y: Float64Array, x: Float64Array, raw: Float64Array, out: Slope): void {
  const { settings, sample, weights } = tools;
  gather(sample, weights.power, settings.window, row, y, x, raw);
  solveSlope(sample, settings, raw !== x, out);
}

export function factorSide(tools: Tools, { m, s, u, levels }: ChainReturns): FactorSide {
  const { nRows, schedule } = tools;
  const links = Array.from(schedule.rows, () => [createSlope(), createSlope(), createSlope()] as const);
  const cleanS = new Float64Array(nRows).fill(NaN);
  const cleanU = new Float64Array(nRows).fill(NaN);
  if (levels === 1) return { links, cleanS, cleanU };
  const withoutMarket = new Float64Array(nRows).fill(NaN);
  schedule.rows.forEach((row, i) => {
    fitAt(tools, row, s, m, m, links[i]![0]);
    if (levels > 2) fitAt(tools, row, u, m, m, links[i]![1]);
  });
  for (let t = 1; t < nRows; t++) {
    const carried = links[schedule.carried[t - 1]!];
    if (!carried) continue;
    cleanS[t] = s[t]! - carried[0].value * m[t]!;
    if (levels > 2) withoutMarket[t] = u[t]! - carried[1].value * m[t]!;
  }
  if (levels === 2) return { links, cleanS, cleanU };
  schedule.rows.forEach((row, i) => fitAt(tools, row, withoutMarket, cleanS, s, links[i]![2]));
  for (let t = 1; t < nRows; t++) {
    const carried = links[schedule.carried[t - 1]!];
    if (carried) cleanU[t] = withoutMarket[t]! - carried[2].value * cleanS[t]!;
  }
  return { links, cleanS, cleanU };
}

/**
 * A security under `chain = realised`: level by level, slopes at every refresh and the residuals that the slopes in force left on each
 * day. A row depends on a fixed stretch of rows before it, which `reach` works out, so parts of a run give the bits of the whole.
 */
import type { ChainReturns } from '../cascade/rows.ts';
import { fitAt, type FactorSide, type Tools } from './factors.ts';
import { createSlope, type Slope } from './slope.ts';

export interface StockSide {
  /** `b[k][i]`: slope on the k-th cleaned factor at refresh i, shrunk where that is asked for. */
  readonly b: readonly [readonly Slope[], readonly Slope[], readonly Slope[]];
  /** `e[k][t]`: realised residual of level k + 1. */
  readonly e: readonly [Float64Array, Float64Array, Float64Array];
}

export function createStockSide({ nRows, schedule }: Tools): StockSide {
  const slopes = (): Slope[] => Array.from(schedule.rows, createSlope);
  const rows = (): Float64Array => new Float64Array(nRows);
  return { b: [slopes(), slopes(), slopes()], e: [rows(), rows(), rows()] };
}

/** First refreshes (per level) that the rows from `from` on rest on: shares read residuals of a window, slopes those of earlier ones. */
export function reach({ schedule, settings }: Tools, from: number): [number, number, number] {
  const carriedAt = (row: number): number => (row < 0 ? 0 : Math.max(0, schedule.carried[row]!));
  const third = carriedAt(from - settings.window);
  const before = (refresh: number): number => carriedAt((schedule.rows[refresh] ?? 0) - settings.window);
  const second = before(third);
  return [before(second), second, third];
}

/**
 * Slopes of one level (0 to 2) at the refreshes [first, end): y on the level's cleaned factor. Level 1 regresses returns, the others the
 * realised residuals of the level above.
 */
export function fitLevel(
  tools: Tools,
  level: number,
  chain: ChainReturns,
  factors: FactorSide,
  r: Float64Array,
  side: StockSide,
  first: number,
  end: number,
): void {
  const y = level === 0 ? r : side.e[level - 1]!;
  const x = level === 0 ? chain.m : level === 1 ? factors.cleanS : factors.cleanU;
  const raw = level === 0 ? chain.m : level === 1 ? chain.s : chain.u;
  for (let i = first; i < end; i++) fitAt(tools, tools.schedule.rows[i]!, y, x, raw, side.b[level]![i]!);
}

/**
 * Residuals of one level on rows [first row after refresh `first`, to): what is left of the level above after the slope that the row
 * before carried. A row before that does not exist (MODEL.md 3) carries nothing.
 */
export function realise(
  tools: Tools,
  level: number,
  chain: ChainReturns,
  factors: FactorSide,
  r: Float64Array,
  alive: Uint8Array,
  side: StockSide,
  first: number,
  to: number,
): void {
  const { schedule } = tools;
  const y = level === 0 ? r : side.e[level - 1]!;
  const x = level === 0 ? chain.m : level === 1 ? factors.cleanS : factors.cleanU;
  const slopes = side.b[level]!;
  const e = side.e[level]!;
  const start = first < schedule.rows.length ? schedule.rows[first]! + 1 : to;
  e.fill(NaN, 0, Math.min(start, to));
  for (let t = start; t < to; t++) e[t] = alive[t - 1] === 1 ? y[t]! - slopes[schedule.carried[t - 1]!]!.value * x[t]! : NaN;
}

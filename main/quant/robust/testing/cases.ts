/** Settings and runs that the tests of the estimators share. */
import { compareRow, createComparison, type Comparison } from '../../cascade/testing/market.ts';
import type { OracleChain } from '../../cascade/testing/oracle.ts';
import type { KernelName, Tile } from '../../cascade/index.ts';
import { createEstimator, type RobustSettings } from '../index.ts';
import { oracleRows } from './oracle.ts';

/** Preset robust-held. */
export const HELD: RobustSettings = {
  window: 252,
  minObs: 126,
  intercept: false,
  halfLife: 63,
  loss: 'huber',
  huberC: 1.1,
  refresh: 'month-end',
  chain: 'realised',
  shrink: 'none',
  riskShares: 'removed',
};

export interface Run {
  readonly from?: number;
  readonly to?: number;
  readonly lastRow?: number;
  readonly firstSession?: number;
  readonly kernel?: KernelName;
}

/** One security under one chain over rows [from, to). */
export function runRobust(settings: RobustSettings, chain: OracleChain, r: Float64Array, run: Run = {}): Tile {
  const nRows = r.length;
  const estimator = createEstimator(
    settings,
    { firstSession: run.firstSession ?? 12_345, nRows },
    run.kernel ? { kernel: run.kernel } : {},
  );
  const tile = estimator.tile();
  const own = estimator.chain(chain.m, chain.s, chain.u);
  estimator.security([{ from: run.from ?? 0, to: run.to ?? nRows, chain: own, r }], run.lastRow ?? nRows - 1, tile);
  return tile;
}

/** Every field of every row against brute force. */
export function compareRobust(
  settings: RobustSettings,
  chain: OracleChain,
  r: Float64Array,
  run: Run = {},
  into = createComparison(),
): Comparison {
  const tile = runRobust(settings, chain, r, run);
  const lastRow = run.lastRow ?? r.length - 1;
  oracleRows({ settings, firstSession: run.firstSession ?? 12_345, chain, r, lastRow }).forEach((row, t) =>
    compareRow(into, tile, t, row, row ?? {}),
  );
  return into;
}

/** Shares of variance removed and the variance of the stock on every row, for realised residuals (MODEL.md 4, "risk shares"). */
import { F, type Axis } from '../cascade/index.ts';
import type { ChainReturns } from '../cascade/rows.ts';
import { createWeights, RETURN_LIMIT } from '../cascade/sums.ts';
import type { Tools } from './factors.ts';
import type { StockSide } from './realised.ts';
import { fillShares } from './records.ts';
import { createSuffix, windowVariance, type Windows } from './variance.ts';

const LEVEL = F.level!;
const VARIANCE = F.stock_var!;
const SHARE = F.l1_mkt_er!;

/** Fills shares and variance of rows [from, to) of a tile whose levels are there. */
export type Shares = (values: Float64Array, chain: ChainReturns, r: Float64Array, side: StockSide, from: number, to: number) => void;

export function createShares({ settings, nRows, weights }: Tools, { firstSession }: Axis): Shares {
  const { window, minObs, halfLife } = settings;
  const origin = -(((firstSession % window) + window) % window);
  const squared = createWeights(window, halfLife, true);
  const equal = createWeights(window, null, false);
  const own: Windows = { window, origin, weights, squared };
  const flat: Windows = { window, origin, weights: equal, squared: equal };
  const suffix = createSuffix(window);
  const has = new Uint8Array(nRows);
  const count = new Int32Array(nRows);
  const variance = new Float64Array(nRows);
  const removed = [0, 1, 2, 3].map(() => new Float64Array(nRows));
  const v = new Float64Array(4);
  const open = new Uint8Array(nRows);

  function mark(from: number, to: number, columns: readonly Float64Array[]): void {
    for (let t = Math.max(0, from - window); t < to; t++) {
      let all = 1;
      for (const column of columns) if (!(Math.abs(column[t]!) < RETURN_LIMIT)) all = 0;
      has[t] = all;
    }
  }

  return (values, chain, r, side, from, to) => {
    const etfs = [chain.m, chain.s, chain.u];
    const level = values.subarray(LEVEL * nRows, (LEVEL + 1) * nRows);
    let left = 0;
    for (let t = from; t < to; t++) left += open[t] = level[t]! > 0 ? 1 : 0;
    // The variance of the stock: rows on which it and all the ETFs of the deepest level have a return, weighted like the slopes.
    for (let k = chain.levels; k >= 1; k--) {
      let wanted = false;
      for (let t = from; t < to; t++) if (level[t] === k) wanted = true;
      if (!wanted) continue;
      mark(from, to, [r, ...etfs.slice(0, k)]);
      windowVariance(own, r, has, from, to, suffix, variance, count);
      for (let t = from; t < to; t++) if (level[t] === k) values[VARIANCE * nRows + t] = variance[t]!;
    }
    // The shares: the deepest level whose residuals exist on enough rows decides the rows for all levels.
    for (let deep = chain.levels; deep >= 1 && left > 0; deep--) {
      mark(from, to, [r, ...side.e.slice(0, deep)]);
      windowVariance(flat, r, has, from, to, suffix, removed[0]!, count);
      let served = 0;
      for (let t = from; t < to; t++) if (open[t] === 1 && level[t]! >= deep && count[t]! >= minObs) served++;
      if (served === 0) continue;
      for (let k = 1; k <= deep; k++) windowVariance(flat, side.e[k - 1]!, has, from, to, suffix, removed[k]!, count);
      for (let t = from; t < to; t++) {
        if (open[t] !== 1 || level[t]! < deep || count[t]! < minObs) continue;
        for (let k = 0; k <= deep; k++) v[k] = removed[k]![t]!;
        fillShares(values, SHARE * nRows + t, nRows, v, deep, chain.levels === 2 && deep === 2);
        open[t] = 0;
        left--;
      }
    }
  };
}

/** `chain = same-window` for any loss: every level solves its whole cascade anew on its own rows of the window ending at a refresh. */
import type { ChainReturns } from '../cascade/rows.ts';
import { RETURN_LIMIT } from '../cascade/sums.ts';
import type { Tools } from './factors.ts';
import { fillRecord, fillShares, R, type LevelSlopes } from './records.ts';
import { createSlope, loadSample, solveSlope, type Slope } from './slope.ts';

/** Rows of one level, gathered. */
interface Rows {
  n: number;
  readonly w: Float64Array;
  readonly r: Float64Array;
  readonly m: Float64Array;
  readonly s: Float64Array;
  readonly u: Float64Array;
  /** s - lam m, then s*; u - lam m, then u*; residuals of the three levels. */
  readonly cleanS: Float64Array;
  readonly cleanU: Float64Array;
  readonly e: readonly [Float64Array, Float64Array, Float64Array];
}

export interface Resolver {
  /** Writes the record of the refresh at `row` to `out` at `o`. */
  record(chain: ChainReturns, r: Float64Array, row: number, out: Float64Array, o: number): void;
}

export function createResolver(tools: Tools): Resolver {
  const { settings, weights, sample } = tools;
  const { window } = settings;
  const column = (): Float64Array => new Float64Array(window);
  const rows: Rows = {
    n: 0,
    w: column(),
    r: column(),
    m: column(),
    s: column(),
    u: column(),
    cleanS: column(),
    cleanU: column(),
    e: [column(), column(), column()],
  };
  const triple = (): [Slope, Slope, Slope] => [createSlope(), createSlope(), createSlope()];
  const fits: readonly LevelSlopes[] = [1, 2, 3].map(() => ({ b: triple(), lam: triple() }));
  const v = new Float64Array(4);

  function fit(y: Float64Array, x: Float64Array, raw: Float64Array, out: Slope): number {
    loadSample(sample, rows.n, y, x, raw, rows.w);
    solveSlope(sample, settings, raw !== x, out);
    return out.value;
  }

  function minus(out: Float64Array, y: Float64Array, slope: number, x: Float64Array): void {
    for (let i = 0; i < rows.n; i++) out[i] = y[i]! - slope * x[i]!;
  }

  function solveLevel(level: number, { b, lam }: LevelSlopes): void {
    const { r, m, s, u, cleanS, cleanU, e } = rows;
    minus(e[0], r, fit(r, m, m, b[0]), m);
    if (level === 1) return;
    minus(cleanS, s, fit(s, m, m, lam[0]), m);
    minus(e[1], e[0], fit(e[0], cleanS, s, b[1]), cleanS);
    if (level === 2) return;
    minus(cleanU, u, fit(u, m, m, lam[1]), m);
    minus(cleanU, cleanU, fit(cleanU, cleanS, s, lam[2]), cleanS);
    minus(e[2], e[1], fit(e[1], cleanU, u, b[2]), cleanU);
  }

  return {
    record(chain, r, row, out, o) {
      const { levels } = chain;
      const used = fits.slice(0, levels);
      const shares: number[][] = [];
      let variance = NaN;
      used.forEach((slopes, k) => {
        gatherRows(rows, weights.power, window, row, r, chain, k + 1);
        solveLevel(k + 1, slopes);
        shares.push([sampleVariance(rows.r, null, rows.n), ...rows.e.slice(0, k + 1).map((e) => sampleVariance(e, null, rows.n))]);
        if (slopes.b[k]!.value === slopes.b[k]!.value) variance = sampleVariance(rows.r, rows.w, rows.n);
      });
      fillRecord(out, o, used);
      const level = out[o + R.level]!;
      if (level > 0) out[o + R.variance] = variance;
      // Each level's shares come from its own rows.
      for (let k = level; k >= 1; k--) {
        v.set(shares[k - 1]!);
        fillShares(out, o + R.share1, 1, v, k, levels === 2 && k === 2);
      }
    },
  };
}

function gatherRows(
  rows: Rows,
  power: Float64Array,
  window: number,
  row: number,
  r: Float64Array,
  chain: ChainReturns,
  level: number,
): void {
  const { m, s, u } = chain;
  let n = 0;
  for (let t = Math.max(0, row - window + 1); t <= row; t++) {
    const has =
      Math.abs(r[t]!) < RETURN_LIMIT &&
      Math.abs(m[t]!) < RETURN_LIMIT &&
      (level < 2 || Math.abs(s[t]!) < RETURN_LIMIT) &&
      (level < 3 || Math.abs(u[t]!) < RETURN_LIMIT);
    if (!has) continue;
    rows.w[n] = power[row - t]!;
    rows.r[n] = r[t]!;
    rows.m[n] = m[t]!;
    rows.s[n] = s[t]!;
    rows.u[n] = u[t]!;
    n++;
  }
  rows.n = n;
}

/** Centred sample variance of the first n values, weighted or not. */
function sampleVariance(x: Float64Array, w: Float64Array | null, n: number): number {
  let sumW = 0;
  let sumWW = 0;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const wi = w === null ? 1 : w[i]!;
    sumW += wi;
    sumWW += wi * wi;
    sum += wi * x[i]!;
  }
  const mean = sum / sumW;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (w === null ? 1 : w[i]!) * (x[i]! - mean) ** 2;
  return n < 2 ? NaN : squares / (sumW * (1 - sumWW / (sumW * sumW)));
}

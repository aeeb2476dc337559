import { describe, expect, it } from 'vitest';
import { createMarket, createRandom, punch, worstOf } from '../cascade/testing/market.ts';
import { createEstimator, createSchedule, type RobustSettings } from './index.ts';
import { createSample } from './pass.ts';
import { createSlope, ENDED, loadSample, solveSlope } from './slope.ts';
import { compareRobust, HELD, runRobust } from './testing/cases.ts';
import { scaleOf } from './testing/oracle.ts';

const SHORT: RobustSettings = { ...HELD, window: 84, minObs: 42 };

/** A chain and a stock with holes everywhere and a late start. */
function market(seed: number, nRows: number) {
  const { m, s, u, r } = createMarket(seed, nRows);
  return {
    chain: { m: punch(m, seed + 4, 0.002), s: punch(s, seed + 3, 0.004), u: punch(u, seed + 2, 0.01) },
    r: punch(r, seed + 1, 0.02).map((x, t) => (t < 17 ? NaN : x)),
  };
}

describe('every field of every window against brute force', () => {
  it.each<[string, Partial<RobustSettings>]>([
    ['robust-held', {}],
    ['another c', { huberC: 2.5 }],
    ['equal weights', { halfLife: null }],
    ['least squares, realised', { loss: 'squares' }],
    ['least squares with intercept, realised', { loss: 'squares', intercept: true }],
    ['Huber in one window', { chain: 'same-window' }],
    ['least squares in one window, variance removed', { chain: 'same-window', loss: 'squares', intercept: true, halfLife: null }],
  ])('%s', (_, patch) => {
    const { chain, r } = market(7, 420);
    const found = compareRobust({ ...SHORT, ...patch }, chain, r, { lastRow: 400 });
    compareRobust({ ...SHORT, ...patch }, { ...chain, u: null }, r, {}, found);
    compareRobust({ ...SHORT, ...patch }, { ...chain, s: null, u: null }, r, {}, found);
    expect(found.mismatches).toEqual([]);
    expect(worstOf(found)).toBeLessThan(1e-10);
  });

  it('with an intercept, and refreshed every day', () => {
    const { chain, r } = market(11, 160);
    const daily = compareRobust({ ...HELD, window: 30, minObs: 15, refresh: 'daily' }, chain, r);
    compareRobust({ ...HELD, window: 40, minObs: 20, intercept: true }, { ...chain, u: null }, r, {}, daily);
    expect(daily.mismatches).toEqual([]);
    expect(worstOf(daily)).toBeLessThan(1e-10);
  });

  it('after a day of +5000 % has left the window, and in the windows that hold it', () => {
    const { chain, r } = market(13, 420);
    r[150] = 50;
    const found = compareRobust(SHORT, chain, r);
    expect(found.mismatches).toEqual([]);
    expect(worstOf(found)).toBeLessThan(1e-10);
  });

  it('holds the kernel’s own rows of the refresh days for least squares refreshed at month ends', () => {
    const { chain, r } = market(17, 420);
    const settings: RobustSettings = {
      ...SHORT,
      intercept: true,
      halfLife: null,
      loss: 'squares',
      chain: 'same-window',
      riskShares: 'explained',
    };
    const daily = runRobust({ ...settings, refresh: 'daily' }, chain, r);
    const held = runRobust(settings, chain, r);
    const { rows, carried } = createSchedule({ firstSession: 12_345, nRows: 420 }, 'month-end');
    expect(rows.length).toBeGreaterThan(15);
    const ofTheFit = (tile: typeof held, t: number) =>
      tile.values.filter((_, i) => i % 420 === t && !(Math.floor(i / 420) >= 33 && Math.floor(i / 420) <= 43) && Math.floor(i / 420) < 49);
    for (let t = 100; t < 420; t++) expect(ofTheFit(held, t)).toEqual(ofTheFit(daily, rows[carried[t]!]!));
  });
});

describe('the slope', () => {
  const random = createRandom(5);
  const draw = (n: number, tail: number) => {
    const x = Float64Array.from({ length: n }, () => random() - 0.5);
    const y = x.map((one) => 0.7 * one + 0.2 * (random() - 0.5) * (random() < tail ? 40 : 1));
    return { x, y, w: x.map(() => 0.2 + random()) };
  };
  const solve = (n: number, { x, y, w }: ReturnType<typeof draw>, kernel: 'typescript' | 'wasm-simd', huberC = 1.1, intercept = false) => {
    const sample = createSample(n, kernel);
    const out = createSlope();
    loadSample(sample, n, y, x, x, w);
    solveSlope(sample, { minObs: 5, intercept, loss: 'huber', huberC, shrink: 'vasicek' }, false, out);
    return out;
  };

  it('satisfies both equations: balanced scores, and a mean squared score of 1', () => {
    for (let k = 0; k < 400; k++) {
      const n = 20 + (k % 233);
      const c = 1.1 + (k % 7) / 4;
      const one = draw(n, (k % 5) / 10);
      const { value, ended } = solve(n, one, 'wasm-simd', c);
      expect(ended).toBe(ENDED.solved);
      const e = Array.from(one.y, (y, i) => y - value * one.x[i]!);
      const limit = c * scaleOf(e, Array.from(one.w), c);
      let score = 0;
      let size = 0;
      e.forEach((x, i) => {
        score += one.w[i]! * one.x[i]! * Math.max(-limit, Math.min(limit, x));
        size += one.w[i]! * Math.abs(one.x[i]!) * limit;
      });
      expect(Math.abs(score) / size).toBeLessThan(1e-13);
    }
  });

  it('has the same bits from WebAssembly and from TypeScript, odd and even counts, with and without intercept', () => {
    for (let k = 0; k < 400; k++) {
      const n = 5 + (k % 248);
      const one = draw(n, (k % 4) / 10);
      expect(solve(n, one, 'wasm-simd', 1.1, k % 2 === 0)).toEqual(solve(n, one, 'typescript', 1.1, k % 2 === 0));
    }
  });

  it('says that there is no solution when too many residuals are zero, and never loops', () => {
    const n = 100;
    const x = Float64Array.from({ length: n }, () => random() - 0.5);
    const y = x.map((_, i) => (i % 3 === 0 ? random() - 0.5 : 0));
    const w = x.map(() => 1);
    expect(solve(n, { x, y, w }, 'wasm-simd').ended).toBe(ENDED.flat);
    expect(() => createEstimator({ ...HELD, huberC: 1 }, { firstSession: 0, nRows: 10 })).toThrow(/huberC/);
  });
});

it('refreshes on the last session of a month by the calendar, never on the last row of the data', () => {
  // Session 12,345 is 2018-12-14: the first refresh is 2018-12-31, row 10.
  const long = createSchedule({ firstSession: 12_345, nRows: 60 }, 'month-end');
  const cut = createSchedule({ firstSession: 12_345, nRows: long.rows[1]! - 1 }, 'month-end');
  expect([...cut.rows]).toEqual([long.rows[0]]);
  expect(cut.carried.at(-1)).toBe(0);
  expect(long.carried[long.rows[1]!]).toBe(1);
  expect(long.carried[long.rows[1]! - 1]).toBe(0);
});

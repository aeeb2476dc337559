import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCascade, F } from './index.ts';
import { exposuresOf, fitWindow } from './window-fit.ts';

const LEGS = ['mkt', 'sec', 'sub'] as const;

/** Returns with holes, from a seed. */
function series(seed: number, rows: number, holes: boolean): Float64Array[] {
  let state = seed >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  const m = Float64Array.from({ length: rows }, () => 0.01 * next());
  const s = m.map((x) => 0.8 * x + 0.006 * next());
  const u = s.map((x, t) => 0.5 * x + 0.4 * m[t]! + 0.006 * next());
  const r = u.map((x, t) => 0.3 * x + 0.5 * s[t]! + 0.2 * m[t]! + 0.012 * next() + 0.0004);
  if (holes) for (const x of [m, s, u, r]) for (let t = 0; t < rows; t++) if (next() > 0.97) x[t] = NaN;
  return [r, m, s, u];
}

describe('a window written out', () => {
  it('gives the numbers of the kernel for every level, with holes, weights, with and without an intercept', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom(null, 20),
        fc.integer({ min: 70, max: 119 }),
        (seed, holes, intercept, halfLife, t) => {
          const [r, m, s, u] = series(seed, 120, holes) as [Float64Array, Float64Array, Float64Array, Float64Array];
          const settings = { window: 60, minObs: 20, intercept, halfLife };
          const cascade = createCascade(settings, { nRows: 120, firstSession: 0 });
          const tile = cascade.tile();
          cascade.security([{ from: 0, to: 120, r, chain: cascade.chain(m, s, u) }], 119, tile);
          const at = (wire: string): number => tile.values[F[wire]! * 120 + t]!;
          for (const level of [1, 2, 3] as const) {
            if (at('level') < level) continue;
            const cut = (x: Float64Array): Float64Array => x.slice(t - 59, t + 1);
            const fit = fitWindow({ r: cut(r), etfs: [m, s, u].slice(0, level).map(cut) }, settings);
            for (let k = 0; k < level; k++) {
              expect(fit.exposures[k]).toBeCloseTo(at(`l${level}_${LEGS[k]}_exp`), 9);
              expect(fit.shares[k]).toBeCloseTo(at(`l${level}_${LEGS[k]}_er`), 9);
            }
            expect(fit.residualShare).toBeCloseTo(at(`l${level}_res_er`), 9);
            // The path along the cleaned factors and the raw ETFs leave the same.
            fit.left[level]!.forEach((e, i) => {
              if (!fit.used[i]) return expect(e).toBeNaN();
              const hedge = fit.exposures.reduce((sum, h, k) => sum + h * cut([m, s, u][k]!)[i]!, 0);
              expect(e).toBeCloseTo(cut(r)[i]! - hedge, 12);
            });
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('gives a collinear sector no slope and no link', () => {
    const [r, m] = series(7, 60, false) as [Float64Array, Float64Array];
    const fit = fitWindow({ r, etfs: [m, m.map((x) => 1.5 * x)] }, { intercept: true, halfLife: null });
    expect(fit.collinear).toEqual([false, true]);
    expect(fit.exposures[1]).toBe(0);
    expect(fit.shares[1]).toBe(0);
  });

  it('draws given slopes as they are', () => {
    const [r, m, s] = series(9, 60, false) as [Float64Array, Float64Array, Float64Array];
    const fit = fitWindow({ r, etfs: [m, s] }, { intercept: true, halfLife: null }, { b: [0.5, 0.3], sm: 0.6, um: 0, us: 0 });
    expect(fit.exposures).toEqual([0.5 - 0.6 * 0.3, 0.3]);
    expect(fit.left[2]![5]).toBeCloseTo(r[5]! - 0.5 * m[5]! - 0.3 * (s[5]! - 0.6 * m[5]!), 15);
  });

  it('forms the exposures of the worked example', () => {
    expect(exposuresOf([0.5, 0.3, 0.2], { sm: 0.6, um: 0.4, us: 0.7 }).map((h) => Number(h.toFixed(12)))).toEqual([0.324, 0.16, 0.2]);
  });
});

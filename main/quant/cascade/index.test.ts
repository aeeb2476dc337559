import { describe, expect, it } from 'vitest';
import { createCascade, createTile, fieldIndex, FLAG } from './index.ts';

/** Sample-orthogonal ±1 columns: cells of an 8 x 8 Walsh matrix repeated. */
const walsh = (k: number, t: number): number => {
  let bits = k & (t % 8);
  let sign = 1;
  for (; bits; bits &= bits - 1) sign = -sign;
  return sign;
};

describe('worked example of MODEL.md 5', () => {
  const W = 128;
  const nRows = W + 1;
  const m = new Float64Array(nRows);
  const s = new Float64Array(nRows);
  const u = new Float64Array(nRows);
  const r = new Float64Array(nRows);
  for (let t = 0; t < W; t++) {
    const a = 0.01 * walsh(1, t);
    const b = 0.005 * walsh(2, t);
    const c = 0.004 * walsh(4, t);
    m[t] = a;
    s[t] = 0.6 * a + b;
    u[t] = 0.4 * a + 0.7 * b + c;
    r[t] = 0.5 * a + 0.3 * b + 0.2 * c + 0.012 * walsh(7, t);
  }
  m[W] = 0.01;
  s[W] = 0.008;
  u[W] = 0.012;
  r[W] = 0.011;
  const cascade = createCascade({ window: W, minObs: 64, intercept: true, halfLife: null }, { firstSession: 0, nRows });
  const tile = createTile(nRows);
  cascade.security([{ from: 0, to: nRows, chain: cascade.chain(m, s, u), r }], nRows - 1, tile);
  const at = (wire: string, t: number) => tile.values[fieldIndex(wire) * nRows + t]!;

  it.each([
    ['lam_sm', 0.6],
    ['lam_um', 0.4],
    ['lam_us', 0.7],
    ['l1_mkt_beta', 0.5],
    ['l2_sec_beta', 0.3],
    ['l3_sub_beta', 0.2],
    ['l3_sub_exp', 0.2],
    ['l3_sec_exp', 0.16],
    ['l3_mkt_exp', 0.324],
    ['l3_mkt_hr', -0.324],
    ['l3_sec_hr', -0.16],
    ['l3_sub_hr', -0.2],
  ])('%s is %d', (wire, value) => {
    expect(at(wire, W - 1)).toBeCloseTo(value, 13);
  });

  it('leaves the residual of the next day, ex-ante', () => {
    expect(at('l3_rr', W)).toBeCloseTo(0.00408, 14);
    expect(at('l3_cfr', W)).toBeCloseTo(0.00692, 14);
    expect(at('l1_fr', W) + at('l2_fr', W) + at('l3_fr', W)).toBeCloseTo(0.00692, 14);
    expect(at('returns_gross', W)).toBe(0.011);
    expect(at('level', W - 1)).toBe(3);
    expect(at('flags', W - 1) & ~FLAG.short_history).toBe(0);
  });
});

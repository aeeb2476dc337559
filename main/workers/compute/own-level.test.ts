/** A level above the deepest one: whatever is told of it is of its own rows, with every estimator. */
import { describe, expect, it } from 'vitest';
import { OLS_252, ROBUST_HELD } from '../../contract/settings.ts';
import { noise } from '../../cli/testing/market.ts';
import { F } from '../../quant/cascade/index.ts';
import { leastSquares } from '../../quant/cascade/testing/oracle.ts';
import { exposuresOf, slopesOf } from '../../quant/cascade/window-fit.ts';
import { hedgeTargets } from '../../quant/hedge/index.ts';
import type { RobustSettings } from '../../quant/robust/index.ts';
import type { Panel } from '../panel.ts';
import { createFitter, type Depth } from './fits.ts';
import { copyAtLevel } from './own-level.ts';

const ROWS = 400;
const [M, S, U] = [0, 1, 2];
/** A stock with holes, one that is complete, then the first of them under shorter chains. */
const [STOCK, COMPLETE, ON_TWO, ON_ONE] = [3, 4, 5, 6];

/** Returns of three funds and two stocks; the subsector fund misses `holes(t)`. */
function panelOf(key: string, holes: (row: number) => boolean): Panel {
  const next = noise(7);
  const columns = Array.from({ length: 7 }, () => new Float64Array(ROWS));
  for (let t = 0; t < ROWS; t++) {
    const [m, s, u, a, b] = [next() * 0.01, next() * 0.012, next() * 0.015, next() * 0.02, next() * 0.02];
    const missing = t % 37 === 5;
    columns[M]![t] = m!;
    columns[S]![t] = 0.6 * m! + s!;
    columns[U]![t] = holes(t) ? NaN : 0.4 * m! + 0.7 * s! + u!;
    columns[STOCK]![t] = missing ? NaN : 0.9 * m! + 0.5 * s! + 0.4 * u! + a!;
    columns[COMPLETE]![t] = 1.1 * m! + 0.2 * s! + 0.8 * u! + b!;
  }
  columns[ON_TWO]!.set(columns[STOCK]!);
  columns[ON_ONE]!.set(columns[STOCK]!);
  const returns = new Float64Array(7 * ROWS);
  columns.forEach((column, i) => returns.set(column, i * ROWS));
  const chains = [[], [], [], [M, S, U], [M, S, U], [M, S, -1], [M, -1, -1]];
  return {
    key,
    basis: key,
    firstSession: 6000,
    nRows: ROWS,
    days: Int32Array.from({ length: ROWS }, (_, t) => t),
    series: chains.map((_, i) => ({ securityId: i + 1, names: [], name: null, isEtf: i < 3 })),
    returns,
    stride: ROWS,
    place: Int32Array.from(chains, (_, i) => i),
    epochs: new Map(),
    plan: Int32Array.from(chains.flatMap((chain) => (chain.length ? [0, ROWS, ...chain, 0] : []))),
    planStart: Int32Array.of(0, 0, 0, 0, 1, 2, 3, 4),
    lastRow: new Int32Array(7).fill(ROWS - 1),
    chains: [],
    dataAsOf: ROWS,
    knownAsOf: ROWS,
    revision: 1,
  };
}

const WIRES = ['level', 'lam_sm', 'lam_um', 'lam_us', 'stock_var', 'vol', 'n_obs', 'l1_mkt_exp', 'l1_res_er', 'l2_mkt_exp', 'l2_sec_exp'];
const FIELDS = [...WIRES, 'l2_res_er', 'l3_sub_exp'];
type Values = (wire: string) => number;

function reader(panel: Panel, settings: RobustSettings): (series: number, row: number, level: Depth) => Values {
  const fits = createFitter(panel, settings);
  return (series, row, level) => {
    const values = new Float64Array(FIELDS.length);
    copyAtLevel(
      fits,
      series,
      FIELDS.map((wire) => F[wire]!),
      row,
      level,
      values,
    );
    return (wire) => values[FIELDS.indexOf(wire)]!;
  };
}

const settingsOf = (patch: Partial<RobustSettings>, base: RobustSettings = OLS_252): RobustSettings => ({
  ...base,
  window: 120,
  minObs: 50,
  ...patch,
});

/** A fund that lists late, and holes like those of a fund whose days are missing here and there. */
const HOLED = panelOf('holed', (t) => t < 90 || t % 11 === 3);
const WHOLE = panelOf('whole', () => false);
const column = (series: number, row: number, window = 120): Float64Array =>
  HOLED.returns.slice(series * ROWS + row - window + 1, series * ROWS + row + 1);

const mean = (x: readonly number[]): number => x.reduce((sum, one) => sum + one, 0) / x.length;
const cov = (x: readonly number[], y: readonly number[]): number => {
  const [a, b] = [mean(x), mean(y)];
  return x.reduce((sum, one, i) => sum + (one - a) * (y[i]! - b), 0) / (x.length - 1);
};

describe('a level above the deepest', () => {
  it('has the links, variance and residual of its own rows, on every window, as a solve of the explicit series has', () => {
    const read = reader(HOLED, settingsOf({}));
    for (let row = 130; row < ROWS; row++)
      for (const level of [1, 2] as const) {
        const value = read(STOCK, row, level);
        const [r, ...etfs] = [STOCK, M, S].slice(0, level + 1).map((series) => column(series, row));
        const used = Array.from(r!.keys()).filter((t) => [r!, ...etfs].every((x) => !Number.isNaN(x[t]!)));
        const [y, m, s = []] = [r!, ...etfs].map((x) => used.map((t) => x[t]!)) as [number[], number[], number[]?];
        expect(value('n_obs')).toBe(used.length);
        expect(value('stock_var') / cov(y, y)).toBeCloseTo(1, 11);
        const raw = level === 1 ? [m] : [m, s];
        const centred = raw.map((x) => Float64Array.from(x, (one) => one - mean(x)));
        const { coefficients: h } = leastSquares(
          centred,
          Float64Array.from(y, (one) => one - mean(y)),
        );
        const left = y.map((one, t) => one - h.reduce((sum, x, k) => sum + x * raw[k]![t]!, 0));
        expect((value('stock_var') * value(`l${level}_res_er`)) / cov(left, left)).toBeCloseTo(1, 10);
        expect([value('lam_um'), value('lam_us')]).toEqual([NaN, NaN]);
        const sm = level === 1 ? NaN : cov(s, m) / cov(m, m);
        if (level === 1) expect(value('lam_sm')).toBeNaN();
        else expect(value('lam_sm')).toBeCloseTo(sm, 11);
        const exposures = (level === 1 ? ['l1_mkt_exp'] : ['l2_mkt_exp', 'l2_sec_exp']).map(value);
        const lam = { sm: level === 1 ? null : value('lam_sm'), um: null, us: null };
        const beta = slopesOf(exposures, lam);
        expect(beta[0]).toBeCloseTo(cov(y, m) / cov(m, m), 10);
        // Layers of a position: each is its own cleaned factor, in the fraction asked for; all of them are the exposure.
        const position = { value: 1000, beta, lam, chain: { m: 'M', s: 'S', u: 'U' } };
        const full = hedgeTargets([position], { market: 1, sector: level > 1 ? 1 : 0, subsector: 0 }, level);
        exposures.forEach((x, k) => expect(full.get('MS'[k]!)).toBeCloseTo(-1000 * x, 9));
        if (level === 2) {
          const part = hedgeTargets([position], { market: 0.25, sector: 0.5, subsector: 0 }, 2);
          expect(part.get('S')).toBeCloseTo(-500 * h[1]!, 8);
          expect(part.get('M')).toBeCloseTo((-250 * cov(y, m)) / cov(m, m) + 500 * h[1]! * sm, 8);
        }
      }
  });

  it('has the bits of the row wherever all levels have the same rows', () => {
    const read = reader(WHOLE, settingsOf({}));
    for (const [series, row] of [
      [STOCK, 250],
      [COMPLETE, 399],
    ] as const) {
      const [two, three] = [read(series, row, 2), read(series, row, 3)];
      for (const wire of ['lam_sm', 'stock_var', 'vol', 'n_obs', 'l2_mkt_exp', 'l2_res_er']) expect(two(wire)).toBe(three(wire));
    }
    // And at the deepest level, whatever is asked for.
    const holed = reader(HOLED, settingsOf({}));
    const own = createFitter(HOLED, settingsOf({})).fit(STOCK);
    const three = holed(STOCK, 390, 3);
    for (const wire of WIRES) expect(three(wire)).toBe(own.values[F[wire]! * ROWS + 390]);
  });

  it.each([
    ['half-life', settingsOf({ halfLife: 30 })],
    ['no intercept', settingsOf({ intercept: false })],
    ['held', settingsOf({ refresh: 'month-end' })],
    ['resolved', settingsOf({ loss: 'huber', huberC: 1.1, riskShares: 'removed' })],
    ['robust-held', settingsOf({}, ROBUST_HELD)],
  ])('is what the security is under a chain that ends there: %s', (_, settings) => {
    const read = reader(HOLED, settings);
    let other = 0;
    for (let row = 330; row < ROWS; row += 3) {
      const deepest = read(STOCK, row, 3);
      expect(deepest('level')).toBe(3);
      for (const [level, alone] of [
        [2, read(ON_TWO, row, 2)],
        [1, read(ON_ONE, row, 1)],
      ] as const) {
        const value = read(STOCK, row, level);
        for (const wire of ['lam_sm', 'stock_var', 'vol', 'n_obs']) expect([wire, value(wire)]).toEqual([wire, alone(wire)]);
        // The kernel forms them along another path there.
        expect(value(`l${level}_mkt_exp`)).toBeCloseTo(alone(`l${level}_mkt_exp`), 12);
        if (value('stock_var') !== deepest('stock_var')) other++;
        expect([value('lam_um'), value('lam_us')]).toEqual([NaN, NaN]);
      }
    }
    expect(other).toBeGreaterThan(20);
  });
});

describe('slopes on cleaned factors', () => {
  it('and exposures on raw funds are one and the same, and a link that is missing is not taken for 0', () => {
    const links = { sm: 0.6, um: 0.4, us: 0.7 };
    for (const b of [[0.5], [0.5, 0.3], [0.5, 0.3, 0.2]])
      slopesOf(exposuresOf(b, links), links).forEach((slope, k) => expect(slope).toBeCloseTo(b[k]!, 15));
    expect(slopesOf([1, 0.2], { sm: null, um: null, us: null })).toEqual([NaN, 0.2]);
  });
});

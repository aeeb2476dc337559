import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { F, FIELD_COUNT, type Tile } from '../cascade/index.ts';
import { createMarket, createRandom, punch } from '../cascade/testing/market.ts';
import { createEstimator, createSchedule, type RobustSettings } from './index.ts';
import { HELD, runRobust } from './testing/cases.ts';

const N = 560;
const caseOf = fc.record({
  settings: fc.record({
    loss: fc.constantFrom<RobustSettings['loss']>('huber', 'huber', 'squares'),
    chain: fc.constantFrom<RobustSettings['chain']>('realised', 'realised', 'same-window'),
    refresh: fc.constantFrom<RobustSettings['refresh']>('month-end', 'month-end', 'month-end', 'daily'),
    intercept: fc.boolean(),
    halfLife: fc.constantFrom(null, 20),
    window: fc.constantFrom(40, 63),
    minObs: fc.constantFrom(20, 30),
    riskShares: fc.constantFrom<RobustSettings['riskShares']>('removed', 'removed', 'explained'),
  }),
  seed: fc.nat(1e6),
  holes: fc.constantFrom(0, 0.02, 0.1),
  etfHoles: fc.constantFrom(0, 0.01),
  levels: fc.constantFrom(1, 2, 3, 3),
  start: fc.constantFrom(0, 90),
  firstSession: fc.integer({ min: 100, max: 13_000 }),
});
type Case = typeof caseOf extends fc.Arbitrary<infer C> ? C : never;

const settingsOf = ({ settings }: Case): RobustSettings => {
  const adds = settings.loss === 'squares' && settings.chain === 'same-window';
  return { ...HELD, ...settings, riskShares: adds ? settings.riskShares : 'removed' };
};

function build({ seed, holes, etfHoles, levels, start }: Case) {
  const base = createMarket(seed, N);
  return {
    r: punch(base.r, seed + 1, holes).map((x, t) => (t < start ? NaN : x)),
    chain: {
      m: punch(base.m, seed + 2, etfHoles),
      s: levels > 1 ? punch(base.s, seed + 3, etfHoles) : null,
      u: levels > 2 ? punch(base.u, seed + 4, etfHoles) : null,
    },
  };
}

function bits({ values, nRows }: Tile, from: number, to: number, shift = 0): string {
  const words = new BigUint64Array(values.buffer, values.byteOffset, values.length);
  const out: string[] = [];
  for (let k = 0; k < FIELD_COUNT; k++) for (let t = from + shift; t < to + shift; t++) out.push(words[k * nRows + t]!.toString(36));
  return out.join(' ');
}
const check = (property: (c: Case) => void) => fc.assert(fc.property(caseOf, property), { numRuns: 25, seed: 11 });
const spoil = (x: Float64Array, spare: (t: number) => boolean, junk: number) => x.map((value, t) => (spare(t) ? value : junk));

/** Rows before `row` that a row can depend on: four windows, each reached through the slopes carried into it. */
const reachOf = ({ window }: RobustSettings): number => 4 * (window + 25);

describe('a row is a pure function of a fixed stretch of rows', () => {
  it('gives the bits of the bulk run for any part of it, split anywhere', () => {
    check((c) => {
      const { r, chain } = build(c);
      const settings = settingsOf(c);
      const bulk = runRobust(settings, chain, r, c);
      const random = createRandom(c.seed);
      for (let k = 0; k < 4; k++) {
        const from = Math.floor(random() * N);
        const to = Math.min(N, from + 1 + Math.floor(random() * 60));
        const part = runRobust(settings, chain, r, { ...c, from: Math.max(0, from - 1), to });
        expect(bits(part, from, to) === bits(bulk, from, to)).toBe(true);
      }
      const estimator = createEstimator(settings, { firstSession: c.firstSession, nRows: N });
      const own = estimator.chain(chain.m, chain.s, chain.u);
      const cuts = [0, 77, 78, 300, N];
      estimator.security(
        cuts.slice(1).map((to, k) => ({ from: cuts[k]!, to, chain: own, r })),
        N - 1,
        estimator.tile(),
      );
      expect(bits(estimator.tile(), 0, N) === bits(bulk, 0, N)).toBe(true);
    });
  });

  it('ignores everything after t, and everything before its reach', () => {
    check((c) => {
      const { r, chain } = build(c);
      const settings = settingsOf(c);
      const at = 440;
      const bulk = runRobust(settings, chain, r, c);
      for (const junk of [NaN, 1e25, -3]) {
        const keep = (t: number) => t <= at && t >= at - reachOf(settings);
        const other = { m: spoil(chain.m, keep, junk), s: chain.s && spoil(chain.s, keep, junk), u: chain.u && spoil(chain.u, keep, junk) };
        const spoilt = runRobust(settings, other, spoil(r, keep, junk), c);
        expect(bits(spoilt, at, at + 1) === bits(bulk, at, at + 1)).toBe(true);
      }
    });
  });

  it('keeps its bits when older history is prepended, once that is out of reach', () => {
    check((c) => {
      const { r, chain } = build(c);
      const settings = settingsOf(c);
      const more = 137;
      const firstSession = c.firstSession + more;
      const older = createMarket(c.seed + 9, more);
      const join = (a: Float64Array, b: Float64Array) => Float64Array.from([...a, ...b]);
      const long = { m: join(older.m, chain.m), s: chain.s && join(older.s, chain.s), u: chain.u && join(older.u, chain.u) };
      const bulk = runRobust(settings, chain, r, { firstSession });
      const prepended = runRobust(settings, long, join(older.r, r), { firstSession: firstSession - more });
      const from = reachOf(settings) + 1;
      expect(bits(prepended, from, N, more) === bits(bulk, from, N)).toBe(true);
    });
  });

  it('has the same bits in TypeScript and WebAssembly, and after other securities and chains', () => {
    check((c) => {
      const { r, chain } = build(c);
      const settings = settingsOf(c);
      const plain = runRobust(settings, chain, r, { ...c, kernel: 'typescript' });
      const estimator = createEstimator(settings, { firstSession: c.firstSession, nRows: N });
      const tile = estimator.tile();
      const other = build({ ...c, seed: c.seed + 50, etfHoles: 0.01 });
      const span = { from: 0, to: N, chain: estimator.chain(other.chain.m, other.chain.s, other.chain.u), r: other.r };
      estimator.security([span], N - 1, tile);
      estimator.security([{ from: 0, to: N, chain: estimator.chain(chain.m, chain.s, chain.u), r }], N - 1, tile);
      expect(bits(tile, 0, N) === bits(plain, 0, N)).toBe(true);
    });
  });
});

describe('what is held', () => {
  it('changes slopes on refresh rows only, and the residual of the next day is the first to use them', () => {
    const { r, chain } = build({ ...fc.sample(caseOf, { numRuns: 1, seed: 3 })[0]!, levels: 3, holes: 0, etfHoles: 0 });
    const settings = { ...HELD, window: 63, minObs: 30 };
    const { values } = runRobust(settings, chain, r, { firstSession: 9000 });
    const { rows } = createSchedule({ firstSession: 9000, nRows: N }, 'month-end');
    const h = (t: number) => ['l3_mkt_exp', 'l3_sec_exp', 'l3_sub_exp'].map((wire) => values[F[wire]! * N + t]!);
    for (let t = 400; t < N; t++) {
      if (!rows.includes(t)) expect(h(t)).toEqual(h(t - 1));
      else expect(h(t)).not.toEqual(h(t - 1));
      const [m, s, u] = h(t - 1) as [number, number, number];
      const left = r[t]! - (m * chain.m[t]! + s * chain.s![t]! + u * chain.u![t]!);
      expect(values[F.l3_rr! * N + t]!).toBeCloseTo(left, 14);
    }
  });

  it('recomputes past slopes under a new chain as if it had always held', () => {
    const one = build({ ...fc.sample(caseOf, { numRuns: 1, seed: 3 })[0]!, levels: 3 });
    const two = build({ ...fc.sample(caseOf, { numRuns: 1, seed: 4 })[0]!, levels: 3 });
    const settings = { ...HELD, window: 63, minObs: 30 };
    const estimator = createEstimator(settings, { firstSession: 9000, nRows: N });
    const tile = estimator.tile();
    const [first, second] = [one.chain, two.chain].map(({ m, s, u }) => estimator.chain(m, s, u));
    const spans = [
      { from: 0, to: 450, chain: first!, r: one.r },
      { from: 450, to: N, chain: second!, r: one.r },
    ];
    estimator.security(spans, N - 1, tile);
    const whole = runRobust(settings, two.chain, one.r, { firstSession: 9000 });
    // The ex-ante fields of row 450 still use the exposures and the chain of row 449.
    expect(bits(tile, 451, N) === bits(whole, 451, N)).toBe(true);
    const before = runRobust(settings, one.chain, one.r, { firstSession: 9000 });
    expect(bits(tile, 0, 450) === bits(before, 0, 450)).toBe(true);
    expect(tile.values[F.l3_rr! * N + 450]).toBe(before.values[F.l3_rr! * N + 450]);
  });

  it('leaves standard errors empty and adds the shares up at every level', () => {
    const { r, chain } = build({ ...fc.sample(caseOf, { numRuns: 1, seed: 3 })[0]!, levels: 3 });
    const { values } = runRobust({ ...HELD, window: 63, minObs: 30 }, chain, r, { firstSession: 9000 });
    const at = (wire: string, t: number) => values[F[wire]! * N + t]!;
    for (let t = 440; t < N; t++) {
      for (const wire of ['l1_mkt', 'l2_mkt', 'l2_sec', 'l3_mkt', 'l3_sec', 'l3_sub']) expect(at(`${wire}_hr_se`, t)).toBeNaN();
      if (Number.isNaN(at('level', t))) continue;
      expect(at('l3_mkt_er', t) + at('l3_sec_er', t) + at('l3_sub_er', t) + at('l3_res_er', t)).toBeCloseTo(1, 14);
      expect(at('l1_mkt_er', t)).toBe(at('l3_mkt_er', t));
      expect(at('l2_sec_er', t)).toBe(at('l3_sec_er', t));
    }
  });
});

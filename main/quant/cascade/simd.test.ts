import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CORE_FIELDS, createCascade, createTile, FIELDS, fieldIndex, KERNEL_VERSION, kernelName } from './index.ts';
import type { Cascade, Chain, KernelName, KernelSettings, Span, Tile } from './index.ts';
import { firstDifference, wordsOf } from './testing/bits.ts';
import { createMarket, createRandom, punch } from './testing/market.ts';
import type { Market } from './testing/market.ts';
import { GROUPS, readReturns, realPricesPresent } from './testing/real-prices.ts';

const N = 400;
const OLS: KernelSettings = { window: 63, minObs: 32, intercept: true, halfLife: null };
const SETTINGS: Record<string, KernelSettings> = {
  ols: OLS,
  'half-life': { ...OLS, halfLife: 20 },
  'no intercept': { ...OLS, intercept: false },
  'half-life, no intercept, odd window': { window: 30, minObs: 9, intercept: false, halfLife: 11 },
  'window longer than the axis': { ...OLS, window: 504 },
};
type Returns = Pick<Market, 'm' | 'r'> & { readonly s: Float64Array | null; readonly u: Float64Array | null };

const base = createMarket(1, N);
const etfs = (change: (x: Float64Array, k: number) => Float64Array): Market => ({
  m: change(base.m, 1),
  s: change(base.s, 2),
  u: change(base.u, 3),
  r: base.r,
});
const CASES: Record<string, Returns> = {
  'complete data': base,
  '2 % missing': { ...base, r: punch(base.r, 3, 0.02) },
  '40 % missing': { ...base, r: punch(base.r, 3, 0.4) },
  'ETF holes': etfs((x, k) => punch(x, k, 0.01)),
  'holes everywhere': { ...etfs((x, k) => punch(x, k, 0.03)), r: punch(base.r, 9, 0.05) },
  'ETFs that start late': etfs((x, k) => x.map((value, t) => (t < 55 * k ? NaN : value))),
  'no subsector ETF': { ...base, u: null },
  'no subsector ETF, holes': { ...base, s: punch(base.s, 4, 0.02), u: null, r: punch(base.r, 3, 0.02) },
  'no sector ETF': { ...base, s: null, u: null },
  'no sector ETF, holes': { m: punch(base.m, 4, 0.02), s: null, u: null, r: punch(base.r, 3, 0.02) },
  'late listing, gaps of months': { ...base, r: base.r.map((x, t) => (t < 71 || (t > 150 && t < 190) ? NaN : x)) },
  'collinear subsector ETF': { ...base, u: base.s.map((x, t) => x + 1e-6 * base.u[t]!) },
  'collinear sector ETF': { ...base, s: base.m.map((x, t) => x + 1e-6 * base.s[t]!) },
  'equal ETFs': { ...base, s: base.m, u: base.m },
  'constant sector ETF': { ...base, s: base.s.map(() => 0.001) },
  'constant stock': { ...base, r: base.r.map(() => 0.0007) },
  'market without variance for a while': { ...base, m: base.m.map((x, t) => (t > 90 && t < 260 ? 0 : x)) },
  'all zeros': { m: base.m.map(() => 0), s: base.s.map(() => 0), u: base.u.map(() => 0), r: base.r.map(() => -0) },
  'outlier of 5000 %': { ...base, r: base.r.map((x, t) => (t === 130 ? 50 : x)) },
  'huge, infinite and tiny values': {
    ...etfs((x, k) => x.map((value, t) => (t === 100 + k ? 1e29 : t === 200 + k ? -Infinity : value))),
    r: base.r.map((x, t) => (t === 90 ? 2e30 : t === 180 ? Infinity : t === 250 ? 5e-324 : t % 97 === 0 ? -0 : x)),
  },
  'extreme slopes': { ...base, r: base.r.map((x, t) => 40 * x - 30 * base.m[t]!) },
};

type Spans = (cascade: Cascade) => { readonly spans: readonly Span[]; readonly lastRow?: number };

/** Runs the same spans through one implementation, twice through one cascade and in a tile of each kind. */
function run(
  kernel: KernelName,
  settings: KernelSettings,
  spansOf: Spans,
  fields: 'all' | 'core' = 'all',
  nRows = N,
  firstSession = 17,
): Tile {
  const cascade = createCascade(settings, { firstSession, nRows }, { kernel, fields });
  expect(cascade.kernel).toBe(kernel);
  const { spans, lastRow = nRows - 1 } = spansOf(cascade);
  const foreign = createTile(nRows);
  cascade.security(spans, lastRow, foreign);
  cascade.security(spans, lastRow, cascade.tile());
  expect(firstDifference(foreign, cascade.tile())).toBe(null);
  return foreign;
}

const whole =
  ({ m, s, u, r }: Returns): Spans =>
  (cascade) => ({ spans: [{ from: 0, to: r.length, chain: cascade.chain(m, s, u), r }] });

function expectSameBits(settings: KernelSettings, spansOf: Spans, fields: 'all' | 'core' = 'all', nRows = N, firstSession = 17): void {
  const reference = run('typescript', settings, spansOf, fields, nRows, firstSession);
  expect(firstDifference(reference, run('wasm-simd', settings, spansOf, fields, nRows, firstSession))).toBe(null);
}

it('start-up picks WebAssembly where the runtime has SIMD, and says so', () => {
  expect(kernelName()).toBe('wasm-simd');
  expect(createCascade(OLS, { firstSession: 0, nRows: 10 }).kernel).toBe('wasm-simd');
  expect(KERNEL_VERSION).toBe('cascade-3');
});

describe.each(Object.entries(SETTINGS))('WebAssembly gives the bits of TypeScript on every field: %s', (_, settings) => {
  it.each(Object.entries(CASES))('%s', (_name, returns) => {
    expectSameBits(settings, whole(returns));
    expectSameBits(settings, whole(returns), 'core');
  });
});

describe('WebAssembly gives the bits of TypeScript', () => {
  it('for random holes, chains, settings, spans and sub-ranges', () => {
    const caseOf = fc.record({
      settings: fc.constantFrom(...Object.values(SETTINGS)),
      seed: fc.nat(1e6),
      holes: fc.constantFrom(0, 0, 0.02, 0.3),
      etfHoles: fc.constantFrom(0, 0, 0.01),
      cuts: fc.array(fc.nat(N), { minLength: 2, maxLength: 6 }),
      firstSession: fc.integer({ min: -500, max: 500 }),
      lastRow: fc.constantFrom(N - 1, 250),
    });
    const property = ({
      settings,
      seed,
      holes,
      etfHoles,
      cuts,
      firstSession,
      lastRow,
    }: typeof caseOf extends fc.Arbitrary<infer C> ? C : never) => {
      const market = createMarket(seed, N);
      const other = createMarket(seed + 1, N);
      const r = punch(market.r, seed, holes);
      const hole = (x: Float64Array, k: number) => punch(x, seed + k, etfHoles);
      const rows = [...cuts].sort((a, b) => a - b);
      const spansOf: Spans = (cascade) => {
        const chains: Chain[] = [
          cascade.chain(hole(market.m, 1), hole(market.s, 2), hole(market.u, 3)),
          cascade.chain(market.m, other.s, null),
          cascade.chain(hole(market.m, 4), other.s, other.u),
          cascade.chain(other.m, null, null),
        ];
        const random = createRandom(seed);
        const pick = (): Chain => chains[Math.floor(random() * 4)]!;
        const spans = rows.slice(1).map((to, k): Span => {
          const span = { from: rows[k]!, to, chain: pick(), r: random() < 0.3 ? other.r : r };
          return random() < 0.3 && rows[k]! > 0 ? { ...span, before: pick() } : span;
        });
        return { spans, lastRow };
      };
      expectSameBits(settings, spansOf, 'all', N, firstSession);
    };
    fc.assert(fc.property(caseOf, property), { numRuns: 60, seed: 11 });
  });

  it('for axes of a few rows', () => {
    const settings: KernelSettings = { window: 5, minObs: 5, intercept: true, halfLife: null };
    for (let nRows = 1; nRows < 14; nRows++) {
      const cut = (x: Float64Array) => x.slice(0, nRows);
      const returns = { m: cut(base.m), s: cut(base.s), u: cut(base.u), r: cut(base.r) };
      for (let first = 0; first < 5; first++) expectSameBits(settings, whole(returns), 'all', nRows, first);
    }
  });

  it('when chains outnumber the slots of the memory', () => {
    // 30,000 rows: a chain takes 12 MB, so that only the least number of tables is kept.
    const nRows = 30_000;
    const long = (x: Float64Array) => Float64Array.from({ length: nRows }, (_, t) => x[t % N]!);
    const columns = ['m', 's', 'u', 'r'].map((name) => long(base[name as keyof Market]));
    const [m, s, u, r] = columns as [Float64Array, Float64Array, Float64Array, Float64Array];
    const spansOf: Spans = (cascade) => {
      const lasts = [u, s, m, u, r, s, u, m, r, s, u];
      const chains = lasts.map((last) => cascade.chain(m, s, last));
      const order = [...chains.keys(), 0, 4, 1, 10, 0];
      return { spans: order.map((chain, k) => ({ from: 100 + 40 * k, to: 140 + 40 * k, chain: chains[chain]!, r })) };
    };
    expectSameBits(OLS, spansOf, 'all', nRows);
  });

  it('when chains are let go and asked for again', () => {
    // As above, eight slots for thirty chains.
    const options = { tableBytes: 0 };
    const simd = createCascade(OLS, { firstSession: 5, nRows: N }, { ...options, kernel: 'wasm-simd' });
    const plain = createCascade(OLS, { firstSession: 5, nRows: N }, { ...options, kernel: 'typescript' });
    const chainsOf = (cascade: Cascade): Chain[] =>
      Array.from({ length: 30 }, (_, k) => cascade.chain(base.m, k % 7 === 0 ? null : base.s, k % 5 === 0 ? null : punch(base.u, k, 0.01)));
    const [ours, theirs] = [chainsOf(simd), chainsOf(plain)];
    const tile = createTile(N);
    const random = createRandom(12);
    const pick = (): number => Math.floor(random() * 30);
    for (let step = 0; step < 400; step++) {
      const [first, second] = [pick(), pick()];
      const at = step % 3;
      const r = new Float64Array(N + at).fill(NaN);
      r.set(base.r, at);
      const spansOf = (chains: readonly Chain[]): Span[] => [
        { from: 300, to: 310, chain: chains[first]!, r, at },
        { from: 310, to: 330, chain: chains[second]!, r, at },
      ];
      simd.security(spansOf(ours), N - 1, simd.tile());
      plain.security(spansOf(theirs), N - 1, tile);
      expect([step, firstDifference(tile, simd.tile())]).toEqual([step, null]);
      for (let k = step % 4; k > 0; k--) {
        const gone = pick();
        simd.release(ours[gone]!);
        plain.release(theirs[gone]!);
      }
    }
  });

  it('and keeps its own tile clean from security to security', () => {
    const cascade = createCascade(OLS, { firstSession: 0, nRows: N });
    const chain = cascade.chain(base.m, base.s, base.u);
    const tile = cascade.tile();
    cascade.security([{ from: 0, to: N, chain, r: base.r }], N - 1, tile);
    cascade.security([{ from: 101, to: 160, chain, r: base.r }], N - 1, tile);
    const fresh = createTile(N);
    createCascade(OLS, { firstSession: 0, nRows: N }, { kernel: 'typescript' });
    const plain = createCascade(OLS, { firstSession: 0, nRows: N }, { kernel: 'typescript' });
    plain.security([{ from: 101, to: 160, chain: plain.chain(base.m, base.s, base.u), r: base.r }], N - 1, fresh);
    expect(firstDifference(fresh, tile)).toBe(null);
    cascade.security([], N - 1, tile);
    expect(firstDifference(createTile(N), tile)).toBe(null);
  });
});

it.each(['typescript', 'wasm-simd'] as const)('core fields have the bits of a full run and nothing else is filled: %s', (kernel) => {
  for (const returns of Object.values(CASES)) {
    const all = wordsOf(run(kernel, OLS, whole(returns)));
    const core = wordsOf(run(kernel, OLS, whole(returns), 'core'));
    const promised = new Set(CORE_FIELDS.map(fieldIndex));
    FIELDS.forEach(({ wire }, k) => {
      const want = promised.has(k) ? all.slice(k * N, k * N + N) : new BigUint64Array(N).fill(0x7ff8000000000000n);
      expect([wire, core.slice(k * N, k * N + N).every((word, t) => word === want[t])]).toEqual([wire, true]);
    });
  }
});

describe.skipIf(!realPricesPresent)('real adjusted closes', () => {
  it('WebAssembly gives the bits of TypeScript for every stock', { timeout: 60_000 }, () => {
    const pairs = Object.keys(GROUPS).map((key) => key.split(' ') as [string, string]);
    const funds = readReturns('modern_adj_close_etfs.csv.gz', new Set(['SPY', ...pairs.flat()]));
    const stocks = readReturns('modern_adj_close_stocks.csv.gz', new Set(Object.values(GROUPS).flat()));
    for (const halfLife of [null, 63])
      for (const [key, tickers] of Object.entries(GROUPS)) {
        const [sector, subsector] = key.split(' ') as [string, string];
        for (const ticker of tickers) {
          const returns = {
            m: funds.get('SPY')!,
            s: funds.get(sector)!,
            u: subsector === '' ? null : funds.get(subsector)!,
            r: stocks.get(ticker)!,
          };
          expectSameBits({ window: 252, minObs: 126, intercept: true, halfLife }, whole(returns), 'all', returns.r.length);
        }
      }
  });
});

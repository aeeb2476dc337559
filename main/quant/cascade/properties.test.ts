import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCascade, createTile, F, FIELD_COUNT, FIELDS, fieldIndex, FLAG, flagNames } from './index.ts';
import type { KernelSettings, Tile } from './index.ts';
import { MOST_HOLES } from './holes.ts';
import { LEAST_TABLES } from './types.ts';
import { createMarket, createNoise, createRandom, punch, runOne } from './testing/market.ts';
import { leastSquares } from './testing/oracle.ts';

const N = 420;
const settingsOf = fc.record({
  window: fc.constantFrom(30, 63, 100),
  minObs: fc.constantFrom(10, 25),
  intercept: fc.boolean(),
  halfLife: fc.constantFrom(null, 20),
});
/** A chain and a stock with random holes, late starts and early ends. */
const caseOf = fc.record({
  settings: settingsOf,
  seed: fc.nat(1e6),
  holes: fc.constantFrom(0, 0.01, 0.1),
  etfHoles: fc.constantFrom(0, 0, 0.01),
  levels: fc.constantFrom(1, 2, 3, 3),
  start: fc.constantFrom(0, 0, 90),
  firstSession: fc.integer({ min: -500, max: 500 }),
});
type Case = typeof caseOf extends fc.Arbitrary<infer C> ? C : never;

function build({ seed, holes, etfHoles, levels, start }: Case) {
  const base = createMarket(seed, N);
  const r = punch(base.r, seed + 1, holes).map((x, t) => (t < start ? NaN : x));
  const chain = {
    m: punch(base.m, seed + 2, etfHoles),
    s: levels > 1 ? punch(base.s, seed + 3, etfHoles) : null,
    u: levels > 2 ? punch(base.u, seed + 4, etfHoles) : null,
  };
  return { r, chain };
}

/** Bits of rows [from, to) of every field, as text: NaN bits count. */
function bits(tile: Tile, from: number, to: number, shift = 0): string {
  const words = new BigUint64Array(tile.values.buffer);
  const out: string[] = [];
  for (let k = 0; k < FIELD_COUNT; k++) for (let t = from + shift; t < to + shift; t++) out.push(words[k * tile.nRows + t]!.toString(36));
  return out.join(' ');
}
const check = (property: (c: Case) => void, runs = 40) => fc.assert(fc.property(caseOf, property), { numRuns: runs, seed: 7 });

describe('a row is a pure function of its window', () => {
  it('gives the same bits for any sub-range as for the bulk run', () => {
    check((c) => {
      const { r, chain } = build(c);
      const bulk = runOne(c.settings, chain, r, c);
      for (const [from, to] of [
        [0, 1],
        [101, 102],
        [150, 333],
        [N - 1, N],
      ] as const) {
        const part = runOne(c.settings, chain, r, { ...c, from: Math.max(0, from - 1), to });
        expect(bits(part, from, to) === bits(bulk, from, to)).toBe(true);
      }
    });
  });

  it('ignores everything after t and everything before the window, NaN and huge values included', () => {
    check((c) => {
      const { r, chain } = build(c);
      const at = 300;
      const bulk = runOne(c.settings, chain, r, c);
      const reach = Math.max(c.settings.window, 21);
      for (const junk of [NaN, 1e25, -3, Infinity]) {
        const spoil = (x: Float64Array) => x.map((value, t) => (t > at || t < at - reach ? junk : value));
        const spoilt = runOne(c.settings, { m: spoil(chain.m), s: chain.s && spoil(chain.s), u: chain.u && spoil(chain.u) }, spoil(r), c);
        expect(bits(spoilt, at, at + 1) === bits(bulk, at, at + 1)).toBe(true);
      }
    });
  });

  it('keeps its bits when older history is prepended to the axis', () => {
    check((c) => {
      const { r, chain } = build(c);
      const more = 137;
      const older = createMarket(c.seed + 9, more);
      const join = (a: Float64Array, b: Float64Array) => Float64Array.from([...a, ...b]);
      const long = {
        m: join(older.m, chain.m),
        s: chain.s && join(older.s, chain.s),
        u: chain.u && join(older.u, chain.u),
      };
      const bulk = runOne(c.settings, chain, r, c);
      const prepended = runOne(c.settings, long, join(older.r, r), { firstSession: c.firstSession - more });
      const from = Math.max(c.settings.window, 21) + 1;
      expect(bits(prepended, from, N, more) === bits(bulk, from, N)).toBe(true);
    });
  });

  it('does not depend on the securities computed before, nor on the spans a run is cut into', () => {
    check((c) => {
      const { r, chain } = build(c);
      const cascade = createCascade(c.settings, { firstSession: c.firstSession, nRows: N });
      const state = cascade.chain(chain.m, chain.s, chain.u);
      const tile = createTile(N);
      const other = build({ ...c, seed: c.seed + 50, etfHoles: 0.01 });
      cascade.security([{ from: 0, to: N, chain: cascade.chain(other.chain.m, other.chain.s, other.chain.u), r: other.r }], N - 1, tile);
      cascade.security([{ from: 60, to: 61, chain: state, r }], N - 1, tile);
      const random = createRandom(c.seed);
      const cuts = [0, ...[random(), random(), random()].map((x) => Math.floor(x * N)).sort((a, b) => a - b), N];
      const spans = cuts.slice(1).map((to, k) => ({ from: cuts[k]!, to, chain: state, r }));
      cascade.security(spans, N - 1, tile);
      expect(bits(tile, 0, N) === bits(runOne(c.settings, chain, r, c), 0, N)).toBe(true);
    });
  });
});

describe('shared tables', () => {
  it.each(['typescript', 'wasm-simd'] as const)('give the same bits after they went for room and are computed again: %s', (kernel) => {
    const settings = { window: 60, minObs: 30, intercept: true, halfLife: null };
    const { r } = createMarket(5, N);
    // Other funds and other rows each time, so that a table left by another chain shows.
    const markets = Array.from({ length: LEAST_TABLES + 4 }, (_, k) => createMarket(100 + k, N));
    const [axis, tile] = [{ firstSession: 3, nRows: N }, createTile(N)];
    const cramped = createCascade(settings, axis, { kernel, tableBytes: 1 });
    const chains = markets.map(({ m, s, u }) => cramped.chain(m, s, u));
    for (const k of [...markets.keys(), ...markets.keys(), 3, 0, 3, 11, 0]) {
      const from = 100 + 10 * k;
      cramped.security([{ from, to: 400, chain: chains[k]!, r }], N - 1, tile);
      const fresh = createCascade(settings, axis, { kernel });
      const { m, s, u } = markets[k]!;
      const alone = createTile(N);
      fresh.security([{ from, to: 400, chain: fresh.chain(m, s, u), r }], N - 1, alone);
      expect(bits(tile, from, 400) === bits(alone, from, 400)).toBe(true);
    }
  });
});

describe('paths', () => {
  it('serves the same bits from sums of its own rows and from shared sums, and the same numbers from shared sums less a few holes', () => {
    // Rows without a market return are in no level: the stock's holes there leave the window clean, without them it has sums of its own.
    check((c) => {
      const { r, chain } = build({ ...c, etfHoles: 0, holes: 0, start: 0 });
      const at = 200;
      const missing = (t: number) => t >= at && t < at + 60 && t % 2 === 0;
      const gap = (x: Float64Array | null) => x && x.map((value, t) => (missing(t) ? NaN : value));
      const clean = runOne(c.settings, { m: gap(chain.m)!, s: gap(chain.s), u: gap(chain.u) }, gap(r)!, c);
      // The stock alone misses them: the same rows, except that the ETFs have a return on the hole itself.
      const dirty = runOne(c.settings, chain, gap(r)!, c);
      const exact = (t: number) => {
        let holes = 0;
        for (let i = t - c.settings.window + 1; i <= t; i++) if (missing(i)) holes++;
        return c.settings.halfLife !== null || holes === 0 || holes > MOST_HOLES;
      };
      for (let t = at; t < N; t++) {
        if (missing(t) || missing(t - 1)) continue;
        if (exact(t) && exact(t - 1)) expect(bits(dirty, t, t + 1) === bits(clean, t, t + 1)).toBe(true);
        else
          FIELDS.forEach(({ wire }, k) => {
            const [x, y] = [dirty.values[k * N + t]!, clean.values[k * N + t]!];
            if (!Object.is(x, y) && !(Math.abs(x - y) <= 1e-11 * Math.max(0.01, Math.abs(y))))
              throw new Error(`${wire} row ${t}: ${x} and ${y}`);
          });
      }
      // The market ETF alone misses one, or only the deepest ETF does: per-level sums.
      const one = (x: Float64Array | null) => x && x.map((value, t) => (t === at ? NaN : value));
      const split = runOne(c.settings, { m: one(chain.m)!, s: chain.s, u: chain.u }, r, c);
      const without = runOne(c.settings, { m: one(chain.m)!, s: one(chain.s), u: one(chain.u) }, one(r)!, c);
      expect(bits(split, at + 2, N) === bits(without, at + 2, N)).toBe(true);
    });
  });

  it('estimates each level on its own rows', () => {
    const { m, s, u, r } = createMarket(3, N);
    const settings: KernelSettings = { window: 60, minObs: 30, intercept: true, halfLife: null };
    const late = u.map((x, t) => (t < 200 ? NaN : x));
    const tile = runOne(settings, { m, s, u: late }, r);
    const two = runOne(settings, { m, s, u: null }, r);
    const at = (wire: string, t: number) => tile.values[fieldIndex(wire) * N + t]!;
    expect(at('level', 228)).toBe(2);
    expect(at('flags', 228) & FLAG.short_history).toBe(FLAG.short_history);
    expect(at('l3_mkt_exp', 228)).toBeNaN();
    expect(at('level', 229)).toBe(3);
    expect(at('n_obs', 229)).toBe(30);
    for (let t = 60; t < N; t++) expect(at('l2_sec_exp', t)).toBe(two.values[fieldIndex('l2_sec_exp') * N + t]!);
  });
});

describe('algebra', () => {
  it('gives exposures equal to the coefficients of one joint regression', () => {
    const { m, s, u, r } = createMarket(11, 300);
    const tile = runOne({ window: 120, minObs: 60, intercept: true, halfLife: null }, { m, s, u }, r);
    for (const t of [119, 200, 299]) {
      const cut = (x: Float64Array) => x.slice(t - 119, t + 1);
      const { coefficients } = leastSquares([new Float64Array(120).fill(1), cut(m), cut(s), cut(u)], cut(r));
      ['l3_mkt_exp', 'l3_sec_exp', 'l3_sub_exp'].forEach((wire, k) => {
        expect(tile.values[F[wire]! * 300 + t]).toBeCloseTo(coefficients[k + 1]!, 11);
      });
    }
  });

  it('scales with the return: slopes by c, shares not at all, variance by c squared', () => {
    check((c) => {
      const { r, chain } = build(c);
      const one = runOne(c.settings, chain, r, c);
      const two = runOne(
        c.settings,
        chain,
        r.map((x) => 2 * x),
        c,
      );
      FIELDS.forEach(({ wire, internal }, k) => {
        if (internal || wire === 'flags') return;
        const power = /_er$|^lam_|^n_obs$|^level$|_c?fr$/.test(wire) ? 0 : wire === 'stock_var' ? 2 : 1;
        const factor = /_c?fr$/.test(wire) ? 2 : 2 ** power;
        for (let t = 0; t < N; t += 7)
          expect(Object.is(two.values[k * N + t], one.values[k * N + t]! * factor) || Number.isNaN(one.values[k * N + t])).toBe(true);
      });
    }, 15);
  });

  it('keeps both identities far inside their goals', () => {
    check((c) => {
      const { r, chain } = build(c);
      const tile = runOne(c.settings, chain, r, c);
      for (const [wire, goal] of [
        ['additivity_dev', 1e-9],
        ['replication_dev', 1e-12],
      ] as const) {
        const k = fieldIndex(wire);
        const worst = tile.values.subarray(k * N, (k + 1) * N).reduce((a, x) => (x > a ? x : a), 0);
        expect(worst).toBeLessThan(goal);
      }
    });
  });

  it('notices a broken identity', () => {
    // A stock equal to 1e8 times noise plus a market slope: replication is absolute, so rounding alone exceeds 1e-3.
    const noise = createNoise(5);
    const { m, s, u } = createMarket(2, 200);
    const tile = runOne(
      { window: 60, minObs: 30, intercept: true, halfLife: null },
      { m, s, u },
      m.map(() => 1e13 * noise()),
    );
    const flags = tile.values.subarray(fieldIndex('flags') * 200, fieldIndex('flags') * 200 + 200);
    expect(flags.some((x) => flagNames(x).includes('replication'))).toBe(true);
  });
});

describe('rows', () => {
  const settings: KernelSettings = { window: 60, minObs: 30, intercept: true, halfLife: null };
  const { m, s, u, r } = createMarket(21, 300);
  const exists = (tile: Tile, t: number) => !Number.isNaN(tile.values[fieldIndex('level') * tile.nRows + t]!);

  it('exist from the first return to the delisting, while one of the last 21 rows has a return', () => {
    const holed = r.map((x, t) => (t < 40 || (t >= 100 && t < 140) ? NaN : x));
    const tile = runOne(settings, { m, s, u }, holed, { lastRow: 250 });
    expect([39, 40, 119, 120, 139, 140, 250, 251].map((t) => exists(tile, t))).toEqual([
      false,
      true,
      true,
      false,
      false,
      true,
      true,
      false,
    ]);
  });

  it('without a return of the day miss the daily-return fields only', () => {
    const tile = runOne(
      settings,
      { m, s, u },
      r.map((x, t) => (t === 200 ? NaN : x)),
    );
    const missing = FIELDS.filter((_, k) => Number.isNaN(tile.values[k * 300 + 200]!)).map(({ wire }) => wire);
    expect(missing).toEqual(['l1_rr', 'l2_rr', 'l3_rr', 'res_in', 'returns_gross', 'replication_dev']);
  });

  it('store one NaN and no negative zero', () => {
    check((c) => {
      const negative = new Float64Array(new BigUint64Array([0xfff8000000000001n]).buffer)[0]!;
      const { r: returns, chain } = build({ ...c, holes: 0.1 });
      const tile = runOne(
        c.settings,
        chain,
        returns.map((x) => (x === x ? x : negative)),
        c,
      );
      const words = new BigUint64Array(tile.values.buffer);
      expect(words.every((word, k) => tile.values[k] === tile.values[k] || word === 0x7ff8000000000000n)).toBe(true);
      for (const wire of ['l3_sub_hr', 'l3_sub_exp']) {
        const k = fieldIndex(wire);
        expect(tile.values.subarray(k * N, k * N + N).every((x) => !Object.is(x, -0))).toBe(true);
      }
    }, 15);
  });

  it('use the chain of the row before for ex-ante returns', () => {
    const other = createMarket(22, 300);
    const cascade = createCascade(settings, { firstSession: 0, nRows: 300 });
    const first = cascade.chain(m, s, u);
    const second = cascade.chain(m, other.s, null);
    const corrected = cascade.chain(
      m,
      s.map((x, t) => (t === 200 ? x + 0.01 : x)),
      u,
    );
    const tile = createTile(300);
    const value = (wire: string, t: number) => tile.values[fieldIndex(wire) * 300 + t]!;
    const spans = (before?: typeof corrected) => [
      { from: 0, to: 200, chain: first, r },
      { from: 200, to: 300, chain: second, r, ...(before === undefined ? {} : { before }) },
    ];
    cascade.security(spans(), 299, tile);
    const plain = value('l3_mkt_exp', 199) * m[200]! + value('l3_sec_exp', 199) * s[200]! + value('l3_sub_exp', 199) * u[200]!;
    expect(value('l3_cfr', 200)).toBeCloseTo(plain, 15);
    expect(value('l3_cfr', 201)).toBeCloseTo(value('l2_mkt_exp', 200) * m[201]! + value('l2_sec_exp', 200) * other.s[201]!, 15);
    expect(value('l3_fr', 201)).toBe(0);
    expect(value('flags', 200) & FLAG.no_subsector_etf).not.toBe(0);
    cascade.security(spans(corrected), 299, tile);
    expect(value('l3_cfr', 200)).toBeCloseTo(plain + 0.01 * value('l3_sec_exp', 199), 15);
  });

  it('refuses settings, tiles and spans it cannot serve', () => {
    expect(() => createCascade({ ...settings, window: 2.5 }, { firstSession: 0, nRows: 10 })).toThrow(/window/);
    expect(() => createCascade({ ...settings, halfLife: 0 }, { firstSession: 0, nRows: 10 })).toThrow(/halfLife/);
    const cascade = createCascade(settings, { firstSession: 0, nRows: 300 });
    const chain = cascade.chain(m, s, u);
    expect(() => cascade.security([{ from: 0, to: 300, chain, r }], 299, createTile(10))).toThrow(/tile/);
    expect(() =>
      cascade.security(
        [
          { from: 0, to: 10, chain, r },
          { from: 11, to: 12, chain, r },
        ],
        299,
        createTile(300),
      ),
    ).toThrow(/adjoin/);
  });
});

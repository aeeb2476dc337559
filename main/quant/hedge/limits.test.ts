import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covariance, quadratic } from '../book/index.ts';
import { limitTrades, roundOrders, shareOut, sides, type LimitedLeg } from './index.ts';

/** Daily covariance of funds with a common factor, positive definite. */
function market(size: number, seed: number): Float64Array {
  let state = seed;
  const random = () => (state = (state * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff - 0.5;
  const common = Array.from({ length: 80 }, random);
  const series = Array.from({ length: size }, () => Float64Array.from(common, (x) => 0.02 * x + 0.012 * random()));
  return covariance(series, 0, 80).matrix;
}

const dollars = fc.integer({ min: -2_000_000, max: 2_000_000 });
const legs = (max: number) =>
  fc.array(
    fc.record({
      held: dollars,
      wanted: dollars,
      bound: fc.constantFrom('free', 'none', 'no short', 'cap'),
      cap: fc.integer({ min: 0, max: 1_000_000 }),
    }),
    { minLength: 1, maxLength: max },
  );
type Drawn = typeof legs extends (max: number) => fc.Arbitrary<infer T> ? T : never;

const legsOf = (drawn: Drawn): LimitedLeg[] =>
  drawn.map(({ held, wanted, bound, cap }, i) => {
    const base = { etf: `E${i}`, held, wanted, lowest: -Infinity, highest: Infinity };
    if (bound === 'none') return { ...base, lowest: 0, highest: 0 };
    if (bound === 'no short') return { ...base, lowest: -Math.max(0, held) };
    return bound === 'cap' ? { ...base, lowest: -cap - held, highest: cap - held } : base;
  });
/** What the trades minimise: each leg's own variance counts a thousandth more. */
const stiff = (cov: Float64Array, size: number): Float64Array => cov.map((value, at) => (at % (size + 1) === 0 ? value * 1.001 : value));
const lossOf = (own: readonly LimitedLeg[], trades: readonly number[], cov: ArrayLike<number>): number =>
  quadratic(
    own.map(({ wanted }, i) => trades[i]! - wanted),
    cov,
  );

describe('trades under limits', () => {
  it('are the wanted ones to the bit while no limit is in the way', () => {
    fc.assert(
      fc.property(legs(12), fc.integer({ min: 1, max: 1e6 }), (drawn, seed) => {
        const own = legsOf(drawn.map((leg) => ({ ...leg, bound: 'free' as const })));
        const { trades, limited, scale } = limitTrades(own, market(own.length, seed));
        expect(trades).toEqual(own.map(({ wanted }) => wanted));
        expect([limited, scale]).toEqual([false, 1]);
      }),
    );
  });

  it('keep the bounds and lose the least: no small move inside the bounds loses less, and never more than cutting alone', () => {
    fc.assert(
      fc.property(legs(8), fc.integer({ min: 1, max: 1e6 }), (drawn, seed) => {
        const own = legsOf(drawn);
        const cov = market(own.length, seed);
        const { trades, alone } = limitTrades(own, cov);
        const counted = stiff(cov, own.length);
        const loss = lossOf(own, trades, counted);
        own.forEach(({ lowest, highest }, i) => {
          expect(trades[i]).toBeGreaterThanOrEqual(lowest - 1e-6);
          expect(trades[i]).toBeLessThanOrEqual(highest + 1e-6);
          // A convex function of one leg alone: looking both ways from the answer is looking everywhere.
          for (const step of [-100, 100]) {
            const moved = trades.map((trade, j) => (i === j ? Math.min(highest, Math.max(lowest, trade + step)) : trade));
            expect(lossOf(own, moved, counted)).toBeGreaterThanOrEqual(loss * (1 - 1e-9) - 1e-6);
          }
        });
        expect(lossOf(own, trades, cov)).toBeLessThanOrEqual(lossOf(own, alone, cov) * (1 + 1e-9) + 1e-9);
      }),
    );
  });

  it('put the least-squares weights of the allowed funds in place of one that may not trade', () => {
    const cov = market(3, 7);
    const own = legsOf([
      { held: 0, wanted: -100_000, bound: 'none', cap: 0 },
      { held: 0, wanted: 0, bound: 'free', cap: 0 },
      { held: 0, wanted: -5_000, bound: 'free', cap: 0 },
    ]);
    const [c11, c12, c22] = [cov[4]! * 1.001, cov[5]!, cov[8]! * 1.001];
    const [a, b] = [cov[1]!, cov[2]!];
    const det = c11 * c22 - c12 * c12;
    const { trades, alone, limited } = limitTrades(own, cov);
    expect([alone, limited]).toEqual([[0, 0, -5_000], true]);
    expect(limitTrades(own, cov, 2_000).alone).toEqual([0, 0, -2_000]);
    expect(trades[0]).toBe(0);
    expect(trades[1]).toBeCloseTo((-100_000 * (a * c22 - b * c12)) / det, 4);
    expect(trades[2]).toBeCloseTo(-5_000 + (-100_000 * (b * c11 - a * c12)) / det, 4);
  });

  it('scale all positions alike to a gross cap, and round towards zero under it', () => {
    fc.assert(
      fc.property(legs(10), fc.integer({ min: 0, max: 3_000_000 }), fc.integer({ min: 1, max: 1e6 }), (drawn, cap, seed) => {
        const own = legsOf(drawn.map((leg) => ({ ...leg, bound: 'free' as const })));
        const { trades, scale } = limitTrades(own, market(own.length, seed), cap);
        const gross = own.reduce((sum, { held }, i) => sum + Math.abs(held + trades[i]!), 0);
        const wanted = own.reduce((sum, leg) => sum + Math.abs(leg.held + leg.wanted), 0);
        expect(gross).toBeLessThanOrEqual(Math.max(cap, 0) * (1 + 1e-12) + 1e-6 + (wanted <= cap ? wanted : 0));
        if (wanted > cap) own.forEach((leg, i) => expect(leg.held + trades[i]!).toBeCloseTo(scale * (leg.held + leg.wanted), 5));
      }),
    );
  });

  it('leave of a gross cap what may not trade as it is, and go no further towards zero than their bounds', () => {
    const free = { lowest: -Infinity, highest: Infinity };
    const own: LimitedLeg[] = [
      { etf: 'A', held: -600, wanted: 0, lowest: 0, highest: 0 },
      { etf: 'B', held: 0, wanted: 800, ...free },
      { etf: 'C', held: 100, wanted: 100, lowest: 50, highest: 100 },
    ];
    const at = (cap: number) => limitTrades(own, null, cap);
    expect(at(1600)).toMatchObject({ trades: [0, 800, 100], scale: 1, limited: false });
    expect(at(1590)).toMatchObject({ trades: [0, 0.99 * 800, 0.99 * 200 - 100], scale: 0.99, limited: true });
    expect(at(1100)).toMatchObject({ trades: [0, 400, 50], scale: 0.5 });
    expect(at(500)).toMatchObject({ trades: [0, 0, 50], scale: 0 });
    expect(limitTrades(own.slice(0, 1), null, 500)).toMatchObject({ trades: [0], scale: 1, limited: false });
  });

  it('are found where two funds are the same one, or a fund never moves', () => {
    const series = [1, 2, -3, 1].map((x) => x / 100);
    const cov = covariance(
      [series, series, [0.01, -0.02, 0.01, 0], [0, 0, 0, 0]].map((own) => Float64Array.from(own)),
      0,
      4,
    ).matrix;
    const own = legsOf([
      { held: 0, wanted: -1_000, bound: 'none', cap: 0 },
      { held: 0, wanted: -200, bound: 'free', cap: 0 },
      { held: 0, wanted: 300, bound: 'free', cap: 0 },
      { held: 0, wanted: 70, bound: 'free', cap: 0 },
    ]);
    const { trades } = limitTrades(own, cov);
    // The same fund stands in, but for what the ridge leaves to the third one.
    const [same, both, third1] = [cov[5]! * 1.001, cov[6]!, cov[10]! * 1.001];
    const det = same * third1 - both * both;
    const [own1, own2] = [cov[4]!, cov[8]!];
    expect([trades[0], trades[3]]).toEqual([0, 70]);
    expect(trades[1]).toBeCloseTo(-200 - (1_000 * (own1 * third1 - own2 * both)) / det, 6);
    expect(trades[2]).toBeCloseTo(300 - (1_000 * (own2 * same - own1 * both)) / det, 6);
    // Both of them free: nothing tells them apart, and what the third one leaves is still found.
    const third = own.map((leg, i) => ({ ...leg, lowest: i === 2 ? 0 : -Infinity, highest: i === 2 ? 0 : Infinity }));
    expect(lossOf(third, limitTrades(third, cov).trades, cov)).toBeLessThan(lossOf(third, [-1_000, -200, 0, 70], cov));
  });

  it('do not set two funds that are nearly the same against each other', () => {
    // Two funds that differ by 0.2 % of their moves, in which one that may not trade happens to have a share.
    const base = [12, -7, 5, 9, -14, 3, -8, 6, 2, -9, 11, -4].map((x) => x / 1000);
    const other = [3, 8, -6, 2, 5, -9, 4, -7, 6, -2, 1, -5].map((x) => x / 1000);
    const series = [base.map((x, t) => x + 0.3 * other[t]!), base, base.map((x, t) => x + 0.002 * other[t]!)];
    const { matrix } = covariance(
      series.map((own) => Float64Array.from(own)),
      0,
      12,
    );
    const own = legsOf([
      { held: 0, wanted: -100_000, bound: 'none', cap: 0 },
      { held: 0, wanted: 0, bound: 'free', cap: 0 },
      { held: 0, wanted: 0, bound: 'free', cap: 0 },
    ]);
    const { trades } = limitTrades(own, matrix);
    // Least squares alone would trade 15 million of each against the other.
    expect(trades.reduce((sum, trade) => sum + Math.abs(trade), 0)).toBeLessThan(150_000);
    expect(trades[1]! + trades[2]!).toBeLessThan(-90_000);
    expect(lossOf(own, trades, matrix)).toBeLessThan(0.2 * lossOf(own, [0, 0, 0], matrix));
  });

  it('are refused without a number or with bounds the wrong way round', () => {
    const one = { etf: 'SPY', held: 0, wanted: 5, lowest: 0, highest: 9 };
    for (const bad of [{ wanted: NaN }, { lowest: 10 }, { highest: NaN }])
      expect(() => limitTrades([{ ...one, ...bad }], null)).toThrow('The limits of SPY');
  });

  it('without a covariance are cut, and nothing stands in', () => {
    const own = legsOf([
      { held: 0, wanted: -100, bound: 'none', cap: 0 },
      { held: 0, wanted: -7, bound: 'free', cap: 0 },
    ]);
    expect(limitTrades(own, null).trades).toEqual([0, -7]);
    expect(limitTrades(own, new Float64Array(4).fill(NaN)).trades).toEqual([0, -7]);
    expect(limitTrades(own, Float64Array.of(1, NaN, NaN, 1)).trades).toEqual([0, -7]);
    expect(limitTrades(own, Float64Array.of(1)).trades).toEqual([0, -7]);
  });

  it('whole shares never go beyond a bound', () => {
    fc.assert(
      fc.property(legs(8), fc.integer({ min: 500, max: 70_000 }), fc.integer({ min: 1, max: 1e6 }), (drawn, cents, seed) => {
        const own = legsOf(drawn).filter(({ lowest, highest }) => lowest <= 0 && highest >= 0);
        if (own.length === 0) return;
        const cov = market(own.length, seed);
        const { trades } = limitTrades(own, cov);
        const price = cents / 100;
        const rounding = roundOrders(
          own.map(({ etf, lowest, highest }, i) => ({ etf, trade: trades[i]!, price, lowest, highest })),
          cov,
          { minTrade: 0, mode: 'joint' },
        );
        rounding.legs.forEach(({ shares }, i) => {
          expect(shares * price).toBeLessThanOrEqual(own[i]!.highest + 1e-6);
          expect(shares * price).toBeGreaterThanOrEqual(own[i]!.lowest - 1e-6);
        });
      }),
    );
  });
});

describe('one trade among several accounts', () => {
  const account = fc.record({
    hedge: fc.integer({ min: -500, max: 500 }).map((x) => x / 2),
    invested: fc.integer({ min: 0, max: 300 }),
    mayShort: fc.boolean(),
    gross: fc.integer({ min: 0, max: 9 }),
  });
  it('closes before it opens, shorts only where that is allowed, and leaves nothing that could be traded', () => {
    fc.assert(
      fc.property(fc.array(account, { minLength: 1, maxLength: 5 }), fc.integer({ min: -2000, max: 2000 }), (drawn, shares) => {
        const accounts = drawn.map(({ hedge, invested, ...rest }, i) => ({ account: `A${i}`, hedge, all: hedge + invested, ...rest }));
        const { trades, rest } = shareOut(shares, accounts);
        expect([...trades.values()].reduce((sum, count) => sum + count, rest)).toBe(shares);
        const opened = new Set<string>();
        for (const { account: name, all, mayShort } of accounts) {
          const count = trades.get(name) ?? 0;
          if (count !== 0) expect(Math.sign(count)).toBe(Math.sign(shares));
          const split = sides(count, all);
          expect(split.untraded).toBe(0);
          for (const order of split.orders) {
            if (order.side === 'SELL_SHORT') expect(mayShort).toBe(true);
            if (order.side === 'SELL_SHORT' || (order.side === 'BUY' && all <= 0)) opened.add(name);
          }
        }
        expect(opened.size).toBeLessThanOrEqual(1);
        // The largest account that can opens what is left; of equally large ones the first by name.
        const able = accounts
          .filter(({ all, mayShort }) => (shares > 0 || mayShort) && (Number.isInteger(all) || all * shares > 0))
          .sort((a, b) => b.gross - a.gross || (a.account < b.account ? -1 : 1));
        for (const name of opened) expect(name).toBe(able[0]!.account);
        expect([...trades.values()]).not.toContain(0);
        // Long hedges elsewhere are sold in whole before anybody opens a short.
        if (
          shares < 0 &&
          accounts.some(({ account: name, all }) => sides(trades.get(name) ?? 0, all).orders.some(({ side }) => side === 'SELL_SHORT'))
        )
          for (const one of accounts)
            if (one.hedge > 0 && one.all > 0) {
              const sold = -(trades.get(one.account) ?? 0);
              expect(sold).toBeGreaterThanOrEqual(Math.floor(Math.min(one.hedge, one.all)));
            }
        // Nothing is left where an account may open it that holds no fraction of the opposite.
        if (rest !== 0)
          for (const { all, mayShort } of accounts)
            if (shares > 0 || mayShort) expect([Math.sign(all), Number.isInteger(all)]).toEqual([-Math.sign(shares), false]);
        // Nor where there is a whole share to close.
        if (rest !== 0)
          for (const { account: name, all } of accounts) expect(-Math.sign(shares) * (all + (trades.get(name) ?? 0))).toBeLessThan(1);
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covariance, quadratic } from '../book/index.ts';
import { limitTrades, roundOrders, solveTrades, type SolveLeg } from './index.ts';

/** A covariance of legs that share a common factor. */
function market(size: number, seed: number): Float64Array {
  let state = seed;
  const random = () => (state = (state * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff - 0.5;
  const common = Array.from({ length: 60 }, random);
  return covariance(
    Array.from({ length: size }, () => Float64Array.from(common, (x) => 0.02 * x + 0.01 * random())),
    0,
    60,
  ).matrix;
}

const cents = (min: number, max: number) => fc.integer({ min, max }).map((count) => count / 100);
const leg = fc.record({
  wanted: cents(-500_000, 500_000),
  held: cents(-300_000, 300_000),
  price: fc.oneof({ weight: 9, arbitrary: cents(500, 70_000) }, { weight: 1, arbitrary: fc.constant(null) }),
  band: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: cents(0, 200_000) }),
  room: fc.oneof({ weight: 4, arbitrary: fc.constant(Infinity) }, { weight: 1, arbitrary: cents(0, 400_000) }),
});
const legsOf = (list: readonly { wanted: number; held: number; price: number | null; band: number; room: number }[]): SolveLeg[] =>
  list.map(({ room, ...own }, i) => ({
    ...{ etf: `E${i}`, ...own },
    ...(own.price === null ? { lowest: 0, highest: 0 } : { lowest: -room, highest: room }),
  }));

/** What the journey did before: limits, then rounding, nothing solved again. */
function without(legs: readonly SolveLeg[], cov: Float64Array, minTrade: number, mode: 'joint' | 'nearest') {
  const { trades } = limitTrades(legs, cov);
  const rounding = roundOrders(
    legs.map((own, i) => ({ ...own, trade: trades[i]! })),
    cov,
    { minTrade, mode },
  );
  return { trades, rounding, variance: quadratic(leftOf(legs, rounding.legs, trades), cov) };
}
const leftOf = (legs: readonly SolveLeg[], rounded: readonly { shares: number }[], trades: readonly number[]) =>
  legs.map(({ price }, i) => rounded[i]!.shares * (price ?? 0) - trades[i]!);

describe('trades around what the minimum trade or a band drops', () => {
  it('never leave more factor risk than without, open no ETF, keep bounds, the minimum and the bands', () => {
    let better = 0;
    fc.assert(
      fc.property(
        fc.array(leg, { minLength: 1, maxLength: 9 }),
        fc.integer({ min: 1, max: 1e6 }),
        cents(0, 300_000),
        fc.constantFrom('joint' as const, 'nearest' as const),
        (list, seed, minTrade, mode) => {
          const legs = legsOf(list);
          const cov = market(legs.length, seed);
          const before = without(legs, cov, minTrade, mode);
          const { rounding, limited } = solveTrades(legs, cov, { minTrade, mode });
          expect(limited.trades).toEqual(before.trades);
          const y = leftOf(legs, rounding.legs, limited.trades);
          const variance = quadratic(y, cov);
          expect(variance).toBeLessThanOrEqual(before.variance);
          expect(rounding.variance[mode]).toBeCloseTo(variance, 9);
          expect(rounding.variance.joint!).toBeLessThanOrEqual(rounding.variance.nearest!);
          if (variance < before.variance * 0.99) better++;
          rounding.legs.forEach(({ shares, left, dropped }, i) => {
            const { price, lowest, highest, band } = legs[i]!;
            expect(left).toBeCloseTo(y[i]!, 9);
            // Every wanted trade without an order says why, also where leaning on others brought it below the minimum.
            if (shares === 0 && limited.trades[i] !== 0) expect(dropped).not.toBeNull();
            if (shares === 0) return;
            expect(before.rounding.legs[i]!.shares).not.toBe(0);
            const trade = shares * price!;
            expect(Math.abs(trade)).toBeGreaterThanOrEqual(Math.max(minTrade, band!));
            expect(trade).toBeGreaterThanOrEqual(lowest - 1e-6);
            expect(trade).toBeLessThanOrEqual(highest + 1e-6);
          });
        },
      ),
      { numRuns: 300, seed: 20260306 },
    );
    expect(better).toBeGreaterThan(30);
  });

  it('are those of limits and rounding alone while nothing is dropped, and of a book that is hedged none', () => {
    fc.assert(
      fc.property(fc.array(leg, { minLength: 1, maxLength: 9 }), fc.integer({ min: 1, max: 1e6 }), (list, seed) => {
        const legs = legsOf(list.map((own) => ({ ...own, band: 0 })));
        const cov = market(legs.length, seed);
        const { rounding, trades } = solveTrades(legs, cov, { minTrade: 0, mode: 'joint' });
        expect(rounding).toEqual(without(legs, cov, 0, 'joint').rounding);
        expect(trades).toEqual(limitTrades(legs, cov).trades);
        // Every leg under the minimum: nothing is left that could stand in.
        const small = legs.map((own) => ({ ...own, wanted: own.wanted / 1000 }));
        expect(solveTrades(small, cov, { minTrade: 5000, mode: 'joint' }).rounding.legs.every(({ shares }) => shares === 0)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('lean against a dropped leg by more than a share', () => {
    const cov = Float64Array.of(1e-4, 0.9e-4, 0.9e-4, 1e-4);
    const legs: SolveLeg[] = [
      { etf: 'SPY', held: 0, wanted: -50_000, lowest: -Infinity, highest: Infinity, price: 100 },
      { etf: 'XLK', held: 0, wanted: -4000, lowest: -Infinity, highest: Infinity, price: 50 },
    ];
    const { rounding, trades } = solveTrades(legs, cov, { minTrade: 5000, mode: 'joint' });
    expect(rounding.legs).toEqual([
      { etf: 'SPY', shares: -536, left: -3600, dropped: null },
      {
        etf: 'XLK',
        shares: 0,
        left: 4000,
        dropped: 'below the minimum trade ($4,000.00 of $5,000.00); the legs that trade stand in for it',
      },
    ]);
    // A thousandth less than the 3,600 that leave the least variance (`RIDGE`).
    expect(trades[0]).toBeCloseTo(-50_000 - 3600 / 1.001, 6);
    expect(trades[1]).toBe(0);
    // 19 % of the variance of the dropped leg stays, the whole of it without.
    expect(rounding.variance.joint! / (4000 * 4000 * 1e-4)).toBeCloseTo(0.19, 6);
  });

  it('leave a held leg within its band, but not where a limit or the gross cap asks for the trade', () => {
    const cov = Float64Array.of(1e-4, 0, 0, 1e-4);
    const legs = (lowest = -Infinity, highest = Infinity): SolveLeg[] => [
      { etf: 'SPY', held: -100_000, wanted: 2000, band: 2000, price: 100, lowest, highest },
      { etf: 'XLK', held: -50_000, wanted: 2000, band: 1000, price: 50, lowest: -Infinity, highest: Infinity },
    ];
    const solved = (own: SolveLeg[], grossCap = Infinity) =>
      solveTrades(own, cov, { minTrade: 0, mode: 'joint', grossCap }).rounding.legs.map(({ shares, dropped }) => [shares, dropped]);
    const [spy, xlk] = solved(legs());
    expect([spy![0], xlk]).toEqual([0, [40, null]]);
    expect(spy![1]).toMatch(/^within the no-trade band \(\$2,000\.00 of up to \$2,000\.00\)/);
    // At least 1,500 has to be bought back; and of a cap below what is held, some of every leg.
    expect(solved(legs(1500))[0]).toEqual([20, null]);
    expect(solved(legs(), 140_000).every(([shares]) => Number(shares) > 0)).toBe(true);
  });

  it('keep the gross cap in whole shares, whether it scales them or they just fit', () => {
    const price = cents(500, 70_000);
    const own = fc.record({ wanted: cents(-500_000, 500_000), count: fc.integer({ min: -20, max: 20 }), price });
    let reached = 0;
    fc.assert(
      fc.property(
        fc.array(own, { minLength: 1, maxLength: 5 }),
        fc.constantFrom(0, 0.4, 0.9, 1 + 1e-9, 1.001),
        fc.boolean(),
        (list, part, joint) => {
          const legs = list.map(({ count, ...leg }, i): SolveLeg => {
            return { ...leg, etf: `E${i}`, held: count * leg.price, lowest: -Infinity, highest: Infinity };
          });
          const gross = legs.reduce((sum, { held, wanted }) => sum + Math.abs(held + wanted), 0);
          const grossCap = gross * part;
          const free = solveTrades(legs, market(legs.length, 5), { minTrade: 0, mode: joint ? 'joint' : 'nearest' }).rounding;
          const { rounding } = solveTrades(legs, market(legs.length, 5), { minTrade: 0, mode: joint ? 'joint' : 'nearest', grossCap });
          const grossOf = ({ legs: rounded }: typeof rounding) =>
            rounded.reduce((sum, { shares }, i) => sum + Math.abs(legs[i]!.held + shares * legs[i]!.price!), 0);
          expect(grossOf(rounding)).toBeLessThanOrEqual(grossCap + 1e-6);
          if (grossOf(free) <= grossCap && gross <= grossCap) expect(rounding).toEqual(free);
          else if (gross <= grossCap) reached++;
          if (gross > grossCap)
            rounding.legs.forEach(({ shares }, i) => {
              const scaled = (grossCap / gross) * (legs[i]!.held + legs[i]!.wanted);
              expect(Math.abs(legs[i]!.held + shares * legs[i]!.price! - scaled)).toBeLessThan(legs[i]!.price! + 1e-6);
            });
        },
      ),
      { numRuns: 200 },
    );
    expect(reached).toBeGreaterThan(5);
  });

  it('without a covariance are dropped and nothing stands in', () => {
    const legs: SolveLeg[] = [
      { etf: 'A', held: 0, wanted: -50_000, lowest: -Infinity, highest: Infinity, price: 100 },
      { etf: 'B', held: 0, wanted: -400, lowest: -Infinity, highest: Infinity, price: 50 },
    ];
    const { rounding, trades } = solveTrades(legs, new Float64Array(4).fill(NaN), { minTrade: 5000, mode: 'joint' });
    expect(rounding.legs.map(({ shares }) => shares)).toEqual([-500, 0]);
    expect(trades).toEqual([-50_000, -400]);
  });
});

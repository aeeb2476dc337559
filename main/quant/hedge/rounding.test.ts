import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covariance, quadratic } from '../book/index.ts';
import { roundOrders, sides, type RoundingLeg } from './index.ts';

/** A covariance from random returns, so that it is positive semi-definite; legs correlate through a common factor. */
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

/** Cents, so that a trade is either whole shares or clearly not. */
const leg = fc.record({
  trade: fc.integer({ min: -5_000_000, max: 5_000_000 }).map((cents) => cents / 100),
  price: fc.integer({ min: 12, max: 70_000 }).map((cents) => cents / 100),
});
const named = (legs: { trade: number; price: number }[]): RoundingLeg[] => legs.map((own, i) => ({ etf: `E${i}`, ...own }));

const wholeOr = (shares: number) => (Math.abs(shares - Math.round(shares)) < 1e-9 ? Math.round(shares) : shares);

function bruteForce(legs: readonly RoundingLeg[], cov: Float64Array): number {
  let best = Infinity;
  for (let code = 0; code < 2 ** legs.length; code++) {
    const y = legs.map(
      ({ trade, price }, i) =>
        (((code >> i) & 1) === 0 ? Math.floor(wholeOr(trade / price!)) : Math.ceil(wholeOr(trade / price!))) * price! - trade,
    );
    best = Math.min(best, quadratic(y, cov));
  }
  return best;
}

describe('joint rounding', () => {
  it('finds the least y Cov y of all combinations, and is never worse than nearest', () => {
    fc.assert(
      fc.property(fc.array(leg, { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 1e6 }), (list, seed) => {
        const legs = named(list);
        const cov = market(legs.length, seed);
        const joint = roundOrders(legs, cov, { minTrade: 0, mode: 'joint' });
        const nearest = roundOrders(legs, cov, { minTrade: 0, mode: 'nearest' });
        expect(joint.method).toBe('exact');
        expect(joint.variance.joint).toBeLessThanOrEqual(bruteForce(legs, cov) * (1 + 1e-9) + 1e-12);
        expect(joint.variance.joint!).toBeLessThanOrEqual(joint.variance.nearest!);
        expect(nearest.variance).toEqual(joint.variance);
        expect(
          quadratic(
            joint.legs.map(({ left }) => left),
            cov,
          ),
        ).toBe(joint.variance.joint);
        expect(
          quadratic(
            nearest.legs.map(({ left }) => left),
            cov,
          ),
        ).toBe(joint.variance.nearest);
      }),
      { numRuns: 200 },
    );
  });

  it('keeps every leg within one share of its exact trade, in whole shares, of its sign', () => {
    fc.assert(
      fc.property(fc.array(leg, { minLength: 1, maxLength: 30 }), fc.constantFrom('joint' as const, 'nearest' as const), (list, mode) => {
        const legs = named(list);
        const { legs: rounded } = roundOrders(legs, market(legs.length, 7), { minTrade: 0, mode });
        rounded.forEach(({ shares, left, dropped }, i) => {
          const { trade, price } = legs[i]!;
          expect(Number.isInteger(shares)).toBe(true);
          expect(Math.abs(left)).toBeLessThan(price! * (mode === 'nearest' ? 0.5 + 1e-6 : 1 + 1e-6));
          expect(shares * trade).toBeGreaterThanOrEqual(0);
          expect(left).toBe(shares * price! - trade);
          if (shares === 0 && Math.abs(trade) > 1e-6) expect(dropped).toMatch(/of one share/);
          else expect(dropped).toBeNull();
        });
      }),
      { numRuns: 100 },
    );
  });

  it('with many legs is deterministic and never worse than nearest', () => {
    const list = Array.from({ length: 80 }, (_, i) => ({
      trade: ((i * 7919) % 100_000) - 50_000.37,
      price: 20 + ((i * 131) % 500) + 0.21,
    }));
    const legs = named(list);
    const cov = market(80, 11);
    const first = roundOrders(legs, cov, { minTrade: 0, mode: 'joint' });
    expect(first.method).toBe('local');
    expect(first.variance.joint!).toBeLessThan(first.variance.nearest! * 0.5);
    expect(roundOrders(legs, cov, { minTrade: 0, mode: 'joint' })).toEqual(first);
  });

  it('leaves a hedged book alone: no trade from an exact or nearly exact hedge', () => {
    const legs: RoundingLeg[] = [
      { etf: 'SPY', trade: 0, price: 500 },
      { etf: 'XLK', trade: 1e-8, price: 200 },
      { etf: 'SMH', trade: -3 * 250.1 + 1e-9, price: 250.1 },
      { etf: 'XLE', trade: 90.5 * 4.4, price: 90.5 },
    ];
    const { legs: rounded } = roundOrders(legs, market(4, 3), { minTrade: 0, mode: 'joint' });
    expect(rounded.slice(0, 3).map(({ shares, dropped }) => [shares, dropped])).toEqual([
      [0, null],
      [0, null],
      [-3, null],
    ]);
    expect(Object.is(rounded[0]!.shares, 0)).toBe(true);
  });

  it('drops with a reason what is below the minimum, excluded, or without a price; and never makes an order below it', () => {
    const legs: RoundingLeg[] = [
      { etf: 'A', trade: -900, price: 100 },
      { etf: 'B', trade: 5000, price: 100, blocked: 'excluded by the request' },
      { etf: 'C', trade: 5000, price: null },
      { etf: 'D', trade: 5000, price: 0 },
      { etf: 'E', trade: 1010, price: 700 },
      { etf: 'F', trade: 30_000, price: 77 },
      { etf: 'G', trade: 0, price: null },
      { etf: 'H', trade: 1200, price: 90_000 },
    ];
    for (const mode of ['joint', 'nearest'] as const) {
      const { legs: rounded } = roundOrders(legs, market(8, 5), { minTrade: 1000, mode });
      expect(rounded.slice(0, 4).map(({ dropped }) => dropped)).toEqual([
        'below the minimum trade ($900.00 of $1,000.00)',
        'excluded by the request',
        'no price: the leg cannot be traded',
        'no price: the leg cannot be traded',
      ]);
      expect(rounded.slice(0, 4).map(({ shares, left }) => [shares, left])).toEqual([
        [0, 900],
        [0, -5000],
        [0, -5000],
        [0, -5000],
      ]);
      expect(rounded[4]!.shares).toBe(2);
      expect(rounded[6]).toEqual({ etf: 'G', shares: 0, left: 0, dropped: null });
      for (const { shares, etf } of rounded) {
        const { price } = legs.find((own) => own.etf === etf)!;
        if (shares !== 0) expect(Math.abs(shares) * price!).toBeGreaterThanOrEqual(1000);
      }
    }
  });

  it('goes to the side of a bound that it may, or to none; the smallest order and the band are themselves', () => {
    const one = (trade: number, price: number, more: Partial<RoundingLeg> = {}, minTrade = 0) => {
      const [own] = roundOrders([{ etf: 'A', trade, price, ...more }], null, { minTrade, mode: 'nearest' }).legs;
      return own!.dropped ?? own!.shares;
    };
    expect([one(1650, 100), one(-1650, 100), one(1649, 100)]).toEqual([17, -17, 16]);
    expect([one(1690, 100, { highest: 1690 }), one(-1690, 100, { lowest: -1690 })]).toEqual([16, -16]);
    expect([one(1610, 100, { lowest: 1610 }), one(-1610, 100, { highest: -1610 })]).toEqual([17, -17]);
    expect([one(1690, 100, { highest: 1700 }), one(1610, 100, { lowest: 1600 })]).toEqual([17, 16]);
    expect([one(1050, 700, { highest: 1050 }, 700), one(1050, 700, { highest: 1050 }, 701), one(1010, 700, {}, 701)]).toEqual([
      1,
      '$1,050.00 is 1.50 of one share and rounds to none',
      2,
    ]);
    expect(one(60, 100, { highest: 60 }, 50)).toBe('$60.00 is 0.60 of one share and rounds to none');
    expect(one(-30, 100)).toBe('$30.00 is 0.30 of one share and rounds to none');
    expect([one(1000, 100, {}, 1000), one(1400, 1000, {}, 1000)]).toEqual([10, 1]);
    expect(one(-500, 100, { band: 500 })).toBe('within the no-trade band ($500.00 of up to $500.00)');
    expect([one(-501, 100, { band: 500 }), one(500, 100, { band: 0 })]).toEqual([-5, 5]);
    expect(() => one(NaN, 100)).toThrow('The trade in A is NaN');
  });

  it('tries every combination of up to 16 legs', () => {
    const of = (count: number) =>
      roundOrders(named(Array.from({ length: count }, (_, i) => ({ trade: 12.3 + i, price: 10 }))), market(count, 3), {
        minTrade: 0,
        mode: 'joint',
      });
    expect([of(16).method, of(17).method]).toEqual(['exact', 'local']);
  });

  it('falls back to nearest without a covariance, and says so', () => {
    const legs = named([
      { trade: 151, price: 100 },
      { trade: -149, price: 100 },
    ]);
    for (const cov of [null, new Float64Array(4).fill(NaN)]) {
      const result = roundOrders(legs, cov, { minTrade: 0, mode: 'joint' });
      expect(result).toMatchObject({ method: null, variance: { joint: null, nearest: null } });
      expect(result.legs.map(({ shares }) => shares)).toEqual([2, -1]);
    }
    expect(() => roundOrders(legs, new Float64Array(9), { minTrade: 0, mode: 'joint' })).toThrow('9 entries for 2 legs');
  });
});

describe('sides', () => {
  const signed = { BUY: 1, BUY_TO_COVER: 1, SELL: -1, SELL_SHORT: -1 };
  const whole = fc.integer({ min: -100_000, max: 100_000 });

  it('rebuild the trade, in positive quantities, no order crossing zero', () => {
    fc.assert(
      fc.property(whole, whole, (trade, held) => {
        const { orders, untraded } = sides(trade, held);
        expect(untraded).toBe(0);
        let position = held;
        for (const { side, quantity } of orders) {
          expect(quantity).toBeGreaterThan(0);
          const after = position + signed[side] * quantity;
          expect(Math.sign(position) * Math.sign(after)).toBeGreaterThanOrEqual(0);
          if (side === 'SELL' || side === 'BUY_TO_COVER') expect(Math.abs(after)).toBeLessThan(Math.abs(position));
          else expect(Math.abs(after)).toBeGreaterThan(Math.abs(position));
          position = after;
        }
        expect(position).toBe(held + trade);
        expect(orders.length).toBeLessThanOrEqual(2);
      }),
    );
  });

  it('split where they cross zero', () => {
    expect(sides(-100, 60).orders).toEqual([
      { side: 'SELL', quantity: 60 },
      { side: 'SELL_SHORT', quantity: 40 },
    ]);
    expect(sides(100, -60).orders).toEqual([
      { side: 'BUY_TO_COVER', quantity: 60 },
      { side: 'BUY', quantity: 40 },
    ]);
    expect(sides(-5, -60).orders).toEqual([{ side: 'SELL_SHORT', quantity: 5 }]);
    expect(sides(0, 60)).toEqual({ orders: [], untraded: 0 });
  });

  it('do not cross a fractional holding, and say what is left', () => {
    expect(sides(-12, 10.5)).toEqual({ orders: [{ side: 'SELL', quantity: 10 }], untraded: -2 });
    expect(sides(12, -0.5)).toEqual({ orders: [], untraded: 12 });
    expect(sides(-10, 10.5)).toEqual({ orders: [{ side: 'SELL', quantity: 10 }], untraded: 0 });
    expect(sides(12, 10.5).orders).toEqual([{ side: 'BUY', quantity: 12 }]);
    expect(sides(-12, 10.0000000001).orders.map(({ quantity }) => quantity)).toEqual([10, 2]);
  });
});

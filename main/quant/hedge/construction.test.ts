/** Hedge construction as a whole: targets, netting, limits and whole shares together. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covariance, quadratic } from '../book/index.ts';
import { hedgeTargets, limitTrades, netTrades, roundOrders, type HedgePosition } from './index.ts';

const ETFS = ['SPY', 'XLE', 'XLK', 'SMH', 'XOP'];
const PRICES: Readonly<Record<string, number>> = { SPY: 612.25, XLE: 91.45, XLK: 249.3, SMH: 301.1, XOP: 131.7 };
const slope = fc.double({ min: -2, max: 2, noNaN: true });
const position: fc.Arbitrary<HedgePosition> = fc
  .record({
    value: fc.integer({ min: -2_000_000, max: 2_000_000 }),
    depth: fc.constantFrom(1, 2, 3),
    slopes: fc.tuple(slope, slope, slope),
    lam: fc.record({ sm: slope, um: slope, us: slope }),
    pair: fc.constantFrom(['XLK', 'SMH'], ['XLE', 'XOP']),
  })
  .map(({ value, depth, slopes, lam, pair }) => ({
    value,
    lam,
    beta: slopes.slice(0, depth),
    chain: { m: 'SPY', s: depth > 1 ? pair[0]! : null, u: depth > 2 ? pair[1]! : null },
  }));
const book = fc.array(position, { minLength: 1, maxLength: 15 });
const fraction = fc.record({
  market: fc.integer({ min: 0, max: 100 }).map((x) => x / 100),
  sector: fc.integer({ min: 0, max: 100 }).map((x) => x / 100),
  subsector: fc.integer({ min: 0, max: 100 }).map((x) => x / 100),
});
const ALL = { market: 1, sector: 1, subsector: 1 };

const cov = (() => {
  let state = 20260306;
  const random = () => (state = (state * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff - 0.5;
  const common = Array.from({ length: 252 }, random);
  return covariance(
    ETFS.map(() => Float64Array.from(common, (x) => 0.02 * x + 0.01 * random())),
    0,
    252,
  ).matrix;
})();

/** Whole shares per ETF for a book with some hedges held, dollars. */
function hedge(
  positions: readonly HedgePosition[],
  layers: typeof ALL,
  held: ReadonlyMap<string, number>,
  mode: 'joint' | 'nearest' = 'joint',
) {
  const trades = new Map(netTrades(hedgeTargets(positions, layers, 3), held).map((trade) => [trade.etf, trade]));
  const wanted = ETFS.map((etf) => trades.get(etf)?.trade ?? 0);
  const limited = limitTrades(
    ETFS.map((etf, i) => ({ etf, held: held.get(etf) ?? 0, wanted: wanted[i]!, lowest: -Infinity, highest: Infinity })),
    cov,
  );
  const rounding = roundOrders(
    ETFS.map((etf, i) => ({ etf, trade: limited.trades[i]!, price: PRICES[etf]! })),
    cov,
    { minTrade: 0, mode },
  );
  return { wanted, trades, rounding };
}
const none = new Map<string, number>();

describe('hedge construction', () => {
  it('with all layers in full leaves every leg within one share of its target', () => {
    fc.assert(
      fc.property(book, (positions) => {
        const { wanted, rounding } = hedge(positions, ALL, none);
        rounding.legs.forEach(({ shares }, i) =>
          expect(Math.abs(shares * PRICES[ETFS[i]!]! - wanted[i]!)).toBeLessThan(PRICES[ETFS[i]!]! + 1e-6),
        );
      }),
    );
  });

  it('is linear in the fractions and in the book before rounding', () => {
    fc.assert(
      fc.property(book, book, fraction, fraction, (one, other, p, q) => {
        const sum = { market: (p.market + q.market) / 2, sector: (p.sector + q.sector) / 2, subsector: (p.subsector + q.subsector) / 2 };
        const [a, b, half] = [p, q, sum].map((layers) => hedge(one, layers, none).wanted) as [number[], number[], number[]];
        const both = hedge([...one, ...other], p, none).wanted;
        const apart = hedge(other, p, none).wanted;
        half.forEach((target, i) => {
          expect(target).toBeCloseTo((a[i]! + b[i]!) / 2, 4);
          expect(both[i]).toBeCloseTo(a[i]! + apart[i]!, 4);
        });
      }),
    );
  });

  it('of a book that is hedged to the share trades nothing', () => {
    fc.assert(
      fc.property(book, fraction, (positions, layers) => {
        const { wanted, rounding } = hedge(positions, layers, none);
        const exact = new Map(ETFS.map((etf, i) => [etf, wanted[i]!]));
        expect(hedge(positions, layers, exact).rounding.legs.every(({ shares }) => shares === 0)).toBe(true);
        // Whole shares held from the last hedge: what is left to trade is less than one share a leg.
        const held = new Map(ETFS.map((etf, i) => [etf, rounding.legs[i]!.shares * PRICES[etf]!]));
        expect(hedge(positions, layers, held).rounding.legs.every(({ shares }) => Math.abs(shares) <= 1)).toBe(true);
        // To nearest, what a nearest hedge left is under half a share and stays.
        const nearest = hedge(positions, layers, none, 'nearest').rounding;
        const kept = new Map(ETFS.map((etf, i) => [etf, nearest.legs[i]!.shares * PRICES[etf]!]));
        expect(hedge(positions, layers, kept, 'nearest').rounding.legs.every(({ shares }) => shares === 0)).toBe(true);
      }),
    );
  });

  it('never leaves more factor risk jointly rounded than to nearest', () => {
    fc.assert(
      fc.property(book, fraction, (positions, layers) => {
        const [joint, nearest] = (['joint', 'nearest'] as const).map((mode) =>
          quadratic(
            hedge(positions, layers, none, mode).rounding.legs.map(({ left }) => left),
            cov,
          ),
        );
        expect(joint!).toBeLessThanOrEqual(nearest! * (1 + 1e-12));
      }),
    );
  });

  it('of a book split over accounts and netted is that of the whole', () => {
    fc.assert(
      fc.property(book, fraction, fc.infiniteStream(fc.integer({ min: 0, max: 3 })), (positions, layers, draws) => {
        const accounts: HedgePosition[][] = [[], [], [], []];
        for (const one of positions) accounts[draws.next().value as number]!.push(one);
        const whole = hedge(positions, layers, none).wanted;
        const parts = accounts.map((own) => hedge(own, layers, none).wanted);
        whole.forEach((target, i) => expect(parts.reduce((sum, own) => sum + own[i]!, 0)).toBeCloseTo(target, 4));
      }),
    );
  });
});

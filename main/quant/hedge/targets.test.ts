import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HedgerowError } from '../../contract/errors.ts';
import { bookExposure } from '../book/index.ts';
import { hedgeTargets, investmentSlopes, netTrades, type HedgePosition, type Level } from './index.ts';

const slope = fc.double({ min: -3, max: 3, noNaN: true });
const lam = fc.record({ sm: slope, um: slope, us: slope });
const position = fc
  .record({
    value: fc.integer({ min: -1_000_000, max: 1_000_000 }),
    depth: fc.constantFrom(1, 2, 3),
    slopes: fc.tuple(slope, slope, slope),
    lam,
    s: fc.constantFrom('XLK', 'XLE'),
    u: fc.constantFrom('SMH', 'XOP', 'IGV'),
    investment: fc.boolean(),
  })
  .map(({ value, depth, slopes, lam, s, u, investment }) => ({
    value,
    lam,
    beta: investment ? investmentSlopes(depth as Level, lam) : slopes.slice(0, depth),
    chain: { m: 'SPY', s: depth > 1 ? s : null, u: depth > 2 ? u : null },
    investment,
  }));

/** Exposures on raw ETFs by MODEL.md 5, from the deepest level up. */
function exposures({ beta, lam }: HedgePosition): number[] {
  const [bm = 0, bs, bu] = beta;
  if (bs === undefined) return [bm];
  if (bu === undefined) return [bm - lam.sm! * bs, bs];
  const hs = bs - lam.us! * bu;
  return [bm - lam.sm! * hs - lam.um! * bu, hs, bu];
}

const all = { market: 1, sector: 1, subsector: 1 };

describe('hedge targets', () => {
  it('of all layers are minus the exposure of the book', () => {
    fc.assert(
      fc.property(fc.array(position, { maxLength: 20 }), (positions) => {
        const targets = hedgeTargets(positions, all, 3);
        const book = bookExposure(
          positions.map((own) => {
            const etfs = [own.chain.m, own.chain.s, own.chain.u].filter((etf) => etf !== null);
            if (own.investment) return { value: own.value, role: 'investment', etfs: etfs.slice(-1), exposure: [1] };
            return { value: own.value, role: 'stock', etfs, exposure: exposures(own) };
          }),
        );
        const scale = positions.reduce((sum, { value }) => sum + Math.abs(value), 1);
        for (const [etf, dollars] of targets) {
          const x = book.etfs.find((own) => own.etf === etf)?.exposure ?? 0;
          expect(Math.abs(dollars + x)).toBeLessThan(1e-11 * scale);
        }
        expect(book.etfs.every(({ etf }) => targets.has(etf))).toBe(true);
      }),
    );
  });

  it('are linear in the fractions of the layers', () => {
    const fraction = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(position, { maxLength: 10 }), fraction, fraction, fraction, (positions, market, sector, subsector) => {
        const mixed = hedgeTargets(positions, { market, sector, subsector }, 3);
        const none = { market: 0, sector: 0, subsector: 0 };
        const alone = [
          [market, hedgeTargets(positions, { ...none, market: 1 }, 3)],
          [sector, hedgeTargets(positions, { ...none, sector: 1 }, 3)],
          [subsector, hedgeTargets(positions, { ...none, subsector: 1 }, 3)],
        ] as const;
        for (const [etf, dollars] of mixed) {
          const sum = alone.reduce((total, [share, targets]) => total + share * (targets.get(etf) ?? 0), 0);
          expect(Math.abs(dollars - sum)).toBeLessThan(1e-6 + 1e-9 * Math.abs(sum));
        }
      }),
    );
  });

  it('gives the worked example, and hedges one layer with its whole chain', () => {
    const wmt: HedgePosition = {
      value: 1000,
      beta: [0.5, 0.3, 0.2],
      lam: { sm: 0.6, um: 0.4, us: 0.7 },
      chain: { m: 'SPY', s: 'XLP', u: 'PBJ' },
    };
    const rounded = (targets: Map<string, number>) =>
      Object.fromEntries([...targets].map(([etf, dollars]) => [etf, Math.round(dollars * 1e6) / 1e6]));
    expect(rounded(hedgeTargets([wmt], all, 3))).toEqual({ SPY: -324, XLP: -160, PBJ: -200 });
    expect(rounded(hedgeTargets([wmt], { market: 0, sector: 1, subsector: 0 }, 3))).toEqual({ SPY: 180, XLP: -300, PBJ: 0 });
    // At level 2 the deeper slope plays no part: market and sector layers alone.
    expect(rounded(hedgeTargets([wmt], { market: 1, sector: 1, subsector: 0 }, 2))).toEqual({ SPY: -320, XLP: -300 });
  });

  it('refuses layers above the level and fractions that are none', () => {
    const code = (run: () => unknown) => {
      try {
        run();
      } catch (error) {
        return (error as HedgerowError).data.code;
      }
      return null;
    };
    expect(code(() => hedgeTargets([], all, 2))).toBe('usage');
    expect(code(() => hedgeTargets([], { market: 1, sector: 0.1, subsector: 0 }, 1))).toBe('usage');
    expect(code(() => hedgeTargets([], { market: 1.01, sector: 0, subsector: 0 }, 3))).toBe('usage');
    expect(code(() => hedgeTargets([], { market: NaN, sector: 0, subsector: 0 }, 3))).toBe('usage');
    expect(code(() => hedgeTargets([], { market: 1, sector: 1, subsector: 0 }, 2))).toBeNull();
  });

  it('refuses a position without a slope or link of its level', () => {
    const base: HedgePosition = { value: 1, beta: [1, 1], lam: { sm: 0.5, um: null, us: null }, chain: { m: 'SPY', s: 'XLK', u: null } };
    expect(() => hedgeTargets([base], all, 3)).not.toThrow();
    expect(() => hedgeTargets([{ ...base, beta: [1, NaN] }], all, 3)).toThrow('lacks');
    expect(() => hedgeTargets([{ ...base, lam: { sm: null, um: null, us: null } }], all, 3)).toThrow('lacks');
    expect(() => hedgeTargets([{ ...base, value: NaN }], all, 3)).toThrow('lacks');
  });

  it('nets hedge holdings, and unwinds those no longer wanted', () => {
    const targets = new Map([
      ['XLK', -50],
      ['SPY', -100],
    ]);
    const held = new Map([
      ['SPY', -30],
      ['GLD', 5],
    ]);
    expect(netTrades(targets, held)).toEqual([
      { etf: 'GLD', target: 0, held: 5, trade: -5 },
      { etf: 'SPY', target: -100, held: -30, trade: -70 },
      { etf: 'XLK', target: -50, held: 0, trade: -50 },
    ]);
  });
});

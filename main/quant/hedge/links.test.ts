import fc from 'fast-check';
import { expect, it } from 'vitest';
import { chainLinks } from './index.ts';

const series = (rows: number) => fc.array(fc.double({ min: -0.05, max: 0.05, noNaN: true }), { minLength: rows, maxLength: rows });
/** Never constant, and with one day missing. */
const returns = (values: readonly number[], seed: number, hole: number): Float64Array =>
  Float64Array.from(values, (x, t) => (t === hole ? NaN : x + ((t * (seed + 3)) % 11) / 500));

it('leaves cleaned funds without a trace of those above them, weighted and centred as the run is', () => {
  fc.assert(
    fc.property(
      fc.tuple(series(40), series(40), series(40)),
      fc.constantFrom(null, 5, 20),
      fc.boolean(),
      fc.integer({ min: 0, max: 39 }),
      ([a, b, c], halfLife, intercept, hole) => {
        const chain = [returns(a, 1, -1), returns(b, 2, hole), returns(c, 4, 39 - hole)];
        const { sm, um, us } = chainLinks(chain, { minObs: 10, halfLife, intercept })!;
        const rows = Array.from({ length: 40 }, (_, t) => t).filter((t) => chain.every((one) => !Number.isNaN(one[t]!)));
        const weight = (t: number): number => (halfLife === null ? 1 : 0.5 ** ((39 - t) / halfLife));
        const whole = rows.reduce((sum, t) => sum + weight(t), 0);
        const mean = (of: (t: number) => number): number => (intercept ? rows.reduce((sum, t) => sum + weight(t) * of(t), 0) / whole : 0);
        const product = (x: (t: number) => number, y: (t: number) => number): number => {
          const [mx, my] = [mean(x), mean(y)];
          return rows.reduce((sum, t) => sum + weight(t) * (x(t) - mx) * (y(t) - my), 0) / whole;
        };
        const [m, s, u] = chain.map((one) => (t: number) => one[t]!) as [
          (t: number) => number,
          (t: number) => number,
          (t: number) => number,
        ];
        const sector = (t: number): number => s(t) - sm! * m(t);
        const subsector = (t: number): number => u(t) - um! * m(t) - us! * sector(t);
        for (const [x, y] of [
          [sector, m],
          [subsector, m],
          [subsector, sector],
        ] as const)
          expect(Math.abs(product(x, y))).toBeLessThanOrEqual(1e-12);
      },
    ),
    { numRuns: 60 },
  );
});

it('puts no link on a sector fund that is the market, and none on too few days', () => {
  const market = returns(Array<number>(40).fill(0), 1, -1);
  const twin = market.map((x) => 1.01 * x);
  const fund = returns(Array<number>(40).fill(0), 4, -1);
  const settings = { minObs: 40, halfLife: null, intercept: true };
  const links = chainLinks([market, twin, fund], settings)!;
  expect([links.sm, links.us]).toEqual([expect.closeTo(1.01, 12), 0]);
  expect(chainLinks([market, twin, fund], { ...settings, minObs: 41 })).toBeNull();
  expect(chainLinks([new Float64Array(40)], settings)).toBeNull();
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { WMT_EXAMPLE, workExample } from './worked-example.ts';

it('gives the numbers of MODEL.md 5', () => {
  const { exposures, hedgeRatios, residual } = workExample(WMT_EXAMPLE);
  [0.324, 0.16, 0.2].forEach((exposure, i) => expect(exposures[i]).toBeCloseTo(exposure, 12));
  [-0.324, -0.16, -0.2].forEach((ratio, i) => expect(hedgeRatios[i]).toBeCloseTo(ratio, 12));
  expect(residual).toBeCloseTo(0.00408, 12);
});

it('replicates: the raw ETFs and the cleaned path leave the same residual, for any numbers', () => {
  const number = fc.double({ min: -5, max: 5, noNaN: true });
  const three = fc.tuple(number, number, number);
  const links = fc.record({ sm: number, um: number, us: number });
  fc.assert(
    fc.property(three, links, three, number, (slopes, link, factors, stock) => {
      const out = workExample({ slopes, links: link, factors, stock });
      expect(out.residual).toBeCloseTo(out.residualByCleanedPath, 9);
    }),
  );
});

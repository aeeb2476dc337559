import { expect, it } from 'vitest';
import type { RegressionHeader } from '../../../main/contract/results-security.ts';
import { exposureLines, factorColumns } from './regression.ts';
import { niceTicks } from './scatter.ts';

const step = (etf: string, slope: number) => ({ etf, slope, intercept: 0, rSquared: 0.5, collinear: false });
const header = {
  ticker: 'WMT',
  level: 3,
  etf: ['SPY', 'XLP', 'PBJ'],
  steps: [step('SPY', 0.5), step('XLP', 0.3), step('PBJ', 0.2)],
  links: { sm: 0.6, um: 0.4, us: 0.7 },
  exposures: [0.324, 0.16, 0.2],
} as unknown as RegressionHeader;

it('puts the numbers of the worked example into the formulas, and each line is true', () => {
  const lines = exposureLines(header);
  expect(lines.map(({ numbers }) => numbers)).toEqual([
    '0.2000',
    '0.3000 − 0.7000 × 0.2000 = 0.1600',
    '0.5000 − 0.6000 × 0.1600 − 0.4000 × 0.2000 = 0.3240',
  ]);
  expect(exposureLines({ ...header, level: 1, exposures: [0.5] })).toEqual([{ formula: 'h_m = b_m', numbers: '0.5000' }]);
});

it('names the columns of the levels there are', () => {
  expect(factorColumns({ ...header, level: 2 }).map(({ name }) => name)).toEqual(['r', 'm', 'e1', 's', 's_clean', 'e2']);
});

it('ticks an axis in round steps, zero among them', () => {
  expect(niceTicks(0.031).map((tick) => Number(tick.toFixed(4)))).toEqual([-0.02, 0, 0.02]);
  expect(niceTicks(0.06).map((tick) => Number(tick.toFixed(4)))).toEqual([-0.06, -0.04, -0.02, 0, 0.02, 0.04, 0.06]);
});

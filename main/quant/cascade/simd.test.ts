import { describe, expect, it } from 'vitest';
import { createCascade, createTile, FIELDS, kernelName } from './index.ts';
import type { KernelName, KernelSettings, Span, Tile } from './index.ts';
import { createMarket, punch } from './testing/market.ts';
import { firstDifference } from './testing/bits.ts';

const OLS: KernelSettings = { window: 63, minObs: 32, intercept: true, halfLife: null };
const N = 400;

it('start-up picks WebAssembly where the runtime has SIMD, and says so', () => {
  expect(kernelName()).toBe('wasm-simd');
  const cascade = createCascade(OLS, { firstSession: 0, nRows: 10 });
  expect(cascade.kernel).toBe('wasm-simd');
  expect(createCascade(OLS, { firstSession: 0, nRows: 10 }, { kernel: 'typescript' }).kernel).toBe('typescript');
});

describe('quick look', () => {
  const { m, s, u, r } = createMarket(1, N);
  for (const fields of ['all', 'core'] as const)
    for (const missing of [0, 0.02])
      for (const halfLife of [null, 20])
        it(`${fields} ${missing} ${halfLife}`, () => {
          const run = (kernel: KernelName): Tile => {
            const cascade = createCascade({ ...OLS, halfLife }, { firstSession: 5, nRows: N }, { kernel, fields });
            const tile = createTile(N);
            const spans: Span[] = [{ from: 0, to: N, chain: cascade.chain(m, s, u), r: punch(r, 3, missing) }];
            cascade.security(spans, N - 1, tile);
            return tile;
          };
          expect(firstDifference(run('typescript'), run('wasm-simd'), FIELDS)).toBe(null);
        });
});

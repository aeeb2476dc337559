import { expect, test } from 'vitest';
import { enterEpoch, withProxy, type EpochReturns, type ReturnEpoch } from './index.ts';

const N = 6;
const epoch = (fromRow: number, patches: readonly (readonly [number, number])[] = []): ReturnEpoch => ({
  fromRow,
  toRow: N,
  patchRows: Int32Array.from(patches, ([row]) => row),
  patchValues: Float64Array.from(patches, ([, value]) => value),
  patchSources: Uint8Array.from(patches, () => 2),
});
const made = (base: readonly number[], ...epochs: ReturnEpoch[]): EpochReturns => ({
  base: Float64Array.from(base),
  source: new Uint8Array(N).fill(2),
  epochs: [epoch(0), ...epochs],
});
/** What row t sees of rows up to it. */
function seen({ returns }: ReturnType<typeof withProxy>, t: number): number[] {
  const work = returns.base.slice();
  for (const one of returns.epochs) if (one.fromRow <= t) enterEpoch(one, work);
  return [...work.subarray(0, t + 1)];
}

test('the proxy serves before the first return of the fund, and never after it, gaps included', () => {
  const joined = withProxy(made([NaN, NaN, NaN, 3, NaN, 5]), made([NaN, 11, 12, 13, 14, 15]), N);
  expect(joined.firstRow).toBe(3);
  expect(seen(joined, 5)).toEqual([NaN, 11, 12, 3, NaN, 5]);
});

test('corrections reach the side they are about; a return of the fund learned late takes over from the proxy', () => {
  const fund = made([NaN, NaN, NaN, 3, 4, 5], epoch(4, [[3, 3.5]]), epoch(5, [[2, 2.5]]));
  const proxy = made([NaN, 11, 12, 13, 14, 15], epoch(2, [[1, 11.5]]), epoch(4, [[3, 99]]), epoch(5, [[2, 77]]));
  const joined = withProxy(fund, proxy, N);
  expect(seen(joined, 1)).toEqual([NaN, 11]);
  expect(seen(joined, 3)).toEqual([NaN, 11.5, 12, 3]);
  expect(seen(joined, 4)).toEqual([NaN, 11.5, 12, 3.5, 4]);
  expect(seen(joined, 5)).toEqual([NaN, 11.5, 2.5, 3.5, 4, 5]);
});

test('history of the fund learned late has its own gaps; the proxy serves before it alone', () => {
  const fund = made(
    [NaN, NaN, NaN, NaN, 4, 5],
    epoch(5, [
      [1, 1.5],
      [3, 3.5],
    ]),
  );
  const joined = withProxy(fund, made([10, 11, 12, 13, 14, 15]), N);
  expect(seen(joined, 4)).toEqual([10, 11, 12, 13, 4]);
  expect(seen(joined, 5)).toEqual([10, 1.5, NaN, 3.5, 4, 5]);
  // Each day known on the next: the last one is missing, as without a proxy, and no row is patched before it is there.
  const late = withProxy(made(Array<number>(N).fill(NaN), epoch(3, [[2, 2]]), epoch(4, [[3, 3]])), made([10, 11, 12, 13, 14, 15]), N);
  expect([2, 3, 4].map((t) => seen(late, t))).toEqual([
    [10, 11, 12],
    [10, 11, 2, NaN],
    [10, 11, 2, 3, NaN],
  ]);
  expect(late.returns.epochs.every(({ fromRow, patchRows }) => patchRows.every((row) => row < fromRow))).toBe(true);
});

test('a fund without any return is its proxy', () => {
  expect(withProxy(made([NaN, NaN, NaN, NaN, NaN, NaN]), made([0, 1, 2, 3, 4, 5]), N).firstRow).toBe(N);
});

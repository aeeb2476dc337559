import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NEW, REBASED, RESTATED, UNCHANGED } from './series-diff.ts';
import { MemoryStore, ROWS, type File } from './testing/store.ts';

const count = (statuses: readonly number[], status: number): number => statuses.filter((one) => one === status).length;
const path = (n: number, seed = 7): number[] => {
  let last = 100;
  return Array.from({ length: n }, (_, i) => (last *= 1 + 0.02 * Math.sin(seed * (i + 1) ** 2)));
};
const times = (file: File, factor: number, from = 0, to = file.length): number[] =>
  file.map((value, row) => (row >= from && row < to ? (value ?? NaN) * factor : (value ?? NaN)));
/** Largest difference of two return arrays; missing must be missing in both. */
function apart(a: Float64Array, b: Float64Array): number {
  let worst = 0;
  a.forEach((value, row) => {
    const gap = Number.isNaN(value) && Number.isNaN(b[row]!) ? 0 : Math.abs(value - b[row]!);
    worst = Math.max(worst, Number.isNaN(gap) ? Infinity : gap);
  });
  return worst;
}
function bulk(file: File, adjusted = true): Float64Array {
  const store = new MemoryStore(adjusted);
  store.import(file);
  return store.returns();
}
const differing = (a: Float64Array, b: Float64Array): number[] =>
  [...a.keys()].filter(
    (row) => a[row] !== b[row] && !(Number.isNaN(a[row]!) && Number.isNaN(b[row]!)) && Math.abs(a[row]! - b[row]!) > 1e-9,
  );

describe('plain closes', () => {
  it('are new the first time and unchanged the second; another value is restated and both versions are kept', () => {
    const store = new MemoryStore(false);
    const file = path(40);
    expect(count(store.import(file), NEW)).toBe(40);
    expect(count(store.import(file), UNCHANGED)).toBe(40);
    expect(store.blocks).toHaveLength(1);
    const corrected = file.map((value, row) => (row === 20 ? value + 1 : value));
    const statuses = store.import(corrected, 50);
    expect(statuses.flatMap((status, row) => (status === RESTATED ? [row] : []))).toEqual([20]);
    expect(store.values().slice(0, 40)).toEqual(corrected);
    // What was known before the correction is what it was.
    expect([...store.returns(49)]).toEqual([...bulk(file, false)]);
    expect(differing(store.returns(50), bulk(file, false))).toEqual([20, 21]);
  });

  it('the latest knowledge is in force however the blocks lie; of one day the later batch', () => {
    const store = new MemoryStore(false);
    store.import([100, 101, 102], 40);
    store.import([100, 201, 102], 30);
    store.import([100, 301, 102], 20);
    expect(store.values().slice(0, 3)).toEqual([100, 201, 102]);
    store.import([100, 401, 102], 30);
    expect(store.values().slice(0, 3)).toEqual([100, 401, 102]);
  });

  it('several files laid over each other leave exactly the last word on every day', () => {
    const cell = fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined, freq: 3 });
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 1, maxLength: ROWS }), { minLength: 1, maxLength: 5 }), (files) => {
        const store = new MemoryStore(false);
        const expected: number[] = new Array<number>(ROWS).fill(NaN);
        files.forEach((file, i) => {
          store.import(file, 40 + i);
          file.forEach((value, row) => value !== undefined && (expected[row] = value));
        });
        // Days on which a value first came up have it known on their own day, later than an early correction day.
        expect(store.values().slice(0, 40)).toEqual(expected.slice(0, 40));
      }),
      { numRuns: 200 },
    );
  });
});

describe('adjusted closes', () => {
  it('a new download after a dividend is re-based plus new days, and gives the returns of one bulk import', () => {
    const full = path(50);
    const store = new MemoryStore(true);
    store.import(full.slice(0, 40));
    const statuses = store.import(times(full, 0.99, 0, 45));
    expect([count(statuses, REBASED), count(statuses, NEW), count(statuses, RESTATED)]).toEqual([40, 10, 0]);
    expect(apart(store.returns(), bulk(times(full, 0.99, 0, 45)))).toBeLessThan(1e-14);
  });

  it('the first new day takes its return from the file, not from the stored base', () => {
    const store = new MemoryStore(true);
    store.import([100, 110]);
    store.import([undefined, 55, 66]);
    expect(store.returns()[2]).toBeCloseTo(0.2, 12);
    expect(store.blocks[1]).toMatchObject({ anchored: true });
  });

  it('without a common day the return into the new file is missing, never a jump between two bases', () => {
    const store = new MemoryStore(true);
    store.import([100, 110]);
    store.import([undefined, undefined, 60, 66]);
    expect(store.returns()[2]).toBeNaN();
    expect(store.returns()[3]).toBeCloseTo(0.1, 12);
  });

  it('one corrected dividend restates exactly one return', () => {
    const file = path(40);
    const store = new MemoryStore(true);
    store.import(file);
    const statuses = store.import(times(file, 1.01, 0, 25), 50);
    expect(statuses.flatMap((status, row) => (status === RESTATED ? [row] : []))).toEqual([25]);
    expect(count(statuses, REBASED)).toBe(25);
    expect(differing(store.returns(), bulk(file))).toEqual([25]);
    expect(apart(store.returns(), bulk(times(file, 1.01, 0, 25)))).toBeLessThan(1e-14);
    expect([...store.returns(49)]).toEqual([...bulk(file)]);
  });

  it('one wrong cell changes two returns, and correcting it again restores both', () => {
    const file = path(40);
    const wrong = file.map((value, row) => (row === 20 ? value * 1.1 : value));
    const store = new MemoryStore(true);
    store.import(file);
    const statuses = store.import(wrong, 50);
    expect(statuses.flatMap((status, row) => (status === RESTATED ? [row] : []))).toEqual([20, 21]);
    expect(apart(store.returns(), bulk(wrong))).toBeLessThan(1e-14);
    store.import(file, 55);
    expect(apart(store.returns(), bulk(file))).toBeLessThan(1e-14);
  });

  it('any chain of overlapping downloads, each on a base of its own, is never restated and ends in the returns of one import', () => {
    const part = fc.record({
      from: fc.integer({ min: 0, max: 40 }),
      more: fc.integer({ min: 0, max: 12 }),
      factor: fc.double({ min: 0.5, max: 2, noNaN: true }),
    });
    const gaps = fc.uniqueArray(fc.integer({ min: 3, max: ROWS - 1 }), { maxLength: 3 });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), gaps, fc.integer({ min: 1, max: 99 }), (parts, holes, seed) => {
        const truth: File = path(ROWS, seed).map((value, row) => (holes.includes(row) ? NaN : value));
        const store = new MemoryStore(true);
        let end = 12;
        let start = 5;
        store.import(truth.map((value, row) => (row >= start && row < end ? value : NaN)));
        for (const { from, more, factor } of parts) {
          // Always over two stored neighbours at least, as downloads of one history are.
          const first = Math.min(from, end - 4);
          const to = Math.min(ROWS, end + more);
          const statuses = store.import(truth.map((value, row) => (row >= first && row < to ? (value ?? NaN) * factor : NaN)));
          expect(count(statuses, RESTATED)).toBe(0);
          start = Math.min(start, first);
          end = to;
        }
        const whole = bulk(truth.map((value, row) => (row >= start && row < end ? value : NaN)));
        expect(apart(store.returns(), whole)).toBeLessThan(1e-12);
      }),
      { numRuns: 300 },
    );
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sessionOfDay } from '../../calendar/index.ts';
import { formatIsoDay, parseIsoDay, type EpochDay } from '../../contract/units.ts';
import { lowerBound, rowAxis, type SeriesBlock } from '../returns/index.ts';
import { createRanking, maskOf, membershipAt, parseUniverse, stampRows, type Candidate, type ShareCount } from './index.ts';
import type { Membership, UniverseOptions } from './index.ts';

const N = 170;
const axis = rowAxis(sessionOfDay(parseIsoDay('2020-01-02')!)!, N);
const day = (text: string): number => parseIsoDay(text)!;
const rowOf = (text: string): number => lowerBound(axis.days, day(text));
const strict: UniverseOptions = { knownAsOf: axis.days[N - 1]!, knowledge: 'strict' };

/** A block with `value(row)` on rows [from, to); `known` by row, default its own day. */
function block(
  value: (row: number) => number,
  { from = 0, to = N, known = null as ((row: number) => number) | null, order = 1 } = {},
): SeriesBlock {
  const firstSlot = axis.slots[from]!;
  const length = axis.slots[to - 1]! - firstSlot + 1;
  const values = new Float64Array(length).fill(NaN);
  const knownDays = new Int32Array(length);
  for (let row = from; row < to; row++) {
    values[axis.slots[row]! - firstSlot] = value(row);
    knownDays[axis.slots[row]! - firstSlot] = known ? known(row) : axis.days[row]!;
  }
  return { firstSlot, values, known: known ? knownDays : null, anchored: false, order, batchId: order, fromDay: -1e6, toDay: 1e7 };
}

const shares = (count: number, from = '2000-01-03', extra: Partial<ShareCount> = {}): ShareCount => ({
  shares: count,
  validFrom: day(from),
  validTo: null,
  known: day(from),
  order: 1,
  ...extra,
});
const none: Candidate = { close: [], volume: [], marketCap: [], shares: [] };
const priced = (price: number, extra: Partial<Candidate> = {}): Candidate => ({ ...none, close: [block(() => price)], ...extra });

function ranked(name: string, list: readonly (readonly [number, Candidate])[], options = strict): Membership[] {
  const ranking = createRanking(parseUniverse(name)!, axis, options);
  for (const [id, candidate] of list) ranking.add(id, candidate);
  return ranking.memberships();
}
const membersOn = (list: readonly Membership[], date: string): number[] | null => {
  const found = membershipAt(list, rowOf(date));
  return found && Array.from(found.members);
};

describe('names', () => {
  test('are mc_N and dv_N', () => {
    expect(parseUniverse('mc_500')).toEqual({ by: 'mc', count: 500 });
    expect(parseUniverse('dv_1000')).toEqual({ by: 'dv', count: 1000 });
    for (const name of ['mc_0', 'mc_', 'xx_50', 'mc_05', 'MC_50', 'mc_50 ', 'mc_1000000']) expect(parseUniverse(name)).toBeNull();
  });
});

describe('the stamp', () => {
  test('is the last session of each month by the calendar and holds for every session of the next', () => {
    const days = Array.from(stampRows(axis), (row) => formatIsoDay(axis.days[row]! as EpochDay));
    expect(days.slice(0, 5)).toEqual(['2020-01-31', '2020-02-28', '2020-03-31', '2020-04-30', '2020-05-29']);
    const list = ranked('mc_1', [[1, priced(10, { shares: [shares(100)] })]]);
    expect(membersOn(list, '2020-01-31')).toBeNull();
    expect(membersOn(list, '2020-02-03')).toEqual([1]);
    expect(list.every((one, i) => one.fromRow === one.stampRow + 1 && one.toRow === (list[i + 1]?.fromRow ?? N))).toBe(true);
    // The axis ends inside September: the data's own last row is no month end.
    expect(list.at(-1)!.toRow).toBe(N);
    expect(formatIsoDay(axis.days[list.at(-1)!.stampRow]! as EpochDay)).toBe('2020-08-31');
  });

  test('uses the day before when nobody has a size on it, and says so', () => {
    const hole = rowOf('2020-03-31');
    const list = ranked('mc_1', [[1, priced(10, { close: [block((row) => (row === hole ? NaN : 10))], shares: [shares(5)] })]]);
    expect(membersOn(list, '2020-04-01')).toEqual([1]);
    expect(membershipAt(list, rowOf('2020-04-01'))).toMatchObject({ stampRow: hole, sizedRow: hole - 1 });
  });
});

describe('capitalisation', () => {
  test('is shares known then times the raw close; ties go by security id; classes rank apart', () => {
    const list = ranked('mc_2', [
      [7, priced(10, { shares: [shares(100)] })],
      [3, priced(20, { shares: [shares(50)] })],
      [5, priced(10, { shares: [shares(99)] })],
    ]);
    expect(membersOn(list, '2020-02-03')).toEqual([3, 7]);
    expect(Array.from(list[0]!.sizes)).toEqual([1000, 1000]);
    expect(list[0]).toMatchObject({ active: 3, ranked: 3 });
  });

  test('carries shares only inside their validity, never backward, and only once they are known', () => {
    const big = (extra: Partial<ShareCount>, from?: string) => priced(10, { shares: [shares(1000, from, extra)] });
    const small = priced(10, { shares: [shares(1)] });
    const over = (candidate: Candidate) => {
      const list = ranked('mc_1', [
        [1, candidate],
        [2, small],
      ]);
      return ['2020-02-03', '2020-03-02', '2020-04-01'].map((date) => membersOn(list, date)![0]);
    };
    expect(over(big({}))).toEqual([1, 1, 1]);
    expect(over(big({ validTo: day('2020-02-15') }))).toEqual([1, 2, 2]);
    expect(over(big({}, '2020-02-10'))).toEqual([2, 1, 1]);
    expect(over(big({ known: day('2020-03-05') }))).toEqual([2, 2, 1]);
    const expired = ranked('mc_1', [[1, big({ validTo: day('2020-01-15') })]]);
    // Active but out by validity.
    expect(expired[0]).toMatchObject({ active: 1, ranked: 0 });
    expect(membersOn(expired, '2020-02-03')).toEqual([]);
  });

  test('may be imported; shares and a close come first', () => {
    const imported = { ...none, marketCap: [block(() => 500)] };
    const both = priced(10, { shares: [shares(10)], marketCap: [block(() => 900)] });
    const list = ranked('mc_3', [
      [1, imported],
      [2, both],
    ]);
    expect(Array.from(list[0]!.members)).toEqual([1, 2]);
    expect(Array.from(list[0]!.sizes)).toEqual([500, 100]);
    expect(Array.from(list[0]!.sources)).toEqual([2, 1]);
  });

  test('takes restated closes and shares as known on the stamp; `corrected` takes the correction', () => {
    const restated: Candidate = {
      ...none,
      close: [block(() => 10), block(() => 1, { known: () => day('2020-05-01'), order: 2 })],
      shares: [shares(100), shares(1, '2000-01-03', { known: day('2020-06-15'), order: 2 })],
    };
    const peer = priced(1, { shares: [shares(50)] });
    const over = (options: UniverseOptions) => {
      const list = ranked(
        'mc_1',
        [
          [1, restated],
          [2, peer],
        ],
        options,
      );
      return ['2020-02-03', '2020-06-01', '2020-07-01'].map((date) => membersOn(list, date)![0]);
    };
    expect(over(strict)).toEqual([1, 1, 2]);
    expect(over({ ...strict, knownAsOf: day('2020-06-10') })).toEqual([1, 1, 1]);
    expect(over({ ...strict, knowledge: 'corrected' })).toEqual([2, 2, 2]);
  });
});

describe('dollar volume', () => {
  test('is the mean of close x volume over 63 rows with at least 42 that have both', () => {
    const may = rowOf('2020-05-29');
    const traded = (rows: number): Candidate => ({
      ...none,
      close: [block(() => 2)],
      volume: [block((row) => (row > may - rows ? row : NaN))],
    });
    const size = (candidate: Candidate): number | undefined => membershipAt(ranked('dv_5', [[1, candidate]]), may + 1)!.sizes[0];
    expect(size(traded(41))).toBeUndefined();
    const mean = (rows: number): number => Array.from({ length: rows }, (_, i) => 2 * (may - i)).reduce((a, b) => a + b) / rows;
    expect(size(traded(42))).toBeCloseTo(mean(42), 9);
    expect(size(traded(100))).toBeCloseTo(mean(63), 9);
  });
});

test('ETFs of the map are no candidates on the rows on which they stand there', () => {
  const ranking = createRanking(parseUniverse('mc_1')!, axis, strict);
  ranking.add(1, priced(10, { shares: [shares(9)] }), [{ fromRow: 0, toRow: rowOf('2020-03-15') }]);
  ranking.add(2, priced(10, { shares: [shares(5)] }));
  const list = ranking.memberships();
  expect([membersOn(list, '2020-03-02'), membersOn(list, '2020-04-01')]).toEqual([[2], [1]]);
  expect(list[0]!.active).toBe(1);
});

test('the mask of a row is the membership of its own date', () => {
  const list = ranked('mc_1', [
    [1, priced(10, { shares: [shares(9, '2000-01-03', { validTo: day('2020-03-10') })] })],
    [2, priced(10, { shares: [shares(5)] })],
  ]);
  const mask = maskOf(list, [1, 2], N);
  const inside = (i: number): number[] => Array.from({ length: N }, (_, row) => row).filter((row) => mask[i * N + row] === 0);
  const [feb, april] = [rowOf('2020-02-03'), rowOf('2020-04-01')];
  expect(inside(0)).toEqual(Array.from({ length: april - feb }, (_, i) => feb + i));
  expect(inside(1)).toEqual(Array.from({ length: N - april }, (_, i) => april + i));
});

// A security as numbers that fast-check can shrink; facts may be late, restated, or end.
interface Draw {
  readonly price: number;
  readonly drift: number;
  readonly from: number;
  readonly to: number;
  readonly late: number;
  readonly restatedAt: number;
  readonly restatedKnown: number;
  readonly counts: readonly { readonly at: number; readonly known: number; readonly count: number; readonly length: number }[];
  readonly capAt: number;
}
const row = fc.integer({ min: 0, max: N - 1 });
const draw: fc.Arbitrary<Draw> = fc.record({
  price: fc.integer({ min: 1, max: 40 }),
  drift: fc.integer({ min: -3, max: 5 }),
  from: fc.integer({ min: 0, max: 60 }),
  to: fc.integer({ min: 61, max: N }),
  late: fc.integer({ min: 0, max: 12 }),
  restatedAt: row,
  restatedKnown: row,
  counts: fc.array(fc.record({ at: row, known: row, count: fc.integer({ min: 1, max: 9 }), length: fc.integer({ min: 1, max: 200 }) }), {
    maxLength: 4,
  }),
  capAt: row,
});

/** Everything of a draw; what is valid or known after row `t` is multiplied by `factor`, or dropped when it is 0. */
function candidateOf(d: Draw, t: number, factor: number): Candidate {
  const after = (known: number, at: number): boolean => at > t || known > axis.days[t]!;
  const change = (value: number, known: number, at: number): number => (!after(known, at) ? value : factor === 0 ? NaN : value * factor);
  const knownOf = (at: number): number => axis.days[at]! + d.late;
  const series = (scale: number): SeriesBlock =>
    block((at) => change(scale * Math.max(1, d.price + ((d.drift * at) % 17)), knownOf(at), at), {
      from: d.from,
      to: d.to,
      known: knownOf,
    });
  const again = Math.max(axis.days[d.restatedKnown]!, axis.days[d.restatedAt]!);
  const restated = block((at) => change(90, again, at), { from: d.restatedAt, to: d.restatedAt + 1, known: () => again, order: 2 });
  return {
    close: [series(1), restated],
    volume: [series(100)],
    marketCap: [block((at) => change(d.price * 4, axis.days[at]!, at), { from: d.capAt, to: N })],
    shares: d.counts.flatMap(({ at, known, count, length }, order) => {
      const from = axis.days[at]!;
      const shift = after(axis.days[known]!, at);
      if (shift && factor === 0) return [];
      return [{ shares: shift ? count * factor : count, validFrom: from, validTo: from + length, known: axis.days[known]!, order }];
    }),
  };
}

describe('time safety', () => {
  test('perturbing anything valid or known after t never changes a membership on or before t', () => {
    fc.assert(
      fc.property(
        fc.array(draw, { minLength: 3, maxLength: 7 }),
        row,
        fc.constantFrom('mc_2', 'dv_2'),
        fc.constantFrom(0, 1000, 1e-3),
        (draws, t, name, factor) => {
          const build = (f: number) =>
            ranked(
              name,
              draws.map((d, i) => [i + 1, candidateOf(d, t, f)] as const),
            ).filter(({ stampRow }) => stampRow <= t);
          const [before, after] = [build(1), build(factor)];
          expect(after).toEqual(before);
          const ids = draws.map((_, i) => i + 1);
          const rows = (list: Membership[]) => ids.map((_, i) => maskOf(list, ids, N).slice(i * N, i * N + t + 1));
          expect(rows(after)).toEqual(rows(before));
        },
      ),
      { numRuns: 150 },
    );
  });

  test('a run known as of K equals the full one on every month end before K', () => {
    fc.assert(
      fc.property(fc.array(draw, { minLength: 3, maxLength: 6 }), row, fc.constantFrom('mc_2', 'dv_2'), (draws, t, name) => {
        const list = draws.map((d, i) => [i + 1, candidateOf(d, N, 1)] as const);
        const early = ranked(name, list, { ...strict, knownAsOf: axis.days[t]! }).filter(({ stampRow }) => stampRow <= t);
        expect(early).toEqual(ranked(name, list).filter(({ stampRow }) => stampRow <= t));
      }),
      { numRuns: 60 },
    );
  });

  test('the order in which securities are added never shows', () => {
    fc.assert(
      fc.property(fc.array(draw, { minLength: 2, maxLength: 6 }), (draws) => {
        const list = draws.map((d, i) => [i + 1, candidateOf(d, N, 1)] as const);
        expect(ranked('mc_3', [...list].reverse())).toEqual(ranked('mc_3', list));
      }),
      { numRuns: 40 },
    );
  });
});

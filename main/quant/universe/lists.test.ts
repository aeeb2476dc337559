/** Lists as universes: versions, validity, knowledge, and a brute-force oracle. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sessionOfDay } from '../../calendar/index.ts';
import { parseIsoDay } from '../../contract/units.ts';
import { rowAxis } from '../returns/index.ts';
import { listMemberships, maskOf, membershipAt, type ListRow, type ListVersion, type UniverseOptions } from './index.ts';

const N = 40;
const axis = rowAxis(sessionOfDay(parseIsoDay('2024-01-02')!)!, N);
const at = (row: number): number => axis.days[row]!;
const strict: UniverseOptions = { knownAsOf: at(N - 1), knowledge: 'strict' };
const row = (securityId: number, from: number | null, to: number | null = null, known: number | null = from, order = 1): ListRow => ({
  securityId,
  validFrom: from === null ? null : at(from),
  validTo: to === null ? null : at(to),
  known: known === null ? -1e6 : at(known),
  order,
});
const version = (known: number | null, rows: ListRow[], order = 1): ListVersion => ({
  known: known === null ? -1e6 : at(known),
  order,
  rows,
});
const on = (versions: ListVersion[], r: number, options = strict): number[] =>
  Array.from(membershipAt(listMemberships(versions, axis, options), r)!.members);

test('members come and go on their own days; an undated row holds always', () => {
  const list = [version(null, [row(1, 5, 10), row(1, 20), row(2, null)])];
  expect([4, 5, 9, 10, 19, 20, 39].map((r) => on(list, r).includes(1))).toEqual([false, true, true, false, false, true, true]);
  expect(on(list, 0)).toEqual([2]);
  const memberships = listMemberships(list, axis, strict);
  expect(memberships.map(({ fromRow, toRow }) => [fromRow, toRow])).toEqual([
    [0, 5],
    [5, 10],
    [10, 20],
    [20, 40],
  ]);
  expect(memberships[0]).toMatchObject({ active: 2, ranked: 1 });
  const mask = maskOf(memberships, [1, 2], N);
  expect(Array.from(mask.subarray(0, N))).toEqual(Array.from({ length: N }, (_, r) => ((r >= 5 && r < 10) || r >= 20 ? 0 : 1)));
});

test('a row known late holds from then on; a later version of its period replaces it', () => {
  const list = [version(null, [row(1, 2, null, 8), row(2, 0), row(2, 0, 12, 15, 2)])];
  expect([2, 7, 8].map((r) => on(list, r).includes(1))).toEqual([false, false, true]);
  expect([11, 12, 14, 15].map((r) => on(list, r).includes(2))).toEqual([true, true, true, false]);
  expect([11, 12, 14].map((r) => on(list, r, { ...strict, knowledge: 'corrected' }).includes(2))).toEqual([true, false, false]);
  expect([14, 15].map((r) => on(list, r, { ...strict, knownAsOf: at(14) }).includes(2))).toEqual([true, true]);
});

test('a later list replaces the one before from the day it was known; `corrected` applies it to all days', () => {
  const list = [version(null, [row(1, 0)]), version(20, [row(2, 0)], 2)];
  expect([on(list, 19), on(list, 20)]).toEqual([[1], [2]]);
  expect(on(list, 0, { ...strict, knowledge: 'corrected' })).toEqual([2]);
  expect(on(list, 30, { knownAsOf: at(19), knowledge: 'strict' })).toEqual([1]);
  expect(on([version(10, [row(1, 0)])], 9)).toEqual([]);
});

const day = fc.integer({ min: 0, max: N - 1 });
const drawnRow = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.option(day, { nil: null }), fc.option(day, { nil: null }), day)
  .map(([id, from, to, known]) => ({ ...row(id, from, to, known) }));
const drawn = fc.array(fc.tuple(day, fc.array(drawnRow, { maxLength: 8 })), { maxLength: 4 }).map((list) =>
  list.map(([known, rows], i): ListVersion =>
    version(
      known,
      rows.map((one, j) => ({ ...one, order: j })),
      i,
    ),
  ),
);

/** Straight from the words of the model, one day at a time. */
function oracle(versions: readonly ListVersion[], r: number, K: number): number[] {
  const k = Math.min(at(r), K);
  const rows = versions.filter((one) => one.known <= k).sort((a, b) => b.known - a.known || b.order - a.order)[0]?.rows ?? [];
  const ids = new Set(rows.map((one) => one.securityId));
  return [...ids]
    .filter((id) => {
      const mine = rows.filter((one) => one.securityId === id && one.known <= k);
      return mine.some((one) => {
        const later = mine.some(
          (other) =>
            other.validFrom === one.validFrom && (other.known > one.known || (other.known === one.known && other.order > one.order)),
        );
        return !later && (one.validFrom === null || one.validFrom <= at(r)) && (one.validTo === null || at(r) < one.validTo);
      });
    })
    .sort((a, b) => a - b);
}

test('every row has the members that a look at that day alone gives', () => {
  fc.assert(
    fc.property(drawn, day, (versions, K) => {
      const memberships = listMemberships(versions, axis, { ...strict, knownAsOf: at(K) });
      for (let r = 0; r < N; r++) expect(Array.from(membershipAt(memberships, r)!.members)).toEqual(oracle(versions, r, at(K)));
    }),
    { numRuns: 150 },
  );
});

test('nothing known after t changes a membership on or before t', () => {
  fc.assert(
    fc.property(drawn, day, (versions, t) => {
      const early = versions
        .filter((one) => one.known <= at(t))
        .map((one) => ({ ...one, rows: one.rows.filter((each) => each.known <= at(t)) }));
      const ids = [1, 2, 3, 4];
      const mask = (list: ListVersion[]) => {
        const all = maskOf(listMemberships(list, axis, strict), ids, N);
        return ids.map((_, i) => Array.from(all.subarray(i * N, i * N + t + 1)));
      };
      expect(mask(versions)).toEqual(mask(early));
    }),
    { numRuns: 150 },
  );
});

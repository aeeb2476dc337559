import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ALWAYS,
  FOREVER,
  identityHistory,
  indexIdentities,
  type Decision,
  type IdentityIndex,
  type IdentityRow,
  type Name,
  type SymbolRow,
} from './identity.ts';

const symbol = (symbolId: number, code: string, exchange = '', type = 'ticker'): SymbolRow => ({ symbolId, type, code, exchange });
const ticker = (code: string, exchange = '') => ({ type: 'ticker', code, exchange });

/** A master row, known always unless said otherwise. */
function row(
  securityId: number,
  symbolId: number,
  from: number | null,
  to: number | null = null,
  rest: Partial<IdentityRow> = {},
): IdentityRow {
  return { securityId, symbolId, validFrom: from, validTo: to, known: ALWAYS, order: 1, provisional: false, ...rest };
}
const provisional = (securityId: number, symbolId: number): IdentityRow => row(securityId, symbolId, null, null, { provisional: true });

/** Days of [from, to) on which nobody claims a name. */
const free = (index: IdentityIndex, name: Name, from: number, to: number): { from: number; to: number }[] =>
  index
    .stretches(name)
    .filter((one) => one.owners.length === 0)
    .map((one) => ({ from: Math.max(from, one.from), to: Math.min(to, one.to) }))
    .filter((one) => one.from < one.to);

describe('who a ticker is on a day', () => {
  it('a recycled ticker is one company until it ends and another from its own beginning; nobody between', () => {
    const index = indexIdentities([row(1, 10, 100, 200), row(2, 10, 300)], [symbol(10, 'OLD')], Infinity);
    expect([99, 100, 199, 200, 299, 300, 5000].map((day) => index.resolve(10, day))).toEqual([null, 1, 1, null, null, 2, 2]);
    expect(index.pieces(1)).toEqual([{ symbolId: 10, fromDay: 100, toDay: 200 }]);
    expect(index.pieces(2)).toEqual([{ symbolId: 10, fromDay: 300, toDay: FOREVER }]);
    expect(free(index, ticker('OLD'), 150, 320)).toEqual([{ from: 200, to: 300 }]);
  });

  it('a renamed company stays one security and says when its name changed', () => {
    const index = indexIdentities([row(1, 10, 100), row(1, 11, 250)], [symbol(10, 'FB'), symbol(11, 'META')], Infinity);
    expect(index.resolve(10, 249)).toBe(1);
    expect(index.resolve(10, 250)).toBeNull();
    expect(index.resolve(11, 249)).toBeNull();
    expect(index.resolve(11, 250)).toBe(1);
    expect([0, 100, 249, 250, 9000].map((day) => index.tickerOn(1, day))).toEqual(['FB', 'FB', 'FB', 'META', 'META']);
    expect(index.renames(1)).toEqual([100, 250]);
  });

  it('an open end lasts until the next row of the same security, never of another', () => {
    const symbols = [symbol(10, 'A'), symbol(11, 'B')];
    const index = indexIdentities([row(1, 10, 100), row(2, 11, 150), row(1, 11, 100, 150)], symbols, Infinity);
    expect(index.resolve(10, 9999)).toBe(1);
    expect(index.resolve(11, 120)).toBe(1);
    expect(index.resolve(11, 150)).toBe(2);
  });

  it('a name without an exchange means the listing of any exchange; two listings at once mean neither, forwards and backwards', () => {
    const symbols = [symbol(10, 'ABC', 'NYSE'), symbol(11, 'ABC', 'LSE'), symbol(12, 'ABC')];
    const one = indexIdentities([row(1, 10, 100)], symbols, Infinity);
    expect(one.resolve(12, 150)).toBe(1);
    expect(one.resolve(ticker('ABC', 'NYSE'), 150)).toBe(1);
    expect(one.resolve(11, 150)).toBeNull();
    const two = indexIdentities([row(1, 10, 100), row(2, 11, 200)], symbols, Infinity);
    expect([150, 250].map((day) => two.resolve(12, day))).toEqual([1, null]);
    expect([150, 250].map((day) => two.resolve(11, day))).toEqual([null, 2]);
    expect(two.pieces(1)).toContainEqual({ symbolId: 12, fromDay: 100, toDay: 200 });
    expect(two.pieces(2).filter((piece) => piece.symbolId === 12)).toEqual([]);
    expect(two.disputed(ticker('ABC'), 0, 400)).toEqual([{ from: 200, to: 400, owners: [1, 2] }]);
    expect(free(two, ticker('ABC'), 0, 400)).toEqual([{ from: 0, to: 100 }]);
  });

  it('a provisional security has a name until a master row claims it, then the other days are nobody’s; another exchange is another name', () => {
    const symbols = [symbol(10, 'NEW'), symbol(11, 'NEW', 'NYSE')];
    const bare = indexIdentities([provisional(7, 10)], symbols, Infinity);
    expect(bare.resolve(10, 5)).toBe(7);
    // With an exchange in one file and none in the other the name is still the same one.
    expect(bare.resolve(ticker('NEW', 'NYSE'), 5)).toBe(7);
    expect(bare.pieces(7).map((piece) => piece.symbolId)).toEqual([10, 11]);
    const listed = indexIdentities([provisional(7, 11)], symbols, Infinity);
    expect(listed.resolve(ticker('NEW'), 5)).toBe(7);
    expect(listed.resolve(ticker('NEW', 'LSE'), 5)).toBeNull();
    const claimed = indexIdentities([provisional(7, 10), row(8, 10, 100, 200)], symbols, Infinity);
    expect([99, 100, 200].map((day) => claimed.resolve(10, day))).toEqual([null, 8, null]);
    expect(free(claimed, ticker('NEW'), 0, 300)).toEqual([
      { from: 0, to: 100 },
      { from: 200, to: 300 },
    ]);
  });

  it('an adopted provisional security is called by its master rows', () => {
    const symbols = [symbol(10, 'LATER'), symbol(11, 'FIRST')];
    const index = indexIdentities([provisional(7, 10), row(7, 11, 100), row(7, 10, 200)], symbols, Infinity);
    expect([50, 150, 250].map((day) => index.tickerOn(7, day))).toEqual(['FIRST', 'FIRST', 'LATER']);
    expect([50, 150, 250].map((day) => index.resolve(10, day))).toEqual([null, null, 7]);
    expect(indexIdentities([provisional(7, 10)], symbols, Infinity).tickerOn(7, 0)).toBe('LATER');
  });

  it('of two names at once the same one is shown before and after one of them is known to end', () => {
    const rows = [row(1, 10, 100), row(1, 11, 100), row(2, 10, 300, null, { known: 300 })];
    const symbols = [symbol(10, 'AA'), symbol(11, 'BB')];
    const called = (k: number, day: number): string => indexIdentities(rows, symbols, k).tickerOn(1, day);
    expect([150, 299].map((day) => called(299, day))).toEqual(['AA', 'AA']);
    expect([150, 299, 300, 400].map((day) => called(300, day))).toEqual(['AA', 'AA', 'BB', 'BB']);
    expect(indexIdentities(rows, symbols, 300).renames(1)).toEqual([100, 300]);
  });

  it('uses only what is known, and the latest version of a row', () => {
    const rows = [row(1, 10, 100, null, { known: 100 }), row(1, 10, 100, 150, { known: 400, order: 2 })];
    expect(indexIdentities(rows, [symbol(10, 'A')], 399).resolve(10, 200)).toBe(1);
    expect(indexIdentities(rows, [symbol(10, 'A')], 400).resolve(10, 200)).toBeNull();
    expect(indexIdentities(rows, [symbol(10, 'A')], 99).securities()).toEqual([]);
  });
});

describe('decisions by hand', () => {
  const merge = (securityId: number, otherId: number, known: number, order = 1): Decision => ({
    kind: 'merge',
    securityId,
    otherId,
    known,
    order,
  });
  const assign = (securityId: number, symbolId: number, from: number, to: number, known: number, order = 1): Decision => ({
    kind: 'assign',
    securityId,
    symbolId,
    from,
    to,
    known,
    order,
  });
  const symbols = [symbol(10, 'A'), symbol(11, 'B'), symbol(12, 'C')];

  it('a merged security is the other one from the day it was known, also through a second merge', () => {
    const rows = [row(1, 10, 100), row(2, 11, 200), row(3, 12, 300)];
    const decisions = [merge(1, 2, 500), merge(3, 1, 600)];
    const history = identityHistory(rows, symbols, decisions, { knownAsOf: 1000 });
    expect([499, 500, 600].map((k) => history.at(k).resolve(11, 250))).toEqual([2, 1, 3]);
    expect(history.at(550).securities()).toEqual([1, 3]);
    expect(
      history
        .at(600)
        .pieces(3)
        .map((piece) => piece.symbolId)
        .sort(),
    ).toEqual([10, 11, 12]);
    expect(history.late(1)).toEqual([500, 600]);
    expect(history.late(3)).toEqual([500, 600]);
    expect(identityHistory(rows, symbols, decisions, { knownAsOf: 1000, knowledge: 'corrected' }).at(100).resolve(11, 250)).toBe(3);
    // A damaged circle of merges ends.
    const circle = identityHistory(rows, symbols, [merge(1, 2, 5), merge(2, 1, 6)], { knownAsOf: 1000 });
    expect([1, 2]).toContain(circle.at(10).resolve(10, 150));
  });

  it('a name given by hand wins over master rows, disputes and provisional names; the later decision wins', () => {
    const rows = [row(1, 10, 100), row(2, 10, 150), provisional(7, 11)];
    const history = identityHistory(rows, symbols, [assign(2, 10, 150, 200, 300), assign(9, 11, 0, 50, 300), assign(8, 11, 20, 50, 400)], {
      knownAsOf: 1000,
    });
    expect([120, 160, 210].map((day) => history.at(299).resolve(10, day))).toEqual([1, null, null]);
    expect([120, 160, 210].map((day) => history.at(300).resolve(10, day))).toEqual([1, 2, null]);
    expect([10, 30, 60].map((day) => history.at(300).resolve(11, day))).toEqual([9, 9, 7]);
    expect([10, 30, 60].map((day) => history.at(400).resolve(11, day))).toEqual([9, 8, 7]);
    expect(history.at(400).tickerOn(9, 10)).toBe('B');
    expect(history.at(400).securities()).toEqual([1, 2, 7, 8, 9]);
  });
});

describe('identifiers and spellings', () => {
  it('an identifier on a row names its security on all days; shared by two, on the days of each', () => {
    const isin = { isin: 'US0000000001' };
    const one = indexIdentities([row(1, 10, 100, 200, isin)], [symbol(10, 'A')], Infinity);
    expect(one.resolve({ type: 'isin', code: 'US0000000001', exchange: '' }, 50)).toBe(1);
    const two = indexIdentities([row(1, 10, 100, 200, isin), row(2, 11, 300, null, isin)], [symbol(10, 'A'), symbol(11, 'B')], Infinity);
    expect([50, 150, 250, 350].map((day) => two.resolve({ type: 'isin', code: 'US0000000001', exchange: '' }, day))).toEqual([
      null,
      1,
      null,
      2,
    ]);
  });

  it('BRK.B and BRKB are one class, unless both are names of their own; BRK.A stays apart', () => {
    const symbols = [symbol(10, 'BRK.B'), symbol(11, 'BRKB'), symbol(12, 'BRK.A')];
    const one = indexIdentities([row(1, 10, 100), row(2, 12, 100)], symbols, Infinity);
    expect(one.resolve(11, 150)).toBe(1);
    expect(one.resolve(ticker('BRKB'), 150)).toBe(1);
    expect(one.resolve(ticker('BRKA'), 150)).toBe(2);
    expect(one.pieces(1).map((piece) => piece.symbolId)).toEqual([10, 11]);
    const both = indexIdentities([row(1, 10, 100), provisional(5, 11)], symbols, Infinity);
    expect(both.resolve(11, 150)).toBe(5);
    expect(indexIdentities([provisional(5, 11)], symbols, Infinity).resolve(10, 150)).toBe(5);
  });

  it('a fact dated before the first owner of a name is the first owner’s', () => {
    const index = indexIdentities([row(1, 10, 100, 200), row(2, 10, 300)], [symbol(10, 'A')], Infinity);
    expect([50, 150, 250, 350].map((day) => index.resolveFact(10, day))).toEqual([1, 1, 2, 2]);
  });
});

/** Three securities and two provisional ones over two tickers on three exchanges, at random. */
const world = fc.record({
  rows: fc.array(
    fc.record({
      securityId: fc.integer({ min: 1, max: 3 }),
      symbolId: fc.integer({ min: 1, max: 6 }),
      from: fc.integer({ min: 0, max: 40 }),
      length: fc.option(fc.integer({ min: 1, max: 30 })),
      known: fc.integer({ min: 0, max: 20 }),
    }),
    { maxLength: 8 },
  ),
  provisionals: fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { maxLength: 3 }),
  merges: fc.array(
    fc.record({
      securityId: fc.integer({ min: 1, max: 3 }),
      otherId: fc.integer({ min: 20, max: 22 }),
      known: fc.integer({ min: 0, max: 30 }),
    }),
    {
      maxLength: 2,
    },
  ),
  assigns: fc.array(
    fc.record({
      securityId: fc.integer({ min: 1, max: 4 }),
      symbolId: fc.integer({ min: 1, max: 6 }),
      from: fc.integer({ min: 0, max: 40 }),
      length: fc.integer({ min: 1, max: 30 }),
      known: fc.integer({ min: 0, max: 30 }),
    }),
    { maxLength: 2 },
  ),
});
type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

const worldSymbols = ['A', 'B'].flatMap((code, c) => ['', 'X', 'Y'].map((exchange, e) => symbol(1 + c * 3 + e, code, exchange)));
const rowsOf = ({ rows, provisionals }: World): IdentityRow[] => [
  ...rows.map((one, order) =>
    row(one.securityId, one.symbolId, one.from, one.length === null ? null : one.from + one.length, { known: one.known, order }),
  ),
  ...provisionals.map((symbolId, i) => provisional(20 + i, symbolId)),
];
const decisionsOf = ({ merges, assigns }: World): Decision[] => [
  ...merges.map((one, order): Decision => ({ kind: 'merge', ...one, order })),
  ...assigns.map(({ length, ...one }, order): Decision => ({ kind: 'assign', ...one, to: one.from + length, order: order + 10 })),
];

it('looking forwards and backwards always agree, and every day is owned, disputed or free', () => {
  const symbols = worldSymbols;
  fc.assert(
    fc.property(world, (one) => {
      const index = indexIdentities(rowsOf(one), symbols, 15, decisionsOf(one));
      const backwards = new Map<string, number[]>();
      for (const securityId of index.securities())
        for (const piece of index.pieces(securityId))
          for (let day = Math.max(piece.fromDay, -1); day < Math.min(piece.toDay, 80); day++) {
            const key = `${piece.symbolId}/${day}`;
            backwards.set(key, [...(backwards.get(key) ?? []), securityId]);
          }
      for (const name of symbols)
        for (let day = -1; day < 80; day++) {
          const owner = index.resolve(name.symbolId, day);
          const found = backwards.get(`${name.symbolId}/${day}`) ?? [];
          const unowned = free(index, name, day, day + 1).length > 0;
          const disputed = index.disputed(name, day, day + 1).length > 0;
          const states = Number(owner !== null) + Number(unowned) + Number(disputed);
          if (found.length !== (owner === null ? 0 : 1) || (owner !== null && found[0] !== owner) || states !== 1)
            throw new Error(
              `${name.code}@${name.exchange} on ${day}: ${owner}, backwards ${found.join()}, free ${unowned}, disputed ${disputed}`,
            );
        }
    }),
    { numRuns: 150 },
  );
});

it('between two days on which the past of a name was learned, the later view says the same of the earlier days', () => {
  fc.assert(
    fc.property(world, fc.constantFrom('strict' as const, 'corrected' as const), (one, knowledge) => {
      const history = identityHistory(rowsOf(one), worldSymbols, decisionsOf(one), { knownAsOf: 60, knowledge });
      for (const name of worldSymbols) {
        const late = new Set(history.lateName(name));
        for (let k = 0; k <= 60; k++)
          for (let day = -1; day < k; day++) {
            const [before, now] = [history.at(k - 1).resolve(name, day), history.at(k).resolve(name, day)];
            if (before !== now && !late.has(k))
              throw new Error(`${name.code}@${name.exchange} of ${day}: ${before} became ${now} on ${k}, which is not late`);
          }
      }
      for (const securityId of history.securities()) for (const day of history.late(securityId)) expect(day).toBeLessThanOrEqual(60);
    }),
    { numRuns: 60 },
  );
});

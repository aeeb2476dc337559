import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALWAYS, FOREVER, indexIdentities, type IdentityRow, type SymbolRow } from './identity.ts';

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

describe('who a ticker is on a day', () => {
  it('a recycled ticker is one company until it ends and another from its own beginning; nobody between', () => {
    const index = indexIdentities([row(1, 10, 100, 200), row(2, 10, 300)], [symbol(10, 'OLD')], Infinity);
    expect([99, 100, 199, 200, 299, 300, 5000].map((day) => index.resolve(10, day))).toEqual([null, 1, 1, null, null, 2, 2]);
    expect(index.pieces(1)).toEqual([{ symbolId: 10, fromDay: 100, toDay: 200 }]);
    expect(index.pieces(2)).toEqual([{ symbolId: 10, fromDay: 300, toDay: FOREVER }]);
    expect(index.unowned(ticker('OLD'), 150, 320)).toEqual([{ from: 200, to: 300 }]);
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
    expect(two.disputed(ticker('ABC'), 0, 400)).toEqual([{ from: 200, to: 400 }]);
    expect(two.unowned(ticker('ABC'), 0, 400)).toEqual([{ from: 0, to: 100 }]);
  });

  it('a provisional security has the days no master row claims; a name of another exchange is not it', () => {
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
    expect([99, 100, 200].map((day) => claimed.resolve(10, day))).toEqual([7, 8, 7]);
    expect(claimed.unowned(ticker('NEW'), 0, 300)).toEqual([]);
  });

  it('an adopted provisional security is called by its master rows', () => {
    const symbols = [symbol(10, 'LATER'), symbol(11, 'FIRST')];
    const index = indexIdentities([provisional(7, 10), row(7, 11, 100), row(7, 10, 200)], symbols, Infinity);
    expect([50, 150, 250].map((day) => index.tickerOn(7, day))).toEqual(['FIRST', 'FIRST', 'LATER']);
    expect([50, 150, 250].map((day) => index.resolve(10, day))).toEqual([7, 7, 7]);
    expect(indexIdentities([provisional(7, 10)], symbols, Infinity).tickerOn(7, 0)).toBe('LATER');
  });

  it('uses only what is known, and the latest version of a row', () => {
    const rows = [row(1, 10, 100, null, { known: 100 }), row(1, 10, 100, 150, { known: 400, order: 2 })];
    expect(indexIdentities(rows, [symbol(10, 'A')], 399).resolve(10, 200)).toBe(1);
    expect(indexIdentities(rows, [symbol(10, 'A')], 400).resolve(10, 200)).toBeNull();
    expect(indexIdentities(rows, [symbol(10, 'A')], 99).securities()).toEqual([]);
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
});

it('looking forwards and backwards always agree, and every day is owned, disputed or free', () => {
  const symbols = ['A', 'B'].flatMap((code, c) => ['', 'X', 'Y'].map((exchange, e) => symbol(1 + c * 3 + e, code, exchange)));
  fc.assert(
    fc.property(world, ({ rows, provisionals }) => {
      const all = [
        ...rows.map((one, order) =>
          row(one.securityId, one.symbolId, one.from, one.length === null ? null : one.from + one.length, { known: one.known, order }),
        ),
        ...provisionals.map((symbolId, i) => provisional(20 + i, symbolId)),
      ];
      const index = indexIdentities(all, symbols, 15);
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
          const free = index.unowned(name, day, day + 1).length > 0;
          const disputed = index.disputed(name, day, day + 1).length > 0;
          const one = Number(owner !== null) + Number(free) + Number(disputed);
          if (found.length !== (owner === null ? 0 : 1) || (owner !== null && found[0] !== owner) || one !== 1)
            throw new Error(
              `${name.code}@${name.exchange} on ${day}: ${owner}, backwards ${found.join()}, free ${free}, disputed ${disputed}`,
            );
        }
    }),
    { numRuns: 150 },
  );
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  BLOCK,
  buffersOfBlocks,
  bytesOfValues,
  makeColumns,
  Packer,
  rowsBySymbol,
  slotRange,
  unpack,
  unpackAll,
  type Blocks,
  type Columns,
} from './blocks.ts';

/** Values as files have them: few decimals, many, whole numbers beyond an int32, none. */
const decimals = (most: number): fc.Arbitrary<number> =>
  fc.tuple(fc.integer({ min: -3_000_000_000, max: 3_000_000_000 }), fc.nat(most)).map(([units, power]) => units / 10 ** power);
const value = fc.oneof(
  { weight: 5, arbitrary: decimals(4) },
  { weight: 1, arbitrary: decimals(12) },
  { weight: 1, arbitrary: fc.double({ noDefaultInfinity: true }) },
  { weight: 1, arbitrary: fc.constantFrom(NaN, 0, -0, 2 ** 31, -(2 ** 31), 2 ** 31 - 1, 7.4e9, 5e-324, 1.7e308, 0.1 + 0.2) },
);
/** Values that move a little from row to row, jump at times, and are missing at others. */
const moving = fc.array(fc.tuple(fc.integer({ min: -40_000, max: 40_000 }), fc.nat(30)), { minLength: 1, maxLength: 200 }).map((moves) => {
  let units = 0;
  return moves.map(([move, kind]) => {
    units = kind === 0 ? (move * 53_687) | 0 : (units + Math.floor(move / (kind < 9 ? 1 : 4))) | 0;
    return kind === 1 ? NaN : units / 100;
  });
});
const column = fc.oneof(
  { weight: 3, arbitrary: moving },
  { weight: 3, arbitrary: fc.array(decimals(4), { minLength: 1, maxLength: 60 }) },
  { weight: 2, arbitrary: fc.array(value, { minLength: 1, maxLength: 60 }) },
);

function columnsOf(values: readonly (readonly number[])[], ints: (name: string, row: number) => number, withKnown = true): Columns {
  const rows = values[0]!.length;
  const columns = makeColumns(rows, values.length, withKnown);
  for (const name of ['symbol', 'slot', 'line', 'known'] as const)
    columns[name]?.forEach((_, row) => (columns[name]![row] = ints(name, row)));
  values.forEach((list, field) => columns.values[field]!.set(list));
  return columns;
}

test('packing changes no value but the sign of zero, whatever came before', () => {
  fc.assert(
    fc.property(fc.array(column, { minLength: 1, maxLength: 12 }), (blocks) => {
      const packer = new Packer(1);
      for (const values of blocks) {
        const columns = columnsOf([values], (_, row) => row);
        const to = makeColumns(values.length, 1, true);
        unpack(packer.pack(columns, values.length), to, 0);
        expect([...to.values[0]!]).toEqual(values.map((one) => one + 0));
      }
    }),
    { numRuns: 2000, seed: 6 },
  );
});

test('prices take two bytes, volumes four, also behind values that need eight', () => {
  const packer = new Packer(1);
  const bytesOf = (values: readonly number[]): number => {
    const columns = columnsOf([values], () => 1);
    return bytesOfValues([packer.pack(columns, values.length)]);
  };
  const prices = Array.from({ length: 1000 }, (_, i) => (1_234_567 + ((997 * i) % 9973)) / 1e4);
  const volumes = prices.map((_, i) => (i * 7_654_321) % 98_765_431);
  expect(bytesOf(prices)).toBe(2000 + 4);
  // Another security's begin somewhere else.
  expect(bytesOf([...prices, ...prices.map((_, i) => (12_345_670 + ((997 * i) % 9973)) / 1e4)])).toBeLessThan(4100);
  expect(bytesOf(volumes)).toBe(4000);
  expect(bytesOf([...volumes, 1 / 3])).toBe(8008);
  for (let i = 0; i < 8; i++) bytesOf(volumes);
  expect(bytesOf(volumes)).toBe(4000);
  // Eight decimals leave no room for hundreds.
  expect(bytesOf(prices.map((_, i) => (123_456_789 + i) / 1e8))).toBe(2000 + 4);
  expect(bytesOf(prices)).toBe(2000 + 4);
});

const ints = fc.array(fc.tuple(fc.integer({ min: -2147483648, max: 2147483647 }), fc.integer({ min: 1, max: 9 })), {
  minLength: 1,
  maxLength: 40,
});

test('whole numbers are the same after packing, in runs or not', () => {
  fc.assert(
    fc.property(ints, fc.constantFrom(0, 1), (runs, step) => {
      const list = runs.flatMap(([first, rows]) => Array.from({ length: rows }, (_, i) => (first + i * step) | 0));
      const columns = columnsOf([list.map(() => 1)], (_, row) => list[row]!);
      const to = makeColumns(list.length, 1, true);
      unpack(new Packer(1).pack(columns, list.length), to, 0);
      for (const name of ['symbol', 'slot', 'line', 'known'] as const) expect([...to[name]!]).toEqual(list);
    }),
    { numRuns: 500, seed: 7 },
  );
});

test('rows come symbol by symbol, across the blocks they are packed in', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: 40 }),
      (counts, size) => {
        const symbols = counts.flatMap((count, symbol) => Array<number>(count).fill(symbol));
        const all = columnsOf([symbols.map((_, i) => i / 8)], (name, row) => (name === 'symbol' ? symbols[row]! : 7 * row));
        const packer = new Packer(1);
        const blocks = [];
        for (let from = 0; from < symbols.length; from += size) {
          const end = Math.min(symbols.length, from + size);
          const part = columnsOf([[...all.values[0]!.subarray(from, end)]], (name, row) => all[name as 'slot'][from + row]!);
          blocks.push(packer.pack(part, end - from));
        }
        const packed: Blocks = { rows: symbols.length, blocks, withKnown: true };
        expect(unpackAll(packed)).toEqual(all);
        const slots = [...all.slot];
        expect(slotRange(packed)).toEqual(slots.length === 0 ? null : { first: Math.min(...slots), last: Math.max(...slots) });
        let at = 0;
        for (const rows of rowsBySymbol(packed)) {
          const end = at + rows.symbol.length;
          expect(new Set(rows.symbol)).toEqual(new Set([symbols[at]]));
          expect(end === symbols.length || symbols[end] !== symbols[at]).toBe(true);
          expect([...rows.line]).toEqual([...all.line.subarray(at, end)]);
          expect([...rows.values[0]!]).toEqual([...all.values[0]!.subarray(at, end)]);
          at = end;
        }
        expect(at).toBe(symbols.length);
        expect(new Set(buffersOfBlocks(blocks)).size).toBe(buffersOfBlocks(blocks).length);
      },
    ),
    { numRuns: 200, seed: 8 },
  );
});

test('a block is as large as it may be', () => {
  const columns = columnsOf([Array.from({ length: BLOCK }, (_, i) => i / 4)], (_, row) => row * row);
  const to = makeColumns(BLOCK, 1, true);
  unpack(new Packer(1).pack(columns, BLOCK), to, 0);
  expect(to).toEqual(columns);
});

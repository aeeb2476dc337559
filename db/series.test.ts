import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Slot } from '../main/contract/units.ts';
import { dayOfSlot } from '../main/contract/units.ts';
import { commitBatch, currentRevision, readBlocks, SERIES_FIELDS, seriesExtents, slotRange } from './index.ts';
import type { NewBlock, SeriesField, StoredBlock, Workspace } from './index.ts';
import { bytesOf, float64 } from './blocks.ts';
import { freshWorkspace, meta } from './testing/workspace.ts';

/** Enough for short blocks of many symbols to be stored together. */
const SYMBOLS = 20;

function withBatches(...batches: NewBlock[][]): Workspace {
  const ws = freshWorkspace();
  for (const blocks of batches) {
    commitBatch(ws, meta(), (writer) => {
      writer.symbols(Array.from({ length: SYMBOLS }, (_, i) => ({ type: 'ticker' as const, code: `T${i}` })));
      for (const block of blocks) writer.block(block);
    });
  }
  return ws;
}

function read(ws: Workspace, fields: readonly SeriesField[] = SERIES_FIELDS, symbolIds: Int32Array | null = null): StoredBlock[] {
  const found: StoredBlock[] = [];
  readBlocks(ws, { fields, symbolIds, revision: currentRevision(ws) }, (block) => found.push(block));
  return found;
}

const knownDays = (block: Pick<NewBlock, 'known' | 'firstSlot' | 'values'>): number[] =>
  Array.from(block.values, (_, i) =>
    block.known === null ? dayOfSlot((block.firstSlot + i) as Slot) : typeof block.known === 'number' ? block.known : block.known[i]!,
  );

const value = fc.oneof(fc.double({ noDefaultInfinity: true }), fc.constant(-0), fc.constant(NaN));
const anyBlock: fc.Arbitrary<NewBlock> = fc.array(value, { minLength: 1, maxLength: 12 }).chain((values) =>
  fc.record({
    symbolId: fc.integer({ min: 1, max: SYMBOLS }),
    field: fc.constantFrom(...SERIES_FIELDS),
    firstSlot: fc.integer({ min: -20_000, max: 20_000 }),
    values: fc.constant(Float64Array.from(values)),
    known: fc.oneof(
      fc.constant(null),
      fc.integer({ min: -30_000, max: 30_000 }),
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: values.length, maxLength: values.length }).map((days) => Int32Array.from(days)),
    ),
    anchored: fc.boolean(),
  }),
);

/** The same stretch for every symbol, as a daily file brings it. */
const daily = anyBlock.map((block) =>
  Array.from({ length: SYMBOLS }, (_, i) => ({ ...block, symbolId: SYMBOLS - i, values: block.values.map((each) => each / (i + 1)) })),
);

it('blocks come back bit for bit, ordered by symbol, field and batch, whether stored alone or together', () => {
  const blocksOfBatch = fc.array(fc.oneof({ weight: 3, arbitrary: anyBlock.map((block) => [block]) }, { weight: 1, arbitrary: daily }), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(fc.array(blocksOfBatch, { minLength: 1, maxLength: 3 }), (batches) => {
      const ws = withBatches(...batches.map((blocks) => blocks.flat()));
      const found = read(ws);
      ws.close();
      const plain = (block: NewBlock, order: number) => ({
        key: [String(block.symbolId).padStart(3, '0'), block.field, order].join(' '),
        content: `${block.firstSlot} ${block.anchored} ${new BigUint64Array(block.values.slice().buffer).join()} ${knownDays(block).join()}`,
      });
      const sorted = (items: { key: string; content: string }[]) => items.map(({ key, content }) => `${key} ${content}`).sort();
      const all = found.map((block) => plain(block, block.order));
      expect(all.map(({ key }) => key)).toEqual(all.map(({ key }) => key).sort());
      expect(sorted(all)).toEqual(sorted(batches.flatMap((blocks, i) => blocks.flat().map((block) => plain(block, i + 1)))));
    }),
    { numRuns: 30 },
  );
});

it('a day of many symbols is one row, and what the caller does with its array afterwards does not matter', () => {
  const array = Float64Array.of(0);
  const ws = freshWorkspace();
  commitBatch(ws, meta(), (writer) => {
    for (const symbolId of writer.symbols(Array.from({ length: 100 }, (_, i) => ({ type: 'ticker' as const, code: `T${i}` })))) {
      array[0] = symbolId;
      writer.block(block({ symbolId, values: array }));
    }
  });
  expect(ws.sql.prepare('SELECT (SELECT count(*) FROM series_block), count(*) FROM series_tile').raw().get()).toEqual([0, 1]);
  expect(read(ws, ['close'], Int32Array.of(7, 99, 3)).map((each) => [each.symbolId, each.values[0]])).toEqual([
    [3, 3],
    [7, 7],
    [99, 99],
  ]);
  expect(seriesExtents(ws, { fields: ['close'], revision: 1 }).get(7)).toEqual({ first: 100, last: 100 });
});

it('a day that names a symbol never interned is refused whole', () => {
  const ws = withBatches([]);
  const blocks = Array.from({ length: SYMBOLS + 1 }, (_, i) => block({ symbolId: i + 1 }));
  expect(() => commitBatch(ws, meta(), (writer) => blocks.forEach((each) => writer.block(each)))).toThrow('malformed');
  expect(currentRevision(ws)).toBe(1);
});

const block = (change: Partial<NewBlock>): NewBlock => ({
  symbolId: 1,
  field: 'close',
  firstSlot: 100,
  values: Float64Array.of(1, 2),
  known: null,
  anchored: false,
  ...change,
});

it('reads only the symbols and fields asked for', () => {
  const ws = withBatches([1, 2, 3].flatMap((symbolId) => [block({ symbolId }), block({ symbolId, field: 'volume' })]));
  const names = (found: StoredBlock[]) => found.map((each) => `${each.symbolId} ${each.field}`);
  expect(names(read(ws, ['volume'], Int32Array.of(3, 1)))).toEqual(['1 volume', '3 volume']);
  expect(names(read(ws, ['close']))).toEqual(['1 close', '2 close', '3 close']);
  expect(read(ws, ['close'], Int32Array.of())).toEqual([]);
  expect(read(ws, [])).toEqual([]);
});

it('reads only what touches the slots asked for, stored by itself or with others', () => {
  const many = Array.from({ length: SYMBOLS }, (_, i) => i + 1);
  const long = block({ symbolId: 1, firstSlot: 0, values: new Float64Array(100).fill(1) });
  const ws = withBatches(
    [long],
    many.map((symbolId) => block({ symbolId })),
    many.map((symbolId) => block({ symbolId, firstSlot: 103 })),
  );
  const touching = (first: number, last: number): number[] => {
    const found: StoredBlock[] = [];
    readBlocks(ws, { fields: ['close'], symbolIds: Int32Array.of(1), revision: 3, slots: { first, last } }, (each) => found.push(each));
    return found.map((each) => each.firstSlot);
  };
  expect(touching(-9, -1)).toEqual([]);
  expect(touching(50, 99)).toEqual([0]);
  expect(touching(99, 100)).toEqual([0, 100]);
  expect(touching(101, 101)).toEqual([100]);
  expect(touching(102, 102)).toEqual([]);
  expect(touching(102, 999)).toEqual([103]);
});

it('stores nothing for days that are the values’ own, and one number for equal days', () => {
  const own = Int32Array.of(dayOfSlot(100 as Slot), dayOfSlot(101 as Slot));
  const ws = withBatches([block({ known: own }), block({ known: Int32Array.of(7, 7) }), block({ known: Int32Array.of(7, 8) })]);
  expect(ws.sql.prepare('SELECT known_day AS day, length(known) AS bytes FROM series_block').all()).toEqual([
    { day: null, bytes: null },
    { day: 7, bytes: null },
    { day: null, bytes: 8 },
  ]);
  expect(read(ws).map(({ known }) => known && [...known])).toEqual([null, [7, 7], [7, 8]]);
});

it.each([
  { values: Float64Array.of() },
  { values: Float64Array.of(1, Infinity) },
  { known: Int32Array.of(1) },
  { known: 1.5 },
  { firstSlot: 0.5 },
  { firstSlot: 2 ** 31 - 1 },
  { field: 'bid' as SeriesField },
])('refuses a malformed block: %o', (change) => {
  const ws = withBatches();
  expect(() => commitBatch(ws, meta(), (writer) => (writer.symbols([{ type: 'ticker', code: 'A' }]), writer.block(block(change))))).toThrow(
    'malformed',
  );
  expect(currentRevision(ws)).toBe(0);
});

it('keeps the arrays it gives apart, and lets the visitor read on', () => {
  const ws = withBatches([block({}), block({ symbolId: 2 })]);
  const kept: Float64Array[] = [];
  readBlocks(ws, { fields: ['close'], symbolIds: null, revision: 1 }, (each) => {
    each.values[0] = -1;
    kept.push(each.values, ...read(ws).map((inner) => inner.values));
  });
  expect(kept.map((values) => values[0])).toEqual([-1, 1, 1, -1, 1, 1]);
});

it('knows the stretch it covers', () => {
  const ws = withBatches([block({}), block({ firstSlot: 300, field: 'volume' })], [block({ firstSlot: 50 })]);
  expect(slotRange(ws, { fields: ['close'], revision: 2 })).toEqual({ first: 50, last: 101 });
  expect(slotRange(ws, { fields: SERIES_FIELDS, revision: 1 })).toEqual({ first: 100, last: 301 });
  expect(slotRange(ws, { fields: ['open'], revision: 2 })).toBeNull();
  expect([...seriesExtents(ws, { fields: ['close'], revision: 2 })]).toEqual([[1, { first: 50, last: 101 }]]);
});

it('loses nothing as the file grows a day at a time', () => {
  const ws = withBatches();
  const days = 120;
  for (let day = 0; day < days; day++) {
    commitBatch(ws, meta(), (writer) => {
      const ids = writer.symbols(Array.from({ length: 40 }, (_, i) => ({ type: 'ticker' as const, code: `T${i}` })));
      for (const symbolId of ids) writer.block(block({ symbolId, firstSlot: day, values: Float64Array.of(symbolId * 1000 + day) }));
    });
  }
  const grid = new Map<number, number[]>();
  for (const each of read(ws)) grid.set(each.symbolId, [...(grid.get(each.symbolId) ?? []), each.values[0]!]);
  expect(grid.size).toBe(40);
  for (const [symbolId, values] of grid) expect(values).toEqual(Array.from({ length: days }, (_, day) => symbolId * 1000 + day));
});

it('the numbers of a BLOB are read at any address', () => {
  const values = Float64Array.of(1.5, NaN, -2);
  for (const offset of [0, 8, 4, 1]) {
    const memory = new Uint8Array(offset + 24);
    memory.set(bytesOf(values), offset);
    expect(float64(memory.subarray(offset))).toEqual(values);
  }
});

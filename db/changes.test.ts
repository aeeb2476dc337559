/** What counts as replaced behind numbers: the days on both sides of each limit. */
import { describe, expect, test } from 'vitest';
import { dayOfSlot, parseIsoDay, slotOfDay, type EpochDay, type Slot } from '../main/contract/units.ts';
import { commitBatch, currentRevision, replacedSince, undoBatch, type BatchWriter, type Replaced, type Workspace } from './index.ts';
import { freshWorkspace, meta } from './testing/workspace.ts';

// Numbers as known on a Wednesday, of prices up to it, looked at on the Friday.
const KNOWN = parseIsoDay('2026-06-10')!;
const TODAY = (KNOWN + 2) as EpochDay;
const LAST = slotOfDay(KNOWN)!;
const MANY = 20;

type Write = (writer: BatchWriter, symbolIds: Int32Array) => void;

/** What a batch that holds `write` replaces where it was there already, where it came later, and where it was taken back since. */
function replacedBy(write: Write): Record<'there' | 'later' | 'undone', Pick<Replaced, 'how' | 'priced' | 'acted'> | undefined> {
  const ws: Workspace = freshWorkspace();
  const { batchId } = commitBatch(ws, meta({ file: 'first.csv', importDay: KNOWN }), (writer) => {
    for (const id of symbols(writer)) writer.block(block(id, LAST - 2, [10, 11, 12]));
  });
  const before = currentRevision(ws);
  const { batchId: own } = commitBatch(ws, meta({ file: 'own.csv', importDay: TODAY }), (writer) => write(writer, symbols(writer)));
  const after = currentRevision(ws);
  const since = (revision: number) => {
    const ids = Int32Array.from(ws.sql.prepare("SELECT symbol_id FROM symbol WHERE code IN ('S0', 'S1')").pluck().all() as number[]);
    const found = replacedSince(ws, { revision, knownOn: KNOWN, today: TODAY, symbolIds: ids, fields: ['close'], lastSlot: LAST });
    expect(found.every(({ file, etfMap, classed, named }) => file === 'own.csv' && !etfMap && !classed && !named)).toBe(true);
    return found.map(({ how, priced, acted }) => ({ how, priced, acted }))[0];
  };
  const [there, later] = [since(after), since(before)];
  undoBatch(ws, own);
  expect(since(before)).toBeUndefined();
  expect(batchId).toBeLessThan(own);
  return { there, later, undone: since(after) };
}

const symbols = (writer: BatchWriter): Int32Array =>
  writer.symbols(Array.from({ length: MANY }, (_, i) => ({ type: 'ticker' as const, code: `S${i}` })));
const block = (
  symbolId: number,
  firstSlot: number,
  values: readonly number[],
  known: Int32Array | number | null = null,
  anchored = false,
) => ({
  ...{ symbolId, field: 'close' as const, firstSlot, values: Float64Array.from(values), known, anchored },
});
const count = (how: Replaced['how'], priced: number, acted = 0) => ({ how, priced, acted });

describe('prices', () => {
  // Of one name as rows of their own, of many side by side.
  test.each([1, MANY])('of %i names count by the day each was known from', (names) => {
    const of = Math.min(names, 2);
    const known = (...days: readonly number[]) =>
      replacedBy((writer, ids) => {
        for (const id of ids.slice(0, names))
          writer.block(block(id, LAST - 1, [20, 21], days.length === 1 ? days[0]! : Int32Array.from(days)));
      });
    const [later, undone] = [count('imported', of), count('undone', of)];
    expect(known(KNOWN)).toEqual({ there: undefined, later, undone });
    expect(known(KNOWN + 1)).toEqual({ there: count('late', of), later, undone });
    expect(known(TODAY)).toEqual({ there: count('late', of), later, undone });
    expect(known(TODAY + 1)).toEqual({ there: undefined, later, undone });
    expect(known(KNOWN - 1, KNOWN)).toEqual({ there: undefined, later, undone });
    expect(known(KNOWN, TODAY)).toEqual({ there: count('late', of), later, undone });
    expect(known(KNOWN, TODAY + 1)).toEqual({ there: undefined, later, undone });
    expect(known(TODAY, TODAY + 1)).toEqual({ there: count('late', of), later, undone });
  });

  test.each([1, MANY])('of %i names on later days than the numbers have replace nothing', (names) => {
    const of = Math.min(names, 2);
    const from = (firstSlot: number, known: number | null, anchored = false) =>
      replacedBy((writer, ids) => {
        for (const id of ids.slice(0, names)) writer.block(block(id, firstSlot, [12, 13], known, anchored));
      });
    const nothing = { there: undefined, later: undefined, undone: undefined };
    expect(from(LAST + 1, null)).toEqual(nothing);
    expect(from(LAST, null)).toEqual({ there: undefined, later: count('imported', of), undone: count('undone', of) });
    expect(from(LAST, TODAY)).toEqual({ there: count('late', of), later: count('imported', of), undone: count('undone', of) });
    // A base is no value.
    expect(from(LAST, null, true)).toEqual(nothing);
    expect(from(LAST - 1, TODAY, true)).toEqual({ there: count('late', of), later: count('imported', of), undone: count('undone', of) });
  });

  test('of names nobody asked for replace nothing', () => {
    const found = replacedBy((writer, ids) => writer.block(block(ids[5]!, LAST, [1])));
    expect(found).toEqual({ there: undefined, later: undefined, undone: undefined });
  });
});

test('a dividend counts up to the last day of the numbers, a split whenever it is; each from the day it was known', () => {
  const acted = (type: 'dividend' | 'split', exDay: number, knownFrom: number | null) =>
    replacedBy((writer, ids) =>
      writer.actions([
        { symbolId: ids[0] as never, exDay: exDay as EpochDay, type, value: 2, knownFrom: knownFrom as EpochDay | null, line: 1 },
      ]),
    );
  const day = dayOfSlot(LAST as Slot);
  const [later, undone] = [count('imported', 0, 1), count('undone', 0, 1)];
  expect(acted('dividend', day, null)).toEqual({ there: undefined, later, undone });
  expect(acted('dividend', day, day + 1)).toEqual({ there: count('late', 0, 1), later, undone });
  expect(acted('dividend', day + 1, day)).toEqual({ there: undefined, later: undefined, undone: undefined });
  expect(acted('split', day + 1, null)).toEqual({ there: count('late', 0, 1), later, undone });
  expect(acted('split', day + 1, day)).toEqual({ there: undefined, later, undone });
});

import { describe, expect, test } from 'vitest';
import { sessionOfDay } from '../../calendar/index.ts';
import { parseIsoDay } from '../../contract/units.ts';
import { enterEpoch, returnEpochs, returnsAsKnown, rowAxis, SOURCE } from './index.ts';
import type { DatedAction, EpochOptions, ReturnOptions, SecurityInputs, SeriesBlock } from './types.ts';

const day = (text: string): number => parseIsoDay(text)!;
// 0 Mon 2024-03-25 … 3 Thu, Good Friday shut, 4 Mon 2024-04-01 … 8 Fri
const axis = rowAxis(sessionOfDay(parseIsoDay('2024-03-25')!)!, 9);
const later = axis.days[8]!;
const none: SecurityInputs = { close: [], adjClose: [], returns: [], actions: [] };
const x = NaN;

/** A block with one value per row from `row` on; `known` per row as a row number, or null. */
function block(batchId: number, row: number, values: number[], extra: Partial<SeriesBlock> & { knownRows?: number[] } = {}): SeriesBlock {
  const { knownRows, ...rest } = extra;
  const firstSlot = axis.slots[row]!;
  const length = axis.slots[row + values.length - 1]! - firstSlot + 1;
  const stored = new Float64Array(length).fill(NaN);
  const known = knownRows ? new Int32Array(length) : null;
  values.forEach((value, i) => {
    stored[axis.slots[row + i]! - firstSlot] = value;
    if (known) known[axis.slots[row + i]! - firstSlot] = axis.days[knownRows![i]!]!;
  });
  return { firstSlot, values: stored, known, anchored: false, order: batchId, batchId, fromDay: -1e9, toDay: 1e9, ...rest };
}

function action(exDay: number, type: DatedAction['type'], value: number, extra: Partial<DatedAction> = {}): DatedAction {
  return { exDay, type, value, known: exDay, order: 1, batchId: 1, ...extra };
}

function at(inputs: Partial<SecurityInputs>, options: Partial<ReturnOptions> = {}): { returns: number[]; source: number[] } {
  const out = new Float64Array(axis.nRows);
  const source = new Uint8Array(axis.nRows);
  returnsAsKnown(
    { ...none, ...inputs },
    axis,
    { knowledgeDay: later, asKnownAt: later, knowledge: 'strict', mode: 'auto', ...options },
    out,
    source,
  );
  return { returns: [...out], source: [...source] };
}

const run: EpochOptions = { knownAsOf: later, knowledge: 'strict', mode: 'auto' };

describe('raw closes and actions', () => {
  test('split, dividend and spin-off of one date', () => {
    const { returns, source } = at({
      close: [block(1, 0, [100, 102, 51])],
      actions: [
        action(axis.days[2]!, 'split', 2),
        action(axis.days[2]!, 'dividend', 0.5),
        action(axis.days[2]!, 'dividend', 0.25),
        action(axis.days[2]!, 'spinoff', 3),
      ],
    });
    expect(returns[1]).toBe(102 / 100 - 1);
    expect(returns[2]).toBe((2 * (51 + 3.75)) / 102 - 1);
    expect(source.slice(0, 4)).toEqual([SOURCE.none, SOURCE.raw, SOURCE.raw, SOURCE.none]);
  });

  test('an ex-date without a session counts on the next one, cash before a split per old share', () => {
    const actions = [
      action(day('2024-03-29'), 'dividend', 1),
      action(day('2024-04-01'), 'split', 2),
      action(day('2024-04-01'), 'dividend', 0.5),
    ];
    const { returns } = at({ close: [block(1, 3, [100, 60])], actions });
    expect(returns[4]).toBeCloseTo((1 + 2 * (60 + 0.5)) / 100 - 1, 14);
  });

  test('after a gap the first return is missing, and a split inside it distorts nothing', () => {
    const { returns } = at({ close: [block(1, 0, [100, 101, x, x, 51, 52])], actions: [action(axis.days[3]!, 'split', 2)] });
    expect(returns.slice(0, 6)).toEqual([x, 101 / 100 - 1, x, x, x, 52 / 51 - 1]);
  });

  test('a later file that repeats a dividend supersedes it; one that withdraws it says 0', () => {
    const close = [block(1, 0, [100, 100])];
    const first = action(axis.days[1]!, 'dividend', 2);
    expect(at({ close, actions: [first, { ...first, order: 2, batchId: 2 }] }).returns[1]).toBeCloseTo(0.02, 15);
    expect(at({ close, actions: [first, { ...first, order: 2, batchId: 2, value: 0 }] }).returns[1]).toBe(0);
  });

  test('a share of a few cents has returns like any other', () => {
    for (const known of [{}, { knownRows: [0, 1, 3] }]) {
      const cents = [block(1, 0, [0.5, 0.25, 0.5], known)];
      expect(at({ close: cents }).returns.slice(1, 3)).toEqual([-0.5, 1]);
      expect(at({ adjClose: cents }).returns.slice(1, 3)).toEqual([-0.5, 1]);
    }
  });

  test('a price that is none gives no return, whichever way it is read', () => {
    for (const wrong of [0, -2])
      for (const known of [{}, { knownRows: [0, 1, 2, 4] }]) {
        const prices = [block(1, 0, [10, wrong, 12, 13], known)];
        expect(at({ close: prices }).returns.slice(0, 4)).toEqual([x, x, x, 13 / 12 - 1]);
        expect(at({ adjClose: prices }).returns.slice(0, 4)).toEqual([x, x, x, 13 / 12 - 1]);
      }
  });

  test('days that are not the security’s are not read: a reused ticker joins no two companies', () => {
    const close = [block(1, 0, [10, 11, 12, 13, 14, 15], { fromDay: axis.days[2]!, toDay: axis.days[4]! })];
    expect(at({ close }).returns).toEqual([x, x, x, 13 / 12 - 1, x, x, x, x, x]);
  });

  test('two symbols of one renamed company are one series', () => {
    const old = block(1, 0, [10, 11, 99], { symbolId: 1, toDay: axis.days[2]! });
    const renamed = block(1, 2, [12, 13], { symbolId: 2, fromDay: axis.days[2]! });
    expect(at({ close: [old, renamed] }).returns.slice(1, 4)).toEqual([11 / 10 - 1, 12 / 11 - 1, 13 / 12 - 1]);
    const adjusted = at({ close: [old, renamed], adjClose: [old, { ...renamed, values: renamed.values.map((v) => v / 2) }] });
    expect(adjusted.source.slice(1, 4)).toEqual([SOURCE.adjusted, SOURCE.raw, SOURCE.adjusted]);
    expect(adjusted.returns[2]).toBe(12 / 11 - 1);
  });
});

describe('adjusted closes', () => {
  const stored = block(1, 0, [50, 51, 52]);

  test('a re-based later file joins through its anchor', () => {
    const { returns, source } = at({ adjClose: [stored, block(2, 2, [26, 26.5, 27], { anchored: true })] });
    expect(returns.slice(1, 5)).toEqual([51 / 50 - 1, 52 / 51 - 1, 26.5 / 26 - 1, 27 / 26.5 - 1]);
    expect(source.slice(1, 5)).toEqual([1, 1, 1, 1]);
  });

  test('without a common base raw closes serve, and without those the return is missing', () => {
    const adjClose = [stored, block(2, 3, [26.5, 27])];
    const close = [block(1, 2, [104, 106])];
    expect(at({ adjClose, close }).returns[3]).toBe(106 / 104 - 1);
    expect(at({ adjClose, close }, { mode: 'adjusted' }).returns[3]).toBeNaN();
    expect(at({ adjClose }).returns[3]).toBeNaN();
  });

  test('the anchor of a reused ticker’s earlier company is no base', () => {
    const adjClose = [block(2, 2, [26, 600, 610], { anchored: true, fromDay: axis.days[3]! })];
    expect(at({ adjClose }).returns.slice(2, 5)).toEqual([x, x, 610 / 600 - 1]);
  });

  test('the setting forces either source; an imported return comes before both', () => {
    const inputs = { close: [block(1, 0, [10, 11, 12])], adjClose: [block(1, 0, [5, 5.25, 5.5])], returns: [block(1, 2, [0.07])] };
    expect(at(inputs).returns.slice(1, 3)).toEqual([5.25 / 5 - 1, 0.07]);
    expect(at(inputs, { mode: 'raw' }).returns.slice(1, 3)).toEqual([11 / 10 - 1, 0.07]);
    expect(at(inputs).source.slice(1, 3)).toEqual([SOURCE.adjusted, SOURCE.imported]);
  });
});

describe('the end of a share', () => {
  const close = [block(1, 0, [10, 11, 12])];

  test('a delisting return belongs to the row after the last price', () => {
    const { returns, source } = at({ close, actions: [action(axis.days[6]!, 'delisting', -0.3)] });
    expect(returns.slice(2, 5)).toEqual([12 / 11 - 1, -0.30000000000000004, x]);
    expect(source[3]).toBe(SOURCE.raw);
  });

  test('the last row there is can be that row; a price on it leaves none', () => {
    const gone = [action(axis.days[8]!, 'delisting', -0.5)];
    expect(at({ close: [block(1, 6, [10, 11])], actions: gone }).returns.slice(7)).toEqual([11 / 10 - 1, -0.5]);
    expect(
      at({ close: [block(1, 8, [10])], actions: [action(axis.days[8]! + 3, 'delisting', -0.5)] }, { knowledgeDay: later + 9 }).returns[8],
    ).toBeNaN();
  });

  test('several delisting returns of one day compound', () => {
    const two = [0, 1].map(() => action(axis.days[3]!, 'delisting', -0.5));
    expect(at({ close, actions: two }).returns[3]).toBe(-0.75);
  });

  test('on an ex-date with a price return the two compound', () => {
    const { returns } = at({ close, actions: [action(axis.days[2]!, 'delisting', -0.5)] });
    expect(returns.slice(2, 4)).toEqual([(12 / 11) * 0.5 - 1, x]);
  });

  test('a merger pays its terminal value on the ex-date', () => {
    expect(at({ close, actions: [action(axis.days[3]!, 'merger', 15)] }).returns[3]).toBe(15 / 12 - 1);
    expect(at({ close, actions: [action(axis.days[2]!, 'merger', 15)] }).returns[2]).toBe(12 / 11 - 1);
    expect(at({ close, actions: [action(axis.days[4]!, 'merger', 15)] }).returns[4]).toBeNaN();
    // With an adjusted close of the day the share still traded.
    expect(at({ close, adjClose: [block(1, 3, [6])], actions: [action(axis.days[3]!, 'merger', 15)] }).returns[3]).toBeNaN();
    expect(at({ close, actions: [action(axis.days[3]!, 'merger', 0)] }).returns[3]).toBe(-1);
  });

  test('rows before the ex-date do not know a delisting, rows after it see it on its row', () => {
    const result = returnEpochs({ ...none, close, actions: [action(axis.days[6]!, 'delisting', -0.3)] }, axis, run);
    expect(result.base[3]).toBeNaN();
    expect(result.epochs.map((e) => [e.fromRow, e.toRow, [...e.patchRows]])).toEqual([
      [0, 6, []],
      [6, 9, [3]],
    ]);
  });
});

describe('knowledge', () => {
  const close = [block(1, 0, [10, 11, 12, 13]), block(2, 1, [11.5], { knownRows: [5] })];

  test('strict: a correction counts from the day it was known; corrected: from the day of what it corrects', () => {
    expect(at({ close }, { knowledgeDay: axis.days[4]! }).returns[1]).toBe(11 / 10 - 1);
    expect(at({ close }).returns.slice(1, 3)).toEqual([11.5 / 10 - 1, 12 / 11.5 - 1]);
    expect(at({ close }, { knowledgeDay: axis.days[4]!, knowledge: 'corrected' }).returns[1]).toBe(11.5 / 10 - 1);
    expect(at({ close }, { knowledgeDay: axis.days[4]!, asKnownAt: axis.days[4]!, knowledge: 'corrected' }).returns[1]).toBe(11 / 10 - 1);
  });

  test('of a restated action a run knows the version known by its day, corrected or not', () => {
    const prices = [block(1, 0, [10, 10])];
    const actions = [0, 4, 6].map((row, i) =>
      action(axis.days[1]!, 'dividend', i + 1, { known: axis.days[row]!, order: 3 - i, batchId: 3 - i }),
    );
    const on = (row: number, asKnown: number, knowledge: 'strict' | 'corrected') =>
      at({ close: prices, actions }, { knowledgeDay: axis.days[row]!, asKnownAt: axis.days[asKnown]!, knowledge }).returns[1]!;
    expect([2, 4, 6].map((row) => on(row, 8, 'strict'))).toEqual([0.1, 0.2, 0.3].map((r) => expect.closeTo(r, 12)));
    expect([3, 4, 5, 6].map((asKnown) => on(2, asKnown, 'corrected'))).toEqual([0.1, 0.2, 0.2, 0.3].map((r) => expect.closeTo(r, 12)));
  });

  test('a run as known on D repeats what was known on D', () => {
    const before = returnEpochs({ ...none, close: [close[0]!] }, axis, { ...run, knownAsOf: axis.days[4]! });
    const after = returnEpochs({ ...none, close }, axis, { ...run, knownAsOf: axis.days[4]! });
    expect(after).toEqual(before);
  });

  test('epochs begin with the rows that know more', () => {
    const result = returnEpochs({ ...none, close }, axis, run);
    expect(result.epochs.map((e) => [e.fromRow, e.toRow])).toEqual([
      [0, 5],
      [5, 9],
    ]);
    const work = result.base.slice();
    expect(work[1]).toBe(11 / 10 - 1);
    enterEpoch(result.epochs[1]!, work);
    expect([...work.subarray(1, 3)]).toEqual([11.5 / 10 - 1, 12 / 11.5 - 1]);
    expect(returnEpochs({ ...none, close }, axis, { ...run, knowledge: 'corrected' }).epochs).toHaveLength(1);
  });

  test('of equal knowledge the later batch counts', () => {
    const again = block(2, 1, [12]);
    expect(at({ close: [block(1, 0, [10, 11]), again] }).returns[1]).toBe(12 / 10 - 1);
    expect(at({ close: [again, block(1, 0, [10, 11])] }).returns[1]).toBe(12 / 10 - 1);
  });

  test('thousands of late values cost no quadratic memory or time', () => {
    const long = rowAxis(sessionOfDay(parseIsoDay('2010-01-04')!)!, 4000);
    const firstSlot = long.slots[0]!;
    const values = new Float64Array(long.slots.at(-1)! - firstSlot + 1).fill(NaN);
    const known = new Int32Array(values.length);
    long.slots.forEach((slot, row) => {
      values[slot - firstSlot] = 100 + (row % 7);
      known[slot - firstSlot] = long.days[row]! + 1;
    });
    const lateClose = [{ ...block(1, 0, [1]), firstSlot, values, known }];
    const result = returnEpochs({ ...none, close: lateClose }, long, { ...run, knownAsOf: long.days.at(-1)! });
    const patches = result.epochs.reduce((sum, epoch) => sum + epoch.patchRows.length, 0);
    expect(result.epochs).toHaveLength(3999);
    // Each return becomes known one row late; the last is not known by the end of the axis.
    expect(patches).toBe(3998);
    expect(result.base.every(Number.isNaN)).toBe(true);
  });
});

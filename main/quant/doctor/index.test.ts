import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sessionOfDay } from '../../calendar/index.ts';
import { parseIsoDay } from '../../contract/units.ts';
import { returnsAsKnown, rowAxis, type ActionType, type SeriesBlock } from '../returns/index.ts';
import { examine, gapFindings, holeRows, lay, makeLaid, ownGaps, type ActionInForce, type Diagnosis, type Patient } from './index.ts';
import { nearestSplit, splitWords } from './ratios.ts';

const N = 320;
const axis = rowAxis(sessionOfDay(parseIsoDay('2023-01-03')!)!, N);

interface Given {
  /** As traded; NaN for none. */
  readonly close?: readonly number[];
  readonly adjClose?: readonly number[];
  readonly volume?: readonly number[];
  readonly actions?: readonly (readonly [row: number, type: ActionType, value: number])[];
  /** Row from which closes are of another batch. */
  readonly secondBatch?: number;
}

const block = (values: readonly number[], batchId: number): SeriesBlock => {
  const first = axis.slots[0]!;
  const out = new Float64Array(axis.slots[N - 1]! - first + 1).fill(NaN);
  values.forEach((value, row) => (out[axis.slots[row]! - first] = value));
  return { firstSlot: first, values: out, known: null, anchored: false, order: batchId, batchId, fromDay: -1e6, toDay: 1e7 };
};

/** The patient that real blocks make, by the code that makes it in a look. */
function patient(given: Given): Patient {
  const none = Array.from({ length: N }, () => NaN);
  const cut = given.secondBatch ?? N;
  const raw = given.close ?? none;
  const close = [
    block(
      raw.map((value, row) => (row < cut ? value : NaN)),
      1,
    ),
    block(
      raw.map((value, row) => (row < cut ? NaN : value)),
      2,
    ),
  ];
  const adjClose = [block(given.adjClose ?? none, 3)];
  const dated = (given.actions ?? []).map(([row, type, value]) => {
    const exDay = axis.days[row] ?? axis.days[N - 1]! + 1;
    return { exDay, row, type, value, known: exDay, order: 1, batchId: 1 };
  });
  const options = { knowledgeDay: 1e6, asKnownAt: 1e6, knowledge: 'strict' as const };
  const form = (mode: 'auto' | 'adjusted' | 'raw', parts: Partial<Given>): Float64Array => {
    const out = new Float64Array(N);
    const inputs = {
      close: parts.close ? close : [],
      adjClose: parts.adjClose ? adjClose : [],
      returns: [],
      actions: parts.actions ? dated : [],
    };
    returnsAsKnown(inputs, axis, { ...options, mode }, out);
    return out;
  };
  const [c, a, v] = [makeLaid(N), makeLaid(N), makeLaid(N)];
  const overlaps = lay(close, axis, 1e6, c);
  lay(adjClose, axis, 1e6, a);
  lay([block(given.volume ?? none, 4)], axis, 1e6, v);
  const all = { close: raw, adjClose: raw, actions: [] };
  return {
    axis,
    ticker: 'AAA',
    close: c.value,
    adjClose: a.value,
    volume: v.value,
    closeBatch: c.batch,
    served: form('auto', all),
    adjusted: form('adjusted', { adjClose: raw }),
    raw: form('raw', { close: raw, actions: [] }),
    actions: dated as ActionInForce[],
    overlaps,
  };
}

/** A quiet series that ends at 100: +-1 % in turns. */
const quiet = (level = 100): number[] => Array.from({ length: N }, (_, row) => level * (row % 2 === 0 ? 1 : 1.01));
const scaled = (values: readonly number[], from: number, factor: number): number[] =>
  values.map((value, row) => (row >= from ? value * factor : value));
const found = (given: Given): Diagnosis[] => [...examine(patient(given)).diagnoses];
const codes = (given: Given): string[] => found(given).map(({ code }) => code);
const AT = 200;

it('finds nothing in a quiet series, raw, adjusted, or both, with and without correct actions', () => {
  const full = { volume: Array.from({ length: N }, () => 1000) };
  expect(codes({ close: quiet(), ...full })).toEqual([]);
  expect(codes({ adjClose: quiet(), ...full })).toEqual([]);
  expect(codes({ close: quiet(), adjClose: quiet(40), ...full })).toEqual([]);
  expect(codes({ close: scaled(quiet(), AT, 1 / 10), adjClose: quiet(10), actions: [[AT, 'split', 10]] })).toEqual([]);
  expect(codes({ close: scaled(quiet(), AT, 20), actions: [[AT, 'split', 1 / 20]] })).toEqual([]);
});

describe('splits', () => {
  it.each([2, 3, 10, 1 / 8, 1 / 20, 1.5 / 0.75])('misses one of %d in the list when the adjusted closes know it', (ratio) => {
    const [one] = found({ close: scaled(quiet(), AT, 1 / ratio), adjClose: quiet() });
    expect(one).toMatchObject({ code: 'split_missed', row: AT, remedy: { kind: 'set_action', type: 'split' } });
    expect((one!.remedy as { value: number }).value).toBeCloseTo(ratio, 6);
    // The adjusted closes serve, so no return is wrong; holdings from before it are.
    expect(one!.fixed).toBe(one!.asIs);
    expect(one!.sharesFactor).toBeCloseTo(ratio, 6);
  });

  it('suspects one where raw closes alone jump by a large ratio, and says what the return would be', () => {
    const [one] = found({ close: scaled(quiet(), AT, 1 / 10) });
    expect(one).toMatchObject({ code: 'split_suspected', severity: 'warning', remedy: { value: 10 } });
    expect(one!.asIs).toBeLessThan(-0.89);
    expect(Math.abs(one!.fixed)).toBeLessThan(0.011);
    // Half the price is a move that stocks make.
    expect(codes({ close: scaled(quiet(), AT, 0.45) })).toEqual(['jump']);
    // An ordinary dividend of the day explains neither.
    expect(codes({ close: scaled(quiet(), AT, 0.45), actions: [[AT, 'dividend', 0.5]] })).toEqual(['jump']);
    expect(codes({ close: scaled(quiet(), AT, 1 / 10), actions: [[AT, 'dividend', 0.1]] })).toEqual(['split_suspected']);
  });

  it('finds one that was applied twice: listed, but the closes are adjusted for it already', () => {
    const [one] = found({ close: quiet(), actions: [[AT, 'split', 4]] });
    expect(one).toMatchObject({ code: 'split_twice', severity: 'error', remedy: { kind: 'void_action' }, sharesFactor: 1 / 4 });
    expect(one!.asIs).toBeGreaterThan(2.9);
    expect(Math.abs(one!.fixed)).toBeLessThan(0.011);
    // With adjusted closes in use the return is right and only the share count is wrong.
    const [quieter] = found({ close: quiet(), adjClose: quiet(), actions: [[AT, 'split', 4]] });
    expect(quieter).toMatchObject({ code: 'split_twice', severity: 'warning' });
    expect(quieter!.fixed).toBe(quieter!.asIs);
  });

  it('finds one upside down, of another ratio and on another day', () => {
    expect(found({ close: scaled(quiet(), AT, 20), actions: [[AT, 'split', 20]] })[0]).toMatchObject({
      code: 'split_inverted',
      remedy: { kind: 'set_action', value: 1 / 20 },
    });
    expect(
      found({ close: scaled(quiet(), AT, 1 / 10), adjClose: quiet(), actions: [[AT, 'split', 5]] }).find(
        ({ code }) => code === 'split_ratio',
      ),
    ).toMatchObject({ remedy: { value: 10 }, sharesFactor: 2 });
    expect(found({ close: scaled(quiet(), AT + 2, 1 / 10), actions: [[AT, 'split', 10]] })[0]).toMatchObject({
      code: 'split_day',
      remedy: { kind: 'move_action', toDay: axis.days[AT + 2] },
    });
    // Its own day needs no word of its own, be the move like a split or a jump.
    for (const ratio of [0.1, 4])
      expect(found({ close: scaled(quiet(), AT + 2, 1 / ratio), actions: [[AT, 'split', ratio]] }).map(({ code }) => code)).toEqual([
        'split_day',
      ]);
  });

  it('finds adjusted closes that lack a listed split, and those that moved alone', () => {
    const [lacking] = found({ close: scaled(quiet(), AT, 15), adjClose: scaled(quiet(), AT, 15), actions: [[AT, 'split', 1 / 15]] });
    expect(lacking).toMatchObject({ code: 'adjusted_missed_split', severity: 'error', remedy: { kind: 'adjusted_return' } });
    expect(Math.abs(lacking!.fixed)).toBeLessThan(0.011);
    expect(found({ close: quiet(), adjClose: scaled(quiet(), AT, 1 / 20) })[0]).toMatchObject({
      code: 'adjusted_break',
      severity: 'error',
    });
  });

  it('a fall paid out as cash or shares of a child is a distribution, not a split', () => {
    const [one] = found({ close: scaled(quiet(), AT, 0.7), adjClose: scaled(quiet(), AT, 1).map((value) => value) });
    expect(one).toMatchObject({ code: 'distribution_missed', severity: 'info', remedy: { type: 'special_dividend' } });
    const amount = (one!.remedy as { value: number }).value;
    expect(codes({ close: scaled(quiet(), AT, 0.7), adjClose: quiet(), actions: [[AT, 'spinoff', amount]] })).toEqual([]);
  });

  it('tells once that two sources are of two companies', () => {
    const other = quiet().map((value, row) => value * (1 + 0.2 * Math.sin(row * 1.7)));
    const list = found({ close: quiet(), adjClose: other });
    expect(list.map(({ code }) => code)).toEqual(['two_companies']);
    expect(list[0]!.rows.length).toBeGreaterThan(100);
  });

  it('never blames a correct split, whatever its ratio and the move of the day', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 200 }),
        fc.boolean(),
        fc.double({ min: -0.12, max: 0.12, noNaN: true }),
        fc.integer({ min: 1, max: N - 1 }),
        (n, reverse, move, row) => {
          const ratio = reverse ? 1 / n : n;
          const close = scaled(quiet(5000), row, (1 + move) / ratio);
          const actions = [[row, 'split', ratio]] as const;
          expect(codes({ close, actions })).toEqual([]);
          expect(codes({ close, adjClose: scaled(quiet(), row, 1 + move), actions })).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('dividends', () => {
  it('above 25 % are true when the price fell by them, else wrong: in cents or not paid', () => {
    expect(found({ close: scaled(quiet(), AT, 0.6), actions: [[AT, 'special_dividend', 40]] })[0]).toMatchObject({
      code: 'large_dividend',
      severity: 'info',
      remedy: null,
    });
    expect(found({ close: quiet(), actions: [[AT, 'dividend', 55]] })[0]).toMatchObject({
      code: 'dividend_wrong',
      severity: 'error',
      remedy: { kind: 'set_action', value: 0.55 },
    });
    expect(found({ close: quiet(), actions: [[AT, 'dividend', 9000]] }).find(({ code }) => code === 'dividend_wrong')).toMatchObject({
      remedy: { kind: 'void_action', type: 'dividend' },
    });
    expect(codes({ close: quiet(), actions: [[AT, 'dividend', 24]] })).toEqual([]);
  });

  it('listed twice are found', () => {
    expect(
      codes({
        close: quiet(),
        actions: [
          [AT, 'dividend', 0.5],
          [AT + 1, 'dividend', 0.5],
        ],
      }),
    ).toEqual(['dividend_twice']);
    expect(
      codes({
        close: quiet(),
        actions: [
          [AT, 'dividend', 0.5],
          [AT + 60, 'dividend', 0.5],
        ],
      }),
    ).toEqual([]);
  });
});

describe('prices', () => {
  const still = (from: number, to: number): number[] => quiet().map((value, row) => (row >= from && row < to ? 77 : value));

  it('stand still from five equal closes on when nothing was traded', () => {
    const idle = (from: number, to: number): number[] => Array.from({ length: N }, (_, row) => (row >= from && row < to ? 0 : 500));
    expect(codes({ close: still(AT, AT + 5), volume: idle(AT, AT + 5) })).toContain('stale');
    expect(codes({ close: still(AT, AT + 4), volume: idle(AT, AT + 4) })).not.toContain('stale');
    // Equal closes that were traded are prices.
    expect(codes({ close: still(AT, AT + 9), volume: idle(0, 0) })).toEqual([]);
    expect(codes({ close: still(AT, AT + 9) })).toEqual([]);
    expect(codes({ close: still(AT, AT + 10) })).toEqual(['stale']);
  });

  it('without trading on more than a fifth of the days are a warning', () => {
    const volume = Array.from({ length: N }, (_, row) => (row % 3 === 0 ? 0 : 100));
    expect(found({ close: quiet(), volume })[0]).toMatchObject({ code: 'zero_volume', severity: 'warning' });
    const few = Array.from({ length: N }, (_, row) => (row > N - 8 ? 0 : 100));
    expect(found({ close: quiet(), volume: few })[0]).toMatchObject({ code: 'zero_volume', severity: 'info' });
  });

  it('after a delisting or merger are an error; actions without prices are told', () => {
    const [late] = found({ close: quiet(), actions: [[AT, 'delisting', -0.4]] });
    expect(late).toMatchObject({ code: 'after_delisting', severity: 'error' });
    expect(late!.rows).toHaveLength(N - AT - 1);
    const young = quiet().map((value, row) => (row < 100 ? NaN : value));
    expect(codes({ close: young, actions: [[50, 'split', 2]] })).toEqual(['action_outside']);
  });

  it('in pence for a while are another unit; a level that changes with the batch is told', () => {
    const pence = quiet().map((value, row) => (row >= AT && row < AT + 9 ? value * 100 : value));
    expect(found({ close: pence })[0]).toMatchObject({
      code: 'unit_break',
      remedy: { kind: 'rescale', fromDay: axis.days[AT], toDay: axis.days[AT + 8]! + 1, factor: 0.01 },
    });
    expect(codes({ close: pence })).toEqual(['unit_break']);
    expect(codes({ close: scaled(quiet(), AT, 1.7), secondBatch: AT })).toEqual(['level_break']);
    expect(codes({ close: scaled(quiet(), AT, 1.7) })).toEqual(['jump']);
  });

  describe('far off on a single day', () => {
    const slip = (factor: number, values = quiet()): number[] => values.map((value, row) => (row === AT ? value * factor : value));

    it.each([
      [10, 'divided by 10', 0.1],
      [0.1, 'multiplied by 10', 10],
      [1000, 'divided by 1000', 0.001],
    ])('by %d are one bad close and no two splits', (factor, words, remedy) => {
      const all = found({ close: slip(factor) });
      expect(all.map(({ code }) => code)).toEqual(['bad_close']);
      expect(all[0]).toMatchObject({
        row: AT,
        rows: [AT, AT + 1],
        advice: expect.stringContaining(words) as string,
        remedy: { kind: 'rescale', fromDay: axis.days[AT], toDay: axis.days[AT]! + 1, factor: expect.closeTo(remedy, 12) as number },
      });
      expect(Math.abs(all[0]!.fixed)).toBeLessThan(0.011);
    });

    it('by another factor have no repair; nor have adjusted closes that moved alike', () => {
      expect(found({ close: slip(6.5) }).map(({ code, remedy }) => [code, remedy])).toEqual([['bad_close', null]]);
      const alike = found({ close: slip(10), adjClose: slip(10, quiet(40)) });
      expect(alike.map(({ code, remedy }) => [code, remedy])).toEqual([['bad_close', null]]);
    });

    it('beside adjusted closes that did not move leave the return as it is', () => {
      const [one, ...others] = found({ close: slip(10), adjClose: quiet(40) });
      expect(others).toEqual([]);
      expect(one).toMatchObject({ code: 'bad_close', remedy: { kind: 'rescale' }, fixed: one!.asIs });
    });

    it('with an action on one of the days, on two days, or at the end are told as before', () => {
      expect(codes({ close: slip(10), actions: [[AT, 'split', 1 / 10]] })).not.toContain('bad_close');
      expect(codes({ close: slip(10).map((value, row) => (row === AT + 1 ? value * 10 : value)) })).not.toContain('bad_close');
      expect(codes({ close: scaled(quiet(), N - 1, 10) })).toEqual(['split_suspected']);
      expect(codes({ close: slip(100) })).toEqual(['unit_break']);
    });
  });

  it('missing for one are its own gap; missing for many on one day are a hole of the source', () => {
    const holed = quiet().map((value, row) => (row === 100 || (row >= AT && row < AT + 30) ? NaN : value));
    const { presence } = examine(patient({ close: holed }));
    expect(presence!.gaps).toEqual([
      { from: 100, to: 101 },
      { from: AT, to: AT + 30 },
    ]);
    const others = Array.from({ length: 40 }, () => ({ first: 0, last: N - 1, gaps: [{ from: 100, to: 101 }] }));
    expect(holeRows([presence!, ...others], N)).toEqual([{ row: 100, missing: 41, inside: 41 }]);
    const own = ownGaps(presence!.gaps, new Set([100]));
    expect(gapFindings(axis, (row) => holed[row]!, own).map(({ code }) => code)).toEqual(['long_gap']);
    expect(gapFindings(axis, (row) => holed[row]!, presence!.gaps).map(({ code }) => code)).toEqual(['gap', 'long_gap']);
  });
});

it('two batches with other values for the same days are two levels', () => {
  const out = makeLaid(N);
  const [first, second] = [
    block(quiet(), 1),
    block(
      scaled(quiet(), 0, 1.1).map((value, row) => (row < 300 ? value : NaN)),
      2,
    ),
  ];
  expect(lay([first, second], axis, 1e6, out)[0]).toMatchObject({
    earlier: 1,
    later: 2,
    days: 300,
    ratio: expect.closeTo(1.1, 9) as number,
  });
  expect([out.batch[0], out.batch[N - 1]]).toEqual([2, 1]);
});

it('names splits, and knows when a factor is none', () => {
  expect([10, 1 / 20, 1.5, 0.8, 1 / 38].map(splitWords)).toEqual(['10-for-1', '1-for-20', '3-for-2', '4-for-5', '1-for-38']);
  expect(nearestSplit(2.01, 0.02)).toBe(2);
  expect(nearestSplit(0.0501, 0.02)).toBeCloseTo(0.05, 12);
  expect([nearestSplit(1.05, 0.02), nearestSplit(2.4, 0.02), nearestSplit(1e9, 0.02)]).toEqual([null, null, null]);
});

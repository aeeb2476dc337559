import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildFacts, returnAt } from './facts.ts';
import { enterEpoch, returnEpochs, returnsAsKnown, spliceEpochs, withProxy } from './index.ts';
import { isPlain } from './plain.ts';
import { axis, inputs, knowledgeDays, knowledges, modes } from './testing/generate.ts';
import { oracleReturn } from './testing/oracle.ts';
import type { EpochOptions, EpochReturns, ReturnOptions, SecurityInputs, SeriesBlock } from './types.ts';

const n = axis.nRows;
const any = fc.oneof(inputs(false), inputs(true), inputs(false, true));

function asKnown(facts: SecurityInputs, options: ReturnOptions, source?: Uint8Array): Float64Array {
  const out = new Float64Array(n);
  returnsAsKnown(facts, axis, options, out, source);
  return out;
}

/** Returns and their sources as each row t saw them: [t][s] for s <= t. */
function views(result: EpochReturns): [number, number][][] {
  const [work, sources] = [result.base.slice(), result.source.slice()];
  return result.epochs.flatMap((epoch) => {
    enterEpoch(epoch, work, sources);
    return Array.from({ length: epoch.toRow - epoch.fromRow }, (_, i) => paired(work, sources, epoch.fromRow + i + 1));
  });
}

const paired = (returns: Float64Array, sources: Uint8Array, count: number): [number, number][] =>
  Array.from(returns.subarray(0, count), (value, row) => [value, sources[row]!]);

describe('returnsAsKnown', () => {
  test('gives the definition for every row, knowledge day and mode', () => {
    fc.assert(
      fc.property(any, knowledgeDays, knowledgeDays, knowledges, modes, (facts, a, b, knowledge, mode) => {
        const options = { knowledgeDay: Math.min(a, b), asKnownAt: Math.max(a, b), knowledge, mode };
        const out = asKnown(facts, options);
        for (let row = 0; row < n; row++) {
          const expected = oracleReturn(facts, axis, row, options);
          if (Number.isNaN(expected)) expect(out[row]).toBeNaN();
          else expect(out[row]).toBeCloseTo(expected, 12);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('has the same bits by the pass for plain inputs and by the versions', () => {
    let plain = 0;
    fc.assert(
      fc.property(inputs(false), knowledgeDays, knowledges, modes, (facts, k, knowledge, mode) => {
        if (!isPlain(facts, axis)) return;
        plain++;
        const source = new Uint8Array(n);
        const out = new Float64Array(n);
        returnsAsKnown(facts, axis, { knowledgeDay: k, asKnownAt: k, knowledge, mode }, out, source);
        const table = buildFacts(facts, axis, k, knowledge, mode);
        for (let row = 0; row < n; row++) {
          expect(Object.is(out[row], returnAt(table, row, k))).toBe(true);
          expect(source[row]).toBe(table.lastSource);
        }
      }),
      { numRuns: 2000 },
    );
    expect(plain).toBeGreaterThan(500);
  });

  test('does not depend on the order of blocks and actions', () => {
    fc.assert(
      fc.property(any, knowledgeDays, knowledges, modes, (facts, k, knowledge, mode) => {
        const options = { knowledgeDay: k, asKnownAt: k, knowledge, mode };
        const turned: SecurityInputs = {
          close: facts.close.toReversed(),
          adjClose: facts.adjClose.toReversed(),
          returns: facts.returns.toReversed(),
          actions: facts.actions.toReversed(),
        };
        expect(asKnown(turned, options)).toEqual(asKnown(facts, options));
      }),
      { numRuns: 500 },
    );
  });
});

describe('returnEpochs', () => {
  test('shows every row exactly the returns known at min(t, K)', () => {
    fc.assert(
      fc.property(any, knowledgeDays, knowledges, modes, (facts, knownAsOf, knowledge, mode) => {
        const seen = views(returnEpochs(facts, axis, { knownAsOf, knowledge, mode }));
        expect(seen).toHaveLength(n);
        seen.forEach((view, t) => {
          const knowledgeDay = Math.min(axis.days[t]!, knownAsOf);
          const source = new Uint8Array(n);
          const expected = asKnown(facts, { knowledgeDay, asKnownAt: knownAsOf, knowledge, mode }, source);
          expect(view).toEqual(paired(expected, source, t + 1));
        });
      }),
      { numRuns: 2000 },
    );
  });

  test('covers all rows in order and enters no epoch without a change', () => {
    fc.assert(
      fc.property(any, knowledgeDays, knowledges, modes, (facts, knownAsOf, knowledge, mode) => {
        const { epochs } = returnEpochs(facts, axis, { knownAsOf, knowledge, mode });
        expect(epochs[0]!.fromRow).toBe(0);
        expect(epochs.at(-1)!.toRow).toBe(n);
        epochs.forEach((epoch, i) => {
          expect(epoch.fromRow).toBeLessThan(epoch.toRow);
          expect(epoch.patchRows.length > 0).toBe(i > 0);
          if (i > 0) expect(epoch.fromRow).toBe(epochs[i - 1]!.toRow);
          for (const row of epoch.patchRows) expect(row).toBeLessThan(epoch.fromRow);
        });
      }),
      { numRuns: 500 },
    );
  });

  test('rows up to t do not feel anything valid or known after t (strict)', () => {
    fc.assert(
      fc.property(any, knowledgeDays, modes, fc.nat(n - 1), (facts, knownAsOf, mode, t) => {
        const options: EpochOptions = { knownAsOf, knowledge: 'strict', mode };
        const day = axis.days[t]!;
        const before = views(returnEpochs(facts, axis, options)).slice(0, t + 1);
        expect(views(returnEpochs(disturbAfter(facts, day), axis, options)).slice(0, t + 1)).toEqual(before);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('spliceEpochs', () => {
  test('shows every row what its part shows, and leaves the parts as they are', () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: n - 1 }), { maxLength: 2 }).map((list) => [0, ...list.sort((a, b) => a - b), n]);
    fc.assert(
      fc.property(cuts, fc.tuple(any, any, any), knowledgeDays, knowledges, modes, (at, histories, knownAsOf, knowledge, mode) => {
        const parts = at.slice(1).map((toRow, i) => ({
          ...{ fromRow: at[i]!, toRow },
          returns: returnEpochs(histories[i]!, axis, { knownAsOf, knowledge, mode }),
        }));
        const expected = parts.flatMap(({ fromRow, toRow, returns }) => views(returns).slice(fromRow, toRow));
        const { epochs, ...spliced } = spliceEpochs(parts, n);
        expect(views({ epochs, ...spliced })).toEqual(expected);
        expect(parts.flatMap(({ fromRow, toRow, returns }) => views(returns).slice(fromRow, toRow))).toEqual(expected);
        expect(epochs.slice(1).every(({ patchRows }) => patchRows.length > 0)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('withProxy', () => {
  test('shows every row the fund from its first return known by then, and the proxy before it', () => {
    fc.assert(
      fc.property(any, any, knowledgeDays, knowledges, modes, (fund, other, knownAsOf, knowledge, mode) => {
        const [own, proxy] = [fund, other].map((facts) => returnEpochs(facts, axis, { knownAsOf, knowledge, mode }));
        const [owns, proxies] = [views(own!), views(proxy!)];
        const { returns, firstRow } = withProxy(own!, proxy!, n);
        const found = own!.base.findIndex((value) => !Number.isNaN(value));
        expect(firstRow).toBe(found < 0 ? n : found);
        views(returns).forEach((view, t) => {
          const first = owns[t]!.slice(0, firstRow).findIndex(([value]) => !Number.isNaN(value));
          const begins = first < 0 ? firstRow : first;
          expect(view).toEqual([...proxies[t]!.slice(0, begins), ...owns[t]!.slice(begins)]);
        });
        expect([views(own!), views(proxy!)]).toEqual([owns, proxies]);
      }),
      { numRuns: 1000 },
    );
  });
});

/** Doubles every value valid or known after a day and drops, doubles and adds actions of later days. */
function disturbAfter(facts: SecurityInputs, day: number): SecurityInputs {
  const disturb = (block: SeriesBlock): SeriesBlock => ({
    ...block,
    values: block.values.map((value, i) => {
      const row = axis.slots.indexOf(block.firstSlot + i);
      const own = row < 0 ? -1 : axis.days[row]!;
      return own > day || (block.known?.[i] ?? own) > day ? value * 2 : value;
    }),
  });
  const kept = facts.actions.filter((a) => a.exDay <= day && a.known <= day);
  const later = facts.actions.filter((a) => !kept.includes(a)).map((a) => ({ ...a, value: a.value / 2 }));
  const news = { exDay: day + 1, known: day - 5, order: 9, batchId: 9 };
  return {
    close: facts.close.map(disturb),
    adjClose: facts.adjClose.map(disturb),
    returns: facts.returns.map(disturb),
    actions: [...kept, ...later.slice(1), { ...news, type: 'split', value: 3 }, { ...news, type: 'delisting', value: -0.3 }],
  };
}

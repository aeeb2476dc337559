import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pack, unpack } from '../workers/packed.ts';
import { inTurns, jsonInTurns, packedInTurns, unpacked } from './turns.ts';

const textOf = async (value: object): Promise<string> => Buffer.concat(await jsonInTurns(value)).toString();

/** How often others had their turn while `work` went on. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let [turns, ended] = [0, false];
  const other = (): void => {
    turns += 1;
    if (!ended) setImmediate(other);
  };
  setImmediate(other);
  await work();
  ended = true;
  return turns;
}

const many = Array.from({ length: 10_000 }, (_, i) => ({ i, name: `Position ${i}`, value: i % 7 === 0 ? null : i / 3 }));

describe('long work on the main thread', () => {
  it('lets others have their turn forty times among ten thousand items', async () => {
    expect(await turnsDuring(() => inTurns(many, ({ i }) => i))).toBeGreaterThanOrEqual(38);
    expect(await turnsDuring(() => jsonInTurns({ positions: many }))).toBeGreaterThanOrEqual(38);
    // As the answer of a job holds the issues of a file.
    expect(await turnsDuring(() => jsonInTurns({ jobId: 1, result: { report: { issues: many } } }))).toBeGreaterThanOrEqual(38);
    expect(await turnsDuring(() => packedInTurns(many))).toBeGreaterThanOrEqual(38);
    const { packed } = pack(many);
    expect(await turnsDuring(() => unpacked(packed))).toBeGreaterThanOrEqual(38);
  });

  it('answers what it would have answered in one go', async () => {
    expect(await inTurns(many, ({ value }, i) => [value, i])).toEqual(many.map(({ value }, i) => [value, i]));
    expect(await unpacked(pack(many).packed)).toEqual(many);
    expect(unpack(await packedInTurns(many))).toEqual(many);
    expect(await unpacked(pack([]).packed)).toEqual([]);
  });

  it('writes the same JSON as JSON.stringify', async () => {
    const json = fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.oneof(fc.jsonValue(), fc.constant(undefined))));
    await fc.assert(
      fc.asyncProperty(json, async (value) => {
        expect(await textOf(value)).toBe(JSON.stringify(value));
      }),
      { numRuns: 100 },
    );
    expect(await textOf({ lineage: { runId: 'R1' }, positions: many, left: undefined, odd: [NaN, undefined] })).toBe(
      JSON.stringify({ lineage: { runId: 'R1' }, positions: many, left: undefined, odd: [NaN, undefined] }),
    );
    expect(await textOf([...many, undefined])).toBe(JSON.stringify([...many, undefined]));
    const odd = { at: new Date(0), none: {}, empty: [], inner: { gone: undefined, list: [{ x: undefined }], text: 'ä€😀' }, last: () => 1 };
    expect(await textOf(odd)).toBe(JSON.stringify(odd));
  });

  it('keeps what it writes in pieces, none of them long', async () => {
    const pieces = await jsonInTurns({ result: { report: { issues: many } } });
    expect(pieces.length).toBeGreaterThanOrEqual(39);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(1 << 16);
  });
});

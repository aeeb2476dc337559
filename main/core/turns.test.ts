import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pack, unpack } from '../workers/packed.ts';
import { inTurns, jsonInTurns, packedInTurns, unpacked } from './turns.ts';

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
        expect(await jsonInTurns(value)).toBe(JSON.stringify(value));
      }),
      { numRuns: 100 },
    );
    expect(await jsonInTurns({ lineage: { runId: 'R1' }, positions: many, left: undefined, odd: [NaN, undefined] })).toBe(
      JSON.stringify({ lineage: { runId: 'R1' }, positions: many, left: undefined, odd: [NaN, undefined] }),
    );
    expect(await jsonInTurns([...many, undefined])).toBe(JSON.stringify([...many, undefined]));
  });
});

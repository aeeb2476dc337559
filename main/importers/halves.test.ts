import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HedgerowError } from '../contract/errors.ts';
import { readHalf, type SecondThread } from './halves.ts';
import { parseFile } from './parse.ts';
import { context, unpackParsed } from './testing/harness.ts';

const encoder = new TextEncoder();

/** Pieces of at most `size` bytes. */
function* pieces(bytes: Uint8Array, from: number, size: number): Generator<Uint8Array, void> {
  for (let at = from; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

/** A second thread that begins at `from`, and whether its rows were taken. */
function secondAt(bytes: Uint8Array, from: number): SecondThread & { stopped: boolean; started: boolean } {
  const thread = {
    stopped: false,
    started: false,
    lineStart: () => from,
    start(request: Parameters<SecondThread['start']>[0]) {
      thread.started = true;
      const result = Promise.resolve(structuredClone(readHalf(structuredClone(request), pieces(bytes, from, 7), context)));
      let done = false;
      void result.then(() => (done = true));
      return { result, bytesRead: () => 0, stop: () => void (thread.stopped ||= !done) };
    },
  };
  return thread;
}

async function outcome(bytes: Uint8Array, size: number, second: SecondThread | null): Promise<unknown> {
  const open = async function* (): AsyncGenerator<Uint8Array, void> {
    await Promise.resolve();
    yield* pieces(bytes, 0, size);
  };
  try {
    return unpackParsed(await parseFile('prices.csv', open, {}, { ...context, bytes: bytes.length, second }));
  } catch (error) {
    if (error instanceof HedgerowError) return error.data;
    throw error;
  }
}

const name = fc.constantFrom('SPY', 'spy', 'XLE', 'brk-b', 'BRK.B', '', '1/2', '"QQQ"', '"a\nb"', '"SP""Y"', 'é');
const date = fc.constantFrom('2021-01-04', '2021-01-05', '2021-01-06', '2021-01-02', '2999-01-04', 'never', '"2021-01-07"');
const value = fc.constantFrom('1.5', '2', '', 'x', '-1', '1e3', '"3"', '"4', '12345678901234567890');
const end = fc.constantFrom('\n', '\n', '\n', '\r\n', '\r', '\n\n');
const row = fc.tuple(name, date, value, value, end).map(([a, b, c, d, last]) => `${a},${b},${c},${d}${last}`);
const file = fc.tuple(
  fc.constantFrom('', '\ufeff'),
  fc.array(fc.oneof({ weight: 9, arbitrary: row }, fc.constantFrom('x\n', '\0', '"')), { maxLength: 40 }),
);

test('two threads read what one does, wherever the second begins: rows, names, lines, issues, faults of the whole file', async () => {
  let taken = 0;
  let alone = 0;
  await fc.assert(
    fc.asyncProperty(file, fc.nat(1500), fc.boolean(), fc.integer({ min: 1, max: 64 }), async ([mark, rows], place, atEnd, size) => {
      const bytes = encoder.encode(`${mark}ticker,date,close,volume\nSPY,2020-12-31,370.5,7\n${rows.join('')}`);
      const from = atEnd ? bytes.indexOf(10, place % bytes.length) + 1 : place % bytes.length;
      const second = secondAt(bytes, from);
      expect(await outcome(bytes, size, second)).toEqual(await outcome(bytes, size, null));
      if (second.started && !second.stopped) taken++;
      else alone++;
    }),
    { numRuns: 600, seed: 3 },
  );
  expect(taken).toBeGreaterThan(100);
  expect(alone).toBeGreaterThan(100);
});

test('many blocks of rows keep their places, in both halves', async () => {
  const long = Array.from({ length: 6000 }, (_, i) => `SECURITY${i % 50},2021-01-04,${i}.000000000000000000000,\n`).join('');
  const short = Array.from({ length: 40_000 }, (_, i) => `A${i % 26},2021-01-05,${i},\n`).join('');
  const bytes = encoder.encode(`ticker,date,close,volume\n${long}${short}`);
  const from = bytes.indexOf(10, bytes.length >> 1) + 1;
  const second = secondAt(bytes, from);
  expect(await outcome(bytes, 1 << 16, second)).toEqual(await outcome(bytes, 1 << 16, null));
  expect(second.stopped).toBe(false);
});

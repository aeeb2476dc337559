import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { HedgerowError } from '../../contract/errors.ts';
import { parse } from '../testing/harness.ts';
import { ADAPTERS } from './adapters.ts';
import { lookAt, score } from './detect.ts';
import { expectedFile, samples, shown } from './testing/corpus.ts';

const corpus = samples();

/** Each sample stands beside its expected result; HEDGEROW_WRITE_EXPECTED=1 writes those anew, to be read before committing. */
describe('samples', () => {
  test.each(corpus.map((sample) => [sample.path, sample] as const))('%s', async (_, sample) => {
    let result: unknown;
    try {
      result = shown(await parse(sample.name, sample.bytes, sample.options));
    } catch (error) {
      if (!(error instanceof HedgerowError)) throw error;
      const { code, message, action } = error.data;
      result = { refused: code, message, action };
    }
    const file = expectedFile(sample);
    if (process.env.HEDGEROW_WRITE_EXPECTED) writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
    expect(result).toEqual(JSON.parse(readFileSync(file, 'utf8')));
    expect('refused' in (result as object)).toBe(sample.broker === 'refused');
    const again = await parse(
      sample.name,
      sample.bytes,
      sample.options,
      Array.from({ length: Math.floor(sample.bytes.length / 7) }, (__, i) => i * 7),
    ).then(shown, () => null);
    if (again !== null) expect(again).toEqual(result);
  });
});

describe('no adapter claims the sample of another broker', () => {
  const own = corpus.filter(({ broker }) => broker !== 'refused');
  test.each(own.map((sample) => [sample.path, sample] as const))('%s', (_, sample) => {
    const { bytes } = sample;
    const utf8 = bytes[0] === 0xff ? new TextEncoder().encode(new TextDecoder('utf-16le').decode(bytes)) : bytes;
    const ranked = score(lookAt(sample.name, utf8, true));
    expect(ranked).toHaveLength(ADAPTERS.length);
    expect(ranked[0]!.adapter.id).toBe(sample.broker);
    expect(ranked[0]!.recognition.score).toBeGreaterThanOrEqual(80);
    expect(ranked[1]!.recognition.score, ranked[1]!.adapter.id).toBeLessThan(40);
  });

  test('native files are left to the native reader', () => {
    for (const text of [
      'account,symbol,quantity,price,currency,as_of\nMain,AAPL,1200,251.40,USD,2026-03-06\n',
      'Symbol,Name,Type,Quantity,Average Cost,Current Price\nAAPL,Apple,stock,1,2,3\n',
      'date,ticker,close\n2026-03-06,AAPL,251.40\n',
      'Security ID,Position,Portfolio Name,Date,Cost Px\nAAPL US Equity,1200,HEDGEBOOK1,3/6/2026,181.25\n',
    ]) {
      const [best] = score(lookAt('file.csv', new TextEncoder().encode(text), true));
      expect(best!.recognition.score, text).toBeLessThan(40);
    }
  });
});

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ImportOptions } from '../contract/report.ts';
import { describeParsed, parse } from './testing/harness.ts';

/** Each sample stands beside its expected result; HEDGEROW_WRITE_EXPECTED=1 writes those anew, to be read before committing. */
const folder = new URL('./samples/', import.meta.url);
const samples = readdirSync(folder).filter((name) => /\.(csv|txt)$/.test(name) && !name.endsWith('.expected.txt'));

describe('samples', () => {
  test.each(samples)('%s is read as expected', async (name) => {
    const optionsFile = new URL(`${name}.options.json`, folder);
    const options = existsSync(optionsFile) ? (JSON.parse(readFileSync(optionsFile, 'utf8')) as ImportOptions) : {};
    const content = new Uint8Array(readFileSync(new URL(name, folder)));
    const lines = describeParsed(await parse(name, content, options));
    const expectedFile = new URL(`${name}.expected.txt`, folder);
    if (process.env.HEDGEROW_WRITE_EXPECTED) writeFileSync(expectedFile, `${lines.join('\n')}\n`);
    expect(lines).toEqual(readFileSync(expectedFile, 'utf8').trimEnd().split('\n'));
    // However the bytes arrive, the result is the same.
    for (const step of [1, 7]) {
      const cuts = Array.from({ length: Math.floor(content.length / step) }, (_, i) => i * step);
      expect(describeParsed(await parse(name, content, options, cuts))).toEqual(lines);
    }
  });
});

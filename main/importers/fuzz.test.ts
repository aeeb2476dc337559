import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HedgerowError } from '../contract/errors.ts';
import type { ImportOptions } from '../contract/report.ts';
import type { Parsed } from './staged.ts';
import { unpackAll } from './blocks.ts';
import { describeParsed, parse } from './testing/harness.ts';

/** A small repeatable random number generator (mulberry32): 0 <= n < limit. */
function generator(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

const SPICE = [
  '"',
  ',',
  ';',
  '\t',
  '|',
  '\n',
  '\r',
  '\r\n',
  '\0',
  ' ',
  '-',
  '.',
  '1e308',
  'NaN',
  '0',
  '"",',
  '\ufeff',
  'é',
  '2021-02-30',
  '1,234.50',
  '#',
  '$',
  '(',
  '""',
  '\u00a0',
];

function mutate(source: Uint8Array, random: (limit: number) => number): Uint8Array {
  let bytes = source;
  for (let changes = 1 + random(4); changes > 0; changes--) {
    const at = random(bytes.length + 1);
    const to = Math.min(bytes.length, at + random(24));
    const spice = new TextEncoder().encode(SPICE[random(SPICE.length)]!);
    const kind = random(5);
    const insert = kind === 0 ? spice : kind === 1 ? bytes.slice(at, to) : kind === 2 ? Uint8Array.of(random(256)) : new Uint8Array(0);
    const rest =
      kind <= 1
        ? bytes.subarray(at)
        : kind === 2
          ? bytes.subarray(Math.min(bytes.length, at + 1))
          : kind === 3
            ? bytes.subarray(to)
            : new Uint8Array(0);
    bytes = Uint8Array.from([...bytes.subarray(0, at), ...insert, ...rest]);
  }
  return bytes;
}

/** Every number the record that begins on a line could mean, and its text. */
function lineReader(bytes: Uint8Array, encoding: string): (line: number) => { readonly text: string; readonly numbers: Set<number> } {
  const lines = new TextDecoder(encoding).decode(bytes).split(/\r\n|\n|\r/);
  return (line) => {
    // A quoted cell may hold line ends.
    const end = lines[line - 1]!.includes('"') ? lines.length : line;
    const text = lines.slice(line - 1, end).join('\n');
    const tokens = text
      .split(/[;\t|"\s$()]/)
      .flatMap((part) => [part, ...part.split(',')].map((token) => token.replace(/^[-+\u2212]+|-$/g, '')));
    const readings = tokens.flatMap((token) => [
      Number(token),
      Number(token.replace(',', '.')),
      Number(token.replaceAll(',', '')),
      Number(token.replaceAll('.', '').replace(',', '.')),
    ]);
    return { text: text.toUpperCase(), numbers: new Set(readings.flatMap((value) => [value, -value])) };
  };
}

/** Fails when a staged value or name cannot be found on the line it is said to come from. */
function checkSupported(parsed: Parsed, bytes: Uint8Array): void {
  const at = lineReader(bytes, parsed.detected.encoding);
  const { staged } = parsed;
  const namedInRow = /^native|across$/.test(parsed.detected.layout);
  if ('fields' in staged) {
    const { line: lines, symbol, values } = unpackAll(staged);
    lines.forEach((line, i) => {
      const { numbers, text } = at(line);
      const { code, raw } = staged.symbols[symbol[i]!]!;
      if (namedInRow) expect(text.replace(/[.\-/ ]+/g, '.'), `line ${line} names ${raw}`).toContain(code);
      for (const column of values)
        expect(Number.isNaN(column[i]!) || numbers.has(column[i]!), `line ${line} holds ${column[i]}`).toBe(true);
    });
  } else if (staged.kind === 'holdings') {
    // Of several days every line is in one.
    if (staged.days)
      expect(staged.days.flatMap(({ lines }) => lines.map(({ line }) => line)).sort((a, b) => a - b)).toEqual(
        staged.lines.map(({ line }) => line),
      );
    for (const { line, position, reason } of staged.lines) {
      if (!position) continue;
      const { numbers, text } = at(line);
      // A weight is made into a value, and told as the reason.
      const weight = /^(\S+) (?:% of|times) /.exec(reason);
      const held = weight?.[1] ?? (position.quantity ?? position.marketValue)!.text;
      expect(numbers.has(Number(held)), `line ${line} holds ${held}`).toBe(true);
      if (position.symbol) expect(text).toContain(position.symbol.raw.toUpperCase());
    }
  } else {
    for (const row of staged.rows) {
      const { numbers, text } = at(row.line);
      if ('value' in row) expect(numbers.has(row.value), `line ${row.line} holds ${row.value}`).toBe(true);
      if ('shares' in row) expect(numbers.has(row.shares)).toBe(true);
      if ('symbol' in row) expect(text).toContain(row.symbol.raw.toUpperCase());
    }
  }
}

const SEEDS: readonly (readonly [string, ImportOptions])[] = [
  ['prices-native.csv', {}],
  ['returns-native.csv', {}],
  ['market-cap-native.csv', {}],
  ['securities.csv', {}],
  ['classification.csv', {}],
  ['actions.csv', {}],
  ['shares.csv', {}],
  ['etf-map.csv', {}],
  ['universe.csv', {}],
  ['holdings.csv', { knownAsOf: '2026-03-06' }],
  ['holdings-days.csv', { eachDay: true }],
  ['holdings-values.csv', {}],
  ['holdings-fund-weights.csv', { total: '2000000' }],
  ['wide-across.csv', { value: 'close' }],
  ['wide-down.csv', { value: 'close' }],
  ['MSFT.csv', {}],
];

describe('2,000 damaged files of each kind end in rows their lines support, or in a HedgerowError, within a second', () => {
  test.each(SEEDS)('%s', async (name, options) => {
    const source = new Uint8Array(readFileSync(new URL(`samples/${name}`, import.meta.url)));
    const random = generator(20260306);
    let parsedFiles = 0;
    for (let n = 0; n < 2000; n++) {
      const bytes = mutate(source, random);
      const begun = performance.now();
      try {
        const parsed = await parse(name, bytes, options);
        checkSupported(parsed, bytes);
        parsedFiles++;
      } catch (error) {
        if (!(error instanceof HedgerowError))
          throw new Error(`mutation ${n}: ${JSON.stringify(new TextDecoder().decode(bytes))}`, { cause: error });
        expect(error.data.action).not.toBe('');
      }
      expect(performance.now() - begun).toBeLessThan(1000);
    }
    expect(parsedFiles).toBeGreaterThan(200);
  });
});

test('the result does not depend on where the bytes are cut', async () => {
  const cell = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom('SPY', '2021-01-04', '2021-01-05', '1.5', '', '12', 'brk b') },
    fc.stringMatching(/^[ "\n\r,a\u00e9]{0,4}$/),
  );
  const file = fc.array(fc.tuple(fc.array(cell, { minLength: 2, maxLength: 4 }), fc.constantFrom('\n', '\r\n', '\r')), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(file, fc.array(fc.nat(400), { maxLength: 12 }), async (rows, cuts) => {
      const text = `date,ticker,close\n2021-01-06,XLE,1\n${rows.map(([cells, end]) => `${cells.join(',')}${end}`).join('')}`;
      const outcome = async (at: readonly number[]): Promise<unknown> => {
        try {
          return describeParsed(await parse('p.csv', text, {}, at));
        } catch (error) {
          if (error instanceof HedgerowError) return error.data;
          throw error;
        }
      };
      expect(await outcome(cuts)).toEqual(await outcome([]));
    }),
    { numRuns: 500, seed: 11 },
  );
});

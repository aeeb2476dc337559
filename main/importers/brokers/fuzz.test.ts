import { afterAll, describe, expect, test } from 'vitest';
import { record } from '../../bench/record.ts';
import { HedgerowError } from '../../contract/errors.ts';
import type { Parsed } from '../staged.ts';
import { parse } from '../testing/harness.ts';
import { ADAPTERS } from './adapters.ts';
import { samples, type Sample } from './testing/corpus.ts';

const RUNS = process.env.HEDGEROW_LONG ? 100_000 : 2000;

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
  ...[
    '"',
    ',',
    '\t',
    '\n',
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
  ],
  ...['<', '>', '</', '<!DOCTYPE a>', '<!--', '&#x41;', '&a;', '=', "'", '**', '--', 'Total', 'SHORT', 'Lot', 'Header', '9'.repeat(40)],
];

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function mutate(source: Uint8Array, random: (limit: number) => number): Uint8Array {
  let bytes = source;
  for (let changes = 1 + random(4); changes > 0; changes--) {
    const at = random(bytes.length + 1);
    const to = Math.min(bytes.length, at + random(40));
    const spice = new TextEncoder().encode(SPICE[random(SPICE.length)]!);
    const kind = random(20);
    if (kind === 0) bytes = bytes.slice(0, at);
    else if (kind < 5) bytes = joined(bytes.subarray(0, at), bytes.subarray(to));
    else if (kind < 9) bytes = joined(bytes.subarray(0, at), bytes.subarray(at, to), bytes.subarray(at));
    else if (kind < 12) bytes = joined(bytes.subarray(0, at), Uint8Array.of(random(256)), bytes.subarray(at + 1));
    else bytes = joined(bytes.subarray(0, at), spice, bytes.subarray(at));
  }
  return bytes;
}

/** Fails when a quantity or a symbol cannot be found where it is said to come from. */
function checkSupported(parsed: Parsed, bytes: Uint8Array, weighed: boolean): void {
  const { staged, detected } = parsed;
  if (staged.kind !== 'holdings') return;
  const whole = new TextDecoder(detected.encoding).decode(bytes);
  const lines = whole.split(/\r\n|\n|\r/);
  for (const { line, position } of staged.lines) {
    if (!position) continue;
    // Markup has records, not lines; a quoted cell may go on over several lines.
    const own = detected.delimiter === '' ? whole : lines.slice(line - 1, lines[line - 1]!.includes('"') ? lines.length : line).join('\n');
    const plain = [own, own.replace(/(\d),(?=\d{3})/g, '$1'), own.replaceAll(',', '.')].join('\n');
    // A value made of a weight stands in no file.
    const told = weighed ? null : (position.quantity ?? position.marketValue)!.text;
    if (told !== null) {
      const digits = told
        .replace(/^-/, '')
        .replace(/^0(?=\.)/, '')
        .replaceAll('.', '\\.');
      // Nothing may be written `.00`.
      const zero = digits === '0' ? '|\\.0+' : '';
      expect(plain, `line ${line} holds ${told}`).toMatch(new RegExp(`(?<![\\d.])(?:0*${digits}${zero})(?!\\.?\\d*[1-9])`));
    }
    // The ticker of thinkorswim's shares stands on a line above them.
    const text = (detected.layout.startsWith('thinkorswim') ? whole : own).toUpperCase().replace(/[\u200b\ufeff]/g, '');
    const raw = position.symbol?.raw.toUpperCase().replace(/^0+/, '') ?? '';
    for (const word of raw.split(/\s+/)) {
      const entity = word.replaceAll('&', '&AMP;').replaceAll('<', '&LT;');
      expect(text.includes(word) || text.includes(entity) || /&#/.test(text) || text.includes('""'), `line ${line} names ${raw}`).toBe(
        true,
      );
    }
  }
}

/** A layout that is told by hand, once for each of what positions may be told by. */
const mapped = (['quantity', 'value', 'weight'] as const).map((told): Sample => {
  const lines = ['Depot 7,,,', 'Papier,Menge,Konto,Art', 'SPY,0.4,A-1,long', 'BRK/B,0.25,A-1,short', 'Cash USD,0.35,A-1,', 'Sum,,,'];
  const columns = { symbol: 'Papier', [told]: 'Menge', account: 'Konto', side: 'Art' };
  return {
    ...{ path: `mapped/${told}.csv`, broker: 'mapped', name: 'mapped.csv', bytes: new TextEncoder().encode(lines.join('\n')) },
    options: {
      mapping: { columns, totals: ['Sum'], cash: ['Cash'] },
      knownAsOf: '2024-01-03',
      ...(told === 'weight' ? { total: '1000000', weights: 'fraction' as const } : {}),
    },
  };
});
const corpus = [...samples(), ...mapped];
const seeds: readonly (readonly [string, readonly Sample[]])[] = [...ADAPTERS.map(({ id }) => id), 'mapped'].map((id) => [
  id,
  corpus.filter(({ broker }) => broker === id),
]);

interface Figures {
  readonly files: number;
  /** Files that ended in positions; the others were refused with a reason. */
  readonly read: number;
  readonly slowestMs: number;
  readonly seconds: number;
}
const figures: Record<string, Figures> = {};
// One file per importer: they take long enough to be run one by one.
afterAll(() => {
  if (process.env.HEDGEROW_LONG) for (const [id, own] of Object.entries(figures)) record(`fuzz/${id}`, { importer: id, ...own });
});

describe(`${RUNS} damaged files of each broker end in positions their lines support, or in a HedgerowError, within a second`, () => {
  test.each(seeds)('%s', { timeout: 3_600_000 }, async (id, own) => {
    const random = generator(20260306);
    let parsedFiles = 0;
    let slowest = 0;
    const started = process.cpuUsage();
    for (let n = 0; n < RUNS; n++) {
      const sample = own[n % own.length]!;
      const bytes = mutate(sample.bytes, random);
      // Time of this process's own: another program may hold the machine.
      const begun = process.cpuUsage();
      try {
        const parsed = await parse(sample.name, bytes, sample.options);
        checkSupported(parsed, bytes, sample.options.total !== undefined);
        parsedFiles++;
      } catch (error) {
        if (!(error instanceof HedgerowError))
          throw new Error(`mutation ${n} of ${sample.path}: ${JSON.stringify(new TextDecoder().decode(bytes))}`, { cause: error });
        expect(error.data.action).not.toBe('');
      }
      const { user, system } = process.cpuUsage(begun);
      expect(user + system, 'microseconds').toBeLessThan(1_000_000);
      slowest = Math.max(slowest, user + system);
    }
    expect(parsedFiles).toBeGreaterThan(RUNS / 20);
    const { user, system } = process.cpuUsage(started);
    figures[id] = { files: RUNS, read: parsedFiles, slowestMs: slowest / 1000, seconds: (user + system) / 1e6 };
  });
});

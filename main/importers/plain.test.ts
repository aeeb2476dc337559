import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HedgerowError } from '../contract/errors.ts';
import { unpackAll } from './blocks.ts';
import { parse, unpackParsed } from './testing/harness.ts';

const outcome = async (text: string): Promise<unknown> => {
  try {
    return unpackParsed(await parse('prices.csv', text));
  } catch (error) {
    if (error instanceof HedgerowError) return error.data;
    throw error;
  }
};

const digits = fc.stringMatching(/^[0-9]{1,12}$/);
const number = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(digits, digits).map(([whole, part]) => `${whole}.${part}`) },
  { weight: 3, arbitrary: digits },
  {
    weight: 2,
    arbitrary: fc.constantFrom('', '0', '-0', '-1.5', '+2', '.5', '3.', '.', '-', 'NaN', '1e3', '1.5E-7', '1e400', '1 5', '$7', '1-2'),
  },
);
const name = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('SPY', 'SPY', 'XLE', 'brk-b', 'BRK.B', 'é', '', '1/2', 'TOOLONG'.repeat(6), 'QQQ') },
  // As long as the spelling that is remembered, shorter, longer.
  { weight: 2, arbitrary: fc.constantFrom(1, 2, 7, 8, 9, 15, 16, 17).map((length) => 'ABCDEFGHIJKLMNOPQRS'.slice(0, length)) },
);
const date = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('2021-01-04', '2021-01-05', '2021-01-06', '2021/01/07', '20210108', '1962-01-03') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('2021-01-02', '2021-02-30', '2999-01-04', '', '04.01.2021', '2021-01-0x', '2021-1-4', '2021-01-04 16:00'),
  },
);
const remark = fc.constantFrom('', 'note', 'a remark longer than any vector', ' blank', 'é');
const row = fc.tuple(name, date, number, remark, number, number).map((cells) => [...cells]);
const odd = fc.constantFrom<string[]>(
  [''],
  ['SPY'],
  ['SPY', '2021-01-11', '1', '', '2', '3', ''],
  ['SPY', '2021-01-11', '1', '', '2', '3', '4'],
);
const rows = fc.array(fc.oneof({ weight: 12, arbitrary: row }, { weight: 1, arbitrary: odd }), { maxLength: 30 });
const ends = fc.constantFrom('\n', '\r\n', '\r');
const HEADER = ['ticker', 'date', 'open', 'remark', 'close', 'volume'];

test('plain rows are read as the same rows with every cell quoted, which go the long way: values, lines, names, issues', async () => {
  await fc.assert(
    fc.asyncProperty(rows, ends, fc.boolean(), async (cells, end, last) => {
      const text = (cell: (text: string) => string): string =>
        [HEADER.join(','), ...cells.map((line) => (line.length > 1 ? line.map(cell).join(',') : line[0]!))].join(end) + (last ? end : '');
      expect(await outcome(text((cell) => cell))).toEqual(await outcome(text((cell) => `"${cell}"`)));
    }),
    { numRuns: 400, seed: 4 },
  );
});

test('numbers of any length are correctly rounded on the fast way', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(digits, digits), { minLength: 1, maxLength: 40 }), async (numbers) => {
      const texts = numbers.map(([whole, part]) => `1${whole}.${part}`);
      const { staged } = await parse('p.csv', `ticker,date,close\n${texts.map((text, i) => `T${i},2021-01-04,${text}\n`).join('')}`);
      if (!('fields' in staged)) throw new Error('no prices');
      expect([...unpackAll(staged).values[0]!]).toEqual(texts.map(Number));
    }),
    { numRuns: 200, seed: 5 },
  );
});

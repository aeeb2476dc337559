import { expect, it } from 'vitest';
import { NATIVE_COLUMNS } from '../contract/columns.ts';
import { parseIsoDay } from '../contract/units.ts';
import { chosenNames, KINDS } from './kinds.ts';
import { parseFile } from './parse.ts';

const context = { today: 19800 as never, isSession: () => true };
const open = (text: string) =>
  async function* () {
    yield await Promise.resolve(new TextEncoder().encode(text));
  };

it('the columns a person can choose are those the importers know', () => {
  const { holdings: _, ...kinds } = KINDS;
  expect(NATIVE_COLUMNS).toEqual(kinds);
});

it('reads a file by chosen headings; one left out is not read, and one called like a chosen column gives way', async () => {
  const text = 'Handelstag,Kürzel,Kurs,close,junk\n2024-01-02,AAA,10.5,99,x\n2024-01-03,AAA,11,98,y\n';
  const columns = { Handelstag: 'date', Kürzel: 'ticker', Kurs: 'close', junk: '' };
  const parsed = await parseFile('kurse.csv', open(text), { kind: 'prices', columns }, context as never);
  expect(parsed.detected.kind).toBe('prices');
  expect(parsed.rows).toBe(2);
  expect(parsed.issues.kept.filter((issue) => issue.severity === 'error')).toEqual([]);
  expect(parsed.detected.unusedColumns).toEqual(['close', 'junk']);
});

it('leaves names alone without a choice', () => {
  expect(chosenNames(['A', 'B'], ['a', 'b'], undefined)).toEqual(['a', 'b']);
  expect(chosenNames(['A', 'B'], ['a', 'b'], { B: 'a' })).toEqual(['(left out)', 'a']);
});

it('a dividend and a split that stand in a price file are known from when their row is', async () => {
  const text =
    'date,close,divCash,splitFactor,known_from\n2024-01-02,10,0.5,1,2024-01-05\n2024-01-03,5,0,2,\n2024-01-04,5,0,1,2024-01-06\n';
  const parsed = await parseFile('AAA.csv', open(text), {}, context as never);
  expect(parsed.extra?.rows).toMatchObject([
    { type: 'dividend', value: 0.5, knownFrom: parseIsoDay('2024-01-05') },
    { type: 'split', value: 2, knownFrom: null },
  ]);
});

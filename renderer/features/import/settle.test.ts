import { expect, it } from 'vitest';
import type { ErrorData } from '../../../main/contract/errors.ts';
import { askAsOf } from '../../../main/importers/holdings-days.ts';
import { ambiguous } from '../../../main/importers/issues.ts';
import { alike, questionOf, settle } from './settle.ts';
import type { Options, StagedFile } from './staging.svelte.ts';

const asks = (flag: string, options: string[]): ErrorData => ambiguous('a.csv', 'which?', flag, options).data;
const failed = (error: ErrorData): StagedFile => ({ phase: 'failed', error }) as StagedFile;

it('has the answers to a question of the core in the words of the control', () => {
  expect(questionOf(asks('--value', ['close', 'adj_close']))).toEqual({
    key: 'value',
    label: 'Values',
    answers: [
      { value: 'close', words: 'raw closes' },
      { value: 'adj_close', words: 'adjusted closes' },
    ],
  });
  expect(questionOf(asks('--as', ['prices', 'returns']))?.answers.map(({ words }) => words)).toEqual(['prices', 'returns']);
  expect(questionOf(asks('--layout', ['schwab', 'native']))?.answers.map(({ words }) => words)).toEqual([
    'Charles Schwab',
    'native columns',
  ]);
});

it('a day and an amount are written: they have no list of answers', () => {
  expect(questionOf(asks('--total', []))).toEqual({ key: 'total', label: 'Value of 100 %, $', answers: [] });
  expect(questionOf(askAsOf('a.csv').data)).toEqual({ key: 'knownAsOf', label: 'Day of the holdings', answers: [] });
});

it('asks nothing of what is wrong, nor where no few answers settle it', () => {
  expect(questionOf(null)).toBe(null);
  expect(questionOf({ ...asks('--value', ['close']), code: 'data' })).toBe(null);
  expect(questionOf(asks('--value', []))).toBe(null);
});

it('finds the other files with the same question, not one that asks something else or was read', () => {
  const [a, b] = [failed(asks('--value', ['close', 'adj_close'])), failed(asks('--value', ['close', 'adj_close']))];
  const other = failed(asks('--date-order', ['DMY', 'MDY']));
  const read = { phase: 'staged', error: null } as StagedFile;
  expect(alike(a, [a, b, other, read])).toEqual([b]);
});

it('leaves to be detected what is taken back', () => {
  const options: Options = {};
  settle(options, 'value', 'adj_close');
  expect(options).toEqual({ value: 'adj_close' });
  settle(options, 'value', '');
  expect(options).toEqual({});
});

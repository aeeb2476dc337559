import { expect, it } from 'vitest';
import { guessColumn, missingOf, problemOfCell, repeatedOf } from './column-check.ts';

it('says which required columns nobody was chosen for, and which were chosen twice', () => {
  expect(missingOf('prices', ['date', 'close'])).toEqual(['ticker or figi or isin']);
  expect(missingOf('prices', ['date', 'isin', 'adj_close'])).toEqual([]);
  expect(repeatedOf(['date', 'close', '', '', 'close'])).toEqual(['close']);
});

it('tells cells that would be rejected before anything is read', () => {
  expect(problemOfCell('date', '2024-01-02', '.')).toBeNull();
  expect(problemOfCell('date', 'AAPL', '.')).toBe('not a date');
  expect(problemOfCell('close', '1.234,50', ',')).toBeNull();
  expect(problemOfCell('close', '1.234,50', '.')).toBe('not a number');
  expect(problemOfCell('close', '0', '.')).toBe('not positive');
  expect(problemOfCell('close', 'n/a', '.')).toBeNull();
  expect(problemOfCell('', 'anything', '.')).toBeNull();
  expect(problemOfCell('ticker', ' ', '.')).toBe('there is no name');
});

it('guesses by the heading', () => {
  expect(guessColumn('prices', 'Symbol')).toBe('ticker');
  expect(guessColumn('prices', 'PX_LAST')).toBe('close');
  expect(guessColumn('classification', 'PX_LAST')).toBe('');
});

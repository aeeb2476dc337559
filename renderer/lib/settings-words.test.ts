import { expect, it } from 'vitest';
import { OLS_252, ROBUST_HELD } from '../../main/contract/settings.ts';
import { presetWords, settingsWords } from './settings-words.ts';

it('tells presets of one window and half-life from each other', () => {
  expect(presetWords(OLS_252)).toBe('252 days');
  expect(presetWords({ ...OLS_252, halfLife: 63 })).toBe('252 days, half-life 63');
  const robust = presetWords(ROBUST_HELD);
  expect(robust).toBe('252 days, half-life 63, Huber’s loss, c 1.1, held from month-end, realised chain');
  expect(settingsWords(ROBUST_HELD)).toContain('Huber’s loss, c 1.1, held from month-end, realised chain');
});

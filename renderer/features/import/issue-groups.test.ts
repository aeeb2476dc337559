import { expect, it } from 'vitest';
import { groupOf, GROUP_WORDS, GROUPS } from './issue-groups.ts';

it('puts every issue into one group that has a name', () => {
  expect(groupOf({ code: 'price_not_positive', severity: 'error' })).toBe('rejected');
  expect(groupOf({ code: 'restated', severity: 'warning' })).toBe('restated');
  expect(groupOf({ code: 'gap', severity: 'info' })).toBe('gaps');
  expect(groupOf({ code: 'jump', severity: 'warning' })).toBe('jumps');
  expect(groupOf({ code: 'unknown_ticker', severity: 'info' })).toBe('unknown');
  expect(groupOf({ code: 'non_session_day', severity: 'warning' })).toBe('dates');
  expect(groupOf({ code: 'unused_columns', severity: 'info' })).toBe('other');
  for (const group of GROUPS) expect(GROUP_WORDS[group]).toBeTruthy();
});

import { expect, it } from 'vitest';
import type { Finding, FindingEffect } from '../../../main/contract/results-health.ts';
import { countFindings, type FindingFilter } from './filter.ts';

let id = 0;
const finding = (severity: Finding['severity'], code: string, dismissed: string | null = null, change: Partial<Finding> = {}): Finding => ({
  findingId: (id += 1),
  severity,
  code,
  subject: 'AAA',
  day: null,
  message: `about ${code}`,
  batchId: null,
  dismissed,
  distorts: code === 'gap' ? 'coverage' : 'returns',
  securityId: null,
  advice: null,
  fix: null,
  effect: null,
  days: [],
  ...change,
});
const all = [finding('error', 'gap'), finding('warning', 'gap'), finding('warning', 'jump', 'known'), finding('info', 'jump')];
const none: FindingFilter = { severity: '', distorts: '', code: '', state: 'all', held: false, text: '' };

it('counts what each choice would show with the other filters as they are', () => {
  const counted = countFindings(all, { ...none, code: 'gap', state: 'open' });
  expect(counted.shown).toHaveLength(2);
  expect(counted.severities).toEqual({ '': 2, error: 1, warning: 1, info: 0 });
  expect(counted.distorts).toMatchObject({ '': 2, coverage: 2, returns: 0 });
  expect(counted.codes).toEqual([
    ['gap', 2],
    ['jump', 1],
  ]);
  expect(counted.states).toEqual({ open: 2, dismissed: 0, all: 2 });
});

it('keeps a chosen code in its list, and finds words of subject and message', () => {
  expect(countFindings(all, { ...none, code: 'gap', severity: 'info' }).codes).toEqual([
    ['jump', 1],
    ['gap', 0],
  ]);
  expect(countFindings(all, { ...none, text: 'ABOUT j' }).shown).toHaveLength(2);
});

it('shows what concerns the book: positions, and ETFs that chains are made of', () => {
  const effect = { marketValue: null, usedBy: 0 } as FindingEffect;
  const list = [
    finding('info', 'jump'),
    finding('info', 'jump', null, { effect }),
    finding('info', 'jump', null, { effect: { ...effect, marketValue: -5 } }),
    finding('info', 'gap', null, { effect: { ...effect, usedBy: 3 } }),
  ];
  expect(countFindings(list, { ...none, held: true }).shown.map((one) => one.findingId)).toEqual(list.slice(2).map((one) => one.findingId));
});

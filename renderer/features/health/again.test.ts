import { expect, it } from 'vitest';
import type { Finding } from '../../../main/contract/results-health.ts';
import { foundAgain } from './again.ts';

const finding = (findingId: number, more: Partial<Finding> = {}): Finding => ({
  findingId,
  severity: 'error',
  code: 'split_suspected',
  subject: 'AAA',
  day: '2025-03-03',
  message: '',
  batchId: null,
  dismissed: null,
  distorts: 'returns',
  securityId: 7,
  advice: null,
  fix: 'write a split of 2',
  effect: null,
  days: [],
  ...more,
});

it('finds what a repair had mended under its new number', () => {
  const repaired = [finding(1), finding(2, { day: '2025-04-01' })];
  const now = [finding(8, { day: '2025-04-01' }), finding(9), finding(10, { subject: 'BBB', securityId: 8 })];
  expect(foundAgain(repaired, now)?.map(({ findingId }) => findingId)).toEqual([9, 8]);
});

it('repairs nothing when one of them is gone, dismissed or would be repaired otherwise', () => {
  for (const changed of [{ dismissed: 'checked' }, { fix: 'write a split of 3' }, { fix: null }, { day: '2025-03-04' }])
    expect(foundAgain([finding(1)], [finding(5, changed)])).toBeNull();
});

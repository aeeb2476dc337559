import { expect, it } from 'vitest';
import type { SnapshotRow } from '../../main/contract/results.ts';
import { accountsOf, addressParts, latestOn } from './choices.ts';

const snapshot = (snapshotId: number, ...accounts: string[]): SnapshotRow => ({
  snapshotId,
  asOf: '2026-06-30',
  source: '',
  file: 'book.csv',
  positions: 1,
  accounts,
  importedAt: '',
});
const snapshots = [snapshot(1, 'B', 'A'), snapshot(2, 'C', '')];

it('offers the accounts of every snapshot for the book, of one for one', () => {
  expect(accountsOf(snapshots, null)).toEqual(['', 'A', 'B', 'C']);
  expect(accountsOf(snapshots, 1)).toEqual(['A', 'B']);
  expect(accountsOf(snapshots, 2)).toEqual(['', 'C']);
});

it('names the holdings that a day is looked at with', () => {
  const dated = ['2026-06-30', '2026-07-31'].map((asOf, i) => ({ ...snapshot(i, 'A'), asOf }));
  const days = ['', '2026-08-01', '2026-07-31', '2026-07-30', '2026-01-02'];
  expect(days.map((date) => latestOn(dated, date)?.asOf)).toEqual(['2026-07-31', '2026-07-31', '2026-07-31', '2026-06-30', '2026-07-31']);
  expect(latestOn([], '')).toBeUndefined();
});

it('reads an address, also one that is badly written', () => {
  expect(addressParts('#/security/12/a%20b')).toEqual({ screen: 'security', subject: '12', detail: 'a b' });
  expect(addressParts('#/runs/%E0%A4%A')).toEqual({ screen: 'runs', subject: '%E0%A4%A', detail: '' });
  expect(addressParts('')).toEqual({ screen: '', subject: '', detail: '' });
});

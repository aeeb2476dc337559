import { expect, it } from 'vitest';
import type { SnapshotRow } from '../../main/contract/results.ts';
import { accountsOf, addressParts, latestOn, tellApart } from './choices.ts';

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

it('names that are too long for a choice keep both ends, and are whole where that makes two alike', () => {
  const sleeve = (n: string): string => `Northern Trust Institutional Custody Long Short Equity Market Neutral Sleeve ${n}`;
  const [one, two] = tellApart([sleeve('0001'), sleeve('0002')]);
  expect([one!.length, one!.slice(-11), two!.slice(-11)]).toEqual([63, 'Sleeve 0001', 'Sleeve 0002']);
  const between = [`${'a'.repeat(40)}1${'b'.repeat(40)}`, `${'a'.repeat(40)}2${'b'.repeat(40)}`];
  expect(tellApart([...between, 'ONE', ''])).toEqual([...between, 'ONE', '']);
});

import { expect, it } from 'vitest';
import type { RunSummary } from '../../../main/contract/results.ts';
import { OLS_252 } from '../../../main/contract/settings.ts';
import { changeWords } from '../../lib/settings-words.ts';
import { compareRuns } from './compare.ts';

const run: RunSummary = {
  lineage: {
    runId: 'R1',
    settings: OLS_252,
    dataAsOf: '2026-06-30',
    knownAsOf: '2026-07-01',
    revision: 4,
    softwareVersion: '1',
    simulated: false,
  },
  fingerprint: 'f',
  digest: 'd',
  createdAt: '2026-07-01T12:00:00Z',
  firstDay: '2020-01-02',
  lastDay: '2026-06-30',
  securities: 100,
  rows: 1000,
  rowsByLevel: [0, 0, 100, 900],
  checks: { failedRows: 0, worstAdditivity: 1e-15, worstReplication: 1e-16, collinearRows: 0 },
  milliseconds: { panel: 1, cascade: 1, total: 2 },
  threads: 1,
};

it('finds every difference of settings, knowledge and counts, and nothing in a run that only took longer', () => {
  expect(compareRuns(run, { ...run, milliseconds: { panel: 9, cascade: 9, total: 18 } }).filter((row) => row.differs)).toEqual([]);
  const other = {
    ...run,
    lineage: { ...run.lineage, knownAsOf: '2026-05-01', settings: { ...OLS_252, halfLife: 63, universe: 'mc_500' } },
    rows: 990,
    rowsByLevel: [0, 0, 100, 890] as const,
    digest: 'e',
  };
  expect(compareRuns(run, other).filter((row) => row.differs)).toMatchObject([
    { what: 'setting: half-life', first: 'none', second: '63' },
    { what: 'setting: universe', first: 'none', second: 'mc_500' },
    { what: 'known as of', first: '2026-07-01', second: '2026-05-01' },
    { what: 'rows', change: '−10' },
    { what: 'rows, deepest level 3', change: '−10' },
    { what: 'digest', first: 'd', second: 'e' },
  ]);
});

it('says in words what differs between settings, three of them by name', () => {
  expect(changeWords(OLS_252, OLS_252)).toBe('');
  expect(changeWords(OLS_252, { ...OLS_252, window: 504, halfLife: 63 })).toBe('window 252 → 504, half-life none → 63');
  const many = { ...OLS_252, window: 504, minObs: 252, intercept: false, halfLife: 63 };
  expect(changeWords(OLS_252, many)).toMatch(/^window 252 → 504, fewest rows 126 → 252, .*, 1 more$/);
});

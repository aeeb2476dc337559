import { OLS_252 } from '../../main/contract/settings.ts';
import type { EpochDay } from '../../main/contract/units.ts';
import type { NewRun } from '../index.ts';

/** A run of any numbers. */
export const newRun: NewRun = {
  createdAt: '2026-01-01T00:00:00.000Z',
  settings: OLS_252,
  knownAsOf: 20_000 as EpochDay,
  revision: 3,
  fingerprint: 'f',
  digest: 'd',
  summary: { rows: 5 },
};

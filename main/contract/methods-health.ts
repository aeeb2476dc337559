/** Data health: findings, the doctor, repairs. */
import * as v from 'valibot';
import type { Finding, FixResult, LookView } from './results-health.ts';
import { id, none, strictObject } from './schemas.ts';

const ids = v.pipe(v.array(id), v.minLength(1), v.maxLength(5000));
const reason = v.pipe(v.string(), v.trim(), v.minLength(3), v.maxLength(400));

export const HEALTH_METHODS = {
  'findings.list': { kind: 'call', input: none },
  'findings.dismiss': { kind: 'call', input: strictObject({ findingIds: ids, reason }) },
  'findings.restore': { kind: 'call', input: strictObject({ findingIds: ids }) },
  /** One batch with the repairs of all; `batches.undo` takes it back. */
  'findings.fix': {
    kind: 'call',
    input: strictObject({ findingIds: ids, knownFrom: v.optional(v.picklist(['today', 'day'] as const)) }),
  },
  'doctor.look': { kind: 'job', input: none },
  'doctor.latest': { kind: 'call', input: none },
} as const;

export interface HealthOutput {
  'findings.list': readonly Finding[];
  'findings.dismiss': null;
  'findings.restore': null;
  'findings.fix': FixResult;
  'doctor.look': LookView;
  /** null: the doctor has not looked yet. */
  'doctor.latest': LookView | null;
}

/** Where a number comes from, and what moved when more became known. */
import * as v from 'valibot';
import type { DiffView } from './results-diff.ts';
import type { Explanation } from './results-explain.ts';
import { day, pick, runId, strictObject, text, ticker } from './schemas.ts';

export const TRAVEL_METHODS = {
  /** A field of the cube by its wire name, or close, adj_close, return. */
  'explain.get': { kind: 'call', input: strictObject({ ...pick, ticker, date: day, field: v.pipe(text(40), v.minLength(1)) }) },
  /** What was learned after `from` and by `to`, and which outputs moved; `runId`: whose settings. */
  'known.diff': { kind: 'job', input: strictObject({ from: day, to: day, runId: v.optional(runId) }) },
} as const;

export interface TravelOutput {
  'explain.get': Explanation;
  'known.diff': DiffView;
}

/** Universes by rule and by list: members on a day, counts for the pages, and the lists a user imported. */
import * as v from 'valibot';
import type { BatchRow } from './results.ts';
import type { RunUniverse, UniverseListRow, UniverseView } from './results-universes.ts';
import { day, none, runId, strictObject, universeName } from './schemas.ts';

export const UNIVERSE_METHODS = {
  'universes.list': { kind: 'call', input: none },
  'universes.show': {
    kind: 'call',
    input: strictObject({
      name: universeName,
      date: v.optional(day),
      knownAsOf: v.optional(day),
      knowledge: v.optional(v.picklist(['strict', 'corrected'] as const)),
    }),
  },
  /** Counts of a run's universe on a day, as the run knew it; null for a run without one. */
  'universes.ofRun': { kind: 'call', input: strictObject({ runId: v.optional(runId), date: v.optional(day) }) },
  /** Ends a list; a batch like any other, so undoing it brings the list back. Stored runs keep theirs. */
  'universes.delete': { kind: 'call', input: strictObject({ name: universeName }) },
} as const;

export interface UniverseOutput {
  'universes.list': readonly UniverseListRow[];
  /** Rejects with `usage` for an unknown name, and for a day without a membership. */
  'universes.show': UniverseView;
  'universes.ofRun': RunUniverse | null;
  'universes.delete': BatchRow;
}

/** The methods of methods-travel.ts. */
import type { TRAVEL_METHODS } from '../contract/methods-travel.ts';
import { diffKnown } from './diff.ts';
import { explainValue } from './explain.ts';
import type { CoreContext, Table } from './table.ts';

export function travelTable({ current }: CoreContext): Table<keyof typeof TRAVEL_METHODS> {
  return {
    'explain.get': (input) => explainValue(current(), input),
    'known.diff': (input, hooks) => diffKnown(current(), input, hooks),
  };
}

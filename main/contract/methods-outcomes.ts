/** How well hedges would have done, and scenarios. */
import * as v from 'valibot';
import type { EffectivenessView, ScenariosView } from './results-outcomes.ts';
import { account, day, id, level, pick, runId, strictObject, ticker } from './schemas.ts';

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(100));
const layers = strictObject({ market: share, sector: share, subsector: share });

export const OUTCOME_METHODS = {
  'effectiveness.get': {
    kind: 'call',
    input: strictObject({
      runId: v.optional(runId),
      knownAsOf: v.optional(day),
      /** A stock; without one, the book. */
      ticker: v.optional(ticker),
      securityId: v.optional(id),
      snapshotId: v.optional(id),
      account: v.optional(account),
      from: v.optional(day),
      to: v.optional(day),
      weights: v.optional(v.picklist(['frozen', 'dated'] as const)),
      layers: v.optional(layers),
    }),
  },
  'scenarios.get': {
    kind: 'call',
    input: strictObject({
      ...pick,
      snapshotId: v.optional(id),
      account: v.optional(account),
      level: v.optional(level),
      layers: v.optional(layers),
      /** Moves of ETFs, decimals. */
      shocks: v.optional(
        v.pipe(v.array(strictObject({ etf: ticker, move: v.pipe(v.number(), v.minValue(-1), v.maxValue(10)) })), v.maxLength(30)),
      ),
      /** Whether the other ETFs move as they did with the shocked ones over the window; otherwise they stand still. */
      spread: v.optional(v.boolean()),
      /** A past stretch of the user's own. */
      stretch: v.optional(strictObject({ from: day, to: day })),
    }),
  },
} as const;

export interface OutcomeOutput {
  'effectiveness.get': EffectivenessView;
  'scenarios.get': ScenariosView;
}

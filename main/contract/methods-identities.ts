/** Who is who: the names in quarantine, securities with their symbols, and decisions made by hand (each a batch that can be undone). */
import * as v from 'valibot';
import type { DecisionResult, DecisionView, IdentityHit, IdentityView, QuarantineView } from './results-identities.ts';
import { day, id, none, strictObject, text } from './schemas.ts';

/** `BRK.B`, `ABC@NYSE`, a FIGI or an ISIN. */
const name = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(60));
const decision = {
  /** Day from which it counts as known; left out: the name's own days when a name is resolved, else today. */
  knownFrom: v.optional(day),
  reason: v.pipe(v.string(), v.trim(), v.minLength(3), v.maxLength(400)),
  /** Say what it would do and store nothing. */
  trial: v.optional(v.boolean()),
};

export const resolveInput = strictObject({
  name,
  /** Security that the name is; null: a new one. */
  securityId: v.nullable(id),
  from: v.optional(day),
  until: v.optional(day),
  ...decision,
});
export const mergeInput = strictObject({ intoId: id, otherId: id, force: v.optional(v.boolean()), ...decision });
export const splitInput = strictObject({
  securityId: id,
  from: v.optional(day),
  until: v.optional(day),
  name: v.optional(name),
  ...decision,
});

export const IDENTITY_METHODS = {
  'identities.quarantine': { kind: 'call', input: none },
  'identities.find': { kind: 'call', input: strictObject({ text: text(60) }) },
  'identities.show': { kind: 'call', input: strictObject({ securityId: id }) },
  'identities.decisions': { kind: 'call', input: none },
  'identities.resolve': { kind: 'call', input: resolveInput },
  'identities.acceptProposals': { kind: 'call', input: strictObject({ reason: decision.reason, names: v.optional(v.array(name)) }) },
  'identities.merge': { kind: 'call', input: mergeInput },
  'identities.split': { kind: 'call', input: splitInput },
} as const;

export interface IdentityOutput {
  'identities.quarantine': QuarantineView;
  /** Securities by ticker of any day, identifier or name. */
  'identities.find': readonly IdentityHit[];
  'identities.show': IdentityView;
  'identities.decisions': readonly DecisionView[];
  'identities.resolve': DecisionResult;
  /** Every proposal of the quarantine (or of some names), as one batch. */
  'identities.acceptProposals': DecisionResult;
  'identities.merge': DecisionResult;
  'identities.split': DecisionResult;
}

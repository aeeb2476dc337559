/** Who is who: the quarantine, securities with their names, and decisions made by hand. */
import type * as v from 'valibot';
import type { IDENTITY_METHODS, mergeInput, resolveInput, splitInput } from '../contract/methods-identities.ts';
import type { DecisionResult, DecisionView, IdentityHit, IdentityView, QuarantineView } from '../contract/results-identities.ts';
import type { CoreContext, Table } from './table.ts';
import { nowIso, today, type Session } from './session.ts';

type ResolveInput = v.InferOutput<typeof resolveInput>;
type MergeInput = v.InferOutput<typeof mergeInput>;
type SplitInput = v.InferOutput<typeof splitInput>;

const revisionOf = async (session: Session): Promise<number> => (await session.reader.call('state', null)).revision;
const when = ({ environment }: Session) => ({ today: today(environment), at: nowIso(environment) });

/** Names that belong to nobody, or to two, with what is proposed. */
export async function getQuarantine(session: Session): Promise<QuarantineView> {
  return session.reader.call('quarantine', { revision: await revisionOf(session) });
}

/** Securities by ticker of any day, identifier, name or `#id`. */
export async function findIdentities(session: Session, text: string): Promise<readonly IdentityHit[]> {
  return session.reader.call('findIdentities', { revision: await revisionOf(session), text });
}

/** Rejects with `not_found`. */
export async function showIdentity(session: Session, securityId: number): Promise<IdentityView> {
  return session.reader.call('showIdentity', { revision: await revisionOf(session), securityId });
}

export const listDecisions = (session: Session): Promise<readonly DecisionView[]> => session.reader.call('listDecisions', null);

/** Says whose a name is. Rejects with `usage`, `not_found` or `blocked`; then nothing has changed. */
export const resolveName = (session: Session, input: ResolveInput): Promise<DecisionResult> =>
  session.writer.call('resolveName', { ...input, ...when(session) });

export const acceptProposals = (
  session: Session,
  input: { reason: string; names?: readonly string[] | undefined; trial?: boolean },
): Promise<DecisionResult> => session.writer.call('acceptProposals', { ...input, ...when(session) });

/** Makes two securities one. Rejects with `blocked` when they look like two companies, unless forced. */
export const mergeSecurities = (session: Session, input: MergeInput): Promise<DecisionResult> =>
  session.writer.call('mergeSecurities', { ...input, ...when(session) });

/** Makes a new security of some days of a security's names. */
export const splitSecurity = (session: Session, input: SplitInput): Promise<DecisionResult> =>
  session.writer.call('splitSecurity', { ...input, ...when(session) });

/** The part of the method table about identities. */
export function identitiesTable({ current, changed }: CoreContext): Table<keyof typeof IDENTITY_METHODS> {
  const noting = async (work: Promise<DecisionResult>): Promise<DecisionResult> => {
    const result = await work;
    if (result.batchId !== null) await changed();
    return result;
  };
  return {
    'identities.quarantine': () => getQuarantine(current()),
    'identities.find': ({ text }) => findIdentities(current(), text),
    'identities.show': ({ securityId }) => showIdentity(current(), securityId),
    'identities.decisions': () => listDecisions(current()),
    'identities.resolve': (input) => noting(resolveName(current(), input)),
    'identities.acceptProposals': (input) => noting(acceptProposals(current(), input)),
    'identities.merge': (input) => noting(mergeSecurities(current(), input)),
    'identities.split': (input) => noting(splitSecurity(current(), input)),
  };
}

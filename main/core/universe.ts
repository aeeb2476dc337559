/** Universes: who is in one on a day, decided point in time (MODEL.md 8). */
import type { UniverseView } from '../workers/db/universe-view.ts';
import { dayGiven, today, type Session } from './session.ts';

export type { UniverseMember, UniverseView } from '../workers/db/universe-view.ts';

export interface UniverseRequest {
  readonly name: string;
  /** ISO; default: the last session. */
  readonly date?: string | undefined;
  /** ISO; default: today. */
  readonly knownAsOf?: string | undefined;
  readonly knowledge?: 'strict' | 'corrected' | undefined;
}

/** Members in force on a date as of the present revision. Rejects with `usage` for an unknown name or a date without a membership. */
export async function getUniverse(session: Session, request: UniverseRequest): Promise<UniverseView> {
  const { revision } = await session.reader.call('state', null);
  return session.reader.call('universe', {
    revision,
    name: request.name,
    knowledge: request.knowledge ?? 'strict',
    knownAsOf: request.knownAsOf === undefined ? today(session.environment) : dayGiven(request.knownAsOf, 'known-as-of'),
    day: request.date === undefined ? null : dayGiven(request.date, 'date'),
  });
}

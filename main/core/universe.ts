/** Universes: who is in one on a day, decided point in time (MODEL.md 8), and the lists a user defined. */
import { HedgerowError } from '../contract/errors.ts';
import type { UNIVERSE_METHODS } from '../contract/methods-universes.ts';
import type { BatchRow } from '../contract/results.ts';
import type { RunUniverse, UniverseListRow, UniverseView } from '../contract/results-universes.ts';
import { basisOf } from './runs.ts';
import { dayGiven, nowIso, today, type Session } from './session.ts';
import type { CoreContext, Table } from './table.ts';

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

/** Counts of a run's universe on a day (default: the last one), from the run's own data and knowledge. */
export async function universeOfRun(
  session: Session,
  request: { readonly runId?: string | undefined; readonly date?: string | undefined },
): Promise<RunUniverse | null> {
  const { settings, knownAsOf, revision } = await basisOf(session, request);
  const { universe: name, knowledge } = settings;
  if (name === undefined) return null;
  const day = request.date === undefined ? null : dayGiven(request.date, 'date');
  try {
    const { date, stamped, counts } = await session.reader.call('universe', { revision, name, knowledge, knownAsOf, day });
    return { name, date, stamped, counts, why: null };
  } catch (error) {
    if (!(error instanceof HedgerowError) || error.data.code !== 'usage') throw error;
    return { name, date: request.date ?? null, stamped: null, counts: null, why: error.data.message };
  }
}

/** Lists that are not deleted, by name. */
export async function listUniverses(session: Session): Promise<readonly UniverseListRow[]> {
  const { revision } = await session.reader.call('state', null);
  return session.reader.call('universeLists', { revision });
}

/** Ends a list as a batch that can be undone. Rejects with `usage` when there is none of that name. */
export async function deleteUniverse(session: Session, name: string): Promise<BatchRow> {
  const { environment } = session;
  return session.writer.call('deleteUniverse', { name, at: nowIso(environment), today: today(environment) });
}

/** The part of the method table about universes. */
export function universeTable({ current, changed }: CoreContext): Table<keyof typeof UNIVERSE_METHODS> {
  return {
    'universes.list': () => listUniverses(current()),
    'universes.show': (input) => getUniverse(current(), input),
    'universes.ofRun': (input) => universeOfRun(current(), input),
    'universes.delete': async ({ name }) => {
      const row = await deleteUniverse(current(), name);
      await changed();
      return row;
    },
  };
}

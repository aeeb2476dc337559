/** Data-health findings: the doctor's look, repairs, dismissals. */
import { HedgerowError } from '../contract/errors.ts';
import type { Finding, FixResult, LookView } from '../contract/results-health.ts';
import { walkJournal } from './journal.ts';
import { deskOf, leftOut } from './orders/desk.ts';
import { damagedRuns } from './runs.ts';
import { nowIso, today, type Hooks, type Session } from './session.ts';

/** Findings in force, most severe first, dismissed ones included. */
export async function listFindings(session: Session): Promise<readonly Finding[]> {
  return session.reader.call('findings', null);
}

export async function dismissFinding(session: Session, findingId: number, why: string): Promise<void> {
  await session.writer.call('dismiss', { findingId, why, at: nowIso(session.environment) });
}

/** Undoes a dismissal; the journal keeps both. */
export async function restoreFinding(session: Session, findingId: number): Promise<void> {
  await session.writer.call('restoreFinding', { findingId, at: nowIso(session.environment) });
}

/** Work of the doctor under way. */
const looking = new WeakMap<Session, number>();

async function asDoctor<T>(session: Session, work: (doctor: Session['doctor']) => Promise<T>): Promise<T> {
  looking.set(session, (looking.get(session) ?? 0) + 1);
  try {
    return await work(session.doctor);
  } finally {
    const left = looking.get(session)! - 1;
    looking.set(session, left);
    // A look holds every price in memory; the thread goes with it.
    if (left === 0) void session.doctor.stop();
  }
}

/** Lets the doctor look at all data, in a worker of its own: nothing else waits for it. Cancelling changes nothing. */
export async function lookAtData(session: Session, hooks: Hooks = {}): Promise<LookView> {
  const { environment } = session;
  const { revision } = await session.reader.call('lookState', null);
  const request = { revision, knownAsOf: today(environment), leftOut: leftOut(await deskOf(session)) };
  const look = await asDoctor(session, (doctor) =>
    doctor.call('look', request, { signal: hooks.signal, ...(hooks.onProgress ? { onProgress: hooks.onProgress } : {}) }),
  );
  compared.add(session);
  if (hooks.signal?.aborted) throw new HedgerowError('cancelled', 'Cancelled.', 'Nothing was changed; start again when ready.');
  await session.writer.call('saveLook', { look, request, at: nowIso(environment) });
  return (await latestLook(session))!;
}

/** The latest look; null when the doctor has not looked yet. */
export async function latestLook(session: Session): Promise<LookView | null> {
  return session.reader.call('lookView', null);
}

/** Sessions in which the store was compared with its journal. */
const compared = new WeakSet<Session>();

/** Whether there is something to look at: the data changed since the last look or, asked once after opening, is not what was stored. */
export async function wantsLook(session: Session): Promise<boolean> {
  if (!(await session.reader.call('lookState', null)).current) return true;
  if (compared.has(session)) return false;
  compared.add(session);
  if ((await damagedRuns(session)).length > 0) return true;
  return asDoctor(session, async (doctor) => (await walkJournal(session, doctor)).whole === null);
}

/** Looks where there is something to look at. */
export async function ensureLook(session: Session, hooks: Hooks = {}): Promise<void> {
  if (await wantsLook(session)) await lookAtData(session, hooks);
}

/**
 * Writes the repairs of findings as one batch. `today`: known from today, so strict rows of the past stay as they were; `day`: as
 * if the source had been right from the start. Rejects with `not_found`, `usage` (no repair), `blocked` (the data changed).
 */
export async function fixFindings(
  session: Session,
  findingIds: readonly number[],
  knownFrom: 'today' | 'day' = 'today',
): Promise<FixResult> {
  const { environment } = session;
  return session.writer.call('fix', { findingIds, knownFrom, importDay: today(environment), at: nowIso(environment) });
}

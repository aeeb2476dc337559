/** Data-health findings. */
import type { Finding } from '../contract/results.ts';
import { nowIso, type Session } from './session.ts';

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

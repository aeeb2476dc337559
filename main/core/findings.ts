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

/** The days that a volatility of the doctor is of. */
import type { BookSessions } from './results-health.ts';

/** `whole` writes a count. */
export function sessionsNote(sessions: BookSessions | null, whole: (count: number) => string): string {
  if (sessions === null) return 'over the days of the last 252 sessions that its positions have in common';
  const { counted, of, young } = sessions;
  const days =
    counted === of ? `over the last ${of} sessions` : `over ${counted} of the last ${of} sessions, which its positions have in common`;
  return young === 0 ? days : `${days}, without ${young === 1 ? 'a name' : `${whole(young)} names`} of too short a history`;
}

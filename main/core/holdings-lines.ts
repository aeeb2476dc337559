/** What becomes of the lines of a holdings file, and positions that wait for a security. */
import type { FileLines, WaitingLine } from '../contract/results-holdings.ts';
import type { Session } from './session.ts';

/** Every line of a holdings file that was read and is not stored yet. Rejects with not_found. */
export const stagedLines = (session: Session, stageId: number): Promise<FileLines> => session.writer.call('stagedLines', { stageId });

/** Positions of a snapshot, or of the book, that no security answers to. Rejects with not_found without holdings. */
export const waitingLines = (session: Session, snapshotId?: number): Promise<readonly WaitingLine[]> =>
  session.reader.call('waitingLines', { snapshotId: snapshotId ?? null });

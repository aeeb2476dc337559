/**
 * Joins what daily files added (db/joins.ts) while nobody asks the writer for anything: a piece at a time, so that a question waits a quarter of a
 * second at most. Whatever goes wrong is no loss: the days are there as they were, and who reads them is told if they are damaged.
 */
import { joinTiles } from '../../../db/index.ts';
import { noteError } from '../rpc.ts';
import { openedForWriting } from './workspace.ts';

/** Rest after the last change before the first piece, in milliseconds. */
const REST = 1000;

let waiting: NodeJS.Timeout | undefined;

/** One piece that is due; false when there is none, and when it went wrong: the next change tries again. */
export function joinOne(ws = openedForWriting()): boolean {
  try {
    return ws !== null && joinTiles(ws);
  } catch (error) {
    noteError(error);
    return false;
  }
}

/** Joins what is due when the writer has rested; a later call begins the rest anew. */
export function joinAtRest(rest = REST): void {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    if (joinOne()) joinAtRest(0);
  }, rest);
  waiting.unref();
}

export const stopJoining = (): void => clearTimeout(waiting);

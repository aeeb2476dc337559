import type { Seen } from '../core/session.ts';
import type { Terminal } from './main.ts';

/** Long work within an answer: progress in the last line, Ctrl+C cancels it. */
export const seenOn =
  ({ progress, signal }: Terminal): Seen =>
  (work) =>
    work({ onProgress: progress, signal });

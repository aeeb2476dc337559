/** Work that several wait for. */
import { HedgerowError } from '../contract/errors.ts';
import type { Hooks } from './session.ts';

/** Milliseconds without anybody after which work is given up: who goes on to another screen asks for the same again. */
const ALONE = 1000;

export interface Shared<T> {
  /** Nobody waits for it any more: it is not finished. */
  readonly givenUp: boolean;
  /** What the work resolves to; rejects like it, and with cancelled as soon as the signal says so. */
  wait(hooks: Hooks): Promise<T>;
}

/** Begins the work. All who wait are told how far it is; it is given up a while after the last of them has given up. */
export function shared<T>(work: (hooks: Required<Hooks>) => Promise<T>): Shared<T> {
  const abort = new AbortController();
  const told = new Set<NonNullable<Hooks['onProgress']>>();
  let waiting = 0;
  let ended = false;
  const working = work({
    signal: abort.signal,
    onProgress: (share, note) => told.forEach((tell) => tell(share, note)),
  }).finally(() => (ended = true));
  working.catch(() => undefined);
  return {
    get givenUp() {
      return abort.signal.aborted;
    },
    wait: ({ onProgress, signal }) =>
      new Promise((resolve, reject) => {
        const tell = (share: number | null, note: string): void => onProgress?.(share, note);
        const leave = (): void => {
          told.delete(tell);
          signal?.removeEventListener('abort', giveUp);
          waiting -= 1;
        };
        const giveUp = (): void => {
          leave();
          if (waiting === 0) setTimeout(() => waiting === 0 && !ended && abort.abort(), ALONE).unref();
          reject(new HedgerowError('cancelled', 'The question was given up.', 'Ask again when ready.'));
        };
        told.add(tell);
        waiting += 1;
        if (signal?.aborted) return giveUp();
        signal?.addEventListener('abort', giveUp);
        void working.then(resolve, reject).finally(leave);
      }),
  };
}

/** A second io thread for the second half of a large price file. */
import type { HedgerowError } from '../../contract/errors.ts';
import type { EpochDay } from '../../contract/units.ts';
import type { SecondThread } from '../../importers/index.ts';
import { WorkerClient, type TaskContext } from '../rpc.ts';
import { plainBytes } from './bytes.ts';
import type { IoProcedures } from './procedures.ts';

/** Where a line end is looked for. */
const NEAR = 1 << 20;
/** Milliseconds between two looks at the cancel flag while only the other thread works. */
const LOOK = 50;

/** A thread that starts at once and lives until it is closed; a closed one may be closed again. */
export interface OpenThread extends SecondThread {
  close(): Promise<void>;
}

/** `script` is the io worker's own. */
export function secondThread(script: string, path: string, today: EpochDay, context: Pick<TaskContext, 'cancelled'>): OpenThread {
  const client = new WorkerClient<IoProcedures>('import', script);
  client.call('ready', null).catch(() => undefined);
  return {
    close: () => client.stop(),
    lineStart(at) {
      let place = at;
      for (const piece of plainBytes(path, at, at + NEAR)) {
        const end = piece.indexOf(10);
        if (end >= 0) return place + end + 1;
        place += piece.length;
      }
      return null;
    },
    start(request) {
      const stop = new AbortController();
      const read = new Int32Array(new SharedArrayBuffer(4));
      const look = setInterval(() => context.cancelled() && stop.abort(), LOOK);
      const result = client
        .call('readHalf', { ...request, path, read, today }, { signal: stop.signal })
        .catch((error: HedgerowError) => {
          // A thread that stopped has read nothing.
          if (error.data.code === 'cancelled') throw error;
          return null;
        })
        .finally(() => clearInterval(look));
      // Who stops it does not wait for it.
      result.catch(() => undefined);
      return { result, bytesRead: () => Atomics.load(read, 0) * 1024, stop: () => stop.abort() };
    },
  };
}

/** Reads files: hashing, unpacking and parsing, away from the main thread and from the database. */
import { statSync } from 'node:fs';
import { workerData, type MessagePort } from 'node:worker_threads';
import { isSession } from '../../calendar/index.ts';
import { HedgerowError } from '../../contract/errors.ts';
import type { ImportOptions } from '../../contract/report.ts';
import type { EpochDay } from '../../contract/units.ts';
import type { FileLook } from '../../contract/mapping.ts';
import { buffersOfBlocks, lookAtFile, parseFile, readHalf, type Half, type HalfRequest } from '../../importers/index.ts';
import type { Parsed } from '../../importers/staged.ts';
import { buffersOf } from '../buffers.ts';
import { unpack, type Packed } from '../packed.ts';
import { Moved, type TaskContext } from '../rpc.ts';
import { isGzip, plainBytes, unpacked, type FileName } from './bytes.ts';
import { ReadHash } from './read-hash.ts';
import { secondThread } from './second.ts';
import type { Sheet, SheetRow } from './sheet.ts';
import { sizeOf } from './unreadable.ts';

export interface ReadFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly parsed: Parsed;
}

interface ParseRequest extends FileName {
  readonly options: ImportOptions;
  readonly today: EpochDay;
}

/** What changes when somebody writes to a file or puts another in its place; null when it is gone or is no name of a file. */
function stateOf(path: string): string | null {
  try {
    const stat = statSync(path, { bigint: true });
    return [stat.ino, stat.size, stat.mtimeNs].join(' ');
  } catch {
    return null;
  }
}

/** The error for what is read in pieces, and by two threads: they belong together when nobody wrote in between. */
const changed = (name: string): HedgerowError =>
  new HedgerowError('io', `${name} changed while it was read.`, 'Import it again when it is written to its end.');

/** Script of a second thread; null in one thread alone, and in that second one. */
const helper = (workerData as { readonly second?: string } | null)?.second ?? null;
/** Smallest file that a second thread is started for. */
const WORTH_TWO = 32 * 2 ** 20;

export const procedures = {
  /** Parses one file and posts it (`ReadFile`) to `into`, whose other end the writer gets. */
  async parse({ into, ...request }: ParseRequest & { readonly into: MessagePort }, context: TaskContext): Promise<null> {
    const { path, name, options, today } = request;
    const before = stateOf(path);
    const bytes = sizeOf(request);
    const packed = isGzip(path);
    let hash = new ReadHash(path);
    const open = (): AsyncIterable<Uint8Array> => {
      const own = (hash = new ReadHash(path));
      return unpacked(request, bytes, (piece) => own.add(piece));
    };
    // Of a packed file nobody knows how much is to come: its progress is that of what is packed.
    const progress = (done: number): void => context.progress(Math.min(1, (packed ? hash.at : done) / bytes), `reading ${name}`);
    const hashRest = (): void => {
      // What was there when it was opened is read on where it is still open, and cannot be opened again.
      if (stateOf(path) !== before) throw changed(name);
      hash.addRest(() => context.check());
    };
    const second = helper !== null && !packed && bytes >= WORTH_TWO ? secondThread(helper, path, today, context) : null;
    const about = { today, isSession, second, ...(packed ? {} : { bytes }), progress, cancelled: context.cancelled };
    let parsed;
    try {
      parsed = await parseFile(name.replace(/\.gz$/i, ''), open, options, { ...about, whileWaiting: hashRest });
    } finally {
      await second?.close();
    }
    hashRest();
    if (stateOf(path) !== before) throw changed(name);
    into.postMessage({ name, bytes, sha256: hash.digest(), parsed } satisfies ReadFile, buffersOf(parsed));
    return null;
  },
  ready: (_: null) => null,
  /** Reads the second half of a price file for the io worker that began it; `read` counts its KiB. */
  readHalf(
    { path, read, today, ...request }: HalfRequest & { readonly path: string; readonly read: Int32Array; readonly today: EpochDay },
    context: TaskContext,
  ): Moved<Half | null> {
    const half = readHalf(request, plainBytes(path, request.from), {
      today,
      isSession,
      progress: (bytes) => void Atomics.store(read, 0, bytes >> 10),
      cancelled: context.cancelled,
    });
    return new Moved(half, buffersOfBlocks(half?.blocks ?? []));
  },
  /** The first lines of a file, for choosing its columns by hand. */
  look(request: Omit<ParseRequest, 'today'>): Promise<FileLook> {
    const bytes = sizeOf(request);
    return lookAtFile(request.name.replace(/\.gz$/i, ''), () => unpacked(request, bytes, () => undefined), request.options);
  },
  /** Writes a grid as a workbook to `path`. */
  async sheet({ path, rows, ...sheet }: Omit<Sheet, 'rows'> & { readonly path: string; readonly rows: Packed<SheetRow> }): Promise<null> {
    // Loaded when it is needed: every import would pay for it.
    const { writeSheet } = await import('./sheet.ts');
    await writeSheet(path, { ...sheet, rows: unpack(rows) });
    return null;
  },
};

export type IoProcedures = typeof procedures;

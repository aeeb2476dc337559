/** Reads files: hashing, unpacking and parsing, away from the main thread and from the database. */
import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import type { MessagePort } from 'node:worker_threads';
import { isSession } from '../../calendar/index.ts';
import { HedgerowError } from '../../contract/errors.ts';
import type { ImportOptions } from '../../contract/report.ts';
import type { EpochDay } from '../../contract/units.ts';
import type { FileLook } from '../../contract/mapping.ts';
import { lookAtFile, parseFile } from '../../importers/index.ts';
import type { Parsed } from '../../importers/staged.ts';
import { buffersOf } from '../buffers.ts';
import type { TaskContext } from '../rpc.ts';

const CHUNK = 1 << 20;
/** A compressed file may not unpack to more than this, nor, once it is large, to more than so many times its size: a bomb. */
const LARGEST_UNPACKED = 16 * 2 ** 30;
const LARGEST_RATIO = 150;
const RATIO_FROM = 64 * 2 ** 20;

export interface ReadFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly parsed: Parsed;
}

interface ParseRequest {
  readonly path: string;
  readonly name: string;
  readonly options: ImportOptions;
  readonly today: EpochDay;
}

/** Size of a regular file; a directory, a device or a missing file is an error in plain words. */
function sizeOf({ path, name }: Pick<ParseRequest, 'path' | 'name'>): number {
  let stat;
  try {
    stat = statSync(path);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new HedgerowError(
      missing ? 'not_found' : 'io',
      missing ? `There is no file ${name}.` : `${name} cannot be read: ${(error as Error).message}`,
      'Check the name and the permissions.',
    );
  }
  if (stat.isDirectory()) throw new HedgerowError('data', `${name} is a directory.`, 'Name the files inside it instead.');
  if (!stat.isFile()) throw new HedgerowError('data', `${name} is not a regular file.`, 'Copy its content into a file first.');
  if (stat.size === 0) throw new HedgerowError('data', `${name} is empty (0 bytes).`, 'Download or save it again.');
  return stat.size;
}

function isGzip(path: string, head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b && path !== '';
}

async function* unpacked(
  { path, name }: Pick<ParseRequest, 'path' | 'name'>,
  packed: number,
  onRead: (chunk: Uint8Array) => void,
  limit: number,
): AsyncGenerator<Uint8Array> {
  const raw = createReadStream(path, { highWaterMark: CHUNK });
  raw.on('data', (chunk) => onRead(chunk as Uint8Array));
  raw.pause();
  const head = await firstBytes(path);
  const stream = isGzip(path, head) ? raw.pipe(createGunzip({ chunkSize: CHUNK })) : raw;
  if (stream !== raw) raw.on('error', (error) => stream.destroy(error));
  let total = 0;
  try {
    for await (const chunk of stream) {
      total += (chunk as Uint8Array).length;
      if (total > limit)
        throw new HedgerowError('data', `${name} unpacks to more than ${Math.round(limit / 2 ** 30)} GiB.`, 'Split it into smaller files.');
      if (stream !== raw && total > RATIO_FROM && total > LARGEST_RATIO * packed)
        throw new HedgerowError(
          'data',
          `${name} unpacks to more than ${LARGEST_RATIO} times its size, as no table of prices or positions does.`,
          'If it is right all the same, unpack it first and import the unpacked file.',
        );
      yield chunk as Uint8Array;
    }
  } finally {
    raw.destroy();
    stream.destroy();
  }
}

async function firstBytes(path: string): Promise<Uint8Array> {
  for await (const chunk of createReadStream(path, { start: 0, end: 1 })) return chunk as Uint8Array;
  return new Uint8Array(0);
}

async function sha256Of(path: string, context: TaskContext): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK })) {
    context.check();
    hash.update(chunk as Uint8Array);
  }
  return hash.digest('hex');
}

export const procedures = {
  /** Parses one file and posts it (`ReadFile`) to `into`, whose other end the writer gets. */
  async parse({ into, ...request }: ParseRequest & { readonly into: MessagePort }, context: TaskContext): Promise<null> {
    const bytes = sizeOf(request);
    const { path, name, options, today } = request;
    const sha256 = await sha256Of(path, context);
    let read = 0;
    const parsed = await parseFile(
      name.replace(/\.gz$/i, ''),
      () => {
        read = 0;
        return unpacked(request, bytes, (chunk) => void (read += chunk.length), LARGEST_UNPACKED);
      },
      options,
      {
        today,
        isSession,
        progress: () => context.progress(Math.min(1, read / bytes), `reading ${name}`),
        cancelled: context.cancelled,
      },
    );
    into.postMessage({ name, bytes, sha256, parsed } satisfies ReadFile, buffersOf(parsed));
    return null;
  },
  /** The first lines of a file, for choosing its columns by hand. */
  look(request: Omit<ParseRequest, 'today'>): Promise<FileLook> {
    const bytes = sizeOf(request);
    return lookAtFile(
      request.name.replace(/\.gz$/i, ''),
      () => unpacked(request, bytes, () => undefined, LARGEST_UNPACKED),
      request.options,
    );
  },
};

export type IoProcedures = typeof procedures;

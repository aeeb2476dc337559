/** Bytes of a file, unpacked where it is compressed. */
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { HedgerowError } from '../../contract/errors.ts';

const CHUNK = 1 << 20;
/** Pieces of a plain file: read, copied and cut into cells while they are near the processor. */
const PIECE = 1 << 18;
/** A compressed file may not unpack to more than this, nor, once it is large, to more than so many times its size: a bomb. */
const LARGEST_UNPACKED = 16 * 2 ** 30;
const LARGEST_RATIO = 150;
const RATIO_FROM = 64 * 2 ** 20;

export interface FileName {
  readonly path: string;
  /** As the user knows it. */
  readonly name: string;
}

/** bytes[from, to) of a plain file; a piece is good until the next is asked for. This thread has nothing else to do, so it reads itself. */
export function* plainBytes(path: string, from = 0, to = Infinity): Generator<Uint8Array, void> {
  const file = openSync(path, 'r');
  try {
    const buffer = new Uint8Array(PIECE);
    for (let at = from; at < to;) {
      const read = readSync(file, buffer, 0, Math.min(PIECE - (at % PIECE), to - at), at);
      if (read === 0) return;
      at += read;
      yield buffer.subarray(0, read);
    }
  } finally {
    closeSync(file);
  }
}

export function isGzip(path: string): boolean {
  for (const head of plainBytes(path, 0, 2)) return head[0] === 0x1f && head[1] === 0x8b;
  return false;
}

/** The whole file; `packed` is its size, `onRead` gets the bytes read of it, packed as they are. A piece is good until the next is asked for. */
export async function* unpacked({ path, name }: FileName, packed: number, onRead: (bytes: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  let total = 0;
  const count = (more: number): void => {
    if ((total += more) > LARGEST_UNPACKED)
      throw new HedgerowError(
        'data',
        `${name} unpacks to more than ${Math.round(LARGEST_UNPACKED / 2 ** 30)} GiB.`,
        'Split it into smaller files.',
      );
  };
  if (!isGzip(path)) {
    for (const piece of plainBytes(path)) {
      count(piece.length);
      onRead(piece);
      yield piece;
    }
    return;
  }
  const raw = createReadStream(path, { highWaterMark: CHUNK });
  raw.on('data', (chunk) => onRead(chunk as Uint8Array));
  raw.pause();
  const stream = raw.pipe(createGunzip({ chunkSize: CHUNK }));
  raw.on('error', (error) => stream.destroy(error));
  try {
    for await (const chunk of stream) {
      count((chunk as Uint8Array).length);
      if (total > RATIO_FROM && total > LARGEST_RATIO * packed)
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

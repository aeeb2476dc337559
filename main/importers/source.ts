/** Bytes of a file as UTF-8 pieces: encoding, byte-order mark, progress, cancel, and errors of the caller's stream. */
import { HedgerowError } from '../contract/errors.ts';
import { ambiguous, fileError, noText } from './issues.ts';
import type { ParseContext } from './staged.ts';

/** Starts the file from its beginning; a piece is good only until the next is asked for. */
export type Open = () => AsyncIterable<Uint8Array>;
export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

const HEAD = 256 * 1024;
const HEAD_LIMIT = 17 * 1024 * 1024;
/** Largest piece worked on between two looks at the cancel flag. */
const PIECE = 1024 * 1024;

/** What the caller's stream threw, as a fault of the file (or of the disk). */
function streamError(file: string, error: unknown): Error {
  if (error instanceof HedgerowError) return error;
  const { code, message } = error as { code?: unknown; message?: unknown };
  const reason = typeof message === 'string' ? message : String(error);
  if (code === 'EISDIR') return fileError(file, 'directory', { reason: 'this is a directory', fix: 'Name the files in it.' });
  if (typeof code === 'string' && /^E[A-Z]+$/.test(code))
    return new HedgerowError('io', `${file}: cannot be read: ${reason}`, 'Check the file and the disk, then try again.');
  return fileError(file, 'unreadable', {
    reason: `the file cannot be unpacked: ${reason}`,
    fix: 'It is cut short or damaged: download or copy it again.',
  });
}

async function* guarded(file: string, open: Open): AsyncGenerator<Uint8Array, void> {
  const iterator = open()[Symbol.asyncIterator]();
  let done = false;
  try {
    for (;;) {
      let next;
      try {
        next = await iterator.next();
      } catch (error) {
        done = true;
        throw streamError(file, error);
      }
      done = next.done === true;
      if (done) return;
      yield next.value as Uint8Array;
    }
  } finally {
    // Closes the file when we stop early.
    if (!done) await iterator.return?.();
  }
}

export interface Head {
  readonly bytes: Uint8Array;
  /** Whether this is the whole file. */
  readonly complete: boolean;
}

/** The first 256 KB, and more until three line ends are in (a wide header), at most 17 MiB. */
export async function readHead(file: string, open: Open): Promise<Head> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  let ends = 0;
  let complete = true;
  for await (const chunk of guarded(file, open)) {
    pieces.push(chunk.slice());
    size += chunk.length;
    for (let at = chunk.indexOf(10); at >= 0 && ends < 3; at = chunk.indexOf(10, at + 1)) ends++;
    if ((size >= HEAD && ends >= 3) || size >= HEAD_LIMIT) {
      complete = false;
      break;
    }
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  const cut = Math.min(size, HEAD_LIMIT);
  return { bytes: bytes.subarray(0, cut), complete: complete && cut === size };
}

/** Counts valid multi-byte sequences, wrong bytes, and bytes Windows-1252 does not have. */
function utf8Census(bytes: Uint8Array): { readonly multi: number; readonly wrong: number; readonly undefined1252: number } {
  let multi = 0;
  let wrong = 0;
  let undefined1252 = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte < 128) continue;
    if (byte === 0x81 || byte === 0x8d || byte === 0x8f || byte === 0x90 || byte === 0x9d) undefined1252++;
    const more = byte >= 0xf0 && byte < 0xf5 ? 3 : byte >= 0xe0 ? (byte < 0xf0 ? 2 : 0) : byte >= 0xc2 ? 1 : 0;
    let tail = 0;
    while (tail < more && at + tail + 1 < bytes.length && (bytes[at + tail + 1]! & 0xc0) === 0x80) tail++;
    if (more > 0 && tail === more) multi++;
    else wrong++;
    at += tail;
  }
  return { multi, wrong, undefined1252 };
}

function isUtf8(head: Head): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head.bytes, { stream: !head.complete });
    return true;
  } catch {
    return false;
  }
}

/** Encoding of a file from its head; asks when the bytes fit none or two. */
export function detectEncoding(
  file: string,
  head: Head,
  wanted: string | undefined,
): { readonly encoding: Encoding; readonly why: string } {
  const { bytes } = head;
  const [a, b, c] = bytes;
  if (wanted !== undefined) return { encoding: wanted as Encoding, why: `Encoding ${wanted} as asked for.` };
  if (a === 0xef && b === 0xbb && c === 0xbf) return { encoding: 'utf-8', why: 'Encoding UTF-8: byte-order mark.' };
  if (a === 0xff && b === 0xfe) return { encoding: 'utf-16le', why: 'Encoding UTF-16 (little end first): byte-order mark.' };
  if (a === 0xfe && b === 0xff) return { encoding: 'utf-16be', why: 'Encoding UTF-16 (big end first): byte-order mark.' };
  const sample = bytes.subarray(0, 4096);
  const zeros = [0, 0];
  sample.forEach((byte, at) => (byte === 0 ? zeros[at & 1]!++ : 0));
  const half = sample.length / 2;
  if (zeros[1]! > 0.6 * half && zeros[0]! < 0.02 * half)
    return { encoding: 'utf-16le', why: 'Encoding UTF-16 (little end first): every second byte is zero.' };
  if (zeros[0]! > 0.6 * half && zeros[1]! < 0.02 * half)
    return { encoding: 'utf-16be', why: 'Encoding UTF-16 (big end first): every second byte is zero.' };
  if (isUtf8(head)) return { encoding: 'utf-8', why: 'Encoding UTF-8: all bytes are valid.' };
  const { multi, wrong, undefined1252 } = utf8Census(bytes);
  if (multi === 0 && undefined1252 === 0) return { encoding: 'windows-1252', why: `Encoding Windows-1252: ${wrong} bytes are not UTF-8.` };
  // UTF-16 has its zeros on one side of each pair.
  if (zeros[0]! > 0 && zeros[1]! > 0) throw noText(file);
  throw ambiguous(file, 'the encoding cannot be told (some bytes are UTF-8, some are not)', '--encoding', [
    'utf-8',
    'windows-1252',
    'utf-16le',
    'utf-16be',
  ]);
}

/** Bytes of the byte-order mark of a UTF-8 file, 0 when it has none. */
export const markLength = ([a, b, c]: Uint8Array): number => (a === 0xef && b === 0xbb && c === 0xbf ? 3 : 0);

/** A function from pieces of the file to UTF-8 pieces without byte-order mark; `last` flushes. */
export function createDecoder(file: string, encoding: Encoding): (piece: Uint8Array, last: boolean) => Uint8Array {
  if (encoding === 'utf-8') {
    let pending = new Uint8Array(0);
    let begun = false;
    return (piece, last) => {
      if (begun) return piece;
      const joined = new Uint8Array(pending.length + piece.length);
      joined.set(pending);
      joined.set(piece, pending.length);
      pending = joined;
      if (joined.length < 3 && !last) return new Uint8Array(0);
      begun = true;
      return joined.subarray(markLength(joined));
    };
  }
  const decoder = new TextDecoder(encoding, { fatal: true });
  const encoder = new TextEncoder();
  return (piece, last) => {
    try {
      return encoder.encode(decoder.decode(piece, { stream: !last }));
    } catch {
      throw fileError(file, 'encoding', {
        reason: `the bytes are not ${encoding}`,
        fix: 'Name the encoding: --encoding utf-8 or --encoding windows-1252.',
      });
    }
  };
}

/** The whole file as UTF-8 pieces of at most 1 MiB of input. */
export async function* readUtf8(file: string, open: Open, encoding: Encoding, context: ParseContext): AsyncGenerator<Uint8Array, void> {
  const decode = createDecoder(file, encoding);
  let done = 0;
  for await (const chunk of guarded(file, open)) {
    for (let at = 0; at < chunk.length; at += PIECE) {
      if (context.cancelled?.()) throw new HedgerowError('cancelled', `${file}: import cancelled`, 'Nothing was changed.');
      const piece = chunk.subarray(at, at + PIECE);
      const text = decode(piece, false);
      if (text.length > 0) yield text;
      done += piece.length;
      context.progress?.(done);
    }
  }
  const rest = decode(new Uint8Array(0), true);
  if (rest.length > 0) yield rest;
}

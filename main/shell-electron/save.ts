/** Writing what the user saves: whole under its name, or not at all. */
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** A half-written order file must never lie under its own name. */
export async function saveWhole(content: AsyncIterable<Uint8Array> | Uint8Array, path: string): Promise<void> {
  // A name nobody can have put a link under; `wx` would not follow one.
  const partial = `${path}.${randomBytes(4).toString('hex')}.part`;
  try {
    await pipeline(
      Readable.from(content instanceof Uint8Array ? [content] : content),
      createWriteStream(partial, { flags: 'wx', flush: true }),
    );
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

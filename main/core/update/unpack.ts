/** The payload of a verified update, written file by file into an empty folder; every hash is checked before anything counts. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { HedgerowError } from '../../contract/errors.ts';
import type { Hooks } from '../session.ts';
import type { UpdateFile } from './format.ts';

const damaged = (what: string): HedgerowError =>
  new HedgerowError('data', `The update file is damaged: ${what}.`, 'Get it again from where your copy came from. Nothing was changed.');

/** Writes all files below `folder`, which must be new. Rejects with `data` at the first byte that is not as signed. */
export async function unpackUpdate(file: string, { manifest, offset }: UpdateFile, folder: string, hooks: Hooks = {}): Promise<void> {
  if ((await stat(file)).size !== offset + manifest.payload.bytes) throw damaged('it is cut short, or longer than it should be');
  const packedHash = createHash('sha256');
  const total = manifest.files.reduce((sum, { size }) => sum + size, 0);
  const writer = fileWriter(folder, manifest.files);
  let done = 0;
  try {
    await writer.begin();
    for await (const chunk of unzipped(file, offset, (packed) => packedHash.update(packed))) {
      if (hooks.signal?.aborted) throw new HedgerowError('cancelled', 'Cancelled.', 'Nothing was changed.');
      done += chunk.length;
      if (done > total) throw damaged('it unpacks to more than it says');
      await writer.write(chunk);
      hooks.onProgress?.(total === 0 ? null : done / total, 'verifying and unpacking');
    }
    await writer.finish();
  } catch (error) {
    if (error instanceof HedgerowError || /^E(NOSPC|ACCES|PERM|ROFS|EXIST)$/.test(String((error as NodeJS.ErrnoException).code)))
      throw error;
    throw damaged(`it cannot be unpacked (${(error as Error).message})`);
  } finally {
    await writer.close();
  }
  if (packedHash.digest('hex') !== manifest.payload.sha256) throw damaged('its content is not what was signed');
}

/** The payload from `offset` on. It is opened when the first piece is asked for: what fails before somebody listens would end the program. */
async function* unzipped(file: string, offset: number, onRead: (packed: Buffer) => void): AsyncGenerator<Buffer, void> {
  const raw = createReadStream(file, { start: offset, highWaterMark: 1 << 18 });
  raw.on('data', (chunk) => onRead(chunk as Buffer));
  raw.pause();
  const stream = raw.pipe(createGunzip({ chunkSize: 1 << 18 }));
  raw.on('error', (error) => stream.destroy(error));
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) yield chunk;
  } finally {
    raw.destroy();
    stream.destroy();
  }
}

/** Cuts a stream of bytes into the listed files. */
function fileWriter(folder: string, files: UpdateFile['manifest']['files']) {
  let at = 0;
  let left = 0;
  let hash = createHash('sha256');
  let handle: FileHandle | null = null;

  /** Opens the next file that has content; ends the ones without. */
  async function next(): Promise<void> {
    for (; at < files.length; at++) {
      const { path, size, executable } = files[at]!;
      const to = join(folder, ...path.split('/'));
      await mkdir(dirname(to), { recursive: true });
      handle = await open(to, 'wx', executable ? 0o755 : 0o644);
      hash = createHash('sha256');
      left = size;
      if (size > 0) return;
      await end();
    }
  }

  async function end(): Promise<void> {
    const { path, sha256 } = files[at]!;
    // On the disk before the switch to the new version, not some time after it.
    await handle!.sync();
    await handle!.close();
    handle = null;
    if (hash.digest('hex') !== sha256) throw damaged(`${path} is not what was signed`);
  }

  return {
    begin: next,
    async write(chunk: Buffer): Promise<void> {
      let rest = chunk;
      while (rest.length > 0) {
        if (!handle) throw damaged('it unpacks to more than it says');
        const part = rest.subarray(0, left);
        await handle.write(part);
        hash.update(part);
        left -= part.length;
        rest = rest.subarray(part.length);
        if (left > 0) continue;
        await end();
        at++;
        await next();
      }
    },
    async finish(): Promise<void> {
      if (at < files.length) throw damaged('it unpacks to less than it says');
    },
    async close(): Promise<void> {
      await handle?.close();
      handle = null;
    },
  };
}

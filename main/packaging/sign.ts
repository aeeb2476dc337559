/** Making a signed update file from a folder or a single installer; the other end of main/core/update. */
import { createHash, sign, type KeyObject } from 'node:crypto';
import { createReadStream, createWriteStream, lstatSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { MAGIC, type Manifest } from '../core/update/format.ts';

export interface SignRequest {
  readonly key: KeyObject;
  readonly keyName: string;
  readonly version: string;
  readonly target: string;
  /** ISO day. */
  readonly published: string;
  readonly notes: string;
  /** A folder, of which all files are taken, or one file. */
  readonly source: string;
}

/** Regular files below a folder in a fixed order. Throws for a link: an update has none. */
function filesBelow(source: string): { path: string; file: string }[] {
  if (!lstatSync(source).isDirectory()) return [{ path: basename(source), file: source }];
  const found: { path: string; file: string }[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const file = join(folder, entry.name);
      if (entry.isDirectory()) visit(file);
      else if (entry.isFile()) found.push({ path: relative(source, file).replaceAll('\\', '/'), file });
      else throw new Error(`${file} is neither a file nor a folder`);
    }
  };
  visit(source);
  return found;
}

/** Writes the update file; answers how many files and unpacked bytes it holds. */
export async function writeUpdate(out: string, request: SignRequest): Promise<{ files: number; bytes: number }> {
  const sources = filesBelow(request.source);
  const files = sources.map(({ path, file }) => {
    const content = readFileSync(file);
    const executable = (statSync(file).mode & 0o111) !== 0;
    return { path, size: content.length, sha256: createHash('sha256').update(content).digest('hex'), executable };
  });
  const payload = `${out}.payload`;
  async function* content(): AsyncGenerator<Uint8Array> {
    for (const { file } of sources) yield* createReadStream(file, { highWaterMark: 1 << 20 });
  }
  try {
    await pipeline(Readable.from(content()), createGzip({ level: 6, chunkSize: 1 << 20 }), createWriteStream(payload));
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(payload)) hash.update(chunk as Buffer);
    const manifest: Manifest = {
      product: 'hedgerow',
      version: request.version,
      target: request.target,
      published: request.published,
      notes: request.notes,
      files,
      payload: { bytes: statSync(payload).size, sha256: hash.digest('hex') },
    };
    const line = Buffer.from(JSON.stringify(manifest));
    const front = `${MAGIC}\n${request.keyName} ${sign(null, line, request.key).toString('base64url')}\n`;
    const stream = createWriteStream(out);
    stream.write(front);
    stream.write(line);
    stream.write('\n');
    await pipeline(createReadStream(payload), stream);
  } finally {
    rmSync(payload, { force: true });
  }
  return { files: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) };
}

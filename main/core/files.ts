/** Opaque handles: the screens never see a path. Uploads are spooled into a private folder; artifacts are offered for saving. */
import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { fileReason, HedgerowError } from '../contract/errors.ts';
import type { SourceFile } from './imports.ts';

/** A spooled upload may not fill the disk. */
const LARGEST_UPLOAD = 8 * 2 ** 30;

const newHandle = (): string => randomBytes(18).toString('base64url');

export interface Files {
  registerPath(path: string): string;
  spool(name: string): { handle: string; write(chunk: Uint8Array): Promise<void>; end(): Promise<void>; abort(): Promise<void> };
  artifact(artifactId: string): { name: string; bytes: number; stream: AsyncIterable<Uint8Array> } | null;
  /** Path behind a handle; null when it is not known. */
  path(handle: string): string | null;
  /** File behind a handle. Throws not_found. */
  source(handle: string): SourceFile;
  /** A folder for files to be offered; each call is a new one. */
  artifactFolder(): string;
  /** A verified installer for the shell to start; no page can read it. */
  keepInstaller(installerId: string, path: string): void;
  installer(installerId: string): string | null;
  offer(path: string): { artifactId: string; name: string; bytes: number };
  close(): void;
}

/** A home folder may be shared by several computers, whose processes cannot be asked. */
const OURS = `session-${hostname().replaceAll(/[^\w.]/g, '')}-`;

/** What programs of this computer that were killed left in the spool. */
function removeLeft(root: string): void {
  for (const name of readdirSync(root)) {
    const pid = name.startsWith(OURS) ? Number(/^\d+/.exec(name.slice(OURS.length))?.[0]) : NaN;
    if (pid && !runs(pid)) rmSync(join(root, name), { recursive: true, force: true });
  }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Keeps handles for one run of the program; the spool folder is removed at its end. */
export function createFiles(home: string): Files {
  const root = join(home, 'spool');
  mkdirSync(root, { recursive: true, mode: 0o700 });
  removeLeft(root);
  const folder = mkdtempSync(join(root, `${OURS}${process.pid}-`));
  const sources = new Map<string, SourceFile>();
  const artifacts = new Map<string, string>();
  const installers = new Map<string, string>();
  return {
    registerPath(path) {
      for (const [handle, source] of sources) if (source.path === path) return handle;
      const handle = newHandle();
      sources.set(handle, { path, name: basename(path) });
      return handle;
    },
    spool(name) {
      const handle = newHandle();
      const path = join(folder, handle);
      const stream = createWriteStream(path, { flags: 'wx', mode: 0o600 });
      let failed: Error | null = null;
      stream.on('error', (error) => (failed = error));
      let bytes = 0;
      const check = (): void => {
        if (failed)
          throw new HedgerowError(
            (failed as NodeJS.ErrnoException).code === 'ENOSPC' ? 'disk_full' : 'io',
            `The upload cannot be stored: ${fileReason(failed)}`,
            'Free some space and try again.',
          );
      };
      return {
        handle,
        async write(chunk) {
          check();
          bytes += chunk.length;
          if (bytes > LARGEST_UPLOAD)
            throw new HedgerowError('data', 'The file is larger than 8 GiB.', 'Split it, or use the command line.');
          if (!stream.write(chunk)) await Promise.race([once(stream, 'drain'), once(stream, 'close')]);
        },
        async end() {
          stream.end();
          await once(stream, 'close');
          check();
          // The name comes from outside: only its last part is kept, and only to be shown and to find a ticker in it.
          sources.set(handle, { path, name: basename(name.replaceAll('\\', '/')).slice(0, 200) || 'upload' });
        },
        async abort() {
          stream.destroy();
          rmSync(path, { force: true });
        },
      };
    },
    artifact(artifactId) {
      const path = artifacts.get(artifactId);
      if (path === undefined) return null;
      return { name: basename(path), bytes: statSync(path).size, stream: createReadStream(path) };
    },
    source(handle) {
      const source = sources.get(handle);
      if (!source) throw new HedgerowError('not_found', 'This file is not known any more.', 'Choose it again.');
      return source;
    },
    path: (handle) => sources.get(handle)?.path ?? null,
    keepInstaller: (installerId, path) => void installers.set(installerId, path),
    installer: (installerId) => installers.get(installerId) ?? null,
    artifactFolder: () => mkdtempSync(join(folder, 'artifact-')),
    offer(path) {
      const artifactId = newHandle();
      artifacts.set(artifactId, path);
      return { artifactId, name: basename(path), bytes: statSync(path).size };
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

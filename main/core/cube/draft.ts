/** Files and folders that appear whole or not at all: written beside their place, synced, then renamed. */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statfsSync } from 'node:fs';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileReason, HedgerowError } from '../../contract/errors.ts';

export interface FileDraft {
  /** Bytes written so far. */
  readonly bytes: number;
  write(chunk: Uint8Array): Promise<void>;
}

export interface FolderDraft {
  readonly bytes: number;
  /** `path` is inside the folder, with `/`. */
  put(path: string, bytes: Uint8Array): Promise<void>;
  /** A file inside the folder that grows. */
  file<T>(path: string, work: (file: FileDraft) => Promise<T>): Promise<T>;
}

/** Writes a file with `work`. An interrupted write leaves what was there before. Rejects with io or disk_full. */
export async function writeFileDraft<T>(out: string, work: (file: FileDraft) => Promise<T>): Promise<T> {
  const draft = freshDraft(out);
  let bytes = 0;
  try {
    const result = await grow(draft, work, (count) => (bytes = count));
    renameSync(draft, out);
    syncFolder(dirname(out));
    return result;
  } catch (error) {
    rmSync(draft, { force: true });
    throw named(error, out, bytes);
  }
}

/** Writes a folder that must not exist yet, or must be one that this program wrote (`mark` is inside), which it then replaces. */
export async function writeFolderDraft<T>(out: string, mark: string, work: (folder: FolderDraft) => Promise<T>): Promise<T> {
  if (existsSync(out) && !existsSync(join(out, mark)))
    throw new HedgerowError(
      'blocked',
      `${basename(out)} exists and was not written by an export.`,
      'Choose another name, or remove it first.',
    );
  const draft = freshDraft(out);
  const made = new Set<string>();
  let bytes = 0;
  const folderOf = async (path: string): Promise<string> => {
    const full = join(draft, path);
    if (!made.has(dirname(full))) await mkdir(dirname(full), { recursive: true });
    made.add(dirname(full));
    return full;
  };
  try {
    mkdirSync(draft);
    const result = await work({
      get bytes() {
        return bytes;
      },
      async put(path, content) {
        await writeFile(await folderOf(path), content);
        bytes += content.length;
      },
      file: async (path, fill) => {
        const before = bytes;
        return grow(await folderOf(path), fill, (count) => (bytes = before + count));
      },
    });
    const old = `${draft}.old`;
    if (existsSync(out)) renameSync(out, old);
    renameSync(draft, out);
    rmSync(old, { recursive: true, force: true });
    syncFolder(dirname(out));
    return result;
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw named(error, out, bytes);
  }
}

async function grow<T>(path: string, work: (file: FileDraft) => Promise<T>, wrote: (bytes: number) => void): Promise<T> {
  const handle = await open(path, 'wx');
  let bytes = 0;
  try {
    const result = await work({
      get bytes() {
        return bytes;
      },
      async write(chunk) {
        let at = 0;
        while (at < chunk.length) at += (await handle.write(chunk, at)).bytesWritten;
        bytes += chunk.length;
        wrote(bytes);
      },
    });
    await handle.sync();
    return result;
  } finally {
    await handle.close();
  }
}

/** What lies there is of a process that was killed and had the number of this one, as in a container all have. */
function freshDraft(out: string): string {
  const draft = `${out}.${process.pid}.part`;
  rmSync(draft, { recursive: true, force: true });
  return draft;
}

function named(error: unknown, out: string, bytes: number): unknown {
  if (error instanceof HedgerowError) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC')
    return new HedgerowError(
      'disk_full',
      `The disk became full after ${Math.round(bytes / 1e6)} MB.`,
      'Free some space; what was begun is removed.',
    );
  if (code === undefined) return error;
  return new HedgerowError(
    'io',
    `${basename(out)} cannot be written in ${dirname(out)}: ${fileReason(error)}`,
    'Choose another folder or name.',
  );
}

/** Rejects with disk_full when the disk of `out` has less than `expected` bytes free. */
export function checkSpace(out: string, expected: number): void {
  let free;
  try {
    const stat = statfsSync(dirname(resolve(out)));
    free = stat.bavail * stat.bsize;
  } catch {
    return; // The folder is missing: opening the file says so.
  }
  if (free < expected)
    throw new HedgerowError(
      'disk_full',
      `The export needs about ${Math.round(expected / 1e6)} MB; ${dirname(out)} has ${Math.round(free / 1e6)} MB free.`,
      'Free some space, choose another disk, or export fewer tickers, fields or dates.',
    );
}

function syncFolder(folder: string): void {
  try {
    const handle = openSync(folder, 'r');
    fsyncSync(handle);
    closeSync(handle);
  } catch {
    // Windows cannot sync folders; the rename is journalled there.
  }
}

/** A file that is there whole or not at all. */
import { closeSync, constants, copyFileSync, existsSync, fsyncSync, linkSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileReason, HedgerowError } from '../../contract/errors.ts';

/** A finished file that has not its name yet. */
export interface Draft {
  /** The place it is for. */
  readonly path: string;
  /** Where it lies meanwhile. */
  readonly file: string;
  /** Gives it its name, without ever replacing another. */
  place(): void;
  /** Removes what lies there; a file that has its name stays. */
  discard(): void;
}

/** Writes a file beside the place it is for, synced: complete, or an error. */
export function writeDraft(path: string, text: string): Draft {
  const file = `${path}.${process.pid}.tmp`;
  // Below a file there is nothing, and removing it would be refused.
  const discard = (): void => {
    if (existsSync(file)) rmSync(file, { force: true });
  };
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      discard();
      const code = (error as NodeJS.ErrnoException).code;
      throw new HedgerowError(
        code === 'ENOSPC' ? 'disk_full' : 'io',
        `${basename(path)} cannot be written in ${dirname(path)}: ${fileReason(error)}`,
        'Choose another folder or name.',
      );
    }
  };
  attempt(() => {
    // Of a process that was killed and had the number of this one, as in a container all have.
    discard();
    const handle = openSync(file, 'wx');
    try {
      // All of it or an error: a single write takes what still fits on a disk that is nearly full.
      writeFileSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  });
  return {
    path,
    file,
    discard,
    place: () => {
      attempt(() => giveName(file, path));
      discard();
    },
  };
}

/** Names a finished file without ever replacing another; on file systems without hard links it is copied instead. */
function giveName(draft: string, path: string): void {
  try {
    linkSync(draft, path);
  } catch (error) {
    if (!['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    copyFileSync(draft, path, constants.COPYFILE_EXCL);
  }
}

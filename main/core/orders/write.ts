/** A file that is there whole or not at all. */
import { closeSync, constants, copyFileSync, fsyncSync, linkSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { HedgerowError } from '../../contract/errors.ts';

/** A new file, complete or absent: written beside, synced, then given its name without ever replacing another. */
export function writeNew(path: string, text: string): void {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    const handle = openSync(draft, 'wx');
    try {
      // All of it or an error: a single write takes what still fits on a disk that is nearly full.
      writeFileSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    giveName(draft, path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new HedgerowError(
      code === 'ENOSPC' ? 'disk_full' : 'io',
      `${basename(path)} cannot be written in ${dirname(path)}: ${(error as Error).message}`,
      'Choose another folder or name.',
    );
  } finally {
    rmSync(draft, { force: true });
  }
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

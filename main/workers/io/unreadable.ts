/** Why a file a person named cannot be read, in plain words. */
import { statSync } from 'node:fs';
import { fileReason, HedgerowError } from '../../contract/errors.ts';

/** For what `stat`, `open` or `read` threw. */
export function unreadable(name: string, error: unknown): HedgerowError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return new HedgerowError('not_found', `There is no file ${name}.`, 'Check the name and the permissions.');
  if (code === 'EISDIR') return isDirectory(name);
  return new HedgerowError('io', `${name} cannot be read: ${fileReason(error)}.`, 'Check the name and the permissions.');
}

const isDirectory = (name: string): HedgerowError =>
  new HedgerowError('data', `${name} is a directory.`, 'Name the files inside it instead.');

/** Size of a regular file in bytes; a directory, a device, an empty or a missing file is an error in plain words. */
export function sizeOf({ path, name }: { readonly path: string; readonly name: string }): number {
  let stat;
  try {
    stat = statSync(path);
  } catch (error) {
    throw unreadable(name, error);
  }
  if (stat.isDirectory()) throw isDirectory(name);
  if (!stat.isFile()) throw new HedgerowError('data', `${name} is not a regular file.`, 'Copy its content into a file first.');
  if (stat.size === 0) throw new HedgerowError('data', `${name} is empty (0 bytes).`, 'Download or save it again.');
  return stat.size;
}

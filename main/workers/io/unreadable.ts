/** Why a file a person named cannot be read, in plain words. */
import type { Stats } from 'node:fs';
import { HedgerowError } from '../../contract/errors.ts';

/** For what `stat`, `open` or `read` threw. */
export function unreadable(name: string, error: unknown): HedgerowError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return new HedgerowError('not_found', `There is no file ${name}.`, 'Check the name and the permissions.');
  if (code === 'EISDIR') return isDirectory(name);
  return new HedgerowError('io', `${name} cannot be read: ${message}`, 'Check the name and the permissions.');
}

const isDirectory = (name: string): HedgerowError =>
  new HedgerowError('data', `${name} is a directory.`, 'Name the files inside it instead.');

/** Throws for a directory, a device and an empty file. */
export function refuseOthers(name: string, stat: Stats): void {
  if (stat.isDirectory()) throw isDirectory(name);
  if (!stat.isFile()) throw new HedgerowError('data', `${name} is not a regular file.`, 'Copy its content into a file first.');
  if (stat.size === 0) throw new HedgerowError('data', `${name} is empty (0 bytes).`, 'Download or save it again.');
}

/** Whole files that a person named. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { HedgerowError } from '../contract/errors.ts';
import { sizeOf, unreadable } from '../workers/io/unreadable.ts';

/** Throws `not_found`, `io` or `data` for what is no readable file, and `usage` for one over `largest` bytes, with the advice. */
export function readWhole(path: string, largest: number, advice: string, name = basename(path)): Buffer {
  if (sizeOf({ path, name }) > largest) throw new HedgerowError('usage', `${name} is larger than ${largest / 2 ** 20} MB.`, advice);
  try {
    return readFileSync(path);
  } catch (error) {
    throw unreadable(name, error);
  }
}

/** JSON of a file; throws also `usage` for what is none. */
export function readJson(path: string): unknown {
  const text = readWhole(path, 16 * 2 ** 20, 'Choose the right file.').toString('utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HedgerowError('usage', `${basename(path)} is not JSON: ${(error as Error).message}`, 'Correct the file.');
  }
}

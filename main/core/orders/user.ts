/** Who is at the machine. */
import { userInfo } from 'node:os';
import { HedgerowError } from '../../contract/errors.ts';

/** The account of this machine's user. */
function userName(): string {
  try {
    return userInfo().username || 'unknown';
  } catch {
    return 'unknown';
  }
}

/** Letters and digits of a name: neither case, blanks, points nor characters that nobody sees make another person. */
const nameKey = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]/gu, '');

export const sameName = (a: string, b: string): boolean => nameKey(a) === nameKey(b);

/** Who does something: the name that is given, else this machine's user. Throws usage for a name that is none. */
export function personOf(by: string | undefined): string {
  if (by === undefined) return userName();
  const name = by.trim();
  if (name.length < 2 || name.length > 60 || nameKey(name) === '')
    throw new HedgerowError('usage', `"${name.slice(0, 60)}" names nobody.`, 'A name has 2 to 60 characters.');
  return name;
}

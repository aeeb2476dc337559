/** Names of universes that are lists of the user's own. */
import { fileError } from './issues.ts';

/** What a name may be, for people. */
export const LIST_NAME =
  'A name is a letter, then up to 39 letters, digits, - or _; mc_500 and dv_500 are universes by rule and cannot be lists.';

/** The name as it is stored: lower case, blanks as `_`. null when it cannot be one. */
export function listName(text: string): string | null {
  const name = text.trim().toLowerCase().replace(/\s+/g, '_');
  return /^[a-z][a-z0-9_-]{0,39}$/.test(name) && !/^(mc|dv)_\d+$/.test(name) ? name : null;
}

/** A list of names without a column that says what it is called has the name of its file. Throws where that can be no name. */
export function nameFromFile(file: string, headerLine: number): string {
  const stem = file.replace(/^.*[\\/]/, '').replace(/(\.[a-z0-9]{1,4}){1,2}$/i, '');
  const name = listName(stem);
  if (name !== null) return name;
  const text = {
    found: stem,
    reason: `the list has no universe column, and ${stem} cannot be the name of a universe`,
    fix: `Rename the file or add the column. ${LIST_NAME}`,
  };
  throw fileError(file, 'no_list_name', text, headerLine);
}

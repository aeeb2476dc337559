/** Names of universes that are lists of the user's own. */

/** What a name may be, for people. */
export const LIST_NAME =
  'A name is a letter, then up to 39 letters, digits, - or _; mc_500 and dv_500 are universes by rule and cannot be lists.';

/** The name as it is stored: lower case, blanks as `_`. null when it cannot be one. */
export function listName(text: string): string | null {
  const name = text.trim().toLowerCase().replace(/\s+/g, '_');
  return /^[a-z][a-z0-9_-]{0,39}$/.test(name) && !/^(mc|dv)_\d+$/.test(name) ? name : null;
}

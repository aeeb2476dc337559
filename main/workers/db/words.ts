/** Days or names spelled out in one sentence. */
const SHOWN = 8;

/** The first of some days or names, and how many more there are. */
export const listed = (items: readonly string[]): string =>
  items.slice(0, SHOWN).join(', ') + (items.length > SHOWN ? ` and ${items.length - SHOWN} more` : '');

/** Of answers asked for again, those that say something new: what did not change must not make a screen load anew. For JSON data. */
export function changesIn<T extends object>(before: T, after: T): Partial<T> {
  const differs = (key: keyof T): boolean => JSON.stringify(before[key]) !== JSON.stringify(after[key]);
  return Object.fromEntries((Object.keys(after) as (keyof T)[]).filter(differs).map((key) => [key, after[key]])) as Partial<T>;
}

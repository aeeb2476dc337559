import * as v from 'valibot';
import { expect, it } from 'vitest';
import { strictObject, text } from './schemas.ts';

const schema = strictObject({
  name: text(3),
  count: v.optional(v.pipe(v.number(), v.integer(), v.minValue(5))),
  list: v.optional(v.pipe(v.array(v.string()), v.maxLength(1))),
  word: v.optional(v.picklist(['daily', 'month-end'])),
  day: v.optional(v.pipe(v.string(), v.regex(/^\d{4}$/, 'a year'))),
  any: v.optional(v.union([v.string(), v.number()])),
});

it.each<[unknown, string]>([
  [{}, 'name: is missing'],
  [{ name: 5 }, 'name: text, not 5'],
  [{ name: 'long' }, 'name: at most 3 characters, not 4'],
  [{ name: 'a', other: 1 }, 'other: there is no such field'],
  [{ name: 'a', count: 'five' }, 'count: a number, not "five"'],
  [{ name: 'a', count: 5.5 }, 'count: a whole number, not 5.5'],
  [{ name: 'a', count: 4 }, 'count: at least 5, not 4'],
  [{ name: 'a', list: 'a' }, 'list: a list, not "a"'],
  [{ name: 'a', list: ['a', 'b'] }, 'list: at most 1 entries, not 2'],
  [{ name: 'a', word: 'weekly' }, 'word: "daily" or "month-end", not "weekly"'],
  [{ name: 'a', day: 'x' }, 'day: a year'],
  [{ name: 'a', any: true }, 'any: text or a number, not true'],
  [5, 'input: an object, not 5'],
])('what is wrong with %j is said in words', (input, words) => {
  const [issue] = v.safeParse(schema, input).issues!;
  expect(`${v.getDotPath(issue) ?? 'input'}: ${issue.message}`).toBe(words);
});

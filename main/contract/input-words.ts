/** What is wrong with a field of an input, in words: read after its name, as in `window: at least 5, not 3`. */
import type * as v from 'valibot';

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  Array: 'a list',
  Object: 'an object',
  integer: 'a whole number',
  finite: 'a finite number',
};

/** Of a bound such as `>=5`. */
const bound = (expected: string): string =>
  expected === '!0'
    ? 'at least 1'
    : expected
        .replace(/^(>=|<=|>|<)/, (sign) => `${{ '>=': 'at least', '<=': 'at most', '>': 'above', '<': 'below' }[sign]} `)
        .replace(/\d{7,}/, (digits) => Number(digits).toLocaleString('en-US'));

/** For every rule that has no words of its own. */
export function inputWords({ type, expected, received, input }: v.BaseIssue<unknown>): string {
  if (expected === 'never') return 'there is no such field';
  if (received === 'undefined') return 'is missing';
  if (/length$|^non_empty$/.test(type))
    return `${bound(expected ?? '')} ${typeof input === 'string' ? 'characters' : 'entries'}, not ${received}`;
  const wanted = (expected ?? type).replace(/^\((.*)\)$/, '$1').split(' | ');
  return `${wanted.map((word) => KINDS[word] ?? bound(word)).join(' or ')}, not ${received}`;
}

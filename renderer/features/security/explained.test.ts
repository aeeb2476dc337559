import { expect, it } from 'vitest';
import { F } from '../../../main/quant/cascade/index.ts';
import { EXPLAINED_FIELDS, explainedField, explainPart } from './explained.ts';

it('offers only fields that explain knows, each once, and finds them in an address', () => {
  const names = EXPLAINED_FIELDS.map((field) => field.name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) {
    expect([name, name in F || ['close', 'adj_close', 'return'].includes(name)]).toEqual([name, true]);
    expect(explainedField(explainPart(name))).toBe(name);
  }
  expect(['', 'regression', 'explain-', 'explain-nothing'].map(explainedField)).toEqual([null, null, null, null]);
});

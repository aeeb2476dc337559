import { expect, it } from 'vitest';
import { SECTIONS } from './formulas.ts';
import { plainText, typeset } from './typeset.ts';

it('sets indexes, stars, fractions and signs', () => {
  expect(typeset('s* = s - lam_sm * m')).toEqual([
    { kind: 'name', base: 's', sub: '', sup: '*' },
    { kind: 'text', text: ' = ' },
    { kind: 'name', base: 's', sub: '', sup: '' },
    { kind: 'text', text: ' − ' },
    { kind: 'name', base: 'λ', sub: 'sm', sup: '' },
    { kind: 'text', text: ' · ' },
    { kind: 'name', base: 'm', sub: '', sup: '' },
  ]);
  expect(plainText(typeset('b_m = {Cov(r, m)|Var(m)}'))).toBe('b_m = (Cov(r, m)) / (Var(m))');
  expect(plainText(typeset('"minimise" y A, x + 1'))).toBe('minimise\u2009y\u2009A, x + 1');
  expect(plainText(typeset('HR = -h'))).toBe('HR = −h');
});

it('sets every formula of the screen, with nothing left unset', () => {
  for (const section of SECTIONS) {
    for (const { lines } of section.formulas) {
      for (const line of lines) expect(plainText(typeset(line)), line).not.toMatch(/["{}|]|undefined|lam/);
    }
  }
});

/** The usual ticket: what is laid down is what the next ticket starts with, and how far from it the present one is. */
import * as v from 'valibot';
import { expect, it } from 'vitest';
import { deskRules } from '../../../main/contract/desk.ts';
import { chosenOf, differences, ticketOf, type Chosen } from './usual.ts';

const other: Chosen = {
  layers: { market: 100, sector: 50, subsector: 0 },
  minTrade: 1000,
  band: 5,
  rounding: 'nearest',
  netting: 'per-account',
  exclude: 'xop, KRE',
  limits: { XLK: 250_000, XLF: 0 },
  grossCap: 2e6,
  format: 'emsx',
  orderType: 'LOC',
  limitBps: 15,
  level: 2,
};

it('lays down what is chosen and chooses what is laid down, each choice by itself and all of them', () => {
  const start = chosenOf();
  expect(ticketOf(start)).toEqual({});
  for (const key of Object.keys(other) as (keyof Chosen)[]) {
    // The distance of a limit says nothing without one.
    const from: Chosen = key === 'limitBps' ? { ...start, orderType: 'LMT' } : start;
    const chosen = { ...from, [key]: other[key] };
    expect(differences(chosen, from)).toContain(key);
    expect(differences({ ...chosen, [key]: from[key] }, from)).toEqual([]);
    const ticket = ticketOf(chosen);
    expect(v.safeParse(deskRules, { ticket }).success, key).toBe(true);
    expect(differences(chosenOf(ticket), chosen), key).toEqual([]);
  }
  const all = ticketOf(other);
  expect(v.safeParse(deskRules, { ticket: all }).success).toBe(true);
  expect(chosenOf(all)).toEqual({ ...other, exclude: 'XOP, KRE' });
});

it('keeps no distance of a limit for orders that have none', () => {
  expect(ticketOf({ ...other, orderType: 'MOC' }).terms).toEqual({ orderType: 'MOC' });
  expect(ticketOf(other).terms).toEqual({ orderType: 'LOC', limitBps: 15 });
  expect(differences({ ...other, orderType: 'MKT', limitBps: 1 }, { ...other, orderType: 'MKT' })).toEqual([]);
});

it('tells no difference of order or case, and one of a limit of nothing', () => {
  expect(differences(other, { ...other, exclude: 'KRE;XOP', limits: { XLF: 0, XLK: 250_000 } })).toEqual([]);
  expect(differences(other, { ...other, limits: { XLK: 250_000 } })).toEqual(['limits']);
});

/** A hedge of several accounts, which puts what hedges one of them into another. */
import { describe, expect, it } from 'vitest';
import type { Check } from '../../contract/results.ts';
import { preTradeChecks, type CheckContext } from './index.ts';
import { clean } from './testing/context.ts';

const check = (patch: Partial<CheckContext>): Check => preTradeChecks({ ...clean, ...patch }).find(({ id }) => id === 'netting')!;

describe('accounts hedged as one', () => {
  const together = (accounts: readonly string[], owners?: Record<string, string>, patch: Partial<CheckContext> = {}) =>
    check({ hedgedAsOne: accounts, ...(owners ? { owners } : {}), ...patch });

  it('are named where they are of one owner, and refused for good where they are of several', () => {
    expect(together(['A', ''], { A: 'Ann', '': 'Ann' })).toMatchObject({
      severity: 'inform',
      status: 'fail',
      message: 'Hedged as one: A (Ann), (unnamed) (Ann).',
    });
    for (const owners of [
      { A: 'Ann', B: 'Bo' },
      { A: 'Ann', B: 'Bo', C: 'Bo' },
    ] as Record<string, string>[])
      expect(together(['A', 'B', 'C'], owners)).toMatchObject({
        severity: 'block',
        final: true,
        message: expect.stringContaining("Orders in the account of one owner would hedge another's"),
      });
  });

  it('ask for their owners where one is not known', () => {
    for (const owners of [{ A: 'Ann' }, {}, undefined] as (Record<string, string> | undefined)[])
      expect(together(['A', 'B'], owners)).toMatchObject({
        severity: 'warn',
        message: expect.stringContaining('Name the owners in the desk rules'),
      });
  });

  it('are at least two, with orders', () => {
    expect(together(['A']).status).toBe('pass');
    expect(together(['A', 'B'], {}, { orders: [] }).status).toBe('pass');
  });
});

import { expect, test } from 'vitest';
import { changesIn } from './changes.ts';

test('only what says something new is a change', () => {
  const before = { workspace: { name: 'a', revision: 3 }, runs: [{ runId: 'R1' }], snapshots: [] as string[] };
  expect(changesIn(before, structuredClone(before))).toEqual({});
  expect(changesIn(before, { ...before, runs: [{ runId: 'R2' }, { runId: 'R1' }] })).toEqual({ runs: [{ runId: 'R2' }, { runId: 'R1' }] });
  expect(changesIn<{ workspace: object | null | undefined }>({ workspace: undefined }, { workspace: null })).toEqual({ workspace: null });
});

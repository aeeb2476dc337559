/** Opening another workspace while the one that is open is being asked. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createCore } from './index.ts';
import { testEnvironment } from './testing/environment.ts';

const home = mkdtempSync(join(tmpdir(), 'switching-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

it('answers what a workspace was asked before it leaves it', { timeout: 60_000 }, async () => {
  const core = await createCore({ ...testEnvironment(), home, threads: 1, today: '2026-07-01' });
  try {
    await core.call('workspace.create', { name: 'One' });
    let left = false;
    const questions = Array.from({ length: 64 }, async () => {
      while (!left) await core.call('batches.list', {});
    });
    await core.call('workspace.create', { name: 'Two' });
    left = true;
    await Promise.all(questions);
    expect(await core.call('workspace.info', {})).toMatchObject({ name: 'Two' });
  } finally {
    await core.close();
  }
});

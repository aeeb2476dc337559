/** The doctor in the background: it looks by itself after a change, and a look that is called off leaves what was known. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import type { JobState } from '../contract/methods.ts';
import { OLS_252 } from '../contract/settings.ts';
import { MAP, pricesText, smallMarket } from '../cli/testing/market.ts';
import { createCore } from './index.ts';
import { testEnvironment } from './testing/environment.ts';

it('looks after each change, and a cancelled look changes nothing', async () => {
  const home = mkdtempSync(join(tmpdir(), 'hedgerow-look-'));
  const core = await createCore({ ...testEnvironment(), home, threads: 1, today: '2026-07-01' });
  try {
    const ended = (wanted: (job: JobState) => boolean): Promise<JobState> =>
      new Promise((resolve) => {
        const look = async (): Promise<void> => {
          const job = (await core.call('jobs.list', {})).findLast((one) => one.status !== 'running' && wanted(one));
          if (!job) return;
          stop();
          resolve(job);
        };
        const stop = core.events((event) => void (event.type === 'job' && look()));
        void look();
      });
    const give = async (name: string, text: string): Promise<void> => {
      writeFileSync(join(home, name), text);
      const handle = core.files.registerPath(join(home, name));
      const { jobId } = (await core.call('import.stage', { handle })) as unknown as { jobId: number };
      const staged = await ended((job) => job.jobId === jobId);
      expect(staged).not.toHaveProperty('result');
      const { stageId } = (await core.call('jobs.get', { jobId })).result as { stageId: number };
      const commit = (await core.call('import.commit', { stageId })) as unknown as { jobId: number };
      expect((await ended((job) => job.jobId === commit.jobId)).status).toBe('done');
    };
    const market = smallMarket(120);
    market.closes.AAA!.forEach((value, row) => row >= 60 && ((market.closes.AAA as number[])[row] = value / 10));
    await core.call('workspace.create', { name: 'Looked at' });
    await give('map.csv', MAP);
    await give('prices.csv', pricesText(market));
    const { revision } = (await core.call('workspace.info', {}))!;
    await ended((job) => job.method === 'doctor.look' && job.status === 'done');
    // The look of the map alone may have been the first: the one of the prices ends too.
    while (!(await core.call('doctor.latest', {}))?.current)
      await ended((job) => job.method === 'doctor.look' && job.jobId > 0 && job.status === 'done');
    const latest = (await core.call('doctor.latest', {}))!;
    expect(latest).toMatchObject({ revision, current: true });
    expect(latest.counts).toHaveProperty('split_suspected');

    // Every window asks for its lists anew after a change of them, and after no question.
    let told = 0;
    const stop = core.events((event) => void (told += event.type === 'workspace' ? 1 : 0));
    const findingIds = [(await core.call('findings.list', {}))[0]!.findingId];
    await core.call('findings.dismiss', { findingIds, reason: 'a suspected split, checked' });
    await core.call('findings.restore', { findingIds });
    await core.call('orders.policy', { secondApprover: true });
    await core.call('presets.save', { name: 'Own', settings: OLS_252 as never });
    expect(told).toBe(4);
    for (const method of ['orders.policy', 'orders.desk', 'import.templates', 'presets.list'] as const) await core.call(method, {});
    expect(told).toBe(4);
    stop();

    const { jobId } = (await core.call('doctor.look', {})) as unknown as { jobId: number };
    await core.call('jobs.cancel', { jobId });
    expect((await ended((job) => job.jobId === jobId)).status).toBe('cancelled');
    expect((await core.call('doctor.latest', {}))!.lookId).toBe(latest.lookId);
    expect((await core.call('workspace.info', {}))!.revision).toBe(revision);

    // Opened again nothing changed, and yet it is not what was stored: that is looked at.
    const { handle } = (await core.call('workspace.recent', {}))[0]!;
    await core.call('workspace.close', {});
    const store = new Database(join(core.files.path(handle)!, 'workspace.db'));
    store.exec("UPDATE symbol SET code = 'AAB' WHERE code = 'AAA'");
    store.close();
    await core.call('workspace.open', { handle });
    await ended((job) => job.method === 'doctor.look' && job.jobId > jobId && job.status === 'done');
    const [worst] = await core.call('findings.list', {});
    expect(worst).toMatchObject({ code: 'altered', severity: 'error', message: expect.stringContaining('names of securities of batch') });
  } finally {
    await core.close();
    rmSync(home, { recursive: true, force: true });
  }
});

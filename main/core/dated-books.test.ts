/** The books of many days are long work within a question: it is seen as a job, and cancelled like one. */
import { expect, it } from 'vitest';
import { market, runBefore } from '../cli/testing/book.ts';
import { environmentOf, inSession } from '../cli/testing/session.ts';
import type { JobState } from '../contract/methods.ts';
import { createCore } from './index.ts';
import { attribution } from './risk/attribution.ts';
import { effectiveness } from './risk/effectiveness.ts';

const DAYS = market.days.slice(60, 110);

it('a question that is cancelled leaves nothing, breaks no other that waits for the same books, and is answered when it is asked again', async () => {
  const cli = await runBefore();
  const lines = DAYS.flatMap((day, k) => [`${day},ONE,AAA,${100 + k}`, `${day},ONE,BBB,${k % 3 ? 50 : -50}`]);
  await cli.import(cli.file('history.csv', ['as_of,account,ticker,quantity', ...lines, ''].join('\n')), '--each-day');
  const asked = { weights: 'dated' } as const;
  const [whole, parts] = await inSession(cli, async (session) => [await effectiveness(session, asked), await attribution(session, asked)]);

  const stopped = new AbortController();
  stopped.abort();
  for (const words of [['effectiveness'], ['attribution'], ['corr', '--with', 'XLK'], ['portfolio', '--fields', 'vol']])
    expect((await cli.with({ signal: stopped.signal }).run(...words, '--weights', 'dated')).code).toBe(130);

  const core = await createCore(environmentOf(cli), { shownAfter: 0 });
  try {
    await core.call('workspace.open', { handle: core.files.registerPath(cli.dir) });
    const told: JobState[] = [];
    core.events((event) => {
      if (event.type === 'job' && event.job.method !== 'doctor.look') told.push(event.job);
      if (event.type === 'job' && event.job.jobId === told[0]?.jobId && event.job.status === 'running' && (event.job.progress ?? 0) >= 0.2)
        void core.call('jobs.cancel', { jobId: event.job.jobId });
    });
    const [cancelled, other] = await Promise.allSettled([core.call('effectiveness.get', asked), core.call('attribution.get', asked)]);
    expect(cancelled).toMatchObject({ status: 'rejected', reason: { data: { code: 'cancelled' } } });
    expect(other).toEqual({ status: 'fulfilled', value: parts });
    const of = (method: JobState['method']): JobState[] => told.filter((job) => job.method === method);
    expect(of('effectiveness.get').at(-1)).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } });
    expect(Math.max(...of('effectiveness.get').map(({ progress }) => progress ?? 0))).toBeLessThan(0.5);
    expect(of('effectiveness.get').map(({ note }) => note)).toContain(`holdings of ${DAYS[8]!}: 8 of ${DAYS.length} days`);
    // What was cancelled kept no book: the other read all of its own.
    expect(of('attribution.get').at(-1)).toMatchObject({ status: 'done' });
    expect(of('attribution.get').map(({ note }) => note)).toContain(`holdings of ${DAYS[0]!}: 0 of ${DAYS.length} days`);
    const before = told.length;
    expect(await core.call('effectiveness.get', asked)).toEqual(whole);
    expect(told.slice(before).filter(({ note }) => note.startsWith('holdings of'))).toEqual([]);
  } finally {
    await core.close();
  }
});

import { expect, it } from 'vitest';
import type { JobState } from '../contract/methods.ts';
import { createJobs } from './jobs.ts';
import type { Hooks } from './session.ts';

const SHOWN_AFTER = 40;
const told: JobState[] = [];
const jobs = createJobs(
  (job) => told.push(job),
  () => 1,
  SHOWN_AFTER,
);
const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Work that tells a share after the other, and ends by itself or with its signal. */
async function longWork({ onProgress, signal }: Required<Hooks>): Promise<string> {
  for (const share of [0.2, 0.9, 0.1, 0.6]) {
    await wait(SHOWN_AFTER);
    if (signal?.aborted) throw new Error('stopped in the midst of it');
    onProgress?.(share, `part ${share}`);
  }
  return 'the answer';
}

it('an answer that takes long is a job under the name of its question, which tells how far it is and keeps no result; a quick one is not seen', async () => {
  expect(await jobs.answer('book.get', { question: 'quick' }, async () => 'at once')).toBe('at once');
  await expect(jobs.answer('book.get', {}, () => Promise.reject(new Error('no book')))).rejects.toThrow('no book');
  await wait(2 * SHOWN_AFTER);
  expect([told, jobs.list()]).toEqual([[], []]);
  expect(await jobs.answer('book.get', { question: 'long' }, longWork)).toBe('the answer');
  await wait(0);
  expect(told.map(({ question, status, progress }) => [question, status, progress]).slice(-4)).toEqual([
    ['long', 'running', 0.9],
    ['long', 'running', 0.1],
    ['long', 'running', 0.6],
    ['long', 'done', 1],
  ]);
  // What is left is told of the part that is worked on.
  const startOf = (share: number): number => Date.parse(told.find(({ progress }) => progress === share)!.startedAt);
  expect(startOf(0.1)).toBeGreaterThan(startOf(0.9));
  expect(startOf(0.6)).toBe(startOf(0.1));
  expect(jobs.get(told[0]!.jobId).result).toBeNull();
});

it('an answer ends with a cancel, with its asker, and with the workspace it is of, before it is seen as well', async () => {
  const ends: readonly ((jobId: number, asker: AbortController) => void)[] = [
    (jobId) => jobs.cancel(jobId),
    (_, asker) => asker.abort(),
    () => jobs.giveUpAnswers(),
  ];
  for (const end of ends) {
    const asker = new AbortController();
    told.splice(0);
    const answer = jobs.answer('risk.get', { signal: asker.signal }, longWork);
    const refused = expect(answer).rejects.toMatchObject({ data: { code: 'cancelled' } });
    while (told.length === 0) await wait(5);
    end(told[0]!.jobId, asker);
    await refused;
    await wait(0);
    expect(told.at(-1)).toMatchObject({ status: 'cancelled', method: 'risk.get' });
  }
  told.splice(0);
  const unseen = jobs.answer('risk.get', {}, longWork);
  jobs.giveUpAnswers();
  await expect(unseen).rejects.toMatchObject({ data: { code: 'cancelled' } });
  expect(jobs.running()).toBe(false);
});

/** Jobs as the program reports them. They belong to the program: a reload of the page finds them again. */
import type { Input, JobState, Method, Output } from '../../main/contract/methods.ts';
import { ApiError, call, start, type JobMethod } from './api.ts';

export const jobs = $state<{ byId: Record<number, JobState> }>({ byId: {} });
// Nothing on a screen depends on it.
// eslint-disable-next-line svelte/prefer-svelte-reactivity
const waiting = new Map<number, () => void>();

export const runningJobs = (): readonly JobState[] => Object.values(jobs.byId).filter((job) => job.status === 'running');
export const runningOf = (method: Method): JobState | undefined => runningJobs().find((job) => job.method === method);
/** Of the calls of a question the one that is least far. */
export const runningFor = (question: string): JobState | undefined =>
  runningJobs()
    .filter((job) => job.question === question)
    .sort((a, b) => (a.progress ?? 0) - (b.progress ?? 0))[0];

/** Questions nobody wants an answer to; the last ones, for most end before they are seen. */
const givenUp: string[] = [];
const KEPT = 100;

/** Cancels what is done for a question, now and when it is seen. */
export function giveUp(question: string): void {
  givenUp.push(question);
  givenUp.splice(0, givenUp.length - KEPT);
  for (const job of runningJobs()) if (job.question === question) void cancelJob(job.jobId);
}

let done: (job: JobState) => void = () => undefined;
/** Told of each job that was seen going on, or is waited for, and is done: before whoever waits for it. */
export const onJobDone = (listener: typeof done): void => void (done = listener);

export function jobEvent(job: JobState): void {
  const known = jobs.byId[job.jobId]?.status;
  // An answer may be older than the event that came while it was on its way: what has ended does not go on again.
  if (job.status === 'running' && known !== undefined && known !== 'running') return;
  jobs.byId[job.jobId] = job;
  if (known === undefined && job.status === 'running' && givenUp.includes(job.question)) void cancelJob(job.jobId);
  if (job.status === 'done' && (known === 'running' || (known === undefined && waiting.has(job.jobId)))) done(job);
  if (job.status !== 'running') waiting.get(job.jobId)?.();
}

/** State of all jobs after (re)connecting. What went on before and is not known any more, as after a new start of the program, does not go on. */
export async function jobsSnapshot(): Promise<void> {
  const before = runningJobs().map(({ jobId }) => jobId);
  const list = await call('jobs.list', {}).catch(() => null);
  if (list === null) return;
  for (const job of list) jobEvent(job);
  for (const jobId of before) if (!list.some((job) => job.jobId === jobId)) delete jobs.byId[jobId];
}

/** Runs a job to its end. `onStart` gets its id, for a cancel button. Rejects with the job's ApiError. */
export async function runJob<M extends JobMethod>(method: M, input: Input<M>, onStart?: (jobId: number) => void): Promise<Output[M]> {
  const jobId = await start(method, input);
  onStart?.(jobId);
  return waitFor(method, jobId);
}

/** Waits for a job that was started before, also by this page before a reload. */
export async function waitFor<M extends JobMethod>(_method: M, jobId: number): Promise<Output[M]> {
  while (true) {
    // Ask first: the end may have come before we listened. Ask again now and then: an event may have been missed.
    const ended = new Promise<void>((resolve) => {
      waiting.set(jobId, resolve);
      setTimeout(resolve, 5000);
    });
    const { result, ...job } = await call('jobs.get', { jobId });
    jobEvent(job);
    if (job.status !== 'running') {
      waiting.delete(jobId);
      if (job.status === 'done') return result as Output[M];
      throw new ApiError(
        job.error ?? { code: 'cancelled', message: 'Cancelled.', action: 'Nothing was changed; start again when ready.', retryable: true },
      );
    }
    await ended;
  }
}

export const cancelJob = (jobId: number): Promise<unknown> => call('jobs.cancel', { jobId });

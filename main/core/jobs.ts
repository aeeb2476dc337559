/** Jobs: started at once, observed by events, cancelled by a signal; finished ones are kept so that a reloaded page finds them. */
import type { JobState, JobView, Method } from '../contract/methods.ts';
import { HedgerowError, toErrorData } from '../contract/errors.ts';
import type { Hooks } from './session.ts';

const KEPT = 50;

export interface Jobs {
  start(method: Method, work: (hooks: Required<Hooks>) => Promise<unknown>): { jobId: number };
  /** Starts a job for long work within the answer to `method`, and answers what the work does; the job keeps no result. */
  seen<T>(method: Method, work: (hooks: Required<Hooks>) => Promise<T>): Promise<T>;
  get(jobId: number): JobView;
  /** Without what they resulted in. */
  list(): JobState[];
  cancel(jobId: number): JobView;
  running(): boolean;
  /** Cancels one and waits for it to end. */
  end(jobId: number): Promise<void>;
  /** Cancels everything and waits for it to end. */
  close(): Promise<void>;
}

const stateOf = ({ result: _, ...state }: JobView): JobState => state;

/** `opened` counts the workspaces opened so far. */
export function createJobs(changed: (job: JobState) => void, opened: () => number): Jobs {
  const jobs = new Map<number, { view: JobView; abort: AbortController; ended: Promise<void> }>();
  let next = 1;

  function find(jobId: number): { view: JobView; abort: AbortController } {
    const job = jobs.get(jobId);
    if (!job) throw new HedgerowError('not_found', `There is no job ${jobId}.`, 'It is too long ago, or belongs to an earlier start.');
    return job;
  }

  function update(jobId: number, patch: Partial<JobView>): void {
    const job = jobs.get(jobId);
    if (!job) return;
    job.view = { ...job.view, ...patch };
    changed(stateOf(job.view));
  }

  function start(method: Method, work: (hooks: Required<Hooks>) => Promise<unknown>): { jobId: number } {
    const jobId = next++;
    const abort = new AbortController();
    const view: JobView = {
      jobId,
      method,
      opened: opened(),
      status: 'running',
      progress: null,
      note: '',
      startedAt: new Date().toISOString(),
      result: null,
      error: null,
    };
    const job = { view, abort, ended: Promise.resolve() };
    jobs.set(jobId, job);
    for (const [id, old] of jobs) if (jobs.size > KEPT && old.view.status !== 'running') jobs.delete(id);
    job.ended = work({ onProgress: (progress, note) => update(jobId, { progress, note }), signal: abort.signal }).then(
      (result) => update(jobId, { status: 'done', progress: 1, result }),
      (error: unknown) => {
        const data = toErrorData(error);
        update(
          jobId,
          data.code === 'cancelled' || abort.signal.aborted ? { status: 'cancelled', error: data } : { status: 'failed', error: data },
        );
      },
    );
    update(jobId, {});
    return { jobId };
  }

  return {
    start,
    seen: (method, work) =>
      new Promise((done, failed) => {
        start(method, async (hooks) => {
          const working = work(hooks);
          working.then(done, failed);
          await working;
          return null;
        });
      }),
    get: (jobId) => find(jobId).view,
    list: () => [...jobs.values()].map((job) => stateOf(job.view)),
    cancel(jobId) {
      const job = find(jobId);
      job.abort.abort();
      return job.view;
    },
    async end(jobId) {
      find(jobId).abort.abort();
      await jobs.get(jobId)?.ended;
    },
    running: () => [...jobs.values()].some((job) => job.view.status === 'running'),
    async close() {
      for (const job of jobs.values()) job.abort.abort();
      await Promise.all([...jobs.values()].map((job) => job.ended));
    },
  };
}

/** Jobs: started at once, observed by events, cancelled by a signal; finished ones are kept so that a reloaded page finds them. */
import type { JobState, JobView, Method } from '../contract/methods.ts';
import { isSlow, type Asker } from '../contract/questions.ts';
import { HedgerowError, toErrorData } from '../contract/errors.ts';
import type { Hooks } from './session.ts';

const KEPT = 50;

/** Milliseconds after which a question that is not answered yet is shown. */
const SHOWN_AFTER = 500;

type Work<T> = (hooks: Required<Hooks>) => Promise<T>;

export interface Jobs {
  start(method: Method, work: Work<unknown>): { jobId: number };
  /** Answers a question with what the work does. It is a job from when it takes long, which keeps no result; it ends with its asker. */
  answer<T>(method: Method, asker: Asker, work: Work<T>): Promise<T>;
  /** Of all questions, shown or not. */
  giveUpAnswers(): void;
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

/** `opened` counts the workspaces opened so far; `shownAfter` is in milliseconds. */
export function createJobs(changed: (job: JobState) => void, opened: () => number, shownAfter = SHOWN_AFTER): Jobs {
  const jobs = new Map<number, { view: JobView; abort: AbortController; ended: Promise<void> }>();
  const asked = new Set<AbortController>();
  let next = 1;

  function find(jobId: number): { view: JobView; abort: AbortController } {
    const job = jobs.get(jobId);
    if (!job) throw new HedgerowError('not_found', `There is no job ${jobId}.`, 'It is too long ago, or belongs to an earlier start.');
    return job;
  }

  /** Begins work; it is a job from `show` on, or at once: then it finds itself in the list. */
  function begin<T>(method: Method, work: Work<T>, { question = '', signal }: Asker, atOnce: boolean) {
    const jobId = next++;
    const abort = new AbortController();
    if (signal?.aborted) abort.abort();
    signal?.addEventListener('abort', () => abort.abort(), { once: true });
    const startedAt = new Date().toISOString();
    const fresh = { status: 'running', progress: null, note: '', startedAt, result: null, error: null } as const;
    const view: JobView = { jobId, method, opened: opened(), question, ...fresh };
    const job = { view, abort, ended: Promise.resolve() };
    const update = (patch: Partial<JobView>): void => {
      job.view = { ...job.view, ...patch };
      if (jobs.has(jobId)) changed(stateOf(job.view));
    };
    const onProgress = (progress: number | null, note: string): void => {
      const { progress: before } = job.view;
      // An answer is made in parts: what is left is told of the one that is worked on.
      const another = isSlow(method) && progress !== null && (before === null || progress < before);
      update({ progress, note, ...(another ? { startedAt: new Date().toISOString() } : {}) });
    };
    const show = (): void => {
      jobs.set(jobId, job);
      for (const [id, old] of jobs) if (jobs.size > KEPT && old.view.status !== 'running') jobs.delete(id);
      update({});
    };
    if (atOnce) show();
    const working = work({ onProgress, signal: abort.signal });
    job.ended = working.then(
      (result) => update({ status: 'done', progress: 1, result: isSlow(method) ? null : result }),
      (error: unknown) => {
        const data = toErrorData(error);
        update(
          data.code === 'cancelled' || abort.signal.aborted ? { status: 'cancelled', error: data } : { status: 'failed', error: data },
        );
      },
    );
    return { jobId, abort, working, show, ended: job.ended };
  }

  return {
    start(method, work) {
      const { jobId } = begin(method, work, {}, true);
      return { jobId };
    },
    answer(method, asker, work) {
      const { working, show, ended, abort } = begin(method, work, asker, false);
      const clock = setTimeout(show, shownAfter);
      asked.add(abort);
      void ended.then(() => {
        clearTimeout(clock);
        asked.delete(abort);
      });
      return working.catch((error: unknown) => {
        if (!abort.signal.aborted) throw error;
        throw new HedgerowError('cancelled', 'It was given up before it was whole.', 'Ask again when ready.');
      });
    },
    giveUpAnswers: () => asked.forEach((abort) => abort.abort()),
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

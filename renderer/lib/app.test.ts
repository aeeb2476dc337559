/** What is looked at follows what there is: the lists of the program, jobs that end, a connection that is lost. */
import { expect, it, vi } from 'vitest';
import type { CoreEvent, JobState } from '../../main/contract/methods.ts';

// Runes of the compiler; plain values do where nothing is drawn.
vi.stubGlobal('$state', (value: unknown) => value);
vi.stubGlobal('location', { hash: '' });
const session = new Map<string, string>();
vi.stubGlobal('sessionStorage', {
  getItem: (key: string) => session.get(key) ?? null,
  setItem: (key: string, value: string) => void session.set(key, value),
});
const heard = new Map<string, () => void>();
vi.stubGlobal('window', { addEventListener: (type: string, hear: () => void) => heard.set(type, hear) });

const run = (runId: string): object => ({ lineage: { runId } });
const answers: Record<string, unknown> = {};
const cancelled: number[] = [];
const full = {
  'workspace.info': { name: 'A', revision: 1, opened: 1 },
  'runs.list': [run('R2'), run('R1')],
  'runs.damaged': [],
  'snapshots.list': [{ snapshotId: 7, accounts: ['X-1'] }],
  'jobs.list': [],
};
let shown: number | null = null;
let told: (event: CoreEvent) => void = () => undefined;
let connection: (connected: boolean) => void = () => undefined;
vi.mock('./api.ts', () => ({
  ApiError: Error,
  errorData: (error: unknown) => error,
  showWorkspace: (opened: number | null) => void (shown = opened),
  shownWorkspace: () => shown,
  call: (method: string, input: { readonly jobId?: number }) =>
    method === 'jobs.cancel'
      ? Promise.resolve(void cancelled.push(input.jobId!))
      : method in answers
        ? Promise.resolve(answers[method])
        : Promise.reject(new Error('Hedgerow does not answer.')),
  listen: (onEvent: typeof told, onConnection: typeof connection) => {
    told = onEvent;
    connection = onConnection;
    return new Promise(() => undefined);
  },
}));
const { app, begin, keepLooked, onLeave, refresh } = await import('./app.svelte.ts');
const { giveUp, jobs, runningFor, runningJobs } = await import('./jobs.svelte.ts');
const { edits, makeEdit, noteEdit } = await import('./edits.svelte.ts');
const { damagedDefault, defaultRun, otherSettings } = await import('./run.svelte.ts');
const forgotten = vi.fn();
onLeave(forgotten);
const job = (status: JobState['status'], method: JobState['method'] = 'run.start'): JobState =>
  ({ jobId: 1, method, opened: 1, status, progress: null, note: '', startedAt: '', question: '', error: null }) as const;
const start = async (): Promise<void> => {
  Object.assign(answers, structuredClone(full));
  Object.assign(app, { workspace: undefined, runs: [], snapshots: [], runId: '', snapshotId: null, account: null });
  await refresh();
  forgotten.mockClear();
};

it('looks at nothing that is no more: a run deleted by another window, holdings that were taken back', async () => {
  await start();
  Object.assign(app, { runId: 'R1', snapshotId: 7, account: 'X-1' });
  await refresh();
  expect(app).toMatchObject({ runId: 'R1', snapshotId: 7, account: 'X-1' });
  answers['runs.list'] = [run('R2')];
  answers['snapshots.list'] = [{ snapshotId: 8, accounts: ['X-2'] }];
  await refresh();
  expect(app).toMatchObject({ runId: '', snapshotId: null, account: null });
  app.account = 'X-2';
  await refresh();
  expect(app.account).toBe('X-2');
  // An account that the holdings have no longer would leave the book filtered without a word.
  answers['snapshots.list'] = [{ snapshotId: 8, accounts: ['X-3'] }];
  await refresh();
  expect(app.account).toBeNull();
});

it('looks at the same after a reload, but for what is no more; at nothing of it in another workspace', async () => {
  const looked = { date: '2026-05-29', runId: 'R1', snapshotId: 7, account: 'X-1', level: 2 };
  const reloaded = async (): Promise<void> => {
    Object.assign(app, { workspace: undefined, date: '', runId: '', snapshotId: null, account: null, level: 3 });
    await refresh();
  };
  await start();
  Object.assign(app, looked);
  keepLooked();
  await reloaded();
  expect(app).toMatchObject(looked);
  answers['runs.list'] = [run('R2')];
  await reloaded();
  expect(app).toMatchObject({ ...looked, runId: '' });
  answers['workspace.info'] = { name: 'A', revision: 1, opened: 2 };
  await reloaded();
  expect(app).toMatchObject({ date: '', snapshotId: null, account: null, level: 3 });
});

it('takes everything to be as it was while the program does not answer', async () => {
  await start();
  Object.assign(app, { runId: 'R1' });
  noteEdit({ label: 'pin', undo: () => Promise.resolve(), redo: null });
  for (const method of Object.keys(answers)) delete answers[method];
  const before = app.told;
  await refresh();
  expect(app).toMatchObject({ workspace: { name: 'A' }, runs: full['runs.list'], runId: 'R1' });
  expect([edits.done.length, forgotten.mock.calls.length, app.told]).toEqual([1, 0, before]);
});

it('forgets what belongs to another workspace, also of the same name, or to the state before a backup was put back', async () => {
  await start();
  noteEdit({ label: 'pin', undo: () => Promise.resolve(), redo: null });
  answers['workspace.info'] = { name: 'A', revision: 1, opened: 2 };
  await refresh();
  expect([edits.done.length, forgotten.mock.calls.length]).toEqual([0, 1]);
  // Nor is an edit that was made while the workspace changed one of the new one.
  await makeEdit(
    'pin',
    async () => {
      answers['workspace.info'] = { name: 'A', revision: 1, opened: 3 };
      await refresh();
    },
    () => Promise.resolve(),
  );
  expect([shown, edits.done.length, forgotten.mock.calls.length]).toEqual([3, 0, 2]);
  forgotten.mockClear();
  begin();
  told({ type: 'job', job: job('running', 'backups.restore') });
  told({ type: 'job', job: job('done', 'backups.restore') });
  expect(forgotten).toHaveBeenCalledTimes(1);
});

it('takes no job for going on that a program started anew does not know', async () => {
  await start();
  begin();
  jobs.byId = {};
  told({ type: 'job', job: job('running', 'workspace.createSample') });
  connection(false);
  answers['jobs.list'] = [];
  connection(true);
  await vi.waitFor(() => expect(runningJobs()).toEqual([]));
});

it('names the earlier settings while the latest run has others and none is pinned', () => {
  const made = (runId: string, window: number, pinned?: true): object => ({ lineage: { runId, settings: { window } }, pinned });
  const other = (...runs: object[]): string | undefined => (Object.assign(app, { runs }), otherSettings()?.lineage.runId);
  expect(other(made('R3', 504), made('R2', 252), made('R1', 252))).toBe('R2');
  expect(other(made('R2', 252), made('R1', 252))).toBeUndefined();
  expect(other(made('R2', 504), made('R1', 252, true))).toBeUndefined();
  expect(other()).toBeUndefined();
});

it('takes no other run for the default one while that is damaged', () => {
  const damaged = (meant?: true): object => ({ damaged: true, runId: 'R3', meant });
  const runs = [run('R2'), run('R1')];
  Object.assign(app, { runs, damagedRuns: [damaged(true)] });
  expect([damagedDefault()?.runId, defaultRun(), otherSettings()]).toEqual(['R3', undefined, undefined]);
  Object.assign(app, { damagedRuns: [damaged()] });
  expect([damagedDefault(), defaultRun()?.lineage.runId]).toEqual([undefined, 'R2']);
  Object.assign(app, { damagedRuns: [] });
});

it('never takes a job for going on again: an answer may be older than the event', async () => {
  await start();
  begin();
  jobs.byId = {};
  told({ type: 'job', job: job('running') });
  told({ type: 'job', job: job('done') });
  answers['jobs.list'] = [job('running')];
  connection(true);
  await vi.waitFor(() => expect(app.connected).toBe(true));
  await refresh();
  expect(runningJobs()).toEqual([]);
});

it('sees the next day begin while the program stays open, and after the computer slept', () => {
  vi.useFakeTimers({ now: new Date(2026, 6, 2, 23, 58, 30) });
  try {
    begin();
    heard.get('focus')!();
    const before = app.told;
    vi.advanceTimersByTime(60_000);
    expect([app.today, app.told - before]).toEqual(['2026-07-02', 0]);
    vi.advanceTimersByTime(60_000);
    expect([app.today, app.told - before]).toEqual(['2026-07-03', 1]);
    vi.setSystemTime(new Date(2026, 6, 6, 8));
    heard.get('focus')!();
    heard.get('focus')!();
    expect([app.today, app.told - before]).toEqual(['2026-07-06', 2]);
  } finally {
    vi.useRealTimers();
  }
});

it('shows of a question the call that is least far, and cancels what is done for one that is given up, also what is seen only later', () => {
  const of = (jobId: number, question: string, progress: number): JobState => ({
    ...job('running', 'book.get'),
    jobId,
    question,
    progress,
  });
  for (const one of [of(11, 'book', 0.8), of(12, 'book', 0.3), of(13, 'other', 0.1)]) told({ type: 'job', job: one });
  expect(runningFor('book')?.jobId).toBe(12);
  giveUp('book');
  expect(cancelled.splice(0)).toEqual([11, 12]);
  told({ type: 'job', job: of(14, 'book', 0) });
  told({ type: 'job', job: of(14, 'book', 0.1) });
  told({ type: 'job', job: of(15, 'third', 0) });
  expect(cancelled).toEqual([14]);
});

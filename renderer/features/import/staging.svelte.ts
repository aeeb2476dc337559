/** Files on their way into the workspace. They outlive the screen: leaving and coming back loses nothing. */
import { SvelteSet } from 'svelte/reactivity';
import type { ChosenFile } from '../../../main/contract/bridge.ts';
import type { ErrorData } from '../../../main/contract/errors.ts';
import type { Input, Output } from '../../../main/contract/methods.ts';
import type { ImportReport, Issue } from '../../../main/contract/report.ts';
import { ApiError, bridge, call, errorData, upload } from '../../lib/api.ts';
import { app, go, onLeave, refreshed } from '../../lib/app.svelte.ts';
import { noteEdit } from '../../lib/edits.svelte.ts';
import { cancelJob, jobsSnapshot, runJob, runningJobs, waitFor } from '../../lib/jobs.svelte.ts';
import { browse } from '../../lib/shell.ts';

export type Options = NonNullable<Input<'import.stage'>['options']>;
type Phase = 'receiving' | 'reading' | 'staged' | 'committing' | 'committed' | 'failed';

export class StagedFile {
  readonly key: number;
  name = $state('');
  /** Bytes; null while not known (a file chosen in the native dialog). */
  size = $state<number | null>(null);
  phase = $state<Phase>('receiving');
  handle = $state<string | null>(null);
  jobId = $state<number | null>(null);
  stageId = $state<number | null>(null);
  /** Of up to ten thousand issues, which nobody changes here: it is replaced as a whole. */
  report = $state.raw<ImportReport | null>(null);
  options = $state<Options>({});
  acceptRestatements = $state(false);
  skipRejected = $state(false);
  error = $state.raw<ErrorData | null>(null);

  constructor(key: number, name: string, size: number | null) {
    this.key = key;
    this.name = name;
    this.size = size;
  }
}

export const staging = $state<{
  files: StagedFile[];
  selected: number | null;
  /** Opened from outside or dropped while no workspace was open. */
  waiting: (ChosenFile | File)[];
}>({ files: [], selected: null, waiting: [] });
// Nothing on a screen depends on it.
// eslint-disable-next-line svelte/prefer-svelte-reactivity
const uploads = new Map<number, AbortController>();
let next = 1;
/** Handles of the files that were committed on this page: what was told of them before is settled. */
export const committed = new SvelteSet<string>();

// Another workspace has none of the files that were read into this one, but may have others under their numbers.
onLeave(() => {
  for (const abort of uploads.values()) abort.abort();
  committed.clear();
  staging.files = [];
  staging.selected = null;
});

function add(name: string, size: number | null = null): StagedFile {
  const file = new StagedFile((next += 1), name, size);
  staging.files.push(file);
  staging.selected ??= file.key;
  return file;
}

/** To be called inside a key press or click. */
export async function chooseToImport(): Promise<void> {
  if (!bridge) return takeFiles(await browse('data'));
  const chosen = await bridge.chooseFiles('data');
  lookAtWhatComes(() => chosen.forEach(take));
}

function take({ handle, name }: ChosenFile): void {
  const file = add(name);
  file.handle = handle;
  void stage(file);
}

/** What was just brought is what is looked at: the first of the files that `bring` adds. */
function lookAtWhatComes(bring: () => void): void {
  const before = staging.files.length;
  bring();
  staging.selected = staging.files[before]?.key ?? staging.selected;
}

/** Files that came from outside the Import screen. Without a workspace they wait for one. */
export function takeFromOutside(files: Iterable<ChosenFile | File>): void {
  for (const file of files) {
    const known = !(file instanceof File) && staging.waiting.some((other) => !(other instanceof File) && other.handle === file.handle);
    if (!known) staging.waiting.push(file);
  }
  if (staging.waiting.length === 0) return;
  if (app.workspace) takeWaiting();
  else if (app.workspace === null) go('start');
}

const dropOpened = (files: readonly (ChosenFile | File)[]): void =>
  void bridge?.dropOpened(files.flatMap((file) => (file instanceof File ? [] : [file.handle])));

export function forgetWaiting(): void {
  dropOpened(staging.waiting.splice(0));
}

/** To be called when a workspace is open. */
export function takeWaiting(): void {
  const files = staging.waiting.splice(0);
  if (files.length === 0) return;
  dropOpened(files);
  go('import');
  lookAtWhatComes(() => {
    for (const file of files) {
      if (file instanceof File) void receive(file);
      else take(file);
    }
  });
}

/** Takes files that are known by handle to the import screen, to settle what they ask. */
export async function stageHandles(files: readonly { readonly handle: string; readonly name: string }[]): Promise<void> {
  go('import');
  const added = files.map(({ handle, name }) => Object.assign(add(name), { handle }));
  staging.selected = added[0]?.key ?? staging.selected;
  for (const file of added) await stage(file);
}

export function takeFiles(files: Iterable<File>, options: Options = {}): void {
  lookAtWhatComes(() => {
    for (const given of files) void receive(given, options);
  });
}

async function receive(given: File, options: Options = {}): Promise<void> {
  const file = add(given.name, given.size);
  Object.assign(file.options, options);
  const abort = new AbortController();
  uploads.set(file.key, abort);
  try {
    file.handle = await upload(given, abort.signal);
  } catch (error) {
    return fail(file, error);
  } finally {
    uploads.delete(file.key);
  }
  await stage(file);
}

function fail(file: StagedFile, error: unknown): void {
  file.error = (error as Error).name === 'AbortError' ? null : errorData(error);
  file.phase = 'failed';
}

let adopted: Promise<void> | null = null;
/**
 * After a reload: what was read and waits for a commit, and what is being read, is still in the program. Once in the life of a page,
 * before it reads a file of its own: that one would be found too, and be listed twice.
 */
export const adoptStaged = (): Promise<void> => (adopted ??= jobsSnapshot().then(adopt));

async function adopt(): Promise<void> {
  for (const job of runningJobs().filter(({ method }) => method === 'import.stage')) {
    const file = add(/^reading (.+)$/.exec(job.note)?.[1] ?? 'a file');
    Object.assign(file, { jobId: job.jobId, phase: 'reading' });
    void waitFor('import.stage', job.jobId).then(
      (staged) => settle(file, staged),
      (error: unknown) => fail(file, error),
    );
  }
  for (const staged of await call('import.staged', {}).catch(() => [])) if (!isListed(staged)) settle(add(staged.report.file), staged);
}

type Staged = Output['import.stage'];
/** Discarded, or left behind with its workspace: what is open now may be another one, and is asked nothing for it. */
const isGone = (file: StagedFile): boolean => !staging.files.some(({ key }) => key === file.key);
const isListed = ({ stageId }: Staged): boolean => staging.files.some((file) => file.stageId === stageId);

/** A file whose reading ended while the page asked for what is staged is found in both ways; the order of the answers is open. */
function settle(file: StagedFile, staged: Staged): void {
  if (isListed(staged)) return remove(file);
  const { stageId, report } = staged;
  Object.assign(file, { name: report.file, size: report.bytes, stageId, report, phase: 'staged' });
  void loadIssues(file, stageId);
  // Discarded at the moment it was read to its end.
  if (isGone(file)) void drop(file).catch(() => undefined);
}

/** The issues after the first, a page at a time: what a file is and what it asks is on the screen before. */
async function loadIssues(file: StagedFile, stageId: number): Promise<void> {
  const { report } = file;
  const issues = [...(report?.issues ?? [])];
  if (!report || issues.length >= (report.keptIssues ?? 0)) return;
  while (issues.length < report.keptIssues!) {
    const ask = (): Promise<readonly Issue[]> => call('import.issues', { stageId, from: issues.length });
    // Once more where it was the connection; what is wrong for good is that they were forgotten, or the file discarded.
    const page = await ask().catch(() => ask().catch(() => []));
    // Another report: it was read again, or committed, which asks anew.
    if (page.length === 0 || file.report !== report) return;
    issues.push(...page);
  }
  file.report = { ...report, issues };
}

/** Reads the file with the options chosen so far; a stage made before is dropped first. */
export async function stage(file: StagedFile): Promise<void> {
  await adoptStaged();
  if (file.handle === null || isGone(file)) return;
  const asked = file.report?.counts;
  try {
    await drop(file);
    Object.assign(file, { phase: 'reading', report: null, error: null });
    const input = { handle: file.handle, options: $state.snapshot(file.options) as Options };
    settle(file, await runJob('import.stage', input, (jobId) => (file.jobId = jobId)));
  } catch (error) {
    fail(file, error);
  }
  // What was accepted is so many rows of one reading: other counts are another question.
  if (file.report?.counts.restated !== asked?.restated) file.acceptRestatements = false;
  if (file.report?.counts.rejected !== asked?.rejected) file.skipRejected = false;
}

async function drop(file: StagedFile): Promise<void> {
  const { stageId } = file;
  file.stageId = null;
  if (stageId !== null) await call('import.discard', { stageId });
}

export async function commit(file: StagedFile): Promise<void> {
  if (file.stageId === null || isGone(file)) return;
  const { stageId, acceptRestatements, skipRejected } = file;
  try {
    Object.assign(file, { phase: 'committing', error: null });
    const report = await runJob('import.commit', { stageId, acceptRestatements, skipRejected }, (jobId) => (file.jobId = jobId));
    // What was told of the file before is told once; if it was to another window, this one asks for it.
    const same = JSON.stringify(file.report?.issueCounts) === JSON.stringify(report.issueCounts);
    file.report = { ...report, issues: report.issues ?? (same ? file.report?.issues : null) ?? [] };
    void loadIssues(file, stageId);
    if (report.outcome === 'refused') {
      // The store may have changed since the file was read: the report says anew what is to be settled. Nothing was written.
      file.phase = 'staged';
      file.error = {
        code: 'blocked',
        message: 'Nothing was imported: the file has questions to settle.',
        action: 'Settle them below, or discard the file.',
        retryable: true,
      };
      return;
    }
    Object.assign(file, { phase: 'committed', stageId: null });
    if (file.handle !== null) committed.add(file.handle);
    if (report.batchId !== undefined) noteCommit(file, report.batchId, { acceptRestatements, skipRejected });
    await refreshed();
  } catch (error) {
    // A refused commit leaves the stage as it was: settle the question and commit again.
    file.error = errorData(error);
    file.phase = 'staged';
    // Another window discarded it, or the program lost what was read: only reading it again helps, and what does that is shown then.
    if (file.error.code === 'not_found') Object.assign(file, { phase: 'failed', stageId: null, report: null });
  }
}

/** The batch can be taken back and the same file brought in again, as long as the program still has the file. */
function noteCommit(file: StagedFile, batchId: number, choices: { acceptRestatements: boolean; skipRejected: boolean }): void {
  const { handle, name } = file;
  const options = $state.snapshot(file.options) as Options;
  let batch = batchId;
  const undo = async (): Promise<void> => {
    await runJob('batches.undo', { batchId: batch });
    await refreshed();
  };
  const redo = async (): Promise<void> => {
    const { stageId } = await runJob('import.stage', { handle: handle!, options });
    const report = await runJob('import.commit', { stageId, ...choices });
    if (report.batchId === undefined) {
      const message = `${name} brings nothing new now.`;
      throw new ApiError({ code: 'not_found', message, action: 'What it holds is there already.', retryable: false });
    }
    batch = report.batchId;
    file.report = { ...report, issues: report.issues ?? file.report?.issues ?? [] };
    await refreshed();
  };
  noteEdit({ label: `import of ${name}`, undo, redo: handle === null ? null : redo, batch: () => batch });
}

/** Files that can be committed without a further question. */
export const isSettled = ({ phase, report, acceptRestatements, skipRejected }: StagedFile): boolean =>
  phase === 'staged' &&
  report !== null &&
  report.outcome !== 'nothing_new' &&
  (report.counts.rejected === 0 || skipRejected) &&
  (report.counts.restated === 0 || acceptRestatements);

/** One after the other, in their order: each is diffed against what the one before brought. */
export async function commitAll(): Promise<void> {
  for (const file of [...staging.files]) if (isSettled(file)) await commit(file);
}

export async function discardAll(): Promise<void> {
  for (const file of [...staging.files]) if (file.phase !== 'committing') await discard(file);
}

export async function discard(file: StagedFile): Promise<void> {
  uploads.get(file.key)?.abort();
  if (file.phase === 'reading' && file.jobId !== null) await cancelJob(file.jobId).catch(() => undefined);
  remove(file);
  await drop(file).catch(() => undefined);
}

function remove(file: StagedFile): void {
  const index = staging.files.findIndex(({ key }) => key === file.key);
  if (index >= 0) staging.files.splice(index, 1);
  if (staging.selected === file.key) staging.selected = staging.files[0]?.key ?? null;
}

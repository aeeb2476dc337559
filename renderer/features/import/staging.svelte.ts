/** Files on their way into the workspace. They outlive the screen: leaving and coming back loses nothing. */
import type { ErrorData } from '../../../main/contract/errors.ts';
import type { Input } from '../../../main/contract/methods.ts';
import type { ImportReport } from '../../../main/contract/report.ts';
import { bridge, call, errorData, upload } from '../../lib/api.ts';
import { refresh } from '../../lib/app.svelte.ts';
import { cancelJob, runJob } from '../../lib/jobs.svelte.ts';

export type Options = NonNullable<Input<'import.stage'>['options']>;
type Phase = 'receiving' | 'reading' | 'staged' | 'committing' | 'committed' | 'failed';

export interface StagedFile {
  readonly key: number;
  readonly name: string;
  phase: Phase;
  handle: string | null;
  jobId: number | null;
  stageId: number | null;
  report: ImportReport | null;
  options: Options;
  acceptRestatements: boolean;
  skipRejected: boolean;
  error: ErrorData | null;
}

export const staging = $state<{ files: StagedFile[]; selected: number | null }>({ files: [], selected: null });
// Nothing on a screen depends on it.
// eslint-disable-next-line svelte/prefer-svelte-reactivity
const uploads = new Map<number, AbortController>();
let next = 1;

function add(name: string): StagedFile {
  const key = (next += 1);
  staging.files.push({
    key,
    name,
    phase: 'receiving',
    handle: null,
    jobId: null,
    stageId: null,
    report: null,
    options: {},
    acceptRestatements: false,
    skipRejected: false,
    error: null,
  });
  staging.selected ??= key;
  // The element read back is the reactive one.
  return staging.files.at(-1)!;
}

/** Native dialog where there is one; the browser's own otherwise. To be called inside a key press or click. */
export async function chooseFiles(): Promise<void> {
  if (!bridge) {
    const input = document.createElement('input');
    input.type = 'file';
    input.multiple = true;
    input.onchange = () => takeFiles(input.files ?? []);
    input.click();
    return;
  }
  for (const { handle, name } of await bridge.chooseFiles()) {
    const file = add(name);
    file.handle = handle;
    void stage(file);
  }
}

export function takeFiles(files: Iterable<File>): void {
  for (const given of files) void receive(given);
}

async function receive(given: File): Promise<void> {
  const file = add(given.name);
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

/** Reads the file with the options chosen so far; a stage made before is dropped first. */
export async function stage(file: StagedFile): Promise<void> {
  if (file.handle === null) return;
  try {
    await drop(file);
    Object.assign(file, { phase: 'reading', report: null, error: null });
    const input = { handle: file.handle, options: $state.snapshot(file.options) as Options };
    const { stageId, report } = await runJob('import.stage', input, (jobId) => (file.jobId = jobId));
    Object.assign(file, { stageId, report, phase: 'staged' });
  } catch (error) {
    fail(file, error);
  }
}

async function drop(file: StagedFile): Promise<void> {
  const { stageId } = file;
  file.stageId = null;
  if (stageId !== null) await call('import.discard', { stageId });
}

export async function commit(file: StagedFile): Promise<void> {
  if (file.stageId === null) return;
  const { stageId, acceptRestatements, skipRejected } = file;
  try {
    Object.assign(file, { phase: 'committing', error: null });
    const report = await runJob('import.commit', { stageId, acceptRestatements, skipRejected }, (jobId) => (file.jobId = jobId));
    file.report = report;
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
    await refresh();
  } catch (error) {
    // A refused commit leaves the stage as it was: settle the question and commit again.
    file.error = errorData(error);
    file.phase = 'staged';
  }
}

export async function discard(file: StagedFile): Promise<void> {
  uploads.get(file.key)?.abort();
  if (file.phase === 'reading' && file.jobId !== null) await cancelJob(file.jobId).catch(() => undefined);
  const index = staging.files.findIndex((candidate) => candidate.key === file.key);
  if (index >= 0) staging.files.splice(index, 1);
  if (staging.selected === file.key) staging.selected = staging.files[0]?.key ?? null;
  await drop(file).catch(() => undefined);
}

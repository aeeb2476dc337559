/** The import journey: parse in the io worker, diff and commit in the db writer. */
import { basename } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import type { CommitChoices, CommitReport, ImportOptions, ImportReport, Issue } from '../contract/report.ts';
import type { FileLines } from '../contract/results-holdings.ts';
import type { BatchRow } from '../contract/results.ts';
import type { BatchLineage } from '../contract/results-workbench.ts';
import { stagedLines } from './holdings-lines.ts';
import { withTemplate } from './templates.ts';
import { HedgerowError, toErrorData } from '../contract/errors.ts';
import type { PackedAgain, PackedReport } from '../workers/db/import-stage.ts';
import { PIECE, type Packed } from '../workers/packed.ts';
import { unpacked } from './turns.ts';
import { knownDayGiven, nowIso, today, type Hooks, type Session } from './session.ts';

export interface Staged {
  readonly stageId: number;
  /** With its first issues. */
  readonly report: ImportReport;
}

/** A file to read: its path, and the name to show when the path is not the user's own (a spooled upload). */
export interface SourceFile {
  readonly path: string;
  readonly name: string;
}

const fileOf = (file: string | SourceFile): SourceFile => (typeof file === 'string' ? { path: file, name: basename(file) } : file);

/** Reads and diffs a file; nothing is changed until `commitStage`. Rejects with `data` or `ambiguous` when it cannot be read. */
export async function stageFile(session: Session, file: string | SourceFile, options: ImportOptions, hooks: Hooks = {}): Promise<Staged> {
  const { path, name } = fileOf(file);
  const { environment } = session;
  const importDay = today(environment);
  if (options.knownAsOf !== undefined) knownDayGiven(environment, options.knownAsOf);
  const started = performance.now();
  // What was read goes straight to the writer: millions of values, names and lines are nothing for this thread.
  const { port1: into, port2: from } = new MessageChannel();
  try {
    await session.io.call(
      'parse',
      { path, name, options: await withTemplate(session, options), today: importDay, into },
      {
        signal: hooks.signal,
        transfer: [into],
        ...(hooks.onProgress ? { onProgress: (share, note) => hooks.onProgress?.(share === null ? null : share * 0.6, note) } : {}),
      },
    );
    const { stageId, report } = await session.writer.call(
      'stage',
      { from, options, importDay, importedAt: nowIso(environment), parseMilliseconds: performance.now() - started },
      {
        signal: hooks.signal,
        transfer: [from],
        ...(hooks.onProgress ? { onProgress: (share, note) => hooks.onProgress?.(share === null ? null : 0.6 + share * 0.3, note) } : {}),
      },
    );
    const staged = { stageId, report: await shortened(report) };
    const { stages, issues } = heldOf(session);
    stages.set(stageId, staged);
    issues.set(stageId, report.issues);
    return staged;
  } finally {
    into.close();
    from.close();
  }
}

interface Held {
  readonly life: number;
  readonly stages: Map<number, Staged>;
  /** Of staged files and of those committed last, as they came: ten thousand are read a page at a time, by who wants to see them. */
  readonly issues: Map<number, Packed<Issue>>;
}

/** What the writer holds, told here too: it may be at work on the next file. Its stages end with its thread. */
const held = new WeakMap<Session, Held>();

function heldOf(session: Session): Held {
  const life = session.writer.lives;
  let own = held.get(session);
  if (own?.life !== life) held.set(session, (own = { life, stages: new Map(), issues: new Map() }));
  return own;
}

/** Committed files whose issues are remembered. */
const REMEMBERED = 20;

/** Files read and neither committed nor thrown away, oldest first. */
export const listStaged = (session: Session): readonly Staged[] => [...heldOf(session).stages.values()];

/** A report with the first piece of its issues. */
async function shortened({ issues: { pieces, length }, ...report }: PackedReport): Promise<ImportReport> {
  const issues = await unpacked<Issue>({ pieces: pieces.slice(0, 1) });
  return { ...report, issues, ...(length > issues.length ? { keptIssues: length } : {}) };
}

/** Pieces of a page. */
const PAGE = 4;

/** Issues of a file from a place on, a page of them. Rejects with not_found when they are no longer remembered. */
export async function issuesFrom(session: Session, stageId: number, from: number): Promise<readonly Issue[]> {
  const packed = heldOf(session).issues.get(stageId);
  if (!packed) throw new HedgerowError('not_found', 'The issues of this file are no longer remembered.', 'Read the file again.');
  const first = Math.floor(from / PIECE);
  return (await unpacked<Issue>({ pieces: packed.pieces.slice(first, first + PAGE) })).slice(from - first * PIECE);
}

/** Commits a stage, or answers a report with outcome `refused` (rejected rows, restatements not accepted) or `nothing_new`. */
export async function commitStage(session: Session, stageId: number, choices: CommitChoices, hooks: Hooks = {}): Promise<CommitReport> {
  const told: PackedAgain = await session.writer.call(
    'commit',
    { stageId, choices },
    { signal: hooks.signal, ...(hooks.onProgress ? { onProgress: hooks.onProgress } : {}) },
  );
  const { stages, issues } = heldOf(session);
  const before = stages.get(stageId)?.report;
  if (told.issues) issues.set(stageId, told.issues);
  const known = before?.keptIssues === undefined ? {} : { keptIssues: before.keptIssues };
  const report: CommitReport = told.issues ? await shortened({ ...told, issues: told.issues }) : { ...told, ...known, issues: null };
  // A refused one still waits, with what the store says of it now.
  if (report.outcome === 'refused')
    stages.set(stageId, { stageId, report: { ...report, issues: report.issues ?? before?.issues ?? [], outcome: 'staged' } });
  else {
    stages.delete(stageId);
    // The one just committed is remembered last of all.
    const own = issues.get(stageId);
    issues.delete(stageId);
    if (own) issues.set(stageId, own);
    const past = [...issues.keys()].filter((id) => !stages.has(id));
    for (const id of past.slice(0, -REMEMBERED)) issues.delete(id);
  }
  return report;
}

export async function discardStage(session: Session, stageId: number): Promise<void> {
  const { stages, issues } = heldOf(session);
  stages.delete(stageId);
  issues.delete(stageId);
  await session.writer.call('discard', { stageId });
}

export interface ImportHooks extends Hooks {
  readonly dryRun?: boolean;
  /** Told the lines of each file, in the order of the reports; a file that holds no holdings has none. */
  readonly onLines?: ((lines: FileLines) => void) | undefined;
}

/** Stage and commit in one go, as the command line does: the report has all issues that are kept. */
export async function importFile(
  session: Session,
  file: string | SourceFile,
  options: ImportOptions,
  hooks: ImportHooks = {},
): Promise<ImportReport> {
  const { stageId, report: staged } = await stageFile(session, file, options, hooks);
  if (hooks.onLines) hooks.onLines(await stagedLines(session, stageId));
  const packed = (): Packed<Issue> => heldOf(session).issues.get(stageId)!;
  if (hooks.dryRun) {
    const report = whole(staged, await unpacked(packed()));
    await discardStage(session, stageId);
    return report;
  }
  const report = await commitStage(session, stageId, options, hooks);
  return whole(report, await unpacked(packed()));
}

const whole = ({ keptIssues: _, ...report }: CommitReport, issues: readonly Issue[]): ImportReport => ({ ...report, issues });

/**
 * Imports several files in their order, all or none: when one is refused or fails, the batches of the files before it are taken
 * back and their reports say refused too. A dry run reports on every file. Rejects saying which files stay imported where taking
 * back fails as well, on a full disk for instance.
 */
export async function importFiles(
  session: Session,
  files: readonly (string | SourceFile)[],
  options: ImportOptions,
  hooks: ImportHooks = {},
): Promise<ImportReport[]> {
  const reports: ImportReport[] = [];
  const takeBack = async (failure?: unknown): Promise<void> => {
    const staying: ImportReport[] = [];
    let why = failure;
    for (const report of reports.toReversed())
      if (report.batchId !== undefined)
        await undoBatch(session, report.batchId).catch((error: unknown) => {
          why ??= error;
          staying.unshift(report);
        });
    if (staying.length > 0) throw stayingError(why, staying);
  };
  for (const file of files) {
    const report = await importFile(session, file, options, hooks).catch(async (error: unknown) => {
      await takeBack(error);
      throw error;
    });
    if (report.outcome === 'refused') {
      await takeBack();
      return [...reports.map(({ batchId: _, ...earlier }) => ({ ...earlier, outcome: 'refused' as const })), report];
    }
    reports.push(report);
  }
  return reports;
}

function stayingError(why: unknown, staying: readonly ImportReport[]): HedgerowError {
  const { code, message } = toErrorData(why);
  const named = staying.map(({ file, batchId }) => `${file} (batch ${batchId})`);
  const what = `${message} The files before it could not be taken back and stay imported: ${named.join(', ')}.`;
  return new HedgerowError(code, what, 'When that is mended, import the other files, or undo these batches.', { staying: named });
}

export async function listBatches(session: Session): Promise<readonly BatchRow[]> {
  return session.reader.call('batches', null);
}

/** Where a batch came from, what was made from it, and what later files have too. Rejects with `not_found`. */
export const batchLineage = (session: Session, batchId: number): Promise<BatchLineage> => session.reader.call('batchLineage', { batchId });

export async function undoBatch(session: Session, batchId: number): Promise<BatchRow> {
  return session.writer.call('undo', { batchId, at: nowIso(session.environment) });
}

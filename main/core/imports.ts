/** The import journey: parse in the io worker, diff and commit in the db writer. */
import { basename } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import type { ImportOptions, ImportReport } from '../contract/report.ts';
import type { FileLines } from '../contract/results-holdings.ts';
import type { BatchRow } from '../contract/results.ts';
import { stagedLines } from './holdings-lines.ts';
import { withTemplate } from './templates.ts';
import type { PackedReport } from '../workers/db/import-stage.ts';
import { unpacked } from './turns.ts';
import { dayGiven, nowIso, today, type Hooks, type Session } from './session.ts';

export interface Staged {
  readonly stageId: number;
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
  if (options.knownAsOf !== undefined) dayGiven(options.knownAsOf, 'known-as-of');
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
    const staged = { stageId, report: await wholeReport(report) };
    stagesOf(session).set(stageId, staged);
    return staged;
  } finally {
    into.close();
    from.close();
  }
}

const wholeReport = async ({ issues, ...report }: PackedReport): Promise<ImportReport> => ({ ...report, issues: await unpacked(issues) });

/** What the writer holds, told here too: it may be at work on the next file. Its stages end with its thread. */
const held = new WeakMap<Session, { readonly life: number; readonly stages: Map<number, Staged> }>();

function stagesOf(session: Session): Map<number, Staged> {
  const life = session.writer.lives;
  let own = held.get(session);
  if (own?.life !== life) held.set(session, (own = { life, stages: new Map() }));
  return own.stages;
}

/** Files read and neither committed nor thrown away, oldest first. */
export const listStaged = (session: Session): readonly Staged[] => [...stagesOf(session).values()];

export interface CommitChoices {
  readonly acceptRestatements?: boolean | undefined;
  readonly skipRejected?: boolean | undefined;
}

/** Commits a stage, or answers a report with outcome `refused` (rejected rows, restatements not accepted) or `nothing_new`. */
export async function commitStage(session: Session, stageId: number, choices: CommitChoices, hooks: Hooks = {}): Promise<ImportReport> {
  const report = await wholeReport(
    await session.writer.call(
      'commit',
      { stageId, choices },
      { signal: hooks.signal, ...(hooks.onProgress ? { onProgress: hooks.onProgress } : {}) },
    ),
  );
  if (report.outcome === 'committed') session.panels.clear();
  // A refused one still waits, with what the store says of it now.
  if (report.outcome === 'refused') stagesOf(session).set(stageId, { stageId, report: { ...report, outcome: 'staged' } });
  else stagesOf(session).delete(stageId);
  return report;
}

export async function discardStage(session: Session, stageId: number): Promise<void> {
  stagesOf(session).delete(stageId);
  await session.writer.call('discard', { stageId });
}

export interface ImportHooks extends Hooks {
  readonly dryRun?: boolean;
  /** Told the lines of each file, in the order of the reports; a file that holds no holdings has none. */
  readonly onLines?: ((lines: FileLines) => void) | undefined;
}

/** Stage and commit in one go, as the command line does. */
export async function importFile(
  session: Session,
  file: string | SourceFile,
  options: ImportOptions,
  hooks: ImportHooks = {},
): Promise<ImportReport> {
  const { stageId, report } = await stageFile(session, file, options, hooks);
  if (hooks.onLines) hooks.onLines(await stagedLines(session, stageId));
  if (hooks.dryRun) {
    await discardStage(session, stageId);
    return report;
  }
  return commitStage(session, stageId, options, hooks);
}

/**
 * Imports several files in their order, all or none: when one is refused or fails, the batches of the files before it are taken
 * back and their reports say refused too. A dry run reports on every file.
 */
export async function importFiles(
  session: Session,
  files: readonly (string | SourceFile)[],
  options: ImportOptions,
  hooks: ImportHooks = {},
): Promise<ImportReport[]> {
  const reports: ImportReport[] = [];
  const takeBack = async (): Promise<void> => {
    for (const { batchId } of reports.toReversed()) if (batchId !== undefined) await undoBatch(session, batchId);
  };
  try {
    for (const file of files) {
      const report = await importFile(session, file, options, hooks);
      if (report.outcome !== 'refused') reports.push(report);
      else {
        await takeBack();
        return [...reports.map(({ batchId: _, ...earlier }) => ({ ...earlier, outcome: 'refused' as const })), report];
      }
    }
    return reports;
  } catch (error) {
    await takeBack();
    throw error;
  }
}

export async function listBatches(session: Session): Promise<readonly BatchRow[]> {
  return session.reader.call('batches', null);
}

export async function undoBatch(session: Session, batchId: number): Promise<BatchRow> {
  const row = await session.writer.call('undo', { batchId, at: nowIso(session.environment) });
  session.panels.clear();
  return row;
}

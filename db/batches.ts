/** Import batches and the revision counter: what is visible when, committing and undoing. */
import type { BatchId, EpochDay, Revision } from '../main/contract/units.ts';
import type { ImportCounts, ImportOptions, ImportReport } from '../main/contract/report.ts';
import { HedgerowError } from '../main/contract/errors.ts';
import { all, fromJson, get, insertText, run, selectList, toJson, transaction } from './connection.ts';
import type { Workspace } from './connection.ts';
import { appendJournal } from './journal.ts';
import { beginSeal } from './seals.ts';
import { currentRevision } from './visibility.ts';
import { openWriter } from './writer.ts';
import type { BatchWriter } from './writer.ts';

/** What is known of a batch before it is committed. */
export interface BatchMeta {
  /** A FileKind, or the name of another change that adds facts. */
  readonly kind: string;
  readonly file: string;
  readonly source: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly importerVersion: string;
  /** ISO time, UTC. */
  readonly importedAt: string;
  readonly importDay: EpochDay;
  readonly counts: ImportCounts;
  readonly report: ImportReport | null;
  /** What the file was read with; of a repair, the securities it is of. */
  readonly options: ImportOptions & { readonly securities?: readonly (number | null)[] };
}

export interface BatchRecord extends BatchMeta {
  readonly batchId: BatchId;
  readonly revision: Revision;
  /** The revision from which the batch is no longer visible. */
  readonly undoneRevision: Revision | null;
  readonly undoneAt: string | null;
}

const META = ['kind', 'file', 'source', 'sha256', 'bytes', 'importerVersion', 'importedAt', 'importDay', 'counts', 'report', 'options'];
const SELECT = `SELECT ${selectList(['batchId', 'revision', 'undoneRevision', 'undoneAt', ...META])} FROM batch`;

/**
 * Commits one batch: everything `write` hands to the writer, or nothing at all when it throws. `write` must not be async.
 * Throws `disk_full` with the store unchanged when there is no room.
 */
export function commitBatch(
  ws: Workspace,
  meta: BatchMeta,
  write: (writer: BatchWriter) => void,
): { readonly batchId: BatchId; readonly revision: Revision } {
  return transaction(ws, () => {
    const revision = (currentRevision(ws) + 1) as Revision;
    const seal = beginSeal(ws);
    const row = { ...pick(meta), counts: toJson(meta.counts), report: toJson(meta.report), options: toJson(meta.options), revision };
    const batchId = run(ws, insertText('batch', ['revision', ...META]), row).rowId as BatchId;
    const { writer, end } = openWriter(ws, batchId, revision);
    const answer: unknown = write(writer);
    end();
    if (answer instanceof Promise)
      throw new HedgerowError('internal', 'A batch must be written in one go, not asynchronously.', 'Report this with the steps.');
    const { kind, file, sha256 } = meta;
    appendJournal(ws, 'commit', { batchId, revision, kind, file, sha256, seal: seal(batchId) }, meta.importedAt);
    return { batchId, revision };
  });
}

function pick(meta: BatchMeta): Omit<BatchMeta, 'counts' | 'report' | 'options'> {
  const { kind, file, source, sha256, bytes, importerVersion, importedAt, importDay } = meta;
  return { kind, file, source, sha256, bytes, importerVersion, importedAt, importDay };
}

/** Takes a batch back whole; answers the new revision. Nothing is deleted. Throws `not_found`, or `usage` when it is undone already. */
export function undoBatch(ws: Workspace, batchId: number, at: string = new Date().toISOString()): Revision {
  return transaction(ws, () => {
    const batch = get<{ undoneRevision: number | null }>(
      ws,
      'SELECT undone_revision AS undoneRevision FROM batch WHERE batch_id = ?',
      batchId,
    );
    if (batch === undefined)
      throw new HedgerowError('not_found', `There is no batch ${batchId}.`, 'List the batches to see their numbers.');
    if (batch.undoneRevision !== null) throw new HedgerowError('usage', `Batch ${batchId} was undone before.`, 'Nothing needs doing.');
    const revision = (currentRevision(ws) + 1) as Revision;
    run(ws, 'UPDATE batch SET undone_revision = ?, undone_at = ? WHERE batch_id = ?', revision, at, batchId);
    appendJournal(ws, 'undo', { batchId, revision }, at);
    return revision;
  });
}

type Row = Omit<BatchRecord, 'counts' | 'report' | 'options'> & {
  readonly counts: string;
  readonly report: string;
  readonly options: string;
};

function record(ws: Workspace, row: Row): BatchRecord {
  const json = (text: string) => fromJson(ws, text, `batch ${row.batchId}`);
  return {
    ...row,
    counts: json(row.counts) as ImportCounts,
    report: json(row.report) as ImportReport | null,
    options: json(row.options) as ImportOptions,
  };
}

/** All batches, undone ones included, oldest first. */
export function listBatches(ws: Workspace): BatchRecord[] {
  return all<Row>(ws, `${SELECT} ORDER BY batch_id`).map((row) => record(ws, row));
}

/** The batches of a kind, without their reports. */
export const batchesOf = (ws: Workspace, kind: BatchMeta['kind']): number[] =>
  all<{ batchId: number }>(ws, 'SELECT batch_id AS batchId FROM batch WHERE kind = ?', kind).map(({ batchId }) => batchId);

/** One batch, or null. */
export function getBatch(ws: Workspace, batchId: number): BatchRecord | null {
  const row = get<Row>(ws, `${SELECT} WHERE batch_id = ?`, batchId);
  return row === undefined ? null : record(ws, row);
}

/** Batches in force whose reports say that values of this one were in their files too, and how many; oldest first. */
export function repeatsOf(ws: Workspace, batchId: number): { readonly batchId: number; readonly file: string; readonly values: number }[] {
  const text = `SELECT b.batch_id AS batchId, b.file, json_extract(r.value, '$.values') AS "values" FROM batch b, json_each(b.report, '$.repeats') r
    WHERE b.batch_id > @batchId AND b.undone_revision IS NULL AND json_extract(r.value, '$.batchId') = @batchId ORDER BY b.batch_id`;
  return all(ws, text, { batchId });
}

/** Stored runs (what was computed, not its output) and the order sets made from them. */
import type { EpochDay } from '../main/contract/units.ts';
import type { EstimatorSettings } from '../main/contract/settings.ts';
import { HedgerowError } from '../main/contract/errors.ts';
import { all, damaged, fromJson, get, insertText, run, selectList, toJson } from './connection.ts';
import type { Workspace } from './connection.ts';
import { checksumOfRun } from './migrations/0012-sealed-runs.ts';

export interface NewRun {
  /** ISO time, UTC. */
  readonly createdAt: string;
  readonly settings: EstimatorSettings;
  readonly knownAsOf: EpochDay;
  readonly revision: number;
  readonly fingerprint: string;
  readonly digest: string;
  /** JSON: everything else that is shown of a run. */
  readonly summary: unknown;
}

export interface RunRecord extends NewRun {
  readonly runId: number;
  readonly deletedAt: string | null;
}

const RUN = ['createdAt', 'settings', 'knownAsOf', 'revision', 'fingerprint', 'digest', 'summary'];
const SELECT_RUN = `SELECT ${selectList(['runId', 'deletedAt', ...RUN, 'crc'])} FROM run`;

/** Stores a run; answers its number, which is never used again. */
export function insertRun(ws: Workspace, record: NewRun): number {
  const row = { ...record, settings: toJson(record.settings), summary: toJson(record.summary) };
  return run(ws, insertText('run', [...RUN, 'crc']), { ...row, crc: checksumOfRun(row) }).rowId;
}

type RunRow = Omit<RunRecord, 'settings' | 'summary'> & { readonly settings: string; readonly summary: string; readonly crc: number };

function runRecord(ws: Workspace, { crc, ...row }: RunRow): RunRecord {
  const what = `run R${row.runId}`;
  if (crc !== checksumOfRun(row)) throw damaged(ws.dir, `${what} does not agree with its checksum.`);
  return { ...row, settings: fromJson(ws, row.settings, what) as EstimatorSettings, summary: fromJson(ws, row.summary, what) };
}

/** Runs not deleted, oldest first. Throws `workspace_damaged` naming one that is not what was stored. */
export function listRuns(ws: Workspace): RunRecord[] {
  return all<RunRow>(ws, `${SELECT_RUN} WHERE deleted_at IS NULL ORDER BY run_id`).map((row) => runRecord(ws, row));
}

/** One run, deleted ones included, or null. Throws like `listRuns`. */
export function getRun(ws: Workspace, runId: number): RunRecord | null {
  const row = get<RunRow>(ws, `${SELECT_RUN} WHERE run_id = ?`, runId);
  return row === undefined ? null : runRecord(ws, row);
}

/** Hides a run from the list; order sets that name it still find it. Throws `not_found`. */
export function deleteRun(ws: Workspace, runId: number, at: string = new Date().toISOString()): void {
  if (run(ws, 'UPDATE run SET deleted_at = ? WHERE run_id = ? AND deleted_at IS NULL', at, runId).changes === 0) {
    throw new HedgerowError('not_found', `There is no run R${runId}.`, 'List the runs to see their numbers.');
  }
}

/** Shows a hidden run again. Throws `not_found`. */
export function restoreRun(ws: Workspace, runId: number): void {
  if (run(ws, 'UPDATE run SET deleted_at = NULL WHERE run_id = ? AND deleted_at IS NOT NULL', runId).changes === 0) {
    throw new HedgerowError('not_found', `There is no deleted run R${runId}.`, 'List the runs to see their numbers.');
  }
}

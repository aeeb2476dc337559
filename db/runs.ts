/** Stored runs (what was computed, not its output) and the order sets made from them. */
import type { EpochDay } from '../main/contract/units.ts';
import type { EstimatorSettings } from '../main/contract/settings.ts';
import { HedgerowError } from '../main/contract/errors.ts';
import { all, fromJson, get, insertText, run, selectList, toJson } from './connection.ts';
import type { Workspace } from './connection.ts';
import { newestBackup } from './files.ts';
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
  if (crc !== checksumOfRun(row)) throw damagedRun(ws, row);
  return { ...row, settings: fromJson(ws, row.settings, what) as EstimatorSettings, summary: fromJson(ws, row.summary, what) };
}

function damagedRun(ws: Workspace, { runId, deletedAt }: Pick<RunRow, 'runId' | 'deletedAt'>): HedgerowError {
  const backup = newestBackup(ws.dir);
  return new HedgerowError(
    'workspace_damaged',
    `The stored run R${runId} does not agree with its checksum: it was changed on the disk, and is not used.`,
    `${deletedAt === null ? `Delete R${runId}` : 'Use another run'}; other runs and the data do not rest on it, and an order set of it is frozen anew on another. ${
      backup === null ? 'There is no backup to take it from.' : `Or restore a backup of before the damage; the newest is backups/${backup}.`
    }`,
  );
}

/** A run that is not what was stored. */
export interface DamagedRunRecord {
  readonly runId: number;
  /** As it stands in the file: it may be what was changed. */
  readonly createdAt: string;
  /** `workspace_damaged`: which run, and what to do. */
  readonly error: HedgerowError;
}

function readRuns(ws: Workspace): { whole: RunRecord[]; damaged: DamagedRunRecord[] } {
  const whole: RunRecord[] = [];
  const damaged: DamagedRunRecord[] = [];
  for (const row of all<RunRow>(ws, `${SELECT_RUN} WHERE deleted_at IS NULL ORDER BY run_id`))
    try {
      whole.push(runRecord(ws, row));
    } catch (error) {
      if (!(error instanceof HedgerowError)) throw error;
      damaged.push({ runId: row.runId, createdAt: row.createdAt, error });
    }
  return { whole, damaged };
}

/** Runs not deleted that are what was stored, oldest first. */
export const listRuns = (ws: Workspace): RunRecord[] => readRuns(ws).whole;

/** Runs not deleted that are not what was stored, oldest first. */
export const damagedRuns = (ws: Workspace): DamagedRunRecord[] => readRuns(ws).damaged;

/** Numbers of all runs, damaged ones too, oldest first. */
export const runNumbers = (ws: Workspace): { readonly runId: number; readonly deletedAt: string | null }[] =>
  all(ws, `SELECT ${selectList(['runId', 'deletedAt'])} FROM run ORDER BY run_id`);

/** One run, deleted ones included, or null. Throws `workspace_damaged` when it is not what was stored. */
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

/** Stored runs (what was computed, not its output) and the order sets made from them. */
import type { EpochDay } from '../main/contract/units.ts';
import type { EstimatorSettings } from '../main/contract/settings.ts';
import { HedgerowError } from '../main/contract/errors.ts';
import { all, fromJson, get, insertText, run, selectList, toJson, transaction } from './connection.ts';
import type { Workspace } from './connection.ts';
import { appendJournal } from './journal.ts';

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

export interface NewOrderSet {
  readonly createdAt: string;
  readonly runId: number;
  readonly snapshotId: number;
  readonly request: unknown;
  readonly legs: unknown;
  readonly format: string;
  readonly fileName: string;
  readonly sha256: string;
  readonly manifest: unknown;
}

export interface OrderSetRecord extends NewOrderSet {
  readonly orderSetId: number;
}

const RUN = ['createdAt', 'settings', 'knownAsOf', 'revision', 'fingerprint', 'digest', 'summary'];
const SELECT_RUN = `SELECT ${selectList(['runId', 'deletedAt', ...RUN])} FROM run`;
const ORDER_SET = ['createdAt', 'runId', 'snapshotId', 'request', 'legs', 'format', 'fileName', 'sha256', 'manifest'];
const SELECT_ORDER_SET = `SELECT ${selectList(['orderSetId', ...ORDER_SET])} FROM order_set`;

/** Stores a run; answers its number, which is never used again. */
export function insertRun(ws: Workspace, record: NewRun): number {
  return run(ws, insertText('run', RUN), { ...record, settings: toJson(record.settings), summary: toJson(record.summary) }).rowId;
}

type RunRow = Omit<RunRecord, 'settings' | 'summary'> & { readonly settings: string; readonly summary: string };

function runRecord(ws: Workspace, row: RunRow): RunRecord {
  const what = `run R${row.runId}`;
  return { ...row, settings: fromJson(ws, row.settings, what) as EstimatorSettings, summary: fromJson(ws, row.summary, what) };
}

/** Runs not deleted, oldest first. */
export function listRuns(ws: Workspace): RunRecord[] {
  return all<RunRow>(ws, `${SELECT_RUN} WHERE deleted_at IS NULL ORDER BY run_id`).map((row) => runRecord(ws, row));
}

/** One run, deleted ones included, or null. */
export function getRun(ws: Workspace, runId: number): RunRecord | null {
  const row = get<RunRow>(ws, `${SELECT_RUN} WHERE run_id = ?`, runId);
  return row === undefined ? null : runRecord(ws, row);
}

/** The latest run not deleted with this fingerprint, or null: the same fingerprint means the same bytes. */
export function findRunByFingerprint(ws: Workspace, fingerprint: string): RunRecord | null {
  const row = get<RunRow>(ws, `${SELECT_RUN} WHERE fingerprint = ? AND deleted_at IS NULL ORDER BY run_id DESC LIMIT 1`, fingerprint);
  return row === undefined ? null : runRecord(ws, row);
}

/** Hides a run from the list; order sets that name it still find it. Throws `not_found`. */
export function deleteRun(ws: Workspace, runId: number, at: string = new Date().toISOString()): void {
  if (run(ws, 'UPDATE run SET deleted_at = ? WHERE run_id = ? AND deleted_at IS NULL', at, runId).changes === 0) {
    throw new HedgerowError('not_found', `There is no run R${runId}.`, 'List the runs to see their numbers.');
  }
}

/** Stores an order set and notes it in the journal; answers its number. */
export function insertOrderSet(ws: Workspace, set: NewOrderSet): number {
  return transaction(ws, () => {
    const row = { ...set, request: toJson(set.request), legs: toJson(set.legs), manifest: toJson(set.manifest) };
    const orderSetId = run(ws, insertText('order_set', ORDER_SET), row).rowId;
    const { runId, snapshotId, fileName, sha256 } = set;
    appendJournal(ws, 'orders', { orderSetId, runId, snapshotId, fileName, sha256 }, set.createdAt);
    return orderSetId;
  });
}

type OrderSetRow = Omit<OrderSetRecord, 'request' | 'legs' | 'manifest'> & {
  readonly request: string;
  readonly legs: string;
  readonly manifest: string;
};

function orderSetRecord(ws: Workspace, row: OrderSetRow): OrderSetRecord {
  const json = (text: string) => fromJson(ws, text, `order set ${row.orderSetId}`);
  return { ...row, request: json(row.request), legs: json(row.legs), manifest: json(row.manifest) };
}

/** All order sets, oldest first. */
export function listOrderSets(ws: Workspace): OrderSetRecord[] {
  return all<OrderSetRow>(ws, `${SELECT_ORDER_SET} ORDER BY order_set_id`).map((row) => orderSetRecord(ws, row));
}

/** One order set, or null. */
export function getOrderSet(ws: Workspace, orderSetId: number): OrderSetRecord | null {
  const row = get<OrderSetRow>(ws, `${SELECT_ORDER_SET} WHERE order_set_id = ?`, orderSetId);
  return row === undefined ? null : orderSetRecord(ws, row);
}

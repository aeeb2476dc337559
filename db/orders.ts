/**
 * Order sets. A frozen set (a package) and its approvals, overrides and fills live in the journal alone, so what was prepared
 * cannot be changed without breaking the chain; an exported file also has a row here with its manifest.
 */
import { appendJournal } from './journal.ts';
import { all, fromJson, get, insertText, run, selectList, toJson, transaction } from './connection.ts';
import type { Workspace } from './connection.ts';
import { journalField } from './migrations/0010-journal-indexes.ts';

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

const ORDER_SET = ['createdAt', 'runId', 'snapshotId', 'request', 'legs', 'format', 'fileName', 'sha256', 'manifest'];
const SELECT_ORDER_SET = `SELECT ${selectList(['orderSetId', ...ORDER_SET])} FROM order_set`;

/** Stores an exported order set and notes it in the journal with what else is to be kept; answers its number. */
export function insertOrderSet(ws: Workspace, set: NewOrderSet, note: Readonly<Record<string, unknown>> = {}): number {
  return transaction(ws, () => {
    const row = { ...set, request: toJson(set.request), legs: toJson(set.legs), manifest: toJson(set.manifest) };
    const orderSetId = run(ws, insertText('order_set', ORDER_SET), row).rowId;
    const { runId, snapshotId, fileName, sha256 } = set;
    appendJournal(ws, 'orders', { orderSetId, runId, snapshotId, fileName, sha256, ...note }, set.createdAt);
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

/** Numbers of the order sets of some runs, oldest first; what they hold is not read. */
export function orderSetsOf(ws: Workspace, runIds: readonly number[]): number[] {
  const text = 'SELECT order_set_id AS id FROM order_set WHERE run_id IN (SELECT value FROM json_each(?)) ORDER BY order_set_id';
  return all<{ id: number }>(ws, text, JSON.stringify(runIds)).map(({ id }) => id);
}

/** One order set, or null. */
export function getOrderSet(ws: Workspace, orderSetId: number): OrderSetRecord | null {
  const row = get<OrderSetRow>(ws, `${SELECT_ORDER_SET} WHERE order_set_id = ?`, orderSetId);
  return row === undefined ? null : orderSetRecord(ws, row);
}

/** What is stored of a frozen set; `content` is canonical JSON and `sha256` its hash. */
export interface NewPackage {
  readonly basket: string;
  readonly specSha256: string;
  readonly sha256: string;
  readonly preparedBy: string;
  readonly note: string;
  readonly content: string;
}

export interface PackageHead extends Omit<NewPackage, 'content'> {
  readonly packageId: number;
  readonly frozenAt: string;
}

const HEAD = `${['packageId', 'basket', 'specSha256', 'sha256', 'preparedBy', 'note'].map((name) => `json_extract(detail, '$.${name}') AS ${name}`).join(', ')}, at AS frozenAt`;
const NUMBER = journalField('packageId');
/** The planner would rather go by the kind of entry and read them all. */
const FROZEN = "FROM journal INDEXED BY journal_package WHERE action = 'freeze'";
const MADE_OF = `SELECT ${NUMBER} AS packageId FROM journal INDEXED BY journal_package_spec
  WHERE action = 'freeze' AND ${journalField('specSha256')} = ? ORDER BY seq`;

/** Heads of the packages after the one of this number (default: all), oldest first. */
export function listPackages(ws: Workspace, after = 0): PackageHead[] {
  return all<PackageHead>(ws, `SELECT ${HEAD} ${FROZEN} AND ${NUMBER} > ? ORDER BY ${NUMBER}`, after);
}

/** Freezes a set; the same orders of the same run and request are the same package. Answers its number. */
export function freezePackage(ws: Workspace, one: NewPackage, at: string): number {
  return transaction(ws, () => {
    const same = get<{ packageId: number }>(ws, MADE_OF, one.specSha256);
    if (same) return same.packageId;
    const last = get<{ packageId: number }>(ws, `SELECT ${NUMBER} AS packageId ${FROZEN} ORDER BY ${NUMBER} DESC LIMIT 1`);
    const packageId = (last?.packageId ?? 0) + 1;
    appendJournal(ws, 'freeze', { packageId, ...one }, at);
    return packageId;
  });
}

/** Content of a package, or null. */
export function packageContent(ws: Workspace, packageId: number): string | null {
  const text = `SELECT json_extract(detail, '$.content') AS content ${FROZEN} AND ${NUMBER} = ?`;
  return get<{ content: string }>(ws, text, packageId)?.content ?? null;
}

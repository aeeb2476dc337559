/** Holdings snapshots: immutable, dated, every line of the file kept with what became of it. */
import type { BatchId, EpochDay, SymbolId } from '../main/contract/units.ts';
import { HedgerowError } from '../main/contract/errors.ts';
import { all, get, guarded, insertText, run, selectList, statement } from './connection.ts';
import type { Workspace } from './connection.ts';
import { currentRevision, VISIBLE } from './visibility.ts';

export interface NewSnapshot {
  readonly asOf: EpochDay;
  readonly source: string;
}

export interface NewHoldingsLine {
  readonly line: number;
  readonly disposition: 'position' | 'cash' | 'option' | 'total' | 'note' | 'error';
  /** '' when the file has none. */
  readonly account: string;
  /** As in the file. */
  readonly ticker: string;
  readonly symbolId: SymbolId | null;
  /** Exact decimal text, `-12.5`; see `scaleE8` for what is accepted. */
  readonly quantity: string | null;
  readonly price: string | null;
  readonly marketValue: string | null;
  readonly currency: string | null;
  readonly name: string | null;
  readonly cusip: string | null;
  readonly isin: string | null;
  /** The line as it stood in the file. */
  readonly raw: string;
  /** Share, fund, bond, option …, where the importer could tell; null for lines stored before it was kept. */
  readonly kind: string | null;
}

export interface HoldingsLine extends NewHoldingsLine {
  /** `quantity` in units of 1e-8. */
  readonly quantityE8: bigint | null;
}

export interface SnapshotRecord {
  readonly snapshotId: number;
  readonly batchId: BatchId;
  readonly asOf: EpochDay;
  readonly source: string;
  readonly file: string;
  /** Of the file; `source` is another where the snapshot takes the place of one that is not from there. */
  readonly batchSource: string;
  readonly importedAt: string;
  readonly importDay: EpochDay;
  /** Lines that are positions. */
  readonly positions: number;
  /** Distinct accounts of positions and cash, sorted. */
  readonly accounts: readonly string[];
}

const LINE = [
  'line',
  'disposition',
  'account',
  'ticker',
  'symbolId',
  'quantity',
  'price',
  'marketValue',
  'currency',
  'name',
  'cusip',
  'isin',
  'raw',
  'kind',
];

/**
 * A decimal text as an integer of 1e-8: at most 8 decimals (zeros after them are fine) and within
 * ±92,233,720,368.54775807, the bounds of a 64-bit integer; null for anything else. No float is involved.
 */
export function scaleE8(text: string): bigint | null {
  const match = /^([+-]?)(\d{1,20})(?:\.(\d{1,8})0*)?$/.exec(text);
  if (!match) return null;
  const scaled = BigInt(match[2]! + (match[3] ?? '').padEnd(8, '0')) * (match[1] === '-' ? -1n : 1n);
  return scaled === BigInt.asIntN(64, scaled) ? scaled : null;
}

/** Makes a snapshot; answers its id. */
export function insertSnapshot(ws: Workspace, batchId: number, snapshot: NewSnapshot): number {
  return run(ws, insertText('holdings_snapshot', ['batchId', 'asOf', 'source']), { ...snapshot, batchId }).rowId;
}

/** Adds lines to a snapshot of the same batch. Throws `data` for a quantity that cannot be held exactly. */
export function insertHoldingsLines(ws: Workspace, snapshotId: number, lines: readonly NewHoldingsLine[]): void {
  const text = insertText('holdings_line', ['snapshotId', 'quantityE8', ...LINE]);
  for (const line of lines) {
    const quantityE8 = line.quantity === null ? null : scaleE8(line.quantity);
    if (line.quantity !== null && quantityE8 === null) {
      throw new HedgerowError(
        'data',
        `Line ${line.line}: the quantity ${line.quantity.slice(0, 80)} has more than 8 decimals, is not a plain number or is beyond 92 billion.`,
        'Correct the quantity in the file.',
      );
    }
    run(ws, text, { ...line, snapshotId, quantityE8 });
  }
}

/** Snapshots whose batch is visible at the revision (default: now), by date, the newest import of a date last. */
export const listSnapshots = (ws: Workspace, revision: number = currentRevision(ws)): SnapshotRecord[] =>
  snapshotsWhere(ws, VISIBLE, revision);

/** Snapshots there ever were, those taken back included: what was sent out was made of them. */
export const everySnapshot = (ws: Workspace): SnapshotRecord[] => snapshotsWhere(ws, 'b.revision <= @revision', currentRevision(ws));

function snapshotsWhere(ws: Workspace, condition: string, revision: number): SnapshotRecord[] {
  const text = `SELECT ${selectList(['snapshotId', 'batchId', 'asOf', 'source'], 'h')}, b.file AS file, b.source AS batchSource, b.imported_at AS importedAt,
      b.import_day AS importDay
    FROM holdings_snapshot h JOIN batch b ON b.batch_id = h.batch_id WHERE ${condition} ORDER BY h.as_of, h.snapshot_id`;
  return all<Omit<SnapshotRecord, keyof Size>>(ws, text, { revision }).map((row) => ({ ...row, ...sizeOf(ws, row.snapshotId) }));
}

type Size = Pick<SnapshotRecord, 'positions' | 'accounts'>;

/** Sizes by snapshot: nothing is ever added to one, and to count a desk's years of them for every question takes longer than the question. */
const sizes = new WeakMap<Workspace, Map<number, Size>>();

const SIZE = `SELECT total(disposition = 'position') AS positions, json_group_array(DISTINCT account) AS accounts
  FROM holdings_line WHERE snapshot_id = ? AND disposition IN ('position', 'cash')`;

function sizeOf(ws: Workspace, snapshotId: number): Size {
  let known = sizes.get(ws);
  if (!known) sizes.set(ws, (known = new Map()));
  const held = known.get(snapshotId);
  if (held) return held;
  const { positions, accounts } = get<{ positions: number; accounts: string }>(ws, SIZE, snapshotId)!;
  const size = { positions, accounts: (JSON.parse(accounts) as string[]).sort() };
  // What a transaction adds may be taken back, and its number given to another snapshot.
  if (ws.mode === 'read' || !ws.sql.inTransaction) known.set(snapshotId, size);
  return size;
}

/** All lines of a snapshot in file order, whatever became of its batch: a stored order set must always find its book. */
export function readHoldings(ws: Workspace, snapshotId: number): HoldingsLine[] {
  const text = `SELECT ${selectList([...LINE, 'quantityE8'])} FROM holdings_line WHERE snapshot_id = ? ORDER BY line, rowid`;
  // 64-bit quantities do not fit a double; everything else does.
  const rows = guarded(ws.dir, () => statement(ws, text).safeIntegers().all(snapshotId)) as (Omit<HoldingsLine, 'line' | 'symbolId'> & {
    line: bigint;
    symbolId: bigint | null;
  })[];
  return rows.map((row) => ({
    ...row,
    line: Number(row.line),
    symbolId: row.symbolId === null ? null : (Number(row.symbolId) as SymbolId),
  }));
}

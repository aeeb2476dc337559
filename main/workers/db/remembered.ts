/** Reads that answer many questions: what a revision shows never changes, so each is made once for the revision looked at. */
import {
  allSymbols,
  currentRevision,
  listSnapshots,
  readClassifications,
  readIdentities,
  type SnapshotRecord,
  type Workspace,
} from '../../../db/index.ts';

/** `read` of the revision asked last is kept, per workspace. */
export function ofRevision<T>(read: (ws: Workspace, revision: number) => T): (ws: Workspace, revision: number) => T {
  const kept = new WeakMap<Workspace, { readonly revision: number; readonly value: T }>();
  return (ws, revision) => {
    let held = kept.get(ws);
    if (held?.revision !== revision) kept.set(ws, (held = { revision, value: read(ws, revision) }));
    return held.value;
  };
}

function grouped<Row>(rows: readonly Row[], key: (row: Row) => number): ReadonlyMap<number, readonly Row[]> {
  const groups = new Map<number, Row[]>();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group) group.push(row);
    else groups.set(key(row), [row]);
  }
  return groups;
}

export const symbolsById = ofRevision((ws) => new Map(allSymbols(ws).map((symbol) => [symbol.symbolId as number, symbol])));
export const identitiesBySecurity = ofRevision((ws, revision) => grouped(readIdentities(ws, { revision }), (row) => row.securityId));
export const classificationsBySymbol = ofRevision((ws, revision) => grouped(readClassifications(ws, { revision }), (row) => row.symbolId));

const snapshotsOf = ofRevision(listSnapshots);

/** Holdings there are now. A writing connection reads them anew: what it has not committed yet may be taken back. */
export const snapshotsNow = (ws: Workspace): readonly SnapshotRecord[] =>
  ws.mode === 'read' ? snapshotsOf(ws, currentRevision(ws)) : listSnapshots(ws);

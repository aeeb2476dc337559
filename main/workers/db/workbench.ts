/** What the run list, the import history, the map editor and the backup list ask the store. */
import {
  allSymbols,
  appendJournal,
  currentRevision,
  damagedRuns,
  deleteRun as hideRun,
  getBatch,
  getMeta,
  listBackups,
  listRuns,
  listSnapshots,
  orderSetsOf,
  readEtfMap,
  readIdentities,
  repeatsOf,
  restoreRun as showRun,
  seriesExtents,
  setMeta,
  transaction,
  type Workspace,
} from '../../../db/index.ts';
import { HedgerowError } from '../../contract/errors.ts';
import type { Backup, BatchLineage, EtfMapView } from '../../contract/results-workbench.ts';
import { dayOfSlot, formatIsoDay, type EpochDay, type Slot } from '../../contract/units.ts';
import { PINNED_RUN } from '../meta-keys.ts';
import { batchRow, findRun, PRICE_FIELDS, runNumber } from './look-ups.ts';

/** A deleted run, which may be a damaged one, is hidden, never lost; a pin on it ends. */
export function deleteRun(ws: Workspace, { runId, at }: { runId: string; at: string }): null {
  const number = runNumber(ws, runId);
  const whole = listRuns(ws).find((run) => run.runId === number);
  return transaction(ws, () => {
    hideRun(ws, number, at);
    if (getMeta(ws, PINNED_RUN) === number) setMeta(ws, PINNED_RUN, null);
    appendJournal(ws, 'delete_run', { runId: number, ...(whole ? { fingerprint: whole.fingerprint } : { damaged: true }) }, at);
    return null;
  });
}

export function restoreRun(ws: Workspace, { runId, at }: { runId: string; at: string }): null {
  const number = runNumber(ws, runId);
  return transaction(ws, () => {
    showRun(ws, number);
    appendJournal(ws, 'restore_run', { runId: number }, at);
    return null;
  });
}

export function pinRun(ws: Workspace, { runId, at }: { runId: string | null; at: string }): null {
  const run = runId === null ? null : findRun(ws, runId);
  if (run !== null && run.deletedAt !== null)
    throw new HedgerowError('usage', `${runId} is deleted.`, 'Restore it first, or pin another run.');
  return transaction(ws, () => {
    setMeta(ws, PINNED_RUN, run?.runId ?? null);
    appendJournal(ws, 'pin_run', { runId: run?.runId ?? null }, at);
    return null;
  });
}

const iso = (day: EpochDay | null): string | null => (day === null ? null : formatIsoDay(day));

export function batchLineage(ws: Workspace, batchId: number): BatchLineage {
  const batch = getBatch(ws, batchId);
  if (batch === null) throw new HedgerowError('not_found', `There is no batch ${batchId}.`, 'List the batches to see their numbers.');
  const seen = (revision: number): boolean =>
    batch.revision <= revision && (batch.undoneRevision === null || revision < batch.undoneRevision);
  const runs = listRuns(ws).flatMap(({ runId, revision }) => (seen(revision) ? [runId] : []));
  // What a damaged run was made on cannot be told: it may be this batch.
  const named = [...runs, ...damagedRuns(ws).map(({ runId }) => runId)].sort((a, b) => a - b);
  return {
    batch: batchRow(batch),
    bytes: batch.bytes,
    importerVersion: batch.importerVersion,
    importDay: formatIsoDay(batch.importDay),
    revision: batch.revision,
    undoneRevision: batch.undoneRevision,
    undoneAt: batch.undoneAt,
    options: { ...batch.options },
    report: batch.report,
    repeatedBy: repeatsOf(ws, batchId),
    snapshotIds: batch.kind === 'holdings' ? snapshotsOf(ws, batchId) : [],
    runs: named.map((runId) => `R${runId}`),
    orderSets: orderSetsOf(ws, named),
  };
}

const snapshotsOf = (ws: Workspace, batchId: number): number[] =>
  listSnapshots(ws)
    .filter((snapshot) => snapshot.batchId === batchId)
    .map((snapshot) => snapshot.snapshotId);

/** The map in force, row by row, and which of its ETFs have prices. */
export function etfMap(ws: Workspace): EtfMapView {
  const revision = currentRevision(ws);
  const rows = readEtfMap(ws, revision);
  const codes = new Map<number, string>(allSymbols(ws).map((symbol) => [symbol.symbolId, symbol.code]));
  const batch = rows[0] ? getBatch(ws, rows[0].batchId) : null;
  const wanted = new Set<number>(rows.map((row) => row.symbolId));
  // The prices of an ETF may lie under another of its names (FIGI, ISIN): every symbol of its security counts.
  const identities = readIdentities(ws, { revision });
  const securityOf = new Map<number, number>(identities.map((one) => [one.symbolId, one.securityId]));
  const etfOf = new Map([...wanted].flatMap((symbol) => (securityOf.has(symbol) ? [[securityOf.get(symbol)!, symbol] as const] : [])));
  const priced: Record<string, { first: string; last: string }> = {};
  for (const [symbolId, { first, last }] of seriesExtents(ws, { fields: PRICE_FIELDS, revision })) {
    const symbol = wanted.has(symbolId) ? symbolId : etfOf.get(securityOf.get(symbolId)!);
    if (symbol === undefined) continue;
    const etf = codes.get(symbol)!;
    const span = { first: formatIsoDay(dayOfSlot(first as Slot)), last: formatIsoDay(dayOfSlot(last as Slot)) };
    const before = priced[etf];
    priced[etf] = before
      ? { first: before.first < span.first ? before.first : span.first, last: before.last > span.last ? before.last : span.last }
      : span;
  }
  return {
    batchId: batch?.batchId ?? null,
    file: batch?.file ?? null,
    entries: rows.map((row) => ({
      level: row.level,
      code: row.code,
      scheme: row.scheme,
      etf: codes.get(row.symbolId)!,
      validFrom: iso(row.validFrom),
      validTo: iso(row.validTo),
      knownFrom: iso(row.knownFrom),
    })),
    priced,
  };
}

/** Newest first; the name says when and why. */
export function backups(ws: Workspace): Backup[] {
  return listBackups(ws.dir).map(backupOf).reverse();
}

function backupOf({ name, bytes }: { name: string; bytes: number }): Backup {
  const [, y, mo, d, h, mi, s, ms, why] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-(.*)\.db$/.exec(name) ?? [];
  return { name, bytes, at: `${y}-${mo}-${d}T${h}:${mi}:${s}.${ms}Z`, why: why ?? '' };
}

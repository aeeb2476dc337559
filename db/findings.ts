/** Findings: what an import or a run noticed about the data. Those of an undone batch are not listed. */
import type { BatchId, EpochDay } from '../main/contract/units.ts';
import { HedgerowError } from '../main/contract/errors.ts';
import { all, fromJson, insertText, run, selectList, toJson, transaction } from './connection.ts';
import type { Workspace } from './connection.ts';
import { appendJournal } from './journal.ts';
import { currentRevision, VISIBLE } from './visibility.ts';

export interface NewFinding {
  readonly severity: 'error' | 'warning' | 'info';
  readonly code: string;
  /** What it is about: a ticker, a file, an ETF. */
  readonly subject: string;
  readonly day: EpochDay | null;
  readonly message: string;
  /** JSON. */
  readonly detail: unknown;
}

export interface FindingRecord extends NewFinding {
  readonly findingId: number;
  /** null: not found by an import. */
  readonly batchId: BatchId | null;
  readonly dismissedReason: string | null;
  readonly dismissedAt: string | null;
  /** Look of the doctor that found it last; null: not found by the doctor. */
  readonly lookId: number | null;
}

const FINDING = ['severity', 'code', 'subject', 'day', 'message', 'detail'];

/** Stores findings; `batchId` null when no import brought them. */
export function insertFindings(ws: Workspace, batchId: number | null, findings: readonly NewFinding[]): void {
  const text = insertText('finding', ['batchId', ...FINDING]);
  transaction(ws, () => {
    for (const finding of findings) run(ws, text, { ...finding, detail: toJson(finding.detail), batchId });
  });
}

/** Findings at the revision (default: now), oldest first, dismissed ones included. */
export function listFindings(ws: Workspace, revision: number = currentRevision(ws)): FindingRecord[] {
  const text = `SELECT ${selectList(['findingId', 'batchId', ...FINDING, 'dismissedReason', 'dismissedAt', 'lookId'], 'f')}
    FROM finding f LEFT JOIN batch b ON b.batch_id = f.batch_id WHERE f.batch_id IS NULL OR ${VISIBLE} ORDER BY f.finding_id`;
  const rows = all<Omit<FindingRecord, 'detail'> & { detail: string }>(ws, text, { revision });
  return rows.map((row) => ({ ...row, detail: fromJson(ws, row.detail, `finding ${row.findingId}`) }));
}

/** Marks a finding as seen, with the reason given; noted in the journal. Throws `not_found`. */
export function dismissFinding(ws: Workspace, findingId: number, reason: string, at: string = new Date().toISOString()): void {
  mark(ws, findingId, reason, at, at);
}

/** Puts a dismissed finding back in force; the journal keeps the dismissal too. Throws `not_found`. */
export function restoreFinding(ws: Workspace, findingId: number, at: string = new Date().toISOString()): void {
  mark(ws, findingId, null, null, at);
}

function mark(ws: Workspace, findingId: number, reason: string | null, dismissedAt: string | null, at: string): void {
  transaction(ws, () => {
    const text = 'UPDATE finding SET dismissed_reason = ?, dismissed_at = ? WHERE finding_id = ?';
    if (run(ws, text, reason, dismissedAt, findingId).changes === 0) {
      throw new HedgerowError('not_found', `There is no finding ${findingId}.`, 'List the findings to see their numbers.');
    }
    appendJournal(ws, reason === null ? 'restore_finding' : 'dismiss', reason === null ? { findingId } : { findingId, reason }, at);
  });
}

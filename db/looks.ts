/** Looks of the doctor: each replaces the findings of the one before; a finding seen again keeps its number and its dismissal. */
import type { EpochDay } from '../main/contract/units.ts';
import { all, fromJson, get, insertText, run, selectList, toJson, transaction } from './connection.ts';
import type { Workspace } from './connection.ts';
import type { NewFinding } from './findings.ts';

export interface NewLook {
  readonly lookedAt: string;
  readonly revision: number;
  readonly knownAsOf: EpochDay;
  /** Version of the rules. */
  readonly version: string;
  /** JSON. */
  readonly summary: unknown;
}

export interface LookRecord extends NewLook {
  readonly lookId: number;
}

export interface KeyedFinding extends NewFinding {
  /** The same thing found again has the same key. */
  readonly key: string;
  /** Days concerned: a dismissed finding comes back when a day is added to it. */
  readonly days: readonly number[];
}

const LOOK = ['lookedAt', 'revision', 'knownAsOf', 'version', 'summary'];
const SELECT = `SELECT ${selectList(['lookId', ...LOOK])} FROM look`;

type LookRow = Omit<LookRecord, 'summary'> & { readonly summary: string };

/** The look made last, or null. */
export function latestLook(ws: Workspace): LookRecord | null {
  const row = get<LookRow>(ws, `${SELECT} ORDER BY look_id DESC LIMIT 1`);
  return row === undefined ? null : { ...row, summary: fromJson(ws, row.summary, `look ${row.lookId}`) };
}

const RANK = { error: 2, warning: 1, info: 0 } as const;

interface Held {
  readonly findingId: number;
  readonly key: string;
  readonly severity: keyof typeof RANK;
  readonly detail: string;
  readonly dismissed: number;
}

/** Stores a look and its findings; those of earlier looks that are not found again are no longer in force. Answers its number. */
export function insertLook(ws: Workspace, look: NewLook, findings: readonly KeyedFinding[]): number {
  return transaction(ws, () => {
    const lookId = run(ws, insertText('look', LOOK), { ...look, summary: toJson(look.summary) }).rowId;
    const held = new Map(
      all<Held>(
        ws,
        'SELECT finding_id AS findingId, key, severity, detail, dismissed_at IS NOT NULL AS dismissed FROM finding WHERE key IS NOT NULL',
      ).map((row) => [row.key, row]),
    );
    // What was dismissed when an import noticed it stays dismissed when the doctor says the same.
    const said = new Map(
      all<{ code: string; subject: string; day: number | null; reason: string; at: string }>(
        ws,
        `SELECT code, subject, day, dismissed_reason AS reason, dismissed_at AS at FROM finding
         WHERE key IS NULL AND batch_id IS NOT NULL AND dismissed_at IS NOT NULL`,
      ).map((row) => [`${row.code} ${row.subject} ${row.day}`, row]),
    );
    const insert = insertText('finding', [
      'batchId',
      'severity',
      'code',
      'subject',
      'day',
      'message',
      'detail',
      'dismissedReason',
      'dismissedAt',
      'key',
      'lookId',
    ]);
    const update = `UPDATE finding SET severity = @severity, day = @day, subject = @subject, message = @message, detail = @detail, look_id = @lookId,
      dismissed_reason = CASE WHEN @reopen = 1 THEN NULL ELSE dismissed_reason END,
      dismissed_at = CASE WHEN @reopen = 1 THEN NULL ELSE dismissed_at END WHERE finding_id = @findingId`;
    for (const { key, days, detail, ...finding } of findings) {
      const row = { ...finding, detail: toJson({ ...(detail as object), days }), lookId };
      const before = held.get(key);
      if (before === undefined) {
        const once = said.get(`${finding.code} ${finding.subject} ${finding.day}`);
        run(ws, insert, { ...row, key, batchId: null, dismissedReason: once?.reason ?? null, dismissedAt: once?.at ?? null });
        continue;
      }
      const reopen = before.dismissed === 1 && (RANK[finding.severity] > RANK[before.severity] || addsDay(ws, before, days));
      const { code: _, ...changed } = row;
      run(ws, update, { ...changed, reopen: Number(reopen), findingId: before.findingId });
    }
    return lookId;
  });
}

function addsDay(ws: Workspace, before: Held, days: readonly number[]): boolean {
  const old = new Set((fromJson(ws, before.detail, `finding ${before.findingId}`) as { days?: number[] }).days ?? []);
  return days.some((day) => !old.has(day));
}

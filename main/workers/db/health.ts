/** Findings in force and the doctor's latest look, for the screens and the command line. */
import {
  allSymbols,
  currentRevision,
  damagedRuns,
  insertLook,
  latestLook,
  listBatches,
  listFindings,
  listRuns,
  readActions,
  readUniverses,
  type FindingRecord,
  type LookRecord,
  type Workspace,
} from '../../../db/index.ts';
import { kindOf, type Finding, type LookView } from '../../contract/results-health.ts';
import { formatIsoDay, type EpochDay } from '../../contract/units.ts';
import { DOCTOR_VERSION } from '../../quant/doctor/index.ts';
import type { DoctorDetail, Look, LookRequest, LookSummary } from './doctor.ts';
import { remedyWords } from './doctor-fixes.ts';
import { readHistory } from './master.ts';
import { quarantined } from './quarantine.ts';
import { revisionOf } from './run-findings.ts';

const SEVERITY = { error: 0, warning: 1, info: 2 } as const;
const iso = (day: number): string => formatIsoDay(day as EpochDay);

/** What imports notice too and the doctor sees better: said by it alone once it has looked at the batch. */
const DOCTORS = new Set(['jump', 'gap', 'unknown_ticker']);

/** What an import said of names without an owner, or with two; it holds until somebody says whose they are. */
const OWNERLESS = new Set(['quarantined', 'ambiguous_ticker']);
/** What an import said of a list; it holds while that version is the list. */
const OF_LISTS = new Set(['undated_universe', 'unknown_member']);

/** Findings that are over: of imports, settled by later decisions; of damaged runs, deleted since. */
function settled(ws: Workspace, rows: readonly FindingRecord[]): (row: FindingRecord) => boolean {
  const revision = currentRevision(ws);
  const any = (codes: ReadonlySet<string>): boolean => rows.some(({ code }) => codes.has(code));
  const held = new Set(
    any(OWNERLESS) ? quarantined(ws, revision, readHistory(ws, revision, Infinity)).map(({ symbol }) => symbol.code) : [],
  );
  const lists = any(OF_LISTS) ? readUniverses(ws, { revision }) : [];
  const current = new Set(lists.filter((one, i) => lists[i + 1]?.name !== one.name).map((one) => one.batchId as number));
  const damaged = new Set(damagedRuns(ws).map(({ runId }) => `R${runId}`));
  return ({ code, subject, batchId }) =>
    (code === 'altered' && subject !== 'all' && !damaged.has(subject)) ||
    (OWNERLESS.has(code) && !held.has(subject)) ||
    (OF_LISTS.has(code) && batchId !== null && !current.has(batchId));
}

/** Stores a look; answers its number. */
export function saveLook(ws: Workspace, { look, request, at }: { look: Look; request: LookRequest; at: string }): number {
  return insertLook(
    ws,
    {
      lookedAt: at,
      revision: request.revision,
      knownAsOf: request.knownAsOf as EpochDay,
      version: DOCTOR_VERSION,
      summary: look.summary,
    },
    look.findings,
  );
}

/** Findings in force, most severe first, then by what is at stake: of imports, of the latest run and of the latest look. */
export function findings(ws: Workspace): Finding[] {
  const latestRun = listRuns(ws).at(-1)?.revision ?? null;
  const look = latestLook(ws);
  const seen = new Set(
    look ? listBatches(ws).flatMap(({ batchId, revision }) => (revision <= look.revision ? [batchId as number] : [])) : [],
  );
  const codes = new Map(allSymbols(ws).map((symbol) => [symbol.symbolId, symbol.code]));
  const explained = new Set(
    readActions(ws, { revision: currentRevision(ws) }).map((action) => `${codes.get(action.symbolId)} ${action.exDay}`),
  );
  const rows = listFindings(ws);
  const over = settled(ws, rows);
  return rows
    .filter((row) => {
      if (over(row)) return false;
      if (row.lookId !== null) return row.lookId === look?.lookId;
      // The doctor says the holes of the market itself.
      if (row.batchId === null) return revisionOf(row.detail) === latestRun && !(look && row.code === 'market_gap');
      if (DOCTORS.has(row.code) && seen.has(row.batchId)) return false;
      return row.code !== 'jump' || !explained.has(`${row.subject} ${row.day}`);
    })
    .map(findingOf)
    .sort((a, b) => SEVERITY[a.severity] - SEVERITY[b.severity] || atStake(b) - atStake(a) || a.findingId - b.findingId);
}

/** Dollars that a finding concerns: what its fix changes first, then what rests on the data. */
function atStake({ effect }: Finding): number {
  if (!effect) return 0;
  const moved =
    Math.abs((effect.marketValueFixed ?? 0) - (effect.marketValue ?? 0)) +
    Math.abs((effect.volatilityFixed ?? 0) - (effect.volatility ?? 0));
  return moved * 1e6 + Math.abs(effect.marketValue ?? 0) + effect.usedBy;
}

function findingOf(row: FindingRecord): Finding {
  const detail = row.lookId === null ? null : (row.detail as DoctorDetail);
  return {
    findingId: row.findingId,
    severity: row.severity,
    code: row.code,
    subject: row.subject,
    day: row.day === null ? null : iso(row.day),
    message: row.message,
    batchId: row.batchId,
    dismissed: row.dismissedReason,
    distorts: kindOf(row.code).distorts,
    securityId: detail?.securityId ?? null,
    advice: detail?.advice ?? (row.detail as { fix?: string } | null)?.fix ?? null,
    fix: detail?.remedy ? remedyWords(detail.remedy) : null,
    effect: detail?.effect ?? null,
    days: (detail?.days.length ?? 0) > 1 ? detail!.days.map(iso) : [],
  };
}

/** The latest look; null when there was none. */
export function lookView(ws: Workspace): LookView | null {
  const look = latestLook(ws);
  if (!look) return null;
  const summary = look.summary as LookSummary;
  const counts: Record<string, number> = {};
  for (const { code, dismissed } of findings(ws)) if (dismissed === null) counts[code] = (counts[code] ?? 0) + 1;
  return {
    lookId: look.lookId,
    lookedAt: look.lookedAt,
    revision: look.revision,
    knownAsOf: iso(look.knownAsOf),
    current: isCurrent(ws, look),
    securities: summary.securities,
    milliseconds: summary.milliseconds,
    snapshotId: summary.snapshotId,
    bookValue: summary.bookValue,
    bookVolatility: summary.bookVolatility,
    bookSessions: summary.bookSessions ?? null,
    counts,
    days: summary.days.map(iso),
    coverage: summary.coverage,
  };
}

const isCurrent = (ws: Workspace, look: LookRecord): boolean => look.revision === currentRevision(ws) && look.version === DOCTOR_VERSION;

/** Whether the latest look is of the present data by the present rules. */
export function lookState(ws: Workspace): { readonly revision: number; readonly current: boolean } {
  const look = latestLook(ws);
  return { revision: currentRevision(ws), current: look !== null && isCurrent(ws, look) };
}

/** Staged imports of the db writer: diffed against the store, then committed as one batch or thrown away. */
import { randomInt } from 'node:crypto';
import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import {
  allSymbols,
  commitBatch,
  currentRevision,
  findSymbols,
  readEtfMap,
  type BatchWriter,
  type NewFinding,
  type Workspace,
} from '../../../db/index.ts';
import { HedgerowError } from '../../contract/errors.ts';
import {
  refusals,
  type CommitChoices,
  type ImportCounts,
  type ImportOptions,
  type ImportReport,
  type Issue,
} from '../../contract/report.ts';
import { formatIsoDay, parseIsoDay, type EpochDay, type SymbolId } from '../../contract/units.ts';
import { IssueCollector } from '../../importers/issues.ts';
import type { FileLines } from '../../contract/results-holdings.ts';
import type { HoldingLine, StagedRows, StagedSeries, StagedHoldings } from '../../importers/staged.ts';
import type { ReadFile } from '../io/procedures.ts';
import { pack, type Packed } from '../packed.ts';
import { Moved, type TaskContext } from '../rpc.ts';
import { handoversOfPrices } from './adoption.ts';
import { mapNames, noteUnmapped, withScheme } from './class-scheme.ts';
import { tally } from './group.ts';
import type { IdentityHistory } from './identity.ts';
import { readHistory } from './master.ts';
import { stageHoldings } from './stage-holdings.ts';
import { stageActions, stageClassification, stageEtfMap, stageShares, type MasterStage } from './stage-master.ts';
import { stageSecurities, writeProvisional } from './stage-securities.ts';
import { stageUniverse } from './stage-universe.ts';
import { stageSeries, type SeriesStage, type StageDays } from './stage-series.ts';

/** Part of every batch: changes when the same file could be read differently. */
const IMPORTER_VERSION = 'importers-1';
const KEPT_ISSUES = 10_000;
/** Issues that say something lasting about the data; the rest is about the file only. */
const LASTING = new Set([
  'jump',
  'gap',
  'unknown_ticker',
  'ambiguous_ticker',
  'quarantined',
  'price_after_delisting',
  'non_session_day',
  'undated_classification',
  'undated_universe',
  'unknown_member',
  'restated',
  'adjusted_base_unknown',
  'total_differs',
  'account_missing',
]);

export interface StageRequest {
  readonly file: ReadFile;
  readonly options: ImportOptions;
  readonly importDay: EpochDay;
  readonly importedAt: string;
  readonly parseMilliseconds: number;
}

export interface CommitRequest {
  readonly stageId: number;
  readonly choices: CommitChoices;
}

interface Stage {
  readonly request: StageRequest;
  readonly revision: number;
  readonly report: ImportReport;
  write(writer: BatchWriter): void;
  /** Nothing would change. */
  readonly empty: boolean;
}

const stages = new Map<number, Stage>();
/** Begins anywhere: a number of another workspace, or of a thread that ended, names no file of this one. */
let nextStage = randomInt(1, 2 ** 40);

/** A report whose issues, up to ten thousand, are read in pieces. */
export type PackedReport = Omit<ImportReport, 'issues'> & { readonly issues: Packed<Issue> };

/** A report on a stage whose issues were told before: null where they are the same. */
export type PackedAgain = Omit<ImportReport, 'issues'> & { readonly issues: Packed<Issue> | null };

function packReport({ issues, ...report }: ImportReport): Moved<PackedReport> {
  const { packed, transfer } = pack(issues);
  return new Moved({ ...report, issues: packed }, transfer);
}

/** Diffs the file that waits at the port `from`; keeps it until commit or discard. */
export function stage(
  ws: Workspace,
  { from, ...request }: Omit<StageRequest, 'file'> & { readonly from: MessagePort },
  context: TaskContext,
): Moved<{ readonly stageId: number; readonly report: PackedReport }> {
  const file = receiveMessageOnPort(from)?.message as ReadFile | undefined;
  from.close();
  if (!file) throw new HedgerowError('internal', 'What was read of the file is gone.', 'Read it again.');
  const made = makeStage(ws, { ...request, file }, context);
  const stageId = nextStage++;
  stages.set(stageId, made);
  const { value: report, transfer } = packReport(made.report);
  return new Moved({ stageId, report }, transfer);
}

/** Lines of a staged holdings file that one answer holds: more than any broker writes. */
const MOST_LINES = 50_000;

/** Every line of a staged holdings file with what becomes of it; none of another file. Throws not_found. */
export function stagedLines(stageId: number): FileLines {
  const held = stages.get(stageId);
  if (!held) throw new HedgerowError('not_found', 'This file is not waiting any more.', 'Read it again.');
  const { staged: content } = held.request.file.parsed;
  const { lines = [], days = null } = 'fields' in content || content.kind !== 'holdings' ? {} : content;
  const wrong = new Map<number, string>();
  for (const { severity, line, reason } of held.report.issues)
    if (severity === 'error') wrong.set(line, wrong.has(line) ? `${wrong.get(line)!}; ${reason}` : reason);
  return {
    total: lines.length,
    lines: lines.slice(0, MOST_LINES).map(({ line, reason, position, asOf, ...rest }) => ({
      line,
      disposition: dispositionOf(rest),
      reason: (rest.disposition === 'error' ? wrong.get(line) : undefined) ?? reason,
      account: position?.account ?? '',
      ticker: position?.symbol?.raw ?? '',
      name: position?.name ?? '',
      quantity: position?.quantity?.text ?? null,
      price: position?.price?.text ?? null,
      marketValue: position?.marketValue?.text ?? null,
      currency: position?.currency ?? '',
      day: days && asOf !== undefined ? formatIsoDay(asOf) : null,
    })),
  };
}

export function discard(stageId: number): null {
  stages.delete(stageId);
  return null;
}

function makeStage(ws: Workspace, request: StageRequest, context: TaskContext): Stage {
  const started = performance.now();
  const { file, options, importDay } = request;
  const { parsed } = file;
  const revision = currentRevision(ws);
  const history = readHistory(ws, revision, Infinity);
  const issues = new IssueCollector();
  const knownAsOf = options.knownAsOf === undefined ? null : parseIsoDay(options.knownAsOf);
  const days: StageDays = { importDay, knownAsOf };
  const source = options.source ?? '';
  const { staged } = parsed;
  const why: string[] = [];

  let result: {
    counts: { new: number; unchanged: number; restated: number; rebased?: number };
    repeats?: ReadonlyMap<number, number>;
    rejected: number;
    securities: number;
    firstDay: EpochDay | null;
    lastDay: EpochDay | null;
    write(writer: BatchWriter): void;
  };
  if ('fields' in staged) result = seriesResult(ws, revision, staged, history, days, issues, context);
  else if (staged.kind === 'securities') result = stageSecurities(ws, revision, staged, allSymbols(ws), days, issues);
  else if (staged.kind === 'classification') {
    const map = mapNames(readEtfMap(ws, revision).map((row) => ({ ...row, etf: row.symbolId })));
    const told = withScheme(file.name, staged.rows, map, options.scheme);
    if (told.why !== null) why.push(told.why);
    noteUnmapped(told.rows, map, issues);
    result = stageClassification(ws, revision, told.rows, days, issues);
  } else if (staged.kind === 'actions') result = stageActions(ws, revision, staged, days, issues);
  else if (staged.kind === 'shares') result = stageShares(ws, revision, staged, days, issues);
  else if (staged.kind === 'etf-map') result = stageEtfMap(ws, revision, staged, days, issues);
  else if (staged.kind === 'universe') result = stageUniverse(ws, revision, staged, days, issues);
  else result = stageHoldings(ws, revision, staged, options.inPlaceOf ?? source, issues);

  let extra: MasterStage | null = null;
  if (parsed.extra) extra = stageActions(ws, revision, parsed.extra as StagedRows<'actions'>, days, issues);
  if (staged.kind !== 'holdings' && knownAsOf !== null && result.lastDay !== null && result.lastDay > knownAsOf) {
    issues.add('error', 'after_known_as_of', 0, 0, () => ({
      reason: `The file has rows up to ${formatIsoDay(result.lastDay!)}, after --known-as-of ${formatIsoDay(knownAsOf)}: nothing can be known before its own date.`,
      fix: 'Give a later --known-as-of, or leave it out.',
    }));
  }

  const diff = issues.finish();
  const counts: ImportCounts = {
    rows: parsed.rows,
    new: result.counts.new + (extra?.counts.new ?? 0),
    unchanged: result.counts.unchanged + (extra?.counts.unchanged ?? 0),
    restated: result.counts.restated + (extra?.counts.restated ?? 0),
    rebased: result.counts.rebased ?? 0,
    rejected: parsed.rejected + result.rejected + (diff.counts.after_known_as_of ? parsed.rows : 0),
    nonSession: parsed.nonSession,
  };
  const all = [...parsed.issues.kept, ...diff.kept];
  const rank = { error: 0, warning: 1, info: 2 };
  all.sort((a, b) => rank[a.severity] - rank[b.severity]);
  const issueCounts: Record<string, number> = { ...parsed.issues.counts };
  for (const [code, count] of Object.entries(diff.counts)) issueCounts[code] = (issueCounts[code] ?? 0) + count;
  const report: ImportReport = {
    file: file.name,
    sha256: file.sha256,
    bytes: file.bytes,
    source,
    detected: { ...parsed.detected, why: [...parsed.detected.why, ...why] },
    counts,
    ...repeatsOf(result.repeats, extra?.repeats),
    ...(staged.kind === 'holdings' ? { dispositions: dispositionsOf(staged) } : {}),
    issueCounts,
    issues: all.slice(0, KEPT_ISSUES),
    knownFrom: knownText(request, staged),
    firstDay: result.firstDay === null ? null : formatIsoDay(result.firstDay),
    lastDay: result.lastDay === null ? null : formatIsoDay(result.lastDay),
    securities: result.securities,
    milliseconds: request.parseMilliseconds + performance.now() - started,
    outcome: 'staged',
  };
  return {
    request,
    revision,
    report,
    empty: counts.new === 0 && counts.restated === 0 && !hasWrites(result),
    write(writer) {
      result.write(writer);
      extra?.write(writer);
      writer.findings([...rejectedValues(all), ...report.issues.filter((issue) => LASTING.has(issue.code)).map(findingOf)]);
    },
  };
}

function repeatsOf(...all: readonly (ReadonlyMap<number, number> | undefined)[]): Pick<ImportReport, 'repeats'> {
  const sums = new Map<number, number>();
  for (const repeats of all) for (const [batchId, values] of repeats ?? []) tally(sums, batchId, values);
  if (sums.size === 0) return {};
  return { repeats: [...sums].map(([batchId, values]) => ({ batchId, values })).sort((a, b) => a.batchId - b.batchId) };
}

/** Lines per disposition, as finely as the importer tells them apart. */
function dispositionsOf({ lines }: StagedHoldings): Record<string, number> {
  const out: Record<string, number> = {};
  for (const line of lines) {
    const name = dispositionOf(line);
    out[name] = (out[name] ?? 0) + 1;
  }
  return out;
}

const dispositionOf = ({ disposition, detail }: Pick<HoldingLine, 'disposition' | 'detail'>): string =>
  (disposition === 'error' ? 'error' : (detail ?? disposition)).replaceAll('_', ' ');

const hasWrites = (result: object): boolean => (result as { writes?: boolean }).writes === true;

function knownText({ options }: StageRequest, staged: ReadFile['parsed']['staged']): string {
  const column = 'fields' in staged ? staged.withKnown : staged.kind !== 'holdings' && staged.rows.some((row) => row.knownFrom !== null);
  const rest =
    options.knownAsOf !== undefined ? `--known-as-of ${options.knownAsOf}` : "each row's own date; the day of import for corrections";
  if (staged.kind === 'holdings') return 'not dated';
  return column ? `the file's column, else ${rest}` : rest;
}

/** Values that were left out because they cannot be prices: one finding per security, for they may be hundreds. */
function rejectedValues(issues: readonly Issue[]): NewFinding[] {
  const bySubject = new Map<string, Issue[]>();
  for (const issue of issues) {
    if (issue.code !== 'price_not_positive' || issue.subject === undefined) continue;
    const list = bySubject.get(issue.subject);
    if (list) list.push(issue);
    else bySubject.set(issue.subject, [issue]);
  }
  return [...bySubject].map(([subject, list]) => {
    const { line, column, found, field } = list[0]!;
    const more = list.length > 1 ? `, the first ${found} in line ${line} (${field})` : `: ${found} in line ${line} (${field})`;
    return {
      severity: 'error',
      code: 'rejected_values',
      subject,
      day: null,
      message: `${subject}: ${list.length} value${list.length > 1 ? 's' : ''} left out that cannot be a price${more}. What the source says of this security around them is in doubt too.`,
      detail: { line, column, fix: 'Take its series from another source; returns next to the left-out days are missing.' },
    };
  });
}

/** Subject of a finding: the words before the first blank or colon of the reason name the ticker. */
function findingOf(issue: Issue): NewFinding {
  const subject = /^([^\s:]+)/.exec(issue.reason)?.[1] ?? '';
  const day = /\b(\d{4}-\d{2}-\d{2})\b/.exec(issue.reason)?.[1];
  const { severity, code, reason, line, column, fix } = issue;
  return { severity, code, subject, day: day ? parseIsoDay(day) : null, message: reason, detail: { line, column, fix } };
}

function seriesResult(
  ws: Workspace,
  revision: number,
  staged: StagedSeries,
  history: IdentityHistory,
  days: StageDays,
  issues: IssueCollector,
  context: TaskContext,
) {
  const found = findSymbols(ws, staged.symbols);
  const ids = Array.from(found, (id) => (id === 0 ? null : id));
  const done: SeriesStage = stageSeries(ws, revision, staged, ids, history, days, issues, context);
  const moved = handoversOfPrices(ws, revision, staged.symbols, ids, done.names);
  for (const { listing, securityId } of moved)
    if (listing.holder === null && securityId === null)
      issues.add('info', 'unknown_ticker', 0, 0, () => ({
        found: staged.symbols[listing.symbol!]!.raw,
        reason: `${listing.code}: no securities row claims it; a provisional security holds its series.`,
        fix: 'Import a securities file that names it, if identity over time matters (renames, reused tickers).',
      }));
  return {
    counts: done.counts,
    repeats: done.repeats,
    rejected: 0,
    securities: staged.symbols.length,
    firstDay: done.firstDay,
    lastDay: done.lastDay,
    writes: done.blocks.length > 0,
    write(writer: BatchWriter): void {
      const symbolIds = writer.symbols(staged.symbols);
      for (const { symbol, field, block } of done.blocks) writer.block({ symbolId: symbolIds[symbol]!, field, ...block });
      writer.lines(done.lines.map(({ symbol, ...rows }) => ({ symbolId: symbolIds[symbol]!, ...rows })));
      for (const { listing, securityId } of moved)
        writeProvisional(writer, (listing.symbolId ?? symbolIds[listing.symbol!]!) as SymbolId, listing.exchange, securityId);
    },
  };
}

/**
 * Commits a stage as one batch. Rejected rows and restatements stop it unless the caller accepts them; a file whose rows are all
 * known changes nothing. A store that changed since staging is diffed again.
 */
export function commit(ws: Workspace, request: CommitRequest, context: TaskContext): Moved<PackedAgain> {
  const told = stages.get(request.stageId)?.report.issues;
  const report = commitMade(ws, request, context);
  return report.issues === told ? new Moved({ ...report, issues: null }, []) : packReport(report);
}

function commitMade(ws: Workspace, { stageId, choices }: CommitRequest, context: TaskContext): ImportReport {
  let made = stages.get(stageId);
  if (!made) throw new HedgerowError('not_found', 'This staged import is gone.', 'Read it again, or choose it anew.');
  if (made.revision !== currentRevision(ws)) stages.set(stageId, (made = makeStage(ws, made.request, context)));
  const { report, request } = made;
  if (refusals(report, choices).length > 0) return { ...report, outcome: 'refused' };
  stages.delete(stageId);
  if (made.empty) return { ...report, outcome: 'nothing_new' };
  context.progress(0.95, 'writing');
  const { batchId } = commitBatch(
    ws,
    {
      kind: report.detected.kind,
      file: report.file,
      source: report.source,
      sha256: report.sha256,
      bytes: report.bytes,
      importerVersion: IMPORTER_VERSION,
      importedAt: request.importedAt,
      importDay: request.importDay,
      counts: report.counts,
      report: { ...report, issues: report.issues.slice(0, 1000) },
      options: request.options,
    },
    (writer) => made.write(writer),
  );
  return { ...report, outcome: 'committed', batchId };
}

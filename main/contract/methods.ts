/**
 * THE api: every method with its kind and input schema. Types, validation, routing and docs derive from this table.
 * `call`: JSON in, JSON out. `columns`: JSON in, header + typed-array columns out. `job`: answers with a job id at once;
 * progress and the result follow as events and by `jobs.get`; `jobs.cancel` stops it.
 */
import * as v from 'valibot';
import { COMPARE_METHODS, type CompareOutput } from './methods-compare.ts';
import { chosenColumns } from './columns.ts';
import { CUBE_METHODS, type CubeOutput } from './methods-cube.ts';
import { HOLDINGS_METHODS, type HoldingsOutput } from './methods-holdings.ts';
import { holdingsMapping } from './mapping.ts';
import { IDENTITY_METHODS, type IdentityOutput } from './methods-identities.ts';
import { HEALTH_METHODS, type HealthOutput } from './methods-health.ts';
import { ORDERS_METHODS, type OrdersOutput } from './methods-orders.ts';
import { OUTCOME_METHODS, type OutcomeOutput } from './methods-outcomes.ts';
import { RISK_METHODS, type RiskOutput } from './methods-risk.ts';
import { WORKBENCH_METHODS, type WorkbenchOutput } from './methods-workbench.ts';
import { UPDATE_METHODS, type UpdateOutput } from './methods-update.ts';
import { TRAVEL_METHODS, type TravelOutput } from './methods-travel.ts';
import { UNIVERSE_METHODS, type UniverseOutput } from './methods-universes.ts';
import { SECURITY_METHODS, type SecurityOutput } from './methods-security.ts';
import { account, day, handle, id, level, none, pick, runId, strictObject, text, ticker } from './schemas.ts';
import { settingsPatch } from './schemas-settings.ts';
import { templateName } from './templates.ts';
import { FILE_KINDS, type CommitReport, type ImportReport } from './report.ts';
import type { BatchRow, BookView, OpenWorkspace, RunSummary, SecurityHit, SecurityView, SnapshotRow, WorkspaceInfo } from './results.ts';
import type { ErrorData } from './errors.ts';

const importOptions = strictObject({
  kind: v.optional(v.picklist(FILE_KINDS)),
  layout: v.optional(v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'the id of a layout'))),
  sheet: v.optional(text(100)),
  template: v.optional(templateName),
  mapping: v.optional(holdingsMapping),
  columns: v.optional(chosenColumns),
  source: v.optional(text(80)),
  knownAsOf: v.optional(day),
  acceptRestatements: v.optional(v.boolean()),
  skipRejected: v.optional(v.boolean()),
  total: v.optional(text(30)),
  weights: v.optional(v.picklist(['fraction', 'percent'] as const)),
  eachDay: v.optional(v.boolean()),
  acceptRepairs: v.optional(v.boolean()),
  encoding: v.optional(v.picklist(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const)),
  delimiter: v.optional(v.picklist([',', ';', '\t', '|'] as const)),
  dateOrder: v.optional(v.picklist(['YMD', 'DMY', 'MDY'] as const)),
  decimal: v.optional(v.picklist(['.', ','] as const)),
  value: v.optional(v.picklist(['close', 'adj_close'] as const)),
  scheme: v.optional(v.pipe(text(40), v.trim(), v.minLength(1))),
});

/** Largest JSON bodies, in bytes: a screen sends a table that it saves in one, of a large book with all columns ten megabytes. */
export const MOST_BYTES = { table: 48_000_000, other: 8_000_000 } as const;
/** Methods that take a table. */
export const takesTable = (method: string): boolean => method === 'files.offer' || method === 'files.offerSheet';

/** The table. A method missing here does not exist in any shell. */
export const METHODS = {
  ...COMPARE_METHODS,
  ...CUBE_METHODS,
  ...HOLDINGS_METHODS,
  ...IDENTITY_METHODS,
  ...HEALTH_METHODS,
  ...ORDERS_METHODS,
  ...OUTCOME_METHODS,
  ...RISK_METHODS,
  ...WORKBENCH_METHODS,
  ...UPDATE_METHODS,
  ...SECURITY_METHODS,
  ...UNIVERSE_METHODS,
  ...TRAVEL_METHODS,
  'workspace.recent': { kind: 'call', input: none },
  'workspace.open': { kind: 'call', input: strictObject({ handle }) },
  'workspace.create': {
    kind: 'call',
    input: strictObject({ name: v.pipe(v.string(), v.regex(/^[\p{L}\p{N}][\p{L}\p{N} _-]{0,59}$/u)) }),
  },
  'workspace.createSample': { kind: 'job', input: none },
  'workspace.info': { kind: 'call', input: none },
  'workspace.close': { kind: 'call', input: none },
  'import.stage': { kind: 'job', input: strictObject({ handle, options: v.optional(importOptions) }) },
  'import.commit': {
    kind: 'job',
    input: strictObject({ stageId: id, acceptRestatements: v.optional(v.boolean()), skipRejected: v.optional(v.boolean()) }),
  },
  'import.discard': { kind: 'call', input: strictObject({ stageId: id }) },
  'batches.list': { kind: 'call', input: none },
  'batches.undo': { kind: 'job', input: strictObject({ batchId: id }) },
  'run.start': {
    kind: 'job',
    input: strictObject({
      settings: v.optional(settingsPatch),
      from: v.optional(day),
      to: v.optional(day),
      knownAsOf: v.optional(day),
      threads: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(64))),
    }),
  },
  'runs.list': { kind: 'call', input: none },
  'run.repeat': { kind: 'job', input: strictObject({ runId }) },
  'security.search': {
    kind: 'call',
    input: strictObject({ text: text(60), limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(200))) }),
  },
  'security.show': { kind: 'call', input: strictObject({ ...pick, ticker: v.optional(ticker), securityId: v.optional(id) }) },
  'snapshots.list': { kind: 'call', input: none },
  'book.get': {
    kind: 'call',
    input: strictObject({ ...pick, snapshotId: v.optional(id), account: v.optional(account), level: v.optional(level) }),
  },
  'files.offer': {
    kind: 'call',
    input: strictObject({
      name: v.pipe(v.string(), v.regex(/^[\w][\w .-]{0,80}\.(csv|tsv)$/, 'a file name ending in .csv or .tsv')),
      text: text(MOST_BYTES.table),
    }),
  },
  'preferences.get': { kind: 'call', input: none },
  'preferences.set': {
    kind: 'call',
    input: strictObject({ key: v.pipe(v.string(), v.regex(/^[a-z][a-z.-]{0,39}$/, 'a name such as book.columns')), value: text(20_000) }),
  },
  'jobs.get': { kind: 'call', input: strictObject({ jobId: id }) },
  'jobs.list': { kind: 'call', input: none },
  'jobs.cancel': { kind: 'call', input: strictObject({ jobId: id }) },
} as const;

export type Method = keyof typeof METHODS;
export type Input<M extends Method> = v.InferOutput<(typeof METHODS)[M]['input']>;

/** A job as the screens see it. */
export interface JobView {
  readonly jobId: number;
  readonly method: Method;
  /** `opened` of the workspace that was open when it began. */
  readonly opened: number;
  readonly status: 'running' | 'done' | 'failed' | 'cancelled';
  /** 0 to 1, or null while unknown. */
  readonly progress: number | null;
  readonly note: string;
  /** Of a question the time at which what it does now began. */
  readonly startedAt: string;
  /** Name that the page gave the question that this job is; '' for any other job. */
  readonly question: string;
  readonly result: unknown;
  readonly error: ErrorData | null;
}

/** A job without what it resulted in. */
export type JobState = Omit<JobView, 'result'>;

/** Columns reply: a JSON header and equally long typed arrays. */
export interface Columns {
  readonly header: Readonly<Record<string, unknown>>;
  readonly columns: Readonly<Record<string, Float64Array | Int32Array>>;
}

export interface RecentWorkspace {
  readonly handle: string;
  readonly name: string;
  readonly openedAt: string;
  readonly missing: boolean;
}

/** What each method answers; a job's entry is the `result` of its finished JobView. */
export interface Output
  extends
    CompareOutput,
    CubeOutput,
    HealthOutput,
    HoldingsOutput,
    IdentityOutput,
    OrdersOutput,
    OutcomeOutput,
    RiskOutput,
    WorkbenchOutput,
    SecurityOutput,
    UniverseOutput,
    TravelOutput {
  'workspace.recent': readonly RecentWorkspace[];
  'workspace.open': WorkspaceInfo;
  'workspace.create': WorkspaceInfo;
  'workspace.createSample': WorkspaceInfo;
  'workspace.info': OpenWorkspace | null;
  'app.about': UpdateOutput['app.about'];
  'update.inspect': UpdateOutput['update.inspect'];
  'update.apply': UpdateOutput['update.apply'];
  'workspace.close': null;
  'import.stage': { readonly stageId: number; readonly report: ImportReport };
  /** `issues` of both: the first. */
  'import.commit': CommitReport;
  'import.discard': null;
  'batches.list': readonly BatchRow[];
  'batches.undo': BatchRow;
  'run.start': RunSummary;
  'runs.list': readonly RunSummary[];
  /** A stored run computed again at its own revision: `same` says whether fingerprint and digest are the stored ones. */
  'run.repeat': { readonly summary: RunSummary; readonly same: boolean };
  'security.search': readonly SecurityHit[];
  'security.show': SecurityView;
  'snapshots.list': readonly SnapshotRow[];
  'book.get': BookView;
  /** Text made by a screen (a grid as CSV), offered for saving like any other file. */
  'files.offer': { readonly artifactId: string; readonly name: string; readonly bytes: number };
  /** How this person likes the screens (theme, columns); of the program, not of a workspace. */
  'preferences.get': Readonly<Record<string, string>>;
  'preferences.set': null;
  'jobs.get': JobView;
  /** Without results, which may be megabytes: `jobs.get` has them. */
  'jobs.list': readonly JobState[];
  'jobs.cancel': JobView;
}

/** Server-sent events: ids and small JSON only. */
export type CoreEvent =
  | { readonly type: 'job'; readonly job: JobState }
  | { readonly type: 'workspace'; readonly revision: number | null }
  /** Set by any window of the program. */
  | { readonly type: 'preference'; readonly key: string; readonly value: string };

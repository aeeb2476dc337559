/** Runs side by side, presets, backups, the ETF map, the lineage of imports, the daily refresh. */
import * as v from 'valibot';
import type { ImportReport, Issue } from './report.ts';
import type {
  Backup,
  BatchLineage,
  EtfMapView,
  Preset,
  RefreshResult,
  RunsCompared,
  TodayView,
  WaitingFile,
  WatchView,
} from './results-workbench.ts';
import type { DamagedRun, SecurityView, WorkspaceInfo } from './results.ts';
import { account, day, handle, id, level, none, pick, runId, strictObject } from './schemas.ts';
import { settingsPatch } from './schemas-settings.ts';

const presetName = v.pipe(
  v.string(),
  v.trim(),
  v.regex(/^[\p{L}\p{N}][\p{L}\p{N} _.,%+-]{0,39}$/u, 'a name of up to 40 letters and digits'),
);
const backupFile = v.pipe(v.string(), v.regex(/^\d{8}T\d{9}Z-[\w-]{1,80}\.db$/, 'the name of a backup'));

export const WORKBENCH_METHODS = {
  /** Runs that are not what was stored, newest first: `runs.list` has the others. */
  'runs.damaged': { kind: 'call', input: none },
  /** Hides a run; `runs.restore` shows it again. Order sets made on it keep it. */
  'runs.delete': { kind: 'call', input: strictObject({ runId }) },
  'runs.restore': { kind: 'call', input: strictObject({ runId }) },
  /** The run every view takes that names none; null: the newest. */
  'runs.pin': { kind: 'call', input: strictObject({ runId: v.nullable(runId) }) },
  'runs.compare': {
    kind: 'job',
    input: strictObject({
      first: runId,
      second: runId,
      snapshotId: v.optional(id),
      account: v.optional(account),
      level: v.optional(level),
      date: v.optional(day),
    }),
  },
  'presets.list': { kind: 'call', input: none },
  'presets.save': { kind: 'call', input: strictObject({ name: presetName, settings: settingsPatch }) },
  'presets.delete': { kind: 'call', input: strictObject({ name: presetName }) },
  /** One security under settings that were not run: the effect of a setting before a run is made. */
  'settings.try': {
    kind: 'call',
    input: strictObject({ securityId: id, runId: v.optional(runId), date: v.optional(day), settings: settingsPatch }),
  },
  'batches.show': { kind: 'call', input: strictObject({ batchId: id }) },
  'etfmap.get': { kind: 'call', input: none },
  /** Files that were read and wait for a commit: a reloaded page finds them again. */
  'import.staged': { kind: 'call', input: none },
  /** Issues of a file from a place on; about a thousand, fewer at the end. Of a committed file as long as the program remembers them. */
  'import.issues': {
    kind: 'call',
    input: strictObject({ stageId: id, from: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(10_000)) }),
  },
  /** A file to fill in, with example rows. */
  'import.template': { kind: 'call', input: strictObject({ kind: v.picklist(['prices', 'classification', 'holdings'] as const) }) },
  'backups.list': { kind: 'call', input: none },
  'backups.make': { kind: 'job', input: none },
  /** Puts a backup in the place of the open workspace; the replaced state is kept as a backup of its own. */
  'backups.restore': { kind: 'job', input: strictObject({ name: backupFile }) },
  'today.get': { kind: 'call', input: strictObject(pick) },
  'today.watch': { kind: 'call', input: none },
  'today.waiting': { kind: 'call', input: none },
  /** Opt-in: a folder picked in the native dialog, the inbox of the workspace, or none. */
  'today.setWatch': { kind: 'call', input: strictObject({ folder: v.nullable(v.union([v.literal('inbox'), handle])) }) },
  /** Imports the given files, or those waiting in the watched folder, and runs. Files with questions are left for the import screen. */
  'today.refresh': { kind: 'job', input: strictObject({ handles: v.optional(v.pipe(v.array(handle), v.maxLength(200))) }) },
} as const;

interface Artifact {
  readonly artifactId: string;
  readonly name: string;
  readonly bytes: number;
}

export interface WorkbenchOutput {
  'runs.damaged': readonly DamagedRun[];
  'runs.delete': null;
  'runs.restore': null;
  'runs.pin': null;
  'runs.compare': RunsCompared;
  'presets.list': readonly Preset[];
  'presets.save': readonly Preset[];
  'presets.delete': readonly Preset[];
  'settings.try': SecurityView;
  'batches.show': BatchLineage;
  'etfmap.get': EtfMapView;
  'import.staged': readonly { readonly stageId: number; readonly report: ImportReport }[];
  'import.issues': readonly Issue[];
  'import.template': Artifact;
  'backups.list': readonly Backup[];
  'backups.make': Backup;
  /** `forgotten`: files of orders that only the state it replaced had sent; null when that is too damaged to tell. */
  'backups.restore': WorkspaceInfo & { readonly forgotten: readonly string[] | null };
  'today.get': TodayView;
  'today.watch': WatchView;
  /** By name. */
  'today.waiting': readonly WaitingFile[];
  'today.setWatch': WatchView;
  'today.refresh': RefreshResult;
}

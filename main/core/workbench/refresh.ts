/** The daily refresh in one action: files in, then a run. What has a question stays out and is named. */
import { HedgerowError, toErrorData } from '../../contract/errors.ts';
import { refusals, type ImportReport } from '../../contract/report.ts';
import type { RefreshedFile, RefreshResult } from '../../contract/results-workbench.ts';
import type { Files } from '../files.ts';
import { commitStage, discardStage, stageFile } from '../imports.ts';
import { damagedRuns, listRuns, startRun } from '../runs.ts';
import { iso, today, type Hooks, type Session } from '../session.ts';

/** Every file is whole or not at all; a cancel keeps what was committed before it. */
export async function refreshToday(session: Session, files: Files, handles: readonly string[], hooks: Hooks = {}): Promise<RefreshResult> {
  const done: RefreshedFile[] = [];
  const share = 0.7 / Math.max(1, handles.length);
  for (const [i, handle] of handles.entries()) {
    const source = files.source(handle);
    const step = {
      signal: hooks.signal,
      onProgress: (part: number | null, note: string) => hooks.onProgress?.(share * (i + (part ?? 0)), `${source.name}: ${note}`),
    };
    done.push({ handle, name: source.name, ...(await takeIn(session, source, step)) });
    hooks.signal?.throwIfAborted();
  }
  const { runId, note } = await runIfNeeded(session, {
    signal: hooks.signal,
    onProgress: (part, words) => hooks.onProgress?.(part === null ? null : 0.7 + 0.3 * part, words),
  });
  return { files: done, runId, note };
}

const TOLD = 5;

/** Nobody looks at the report of a refresh: what it warns of, and who is new in the book, is told with the file. */
function warningsOf({ issues }: ImportReport): Pick<RefreshedFile, 'warnings' | 'warningCount'> {
  const told = issues.filter(({ severity, code }) => severity === 'warning' || code === 'new_account');
  const texts = told.slice(0, TOLD).map(({ line, reason, fix }) => `${line > 0 ? `Line ${line}: ` : ''}${reason} ${fix}`);
  return { warnings: texts, warningCount: told.length };
}

async function takeIn(
  session: Session,
  source: ReturnType<Files['source']>,
  hooks: Hooks,
): Promise<Omit<RefreshedFile, 'handle' | 'name'>> {
  const nothing = { batchId: null, rows: 0, new: 0, why: null, warnings: [], warningCount: 0 };
  try {
    const { stageId, report } = await stageFile(session, source, {}, hooks);
    const counts = { rows: report.counts.rows, new: report.counts.new };
    const why = refusals(report);
    if (why.length) {
      await discardStage(session, stageId);
      return { ...nothing, ...counts, outcome: 'asks', why: why.join(', ') };
    }
    const committed = await commitStage(session, stageId, {}, hooks);
    if (committed.outcome !== 'committed') return { ...nothing, ...counts, outcome: 'nothing_new' };
    return { ...nothing, ...counts, outcome: 'committed', batchId: committed.batchId!, ...warningsOf(report) };
  } catch (error) {
    const data = toErrorData(error);
    if (data.code === 'cancelled' || hooks.signal?.aborted) throw error;
    return { ...nothing, outcome: data.code === 'ambiguous' ? 'asks' : 'not_read', why: data.message };
  }
}

/** A run on the data as they are now, with the settings of the run in use; none when it is there already. */
async function runIfNeeded(session: Session, hooks: Hooks): Promise<{ runId: string | null; note: string | null }> {
  // Other settings than those of the run in use would be another answer.
  const damaged = (await damagedRuns(session)).find(({ meant }) => meant);
  if (damaged) return { runId: null, note: `${damaged.message} ${damaged.action}` };
  const runs = await listRuns(session);
  const { revision } = await session.reader.call('state', null);
  const used = runs.find((run) => run.pinned) ?? runs[0];
  const now = iso(today(session.environment));
  const there = runs.find(
    ({ lineage }) =>
      lineage.revision === revision &&
      lineage.knownAsOf === now &&
      JSON.stringify(lineage.settings) === JSON.stringify((used ?? runs[0])?.lineage.settings),
  );
  if (there) return { runId: there.lineage.runId, note: 'Nothing changed since the last run.' };
  try {
    const { summary } = await startRun(session, { ...(used ? { settings: used.lineage.settings } : {}) }, hooks);
    return { runId: summary.lineage.runId, note: null };
  } catch (error) {
    if (!(error instanceof HedgerowError) || error.data.code === 'cancelled') throw error;
    return { runId: null, note: error.data.message };
  }
}

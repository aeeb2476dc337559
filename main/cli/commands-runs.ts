/** run, runs, check, backup, restore. */
import { parseSetting } from '../core/settings.ts';
import type { RunSummary } from '../contract/results.ts';
import type { EstimatorSettings } from '../contract/settings.ts';
import { allRuns, startRun } from '../core/runs.ts';
import { nowIso, withSession } from '../core/session.ts';
import { presetPatch } from '../core/workbench/presets.ts';
import { backupTo, restoreFrom } from '../core/workspaces.ts';
import { parseWords, usage } from './arguments.ts';
import type { Command } from './commands.ts';
import { settingsText } from './settings-text.ts';
import { fixed, table } from './table.ts';

function summaryText(run: RunSummary): string {
  const { lineage: line, checks } = run;
  return [
    `${line.runId}${line.simulated ? ' (SIMULATED data)' : ''}: ${settingsText(line.settings)}, window ${line.settings.window}, known as of ${line.knownAsOf}, revision ${line.revision}`,
    `${run.firstDay} to ${run.lastDay}: ${fixed(run.securities, 0)} securities, ${fixed(run.rows, 0)} rows; deepest level 3: ${fixed(run.rowsByLevel[3], 0)}, 2: ${fixed(run.rowsByLevel[2], 0)}, 1: ${fixed(run.rowsByLevel[1], 0)}, none: ${fixed(run.rowsByLevel[0], 0)}`,
    ...(run.universe
      ? [`universe ${run.universe.name}: ${fixed(run.universe.inMask, 0)} rows in mask, ${fixed(run.universe.masked, 0)} masked`]
      : []),
    `identities: ${checks.failedRows} rows failed; largest deviation ${checks.worstAdditivity.toExponential(2)} (additivity), ${checks.worstReplication.toExponential(2)} (replication); collinear rows ${checks.collinearRows}`,
    `time: panel ${fixed(run.milliseconds.panel, 0)} ms, cascade ${fixed(run.milliseconds.cascade, 0)} ms, total ${fixed(run.milliseconds.total, 0)} ms on ${run.threads} threads`,
    `fingerprint ${run.fingerprint.slice(0, 16)}, digest ${run.digest.slice(0, 16)}`,
  ].join('\n');
}

/** What a run is of; one that is repeated has its own. */
const CHOSEN = ['preset', 'from', 'to', 'known-as-of', 'universe'];

export const runCommand: Command = {
  help: `run [--preset NAME] [--set key=value …] [--from DATE] [--to DATE] [--known-as-of DATE] [--universe NAME] [--like RUN] [--threads N]   cascade run
Presets: ols-252 (least squares, every day), robust-held (Huber, half-life 63, refreshed at month ends) and the others that the screens offer by their
names: "one year, half-life 63", "two years", "six months" and those kept in the workspace. --set changes any field:
  window, minObs, intercept (yes|no), halfLife (rows|none), loss (squares|huber), huberC (over 1), refresh (daily|month-end),
  chain (same-window|realised), shrink (none|vasicek), riskShares (explained|removed), knowledge (strict|corrected),
  returns (auto|adjusted|raw), schemes (a:b:c).`,
  async run({ workspace, words, environment, terminal }) {
    const w = parseWords(
      // --set may repeat; gather the pairs first.
      words.filter((word, i) => word !== '--set' && words[i - 1] !== '--set' && !word.startsWith('--set=')),
      {
        preset: { type: 'string' },
        from: { type: 'string' },
        to: { type: 'string' },
        'known-as-of': { type: 'string' },
        universe: { type: 'string' },
        like: { type: 'string' },
        threads: { type: 'string' },
      },
      { min: 0, max: 0, names: '' },
    );
    if (w.text('like') !== undefined) w.unused('with --like, which repeats a run as it was', ...CHOSEN);
    const pairs = words.flatMap((word, i) => (word === '--set' ? [words[i + 1] ?? ''] : word.startsWith('--set=') ? [word.slice(6)] : []));
    if (w.text('like') !== undefined && pairs.length > 0)
      throw usage('--set has no effect with --like, which repeats a run as it was.', 'Leave it out.');
    let settings: Partial<EstimatorSettings> = {};
    for (const pair of pairs) settings = { ...settings, ...parseSetting(pair) };
    const preset = w.text('preset');
    const universe = w.text('universe');
    if (universe !== undefined) settings = { ...settings, universe };
    const threads = w.number('threads');
    if (threads !== undefined && (!Number.isInteger(threads) || threads < 1 || threads > 64)) throw usage('--threads takes 1 to 64.');
    return withSession(environment, workspace, async (session) => {
      if (preset !== undefined) settings = { ...(await presetPatch(session, preset)), ...settings };
      const run = await startRun(
        session,
        { settings, from: w.day('from'), to: w.day('to'), knownAsOf: w.day('known-as-of'), like: w.text('like'), threads },
        { onProgress: terminal.progress, signal: terminal.signal },
      );
      const failed = run.summary.checks.failedRows > 0 || run.same === false;
      const compared =
        run.same === undefined ? '' : run.same ? `\nThe same bytes as ${w.text('like')}.` : `\nDIFFERENT from ${w.text('like')}.`;
      return {
        value: run.same === undefined ? run.summary : { ...run.summary, same: run.same },
        text: () => summaryText(run.summary) + compared,
        ...(failed ? { exitCode: 1 } : {}),
      };
    });
  },
};

export const runsCommand: Command = {
  help: `runs [--delete RUN] [--restore RUN]   list the stored runs
--delete hides a run from the list and from every view; --restore shows it again. One that is damaged on the disk is listed as such (exit 3): it is
used for nothing, and can be deleted.`,
  async run({ workspace, words, environment }) {
    const w = parseWords(words, { delete: { type: 'string' }, restore: { type: 'string' } }, { min: 0, max: 0, names: '' });
    const at = nowIso(environment);
    return withSession(environment, workspace, async (session) => {
      const [hidden, shown] = [w.text('delete'), w.text('restore')];
      if (hidden !== undefined) await session.writer.call('deleteRun', { runId: hidden, at });
      if (shown !== undefined) await session.writer.call('restoreRun', { runId: shown, at });
      const runs = await allRuns(session);
      const damaged = runs.filter((run) => 'damaged' in run);
      const rows = runs.map((run) =>
        'damaged' in run
          ? [run.runId, run.createdAt ?? 'n/a', 'DAMAGED']
          : [
              run.lineage.runId,
              run.createdAt,
              run.lineage.settings.preset,
              run.lineage.settings.window,
              run.lineage.knownAsOf,
              run.lastDay,
              run.securities,
              run.rows,
              run.checks.failedRows,
              run.digest.slice(0, 12),
            ],
      );
      return {
        value: runs,
        text: () =>
          runs.length === 0
            ? 'No runs yet.'
            : [
                table(['run', 'made', 'preset', 'window', 'known as of', 'last day', 'securities', 'rows', 'failed', 'digest'], rows),
                ...damaged.map(({ runId, message, action }) => `${message} ${action} Delete it with "runs --delete ${runId}".`),
              ].join('\n'),
        ...(damaged.length > 0 ? { exitCode: 3 } : {}),
      };
    });
  },
};

export const checkCommand: Command = {
  help: 'check   recompute the latest run and compare its digest and identities',
  async run({ workspace, words, environment, terminal }) {
    parseWords(words, {}, { min: 0, max: 0, names: '' });
    return withSession(environment, workspace, async (session) => {
      const latest = (await allRuns(session))[0];
      if (!latest) throw usage('There is no run to check.', 'Run "run" first.');
      const runId = 'damaged' in latest ? latest.runId : latest.lineage.runId;
      const { summary, same } = await startRun(
        session,
        { like: runId, settings: {} },
        { onProgress: terminal.progress, signal: terminal.signal },
      );
      const ok = same === true && summary.checks.failedRows === 0;
      return {
        value: { run: runId, same, checks: summary.checks, ok },
        text: () => `${runId}: ${same ? 'the same bytes' : 'DIFFERENT bytes'}; ${summary.checks.failedRows} rows failed an identity.`,
        ...(ok ? {} : { exitCode: 1 }),
      };
    });
  },
};

export const backupCommand: Command = {
  help: 'backup [--out FILE]   write a verified backup',
  async run({ workspace, words, environment }) {
    const w = parseWords(words, { out: { type: 'string' } }, { min: 0, max: 0, names: '' });
    const file = await backupTo(environment, workspace, w.text('out'));
    return { value: { file }, text: () => `Backup written and verified: ${file}` };
  },
};

export const restoreCommand: Command = {
  help: 'restore FILE [--altered]   put a backup in place; the present state is backed up first',
  async run({ workspace, words, environment }) {
    const w = parseWords(words, { altered: { type: 'boolean' } }, { min: 1, max: 1, names: 'a backup file' });
    const { kept, forgotten } = await restoreFrom(environment, workspace, w.positionals[0]!, w.flag('altered'));
    const sent =
      forgotten === null
        ? '\nIt is too damaged to tell which orders were exported since the backup: any may be working.'
        : forgotten.length > 0
          ? `\nOrders that were exported since are not in it, and may be working: ${forgotten.join(', ')}.`
          : '';
    return {
      value: { restored: w.positionals[0], previous: kept, forgotten },
      text: () => `Restored. The state before it is kept in ${kept}${sent}`,
    };
  },
};

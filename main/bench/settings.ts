/**
 * Preset robust-held and eight settings in one pass, on the modern set of real prices (skipped by name where it is absent): what a full run
 * costs, and a comparison against the eight runs it stands for. Answers are compared before anything is timed.
 */
import { rmSync } from 'node:fs';
import type { RunSummary } from '../contract/results.ts';
import type { EstimatorSettings } from '../contract/settings.ts';
import { compareSettings, EIGHT_SETTINGS } from '../core/compare-settings.ts';
import { startRun } from '../core/runs.ts';
import { closeSession } from '../core/session.ts';
import { hasModern, importModern } from '../core/testing/modern.ts';
import { record } from './record.ts';

if (!hasModern) {
  console.log('skipped: the modern set of real prices is absent');
  process.exit(0);
}
const { session, folder } = await importModern();
try {
  const run = async (settings: Partial<EstimatorSettings>, threads?: number) =>
    (await startRun(session, { settings, ...(threads ? { threads } : {}) })).summary;

  const robust = await run({ preset: 'robust-held' });
  const alone = await run({ preset: 'robust-held' }, 1);
  if (alone.digest !== robust.digest) throw new Error('robust-held gives other bytes on one thread');
  if (robust.checks.failedRows > 0) throw new Error(`robust-held: ${robust.checks.failedRows} rows failed an identity`);
  const ols = await run({});
  const shrunk = await run({ preset: 'robust-held', shrink: 'vasicek' });

  // Eight runs with the panel in memory, as one session makes them; then the one pass.
  const runs: RunSummary[] = [];
  for (const settings of EIGHT_SETTINGS) runs.push(await run(settings));
  const compared = await compareSettings(session, { settings: EIGHT_SETTINGS });
  compared.outcomes.forEach((one, k) => {
    if (one.rows !== runs[k]!.rows || one.rowsByLevel[3] !== runs[k]!.rowsByLevel[3] || one.failedRows !== 0)
      throw new Error(`setting ${k} of the comparison served other rows than its run`);
  });
  const eight = runs.reduce((sum, one) => sum + one.milliseconds.cascade, 0);
  // Each run as a command of its own forms the panel anew.
  const panel = robust.milliseconds.panel;
  record('settings', {
    set: 'modern: 5,961 securities, 1,400 days',
    rows: robust.rows,
    threads: robust.threads,
    robustHeld: {
      cascadeMs: robust.milliseconds.cascade,
      cascadeOneThreadMs: alone.milliseconds.cascade,
      withPanelMs: robust.milliseconds.total,
      withShrinkageMs: shrunk.milliseconds.cascade,
      overOls: robust.milliseconds.cascade / ols.milliseconds.cascade,
      rowsByLevel: robust.rowsByLevel,
      failedRows: robust.checks.failedRows,
      worstAdditivity: robust.checks.worstAdditivity,
      worstReplication: robust.checks.worstReplication,
    },
    olsCascadeMs: ols.milliseconds.cascade,
    eightSettings: {
      comparisonMs: compared.milliseconds.cascade,
      eightRunsPanelInMemoryMs: eight,
      eightRunsOneByOneMs: eight + 8 * panel,
      ratioPanelInMemory: compared.milliseconds.cascade / eight,
      ratioOneByOne: (compared.milliseconds.cascade + panel) / (eight + 8 * panel),
      outcomes: compared.outcomes.map(({ changed, rows, residualShare, saved, turnover }) => ({
        changed,
        rows,
        residualShare,
        saved,
        turnover,
      })),
      common: compared.common,
    },
  });
} finally {
  await closeSession(session);
  rmSync(folder, { recursive: true, force: true });
}

/** compare: several settings in one pass. */
import type { EstimatorSettings } from '../contract/settings.ts';
import type { SettingsCompared } from '../contract/methods-compare.ts';
import { compareSettings, EIGHT_SETTINGS } from '../core/compare-settings.ts';
import { withSession } from '../core/session.ts';
import { parseSetting } from '../core/settings.ts';
import { parseWords, usage } from './arguments.ts';
import type { Command } from './commands.ts';
import { settingsText } from './settings-text.ts';
import { fixed, percent, table } from './table.ts';

/** `preset=robust-held,window=126` as a patch. */
function parseCase(text: string): Partial<EstimatorSettings> {
  let patch: Partial<EstimatorSettings> = {};
  for (const pair of text.split(',')) patch = { ...patch, ...parseSetting(pair) };
  return patch;
}

function comparedText(found: SettingsCompared): string {
  const { common, lineage } = found;
  return [
    `${found.firstDay} to ${found.lastDay}, ${fixed(found.securities, 0)} securities${lineage.simulated ? ' (SIMULATED data)' : ''}; known as of ${lineage.knownAsOf}, revision ${lineage.revision}`,
    table(
      ['settings', 'window', 'rows', 'at level 3', 'failed', 'residual share', 'saved L1', 'saved L2', 'saved L3', 'turnover a year'],
      found.outcomes.map((one) => [
        settingsText(one.settings),
        one.settings.window,
        fixed(one.rows, 0),
        fixed(one.rowsByLevel[3], 0),
        fixed(one.failedRows, 0),
        percent(one.residualShare, 2),
        ...one.saved.map((saved) => percent(saved, 2)),
        one.turnover === null ? 'n/a' : fixed(one.turnover, 2),
      ]),
    ),
    `residual share, saved and turnover: means over ${fixed(common.securities, 0)} securities on the ${fixed(common.rows, 0)} rows that all settings serve`,
    'saved: variance of the return that the hedge of the evening before took away; turnover: dollars of hedge traded per dollar of stock',
    `time: panel ${fixed(found.milliseconds.panel, 0)} ms, cascades ${fixed(found.milliseconds.cascade, 0)} ms on ${found.threads} threads`,
  ].join('\n');
}

export const compareCommand: Command = {
  help: `compare [--case key=value[,key=value …] …] [--tickers A,B] [--from DATE] [--to DATE] [--run ID] [--threads N]   several settings in one pass
Each --case is a patch over a preset, such as preset=robust-held or window=126,minObs=63; without one, windows of 63, 126, 252 and 504 rows with and
without a half-life. Nothing is stored.`,
  async run({ workspace, words, environment, terminal }) {
    const w = parseWords(
      words.filter((word, i) => word !== '--case' && words[i - 1] !== '--case' && !word.startsWith('--case=')),
      {
        tickers: { type: 'string' },
        from: { type: 'string' },
        to: { type: 'string' },
        run: { type: 'string' },
        threads: { type: 'string' },
      },
      { min: 0, max: 0, names: '' },
    );
    const cases = words.flatMap((word, i) =>
      word === '--case' ? [words[i + 1] ?? ''] : word.startsWith('--case=') ? [word.slice(7)] : [],
    );
    if (cases.length === 1 || cases.length > 16) throw usage('A comparison takes 2 to 16 cases.');
    const settings = cases.length === 0 ? EIGHT_SETTINGS : cases.map(parseCase);
    return withSession(environment, workspace, async (session) => {
      const found = await compareSettings(
        session,
        { settings, runId: w.text('run'), tickers: w.list('tickers'), from: w.day('from'), to: w.day('to'), threads: w.number('threads') },
        { onProgress: terminal.progress, signal: terminal.signal },
      );
      return { value: found, text: () => comparedText(found) };
    });
  },
};

/** explain. */
import { ESTIMATE_PATHS, RETURN_SOURCES, type Explanation } from '../contract/results-explain.ts';
import { explainValue } from '../core/explain.ts';
import { withSession } from '../core/session.ts';
import { parseWords } from './arguments.ts';
import type { Command } from './commands.ts';
import { settingsText } from './settings-text.ts';
import { percent, table } from './table.ts';

interface Place {
  readonly batchId: number;
  readonly file: string;
  readonly line: number | null;
  readonly knownFrom: string | null;
}

const place = ({ batchId, file, line, knownFrom }: Place): string =>
  `batch ${batchId}, ${file}${line === null ? '' : ` line ${line}`}, known from ${knownFrom ?? 'always'}`;

const dated = (fact: Place & { readonly validFrom: string | null; readonly validTo: string | null }): string =>
  `${place(fact)}, valid from ${fact.validFrom ?? 'always'}${fact.validTo ? ` to ${fact.validTo}` : ''}`;

function explainText(one: Explanation): string {
  const { lineage: line, window, chain } = one;
  const value = one.value === null ? `empty: ${one.reason}` : one.flags ? one.flags.join(', ') || 'none' : String(one.value);
  return [
    `${one.field} of ${one.ticker}${one.name ? ` ${one.name}` : ''} on ${one.date}: ${value}${one.value === null ? '' : ` (${one.unit})`}${line.simulated ? ' (SIMULATED data)' : ''}`,
    `${line.runId}: ${settingsText(line.settings)}, window ${line.settings.window}, ${line.settings.knowledge}, known as of ${line.knownAsOf}, revision ${line.revision}, data to ${line.dataAsOf}`,
    ...(one.universe ? [`universe ${one.universe.name}: ${one.universe.inMask ? 'inside' : 'masked'} on its own date`] : []),
    ...(one.exposuresOf ? [`ex-ante: exposures and chain of ${one.exposuresOf}`] : []),
    ...(chain
      ? [
          `chain: ${[chain.market, chain.sector, chain.subsector].filter(Boolean).join(' > ') || 'none'}${chain.undated ? ' (undated class row: possible look-ahead)' : ''}`,
        ]
      : []),
    ...(one.classification
      ? [
          `  class: ${one.classification.scheme || 'no scheme'}: ${one.classification.sector}${one.classification.industry ? ` / ${one.classification.industry}` : ''}; ${dated(one.classification)}`,
        ]
      : []),
    ...one.map.map(
      (row) =>
        `  map: ${row.level} ${row.code}${row.scheme ? ` (${row.scheme})` : ''} = ${row.etf}${row.proxy === null ? '' : ` (${row.proxy} before its first return)`}; ${dated(row)}`,
    ),
    ...one.identities.map((row) => `identity: ${row.symbol}${row.provisional ? ' (provisional)' : ''}; ${dated(row)}`),
    ...(window
      ? [
          `window of level ${window.level}: ${window.first} to ${window.last}, ${window.rows} rows; used ${window.used} (${window.firstUsed ?? 'none'} to ${window.lastUsed ?? 'none'}), missing ${window.missing}${window.realised === undefined ? '' : `, with a residual of the level above ${window.realised}`}${window.missingBy.length ? ` (${window.missingBy.map(({ ticker, rows }) => `${ticker} ${rows}`).join(', ')})` : ''}`,
        ]
      : []),
    ...(one.estimate
      ? [
          `path: ${one.estimate.path}, ${ESTIMATE_PATHS[one.estimate.path]}${one.estimate.estimatedOn ? `; slopes of ${one.estimate.estimatedOn}` : '; no slopes yet'}`,
        ]
      : []),
    `return of the day: ${percent(one.return.value, 4)}, ${RETURN_SOURCES[one.return.source]}`,
    ...(one.prices.length
      ? [
          table(
            ['series', 'date', 'value', 'in force', 'used', 'from'],
            one.prices.flatMap((price) =>
              price.versions.map((version) => [
                price.field,
                price.date,
                String(version.value),
                version.inForce ? (version.anchor ? 'as base' : 'yes') : '',
                version.inForce && price.used ? 'yes' : '',
                `${version.symbol}: ${place(version)}, revision ${version.revision}`,
              ]),
            ),
          ),
        ]
      : []),
    ...(one.actions.length
      ? [
          table(
            ['action', 'ex-date', 'value', 'in force', 'applied', 'from'],
            one.actions.map((action) => [
              action.type,
              action.exDate,
              String(action.value),
              action.inForce ? 'yes' : '',
              action.applied ? 'yes' : action.inForce ? 'no: the adjusted closes hold it' : '',
              `${action.symbol}: ${place(action)}`,
            ]),
          ),
        ]
      : ['no corporate action on the day']),
  ].join('\n');
}

export const explainCommand: Command = {
  help: `explain TICKER DATE FIELD [--run ID] [--known-as-of DATE]   where a number comes from
FIELD: a field of "export metrics" by its wire name, or close, adj_close, return.`,
  async run({ workspace, words, environment }) {
    const w = parseWords(
      words,
      { run: { type: 'string' }, 'known-as-of': { type: 'string' } },
      { min: 3, max: 3, names: 'a ticker, a date and a field' },
    );
    const [ticker, date, field] = w.positionals as [string, string, string];
    return withSession(environment, workspace, async (session) => {
      const found = await explainValue(session, { ticker, date, field, runId: w.text('run'), knownAsOf: w.day('known-as-of') });
      return { value: found, text: () => explainText(found) };
    });
  },
};

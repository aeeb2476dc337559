/** export. */
import { CUBE_FORMATS, exportMetrics } from '../core/export.ts';
import { withSession } from '../core/session.ts';
import { parseWords, usage } from './arguments.ts';
import type { Command } from './commands.ts';
import { fixed } from './table.ts';

const OPTIONS = ['format', 'out', 'names', 'tickers', 'fields', 'from', 'to', 'run', 'known-as-of', 'threads'];

export const exportCommand: Command = {
  help: 'export metrics --format csv|parquet|arrow|zarr --out PATH [--names wire|long] [--tickers A,B] [--fields A,B] [--from DATE] [--to DATE] [--run ID] [--known-as-of DATE] [--by-year] [--lineage] [--threads N]   the cube of metrics',
  async run({ workspace, words, environment, terminal }) {
    const w = parseWords(
      words,
      {
        ...Object.fromEntries(OPTIONS.map((name) => [name, { type: 'string' as const }])),
        lineage: { type: 'boolean' },
        'by-year': { type: 'boolean' },
      },
      { min: 1, max: 1, names: '"metrics"' },
    );
    if (w.positionals[0] !== 'metrics') throw usage(`"${w.positionals[0]}" cannot be exported.`, 'Only "export metrics" exists.');
    const format = w.choice('format', CUBE_FORMATS);
    const out = w.text('out');
    if (!format) throw usage(`export metrics needs --format ${CUBE_FORMATS.join('|')}.`);
    if (!out) throw usage('export metrics needs --out PATH.');
    const threads = w.number('threads');
    if (threads !== undefined && (!Number.isInteger(threads) || threads < 1)) throw usage('--threads takes a whole number.');
    return withSession(environment, workspace, async (session) => {
      const done = await exportMetrics(
        session,
        {
          out,
          format,
          names: w.choice('names', ['wire', 'long']) ?? 'wire',
          tickers: w.list('tickers'),
          fields: w.list('fields'),
          from: w.day('from'),
          to: w.day('to'),
          runId: w.text('run'),
          knownAsOf: w.day('known-as-of'),
          lineage: w.flag('lineage'),
          byYear: w.flag('by-year'),
          threads,
        },
        { onProgress: terminal.progress, signal: terminal.signal },
      );
      const seconds = done.milliseconds / 1000;
      return {
        value: done,
        text: () =>
          `${done.file}: ${fixed(done.rows, 0)} rows, ${fixed(done.bytes / 1e6, 1)} MB in ${fixed(seconds, 2)} s (${fixed(done.bytes / 1e6 / seconds, 1)} MB/s), ${done.runId}${done.simulated ? ' (SIMULATED data)' : ''}`,
      };
    });
  },
};

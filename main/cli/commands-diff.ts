/** diff. */
import type { DiffView, FieldMove } from '../contract/results-diff.ts';
import { fineDecimals } from '../contract/units.ts';
import { diffKnown } from '../core/diff.ts';
import { withSession } from '../core/session.ts';
import { parseWords, usage } from './arguments.ts';
import type { Command } from './commands.ts';
import { fixed, table } from './table.ts';

/** A value as its file told it. */
const told = (value: number | null): string => (value === null ? 'none' : String(value));
/** An output, rounded as on the screens. */
const number = (value: number | null): string => (value === null ? 'none' : fixed(value, fineDecimals(value)));
const size = (move: FieldMove): number => (move.change === null ? Infinity : Math.abs(move.change));

function diffText(view: DiffView, limit: number): string {
  const { facts, outputs } = view;
  const counts = Object.entries(facts.newValues).map(([field, count]) => `${fixed(count, 0)} ${field}`);
  const more = (count: number): string[] => (count > limit ? [`… and ${count - limit} more (--limit)`] : []);
  const place = ({
    batchId,
    file,
    line,
    knownFrom,
  }: {
    batchId: number;
    file: string;
    line: number | null;
    knownFrom: string | null;
  }): string => `batch ${batchId}, ${file}${line === null ? '' : ` line ${line}`}, known ${knownFrom ?? 'always'}`;
  return [
    `Learned after ${view.from} and by ${view.to} (revision ${view.revision}):`,
    `values of new days: ${counts.join(', ') || 'none'}`,
    ...(facts.series.length
      ? [
          table(
            ['ticker', 'series', 'late', 'corrected', 'first', 'last', 'example', 'from'],
            facts.series.slice(0, limit).map((one) => {
              const [example] = one.examples;
              return [
                one.ticker,
                one.field,
                one.late,
                one.corrected,
                one.first,
                one.last,
                example ? `${example.date}: ${told(example.before)} → ${told(example.after)}` : '',
                example ? place(example) : '',
              ];
            }),
          ),
          ...more(facts.series.length),
        ]
      : ['no late or corrected value']),
    ...(facts.facts.length
      ? [
          table(
            ['fact', 'subject', 'date', 'change', 'before', 'after', 'from'],
            facts.facts
              .slice(0, limit)
              .map((one) => [one.kind, one.subject, one.date ?? 'always', one.change, one.before ?? '', one.after, place(one)]),
          ),
          ...more(facts.facts.length),
        ]
      : ['no other fact']),
    `Outputs with corrections reaching back, to ${outputs.latestCommonDate ?? 'no common date'}: ${outputs.moved.length} of ${outputs.compared} securities moved${outputs.vanished.length ? `; no longer there: ${outputs.vanished.slice(0, limit).join(', ')}` : ''}`,
    ...(outputs.moved.length
      ? [
          table(
            ['ticker', 'first', 'dates', 'largest on the last date', 'because'],
            outputs.moved.slice(0, limit).map((one) => {
              const top = [...one.latest].sort((a, b) => size(b) - size(a))[0];
              return [
                one.ticker,
                one.first,
                one.rows,
                top ? `${top.field} ${number(top.before)} → ${number(top.after)}` : 'none',
                one.because.join(', '),
              ];
            }),
          ),
          ...more(outputs.moved.length),
          table(
            ['field', 'securities', 'largest', 'ticker', 'date', 'before', 'after'],
            outputs.fields.map((one) => [
              one.field,
              one.securities,
              number(one.change),
              one.ticker,
              one.date,
              number(one.before),
              number(one.after),
            ]),
          ),
        ]
      : []),
    ...(facts.series.some(({ late }) => late > 0) || facts.facts.some(({ change }) => change === 'late')
      ? ['late facts hold from the day they became known; they move no row before it']
      : []),
    view.strictMoved.length
      ? `STRICT rows moved, which must not be: ${view.strictMoved.slice(0, limit).join(', ')}`
      : 'strict rows: none moved, as it must be',
  ].join('\n');
}

export const diffCommand: Command = {
  help: `diff --known DATE..DATE [--run ID] [--limit N]   what was learned between two knowledge days and which outputs moved
Outputs are compared with knowledge=corrected and the other settings of the run (default: the newest); strict rows are checked not to move.`,
  async run({ workspace, words, environment, terminal }) {
    const w = parseWords(
      words,
      { known: { type: 'string' }, run: { type: 'string' }, limit: { type: 'string' } },
      { min: 0, max: 0, names: '' },
    );
    const match = /^(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})$/.exec(w.text('known') ?? '');
    if (!match) throw usage('diff needs --known DATE..DATE.', 'For example --known 2024-01-31..2024-02-29.');
    const limit = w.number('limit') ?? 30;
    if (!Number.isInteger(limit) || limit < 1) throw usage('--limit takes a whole number.');
    return withSession(environment, workspace, async (session) => {
      const view = await diffKnown(
        session,
        { from: match[1]!, to: match[2]!, runId: w.text('run') },
        { onProgress: terminal.progress, signal: terminal.signal },
      );
      return { value: view, text: () => diffText(view, limit), ...(view.strictMoved.length ? { exitCode: 1 } : {}) };
    });
  },
};

/** init, import, batches, undo. */
import { FILE_KINDS, refusals, type CommitChoices, type ImportOptions, type ImportReport, type Issue } from '../contract/report.ts';
import type { FileLines } from '../contract/results-holdings.ts';
import type { BatchRow } from '../contract/results.ts';
import type { BatchLineage } from '../contract/results-workbench.ts';
import { batchLineage, importFiles, listBatches, undoBatch } from '../core/imports.ts';
import { withSession } from '../core/session.ts';
import { createWorkspaceAt } from '../core/workspaces.ts';
import { parseWords, usage, type Words } from './arguments.ts';
import type { Command } from './commands.ts';
import { fixed, table } from './table.ts';

export const initCommand: Command = {
  help: 'init [--sample]   make a workspace',
  async run({ workspace, words, environment, terminal }) {
    const w = parseWords(words, { sample: { type: 'boolean' } }, { min: 0, max: 0, names: '' });
    const info = await createWorkspaceAt(environment, workspace, {
      sample: w.flag('sample'),
      onProgress: terminal.progress,
      signal: terminal.signal,
    });
    return {
      value: info,
      text: () =>
        info.simulated
          ? `Made ${info.name} with the SIMULATED sample market: ${info.securities} securities, ${info.firstDay} to ${info.lastDay}. Next: run`
          : `Made ${info.name}. Next: import prices, a classification and a holdings file.`,
    };
  },
};

const importFlags = {
  as: { type: 'string' },
  layout: { type: 'string' },
  template: { type: 'string' },
  sheet: { type: 'string' },
  source: { type: 'string' },
  'known-as-of': { type: 'string' },
  'dry-run': { type: 'boolean' },
  lines: { type: 'boolean' },
  'accept-restatements': { type: 'boolean' },
  'skip-rejected': { type: 'boolean' },
  total: { type: 'string' },
  weights: { type: 'string' },
  'each-day': { type: 'boolean' },
  'accept-repairs': { type: 'boolean' },
  encoding: { type: 'string' },
  delimiter: { type: 'string' },
  'date-order': { type: 'string' },
  decimal: { type: 'string' },
  value: { type: 'string' },
  scheme: { type: 'string' },
} as const;

function importOptions(w: Words): ImportOptions {
  const delimiter = w.text('delimiter');
  const options: Record<string, unknown> = {
    kind: w.choice('as', FILE_KINDS),
    layout: w.text('layout'),
    template: w.text('template'),
    sheet: w.text('sheet'),
    source: w.text('source'),
    knownAsOf: w.day('known-as-of'),
    acceptRestatements: w.flag('accept-restatements') || undefined,
    skipRejected: w.flag('skip-rejected') || undefined,
    total: w.text('total'),
    weights: w.choice('weights', ['fraction', 'percent']),
    eachDay: w.flag('each-day') || undefined,
    acceptRepairs: w.flag('accept-repairs') || undefined,
    encoding: w.choice('encoding', ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252']),
    delimiter: delimiter === 'tab' || delimiter === '\\t' ? '\t' : delimiter,
    dateOrder: w.choice('date-order', ['YMD', 'DMY', 'MDY']),
    decimal: w.choice('decimal', ['.', ',']),
    value: w.choice('value', ['close', 'adj_close']),
    scheme: w.text('scheme'),
  };
  if (options.delimiter !== undefined && ![',', ';', '\t', '|'].includes(options.delimiter as string))
    throw usage('--delimiter is one of , ; | tab.');
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as ImportOptions;
}

/** Issues of one kind that a terminal shows; the severe ones come first. */
const MOST = { error: 40, warning: 20, info: 5 } as const;
const worstFirst = (issues: readonly Issue[]): readonly Issue[] =>
  Object.keys(MOST).flatMap((severity) => issues.filter((issue) => issue.severity === severity));

function reportText(report: ImportReport, choices: CommitChoices): string {
  const { counts, detected } = report;
  const lines = [
    `${report.file}: ${detected.kind} (${detected.layout}), ${detected.encoding}, ${fixed(report.bytes / 1e6, 1)} MB`,
    ...detected.why.map((why) => `  ${why}`),
    `  ${report.securities} securities, ${report.firstDay ?? 'no date'} to ${report.lastDay ?? 'no date'}; known from: ${report.knownFrom}`,
    `  rows ${counts.rows}: new ${counts.new}, unchanged ${counts.unchanged}, re-based ${counts.rebased}, restated ${counts.restated}, rejected ${counts.rejected}, on non-session days ${counts.nonSession}`,
    ...(report.dispositions
      ? [
          `  lines: ${Object.entries(report.dispositions)
            .map(([name, count]) => `${count} ${name}`)
            .join(', ')}`,
        ]
      : []),
    `  ${fixed(report.milliseconds / 1000, 2)} s, ${fixed(counts.rows / Math.max(report.milliseconds / 1000, 1e-3), 0)} rows/s`,
  ];
  for (const [code, count] of Object.entries(report.issueCounts)) lines.push(`  ${code}: ${count}`);
  const listed = new Map<string, number>();
  for (const issue of worstFirst(report.issues)) {
    // A hundred names that are new are told by a few of them: one that matters stands among them.
    const told = listed.get(issue.code) ?? 0;
    if (told >= MOST[issue.severity]) continue;
    listed.set(issue.code, told + 1);
    const place = issue.line
      ? ` line ${issue.line}${issue.column ? `, column ${issue.column}` : ''}${issue.field ? ` (${issue.field})` : ''}`
      : '';
    lines.push(
      `  ${issue.severity}${place}: ${issue.reason}${issue.found === undefined ? '' : ` Found: ${issue.found}`} Fix: ${issue.fix}`,
    );
  }
  const rest = report.issues.length - [...listed.values()].reduce((sum, told) => sum + told, 0);
  if (rest > 0) lines.push(`  … and ${rest} more of the same kinds (--json lists them)`);
  const why = report.outcome === 'staged' || report.outcome === 'refused' ? refusals(report, choices) : [];
  const outcome = {
    staged: `Dry run: nothing was changed.${why.length ? ` The import would be refused (${why.join(', ')}).` : ''}`,
    committed: `Imported as batch ${report.batchId}.`,
    nothing_new:
      counts.rejected > 0
        ? `Nothing new: ${counts.unchanged > 0 ? 'what was not rejected is already in the workspace' : 'every row was rejected'}.`
        : 'Nothing new: everything in this file is already in the workspace.',
    refused: `Refused${why.length ? ` (${why.join(', ')})` : ''}: nothing was changed.`,
  }[report.outcome];
  const some = counts.rejected < counts.rows && refusals(report, { ...choices, skipRejected: true }).length < why.length;
  return [...lines, outcome, ...(some ? ['Correct the rejected rows, or import the others with --skip-rejected.'] : [])].join('\n');
}

const only = <T>(list: readonly T[]): T | readonly T[] => (list.length === 1 ? list[0]! : list);

function linesText(of: FileLines | undefined): string[] {
  if (!of || of.total === 0) return [];
  const days = of.lines.some(({ day }) => day !== null);
  const rows = of.lines.map((one) => [
    ...[String(one.line), ...(days ? [one.day ?? ''] : []), one.disposition, one.account, one.ticker],
    ...[one.quantity ?? '', one.price ?? '', one.marketValue ?? '', one.currency, one.reason],
  ]);
  const rest = of.total > rows.length ? [`… and ${of.total - rows.length} more lines`] : [];
  return [
    table(['line', ...(days ? ['day'] : []), 'is', 'account', 'ticker', 'quantity', 'price', 'value', 'currency', 'why'], rows),
    ...rest,
  ];
}

export const importCommand: Command = {
  help: `import FILE… [--as KIND] [--layout NAME] [--template NAME] [--sheet NAME] [--source NAME] [--known-as-of DATE] [--dry-run] [--lines] [--accept-restatements] [--skip-rejected] [--total AMOUNT] [--weights fraction|percent] [--each-day] [--accept-repairs] [--encoding E] [--delimiter C] [--date-order YMD|DMY|MDY] [--decimal .|,] [--value close|adj_close] [--scheme NAME]   bring files in
KIND is one of ${FILE_KINDS.join(', ')}.`,
  async run({ workspace, words, environment, terminal }) {
    const w = parseWords(words, importFlags, { min: 1, max: 10_000, names: 'one or more files' });
    if (w.flag('each-day')) w.unused('with --each-day: holdings are known from their own days', 'known-as-of');
    const options = importOptions(w);
    const dryRun = w.flag('dry-run');
    return withSession(environment, workspace, async (session) => {
      const lines: FileLines[] = [];
      const reports = await importFiles(session, w.positionals, options, {
        dryRun,
        onLines: w.flag('lines') ? (of) => lines.push(of) : undefined,
        onProgress: terminal.progress,
        signal: terminal.signal,
      });
      const refused = reports.some((report) => report.outcome === 'refused' || (dryRun && refusals(report, options).length > 0));
      return {
        value: only(reports.map((report, i) => ({ ...report, ...(lines[i] ? { lines: lines[i].lines } : {}) }))),
        text: () => reports.map((report, i) => [reportText(report, options), ...linesText(lines[i])].join('\n')).join('\n\n'),
        ...(refused ? { exitCode: 3 } : {}),
      };
    });
  },
};

const batchTable = (rows: readonly BatchRow[]): string =>
  rows.length === 0
    ? 'No batches yet.'
    : table(
        ['batch', 'kind', 'file', 'imported', 'rows', 'new', 'restated', 'state'],
        rows.map((row) => [row.batchId, row.kind, row.file, row.importedAt, row.rows, row.new, row.restated, row.undone ? 'undone' : '']),
      );

export const batchesCommand: Command = {
  help: 'batches   list the import batches',
  async run({ workspace, words, environment }) {
    parseWords(words, {}, { min: 0, max: 0, names: '' });
    return withSession(environment, workspace, async (session) => {
      const rows = await listBatches(session);
      return { value: rows, text: () => batchTable(rows) };
    });
  },
};

const repeatText = ({ batchId, file, values }: BatchLineage['repeatedBy'][number]): string =>
  `${file} (batch ${batchId}) said the same of ${values} of its values, which go with it: import ${file} again to keep them.`;

export const undoCommand: Command = {
  help: `undo BATCH [--dry-run]   take one import batch back whole
What a later file said in the same words is stored with the batch that said it first, and goes with it: undo names such files, to be imported
again where their values are wanted. --dry-run only names them.`,
  async run({ workspace, words, environment }) {
    const w = parseWords(words, { 'dry-run': { type: 'boolean' } }, { min: 1, max: 1, names: 'a batch number' });
    const batch = Number(w.positionals[0]);
    if (!Number.isInteger(batch) || batch < 1) throw usage(`"${w.positionals[0]}" is not a batch number.`, 'Run "batches" for the list.');
    return withSession(environment, workspace, async (session) => {
      const { batch: present, repeatedBy } = await batchLineage(session, batch);
      if (w.flag('dry-run') && present.undone) throw usage(`Batch ${batch} was undone before.`, 'Nothing needs doing.');
      const row = w.flag('dry-run') ? present : await undoBatch(session, batch);
      const head = `Batch ${row.batchId} (${row.file}) ${row.undone ? 'is undone' : 'would be undone'}.`;
      return { value: { ...row, repeatedBy }, text: () => [head, ...repeatedBy.map(repeatText)].join('\n') };
    });
  },
};

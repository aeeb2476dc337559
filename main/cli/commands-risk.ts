/** risk, whatif, portfolio, attribution, corr. */
import type { AttributionView, BridgeParts, NamedParts, RiskChange, RiskView, WhatIfView } from '../contract/results-risk.ts';
import { loadBook, type BookRequest } from '../core/book.ts';
import { attribution } from '../core/risk/attribution.ts';
import { riskChange } from '../core/risk/change.ts';
import { correlations } from '../core/risk/correlations.ts';
import { portfolioSeries } from '../core/risk/portfolio-series.ts';
import { getRisk } from '../core/risk/view.ts';
import { keepWhatIf, whatIf } from '../core/risk/what-if.ts';
import { iso, withSession } from '../core/session.ts';
import { parseWords, subjectOnly, usage, type Words } from './arguments.ts';
import type { Command } from './commands.ts';
import { basisText, laterHoldings, fixed, money, percent, table, withoutParts } from './table.ts';

const text = (...names: string[]) => Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
const BOOK = text('snapshot', 'date', 'run', 'known-as-of', 'account', 'level');
const simulated = (view: { lineage: { simulated: boolean } }): string => (view.lineage.simulated ? ' (SIMULATED data)' : '');

function bookOf(w: Words): BookRequest {
  const level = w.choice('level', ['1', '2', '3']);
  const snapshot = w.number('snapshot');
  if (snapshot !== undefined && (!Number.isInteger(snapshot) || snapshot < 1)) throw usage('--snapshot takes a whole number.');
  return {
    snapshotId: snapshot,
    date: w.day('date'),
    runId: w.text('run'),
    knownAsOf: w.day('known-as-of'),
    account: w.text('account'),
    level: level === undefined ? undefined : (Number(level) as 1 | 2 | 3),
  };
}

const LINE_HEAD = ['exposure', 'volatility', 'correlation', 'contribution', 'share'];
const lineCells = (line: { exposure: number; volatility: number; correlation: number; contribution: number }, total: number): string[] => [
  money(line.exposure),
  percent(line.volatility, 2),
  fixed(line.correlation, 4),
  money(line.contribution),
  percent(total === 0 ? null : line.contribution / total, 2),
];

function riskText(view: RiskView): string {
  const head = `Risk of snapshot ${view.snapshotId} on ${view.date}${laterHoldings(view.snapshotAsOf, view.date)}${simulated(view)}, level ${view.level}, ${basisText(view.lineage)}; ${view.rows} of ${view.window.sessions} sessions from ${view.window.first} to ${view.window.last} on which every covered position has a return`;
  const left = view.left.map(({ ticker, value, reason }) => `  left out: ${ticker} ${money(value)}: ${reason}`);
  const { risk } = view;
  if (!risk) return [head, 'There are fewer than two such sessions: no risk figures.', ...left].join('\n');
  const { variance: v } = risk;
  const share = (part: number): string => percent(part / v.total, 2);
  return [
    head,
    `gross ${money(view.gross)}, net ${money(view.net)}, coverage ${percent(view.coverage)}; all figures in dollars per year`,
    table(
      ['part of the variance', 'volatility', 'share'],
      [
        ["factors (X' Cov(F) X)", money(Math.sqrt(v.factor)), share(v.factor)],
        ['residuals, shrunk covariance', money(Math.sqrt(v.residual)), share(v.residual)],
        ['cross term, 2 Cov(factors, residuals)', '', share(v.cross)],
        ['shrinkage, sample less shrunk', '', share(v.shrinkage)],
        ["total, of the holdings' own returns", money(risk.volatility), share(v.total)],
        ['(residuals, diagonal only)', money(Math.sqrt(v.residualDiagonal)), share(v.residualDiagonal)],
      ],
    ),
    `residual correlation ${fixed(risk.averageResidualCorrelation, 4)} on average, first component ${percent(risk.firstResidualComponent)}; shrinkage intensity ${fixed(risk.shrinkageIntensity, 4)} (Schäfer-Strimmer)`,
    `positions alone ${money(risk.standalone)}, diversification ${money(risk.diversification)}`,
    table(
      ['position', ...LINE_HEAD],
      risk.positions.map((line) => [line.name, ...lineCells(line, risk.volatility)]),
    ),
    table(
      ['etf', ...LINE_HEAD],
      [
        ...risk.etfs.map((line) => [line.name, ...lineCells(line, risk.volatility)]),
        ['residuals', '', '', '', money(risk.residual), percent(risk.residual / risk.volatility, 2)],
      ],
    ),
    table(
      ['layer', 'contribution'],
      [...risk.layers.map(({ layer, contribution }) => [layer, money(contribution)]), ['residual', money(risk.residual)]],
    ),
    'holdings-weighted means of single-stock figures (a description, not a risk):',
    table(
      ['field', 'mean', 'coverage'],
      view.aggregate.map((one) => [one.field, percent(one.value, 2), percent(one.coverage)]),
    ),
    ...risk.identities.map(
      (one) => `identity: ${one.name}: ${one.deviation.toExponential(2)} ${one.ok ? 'holds' : `FAILED (${one.tolerance})`}`,
    ),
    ...left,
  ].join('\n');
}

const sideText = ({ date, lineage }: RiskChange['from']): string => `${date}, ${lineage.runId}, known as of ${lineage.knownAsOf}`;

function changeText({ from, to, steps, left }: RiskChange): string {
  const rows = [
    [sideText(from), money(from.volatility)],
    ...steps.map(({ step, change }) => [`  ${step}`, money(change)]),
    [sideText(to), money(to.volatility)],
  ];
  return [
    `Change of volatility${simulated(from)}, dollars per year`,
    table(['', 'volatility'], rows),
    ...left.map((one) => `  left out: ${one.ticker}: ${one.reason}`),
  ].join('\n');
}

export const riskCommand: Command = {
  help: 'risk [--snapshot ID] [--date DATE] [--run ID] [--known-as-of DATE] [--account NAME] [--level 1|2|3] [--against DATE] [--against-run ID] [--against-snapshot ID] [--against-known-as-of DATE]   where the volatility of a book comes from, or why it changed',
  async run({ workspace, words, environment }) {
    const w = parseWords(
      words,
      { ...BOOK, ...text('against', 'against-run', 'against-snapshot', 'against-known-as-of') },
      { min: 0, max: 0, names: '' },
    );
    const to = bookOf(w);
    const against = {
      date: w.day('against'),
      runId: w.text('against-run'),
      snapshotId: w.number('against-snapshot'),
      knownAsOf: w.day('against-known-as-of'),
    };
    return withSession(environment, workspace, async (session) => {
      if (Object.values(against).every((value) => value === undefined)) {
        const view = await getRisk(session, to);
        return { value: view, text: () => riskText(view), exitCode: view.risk?.identities.some((one) => !one.ok) ? 3 : 0 };
      }
      const given = Object.fromEntries(Object.entries(against).filter(([, value]) => value !== undefined));
      const change = await riskChange(session, { ...to, ...given }, to);
      return { value: change, text: () => changeText(change) };
    });
  },
};

function editsOf(raw: string | undefined, account: string): { account: string; ticker: string; quantity: number }[] {
  const parts = (raw ?? '').split(',').filter(Boolean);
  if (parts.length === 0) throw usage('whatif needs --set TICKER=QUANTITY[,…].');
  return parts.map((part) => {
    const [ticker, quantity, more] = part.split('=').map((word) => word.trim());
    if (!ticker || quantity === undefined || quantity === '' || more !== undefined || !Number.isFinite(Number(quantity)))
      throw usage(`--set takes TICKER=QUANTITY, not "${part}".`);
    return { account, ticker, quantity: Number(quantity) };
  });
}

function whatIfText({ reference, totals, etfs, orders, unmodelled }: WhatIfView): string {
  const rows = (lines: WhatIfView['totals'], cell: (value: number | null) => string): string[][] =>
    lines.map((line) => [line.name, cell(line.reference), cell(line.optimised), cell(line.difference)]);
  const head = ['', 'reference', 'what-if', 'difference'];
  const dollars = totals.filter(({ name }) => name !== 'coverage');
  return [
    `What-if of snapshot ${reference.snapshotId} on ${reference.date}${laterHoldings(reference.snapshotAsOf, reference.date)}${simulated(reference)}, ${basisText(reference.lineage)}; nothing is stored`,
    ...unmodelled.map(
      ({ ticker, reason }) => `${ticker} is not modelled (${reason}): no exposure, risk or hedge of it is in these figures.`,
    ),
    table(head, [
      ...rows(dollars, money),
      ...rows(
        totals.filter(({ name }) => name === 'coverage'),
        percent,
      ),
    ]),
    table(['net exposure', ...head.slice(1)], rows(etfs, money)),
    table(
      ['hedge, shares', ...head.slice(1)],
      rows(orders, (value) => fixed(value, 0)),
    ),
  ].join('\n');
}

export const whatIfCommand: Command = {
  help: 'whatif --set TICKER=QUANTITY[,…] [--account NAME] [--snapshot ID] [--date DATE] [--run ID] [--known-as-of DATE] [--level 1|2|3] [--keep "WHY"]   other quantities: exposures, risk and hedge beside the present ones',
  async run({ workspace, words, environment, terminal }) {
    const w = parseWords(words, { ...BOOK, ...text('set', 'keep') }, { min: 0, max: 0, names: '' });
    const book = { ...bookOf(w), account: undefined };
    const why = w.text('keep')?.trim();
    if (why !== undefined && why.length < 3) throw usage('--keep takes the reason in a few words.');
    return withSession(environment, workspace, async (session) => {
      const accounts = [...new Set((await loadBook(session, book)).held.map(({ view }) => view.account))].sort();
      const account = w.text('account') ?? accounts[0] ?? '';
      if (w.text('account') === undefined && accounts.length > 1)
        throw usage(`The book has ${accounts.length} accounts.`, `Name one with --account: ${accounts.join(', ')}.`);
      const edits = editsOf(w.text('set'), account);
      if (why === undefined) {
        const view = await whatIf(session, book, edits);
        return { value: view, text: () => whatIfText(view) };
      }
      const report = await keepWhatIf(session, book, edits, why, { onProgress: terminal.progress, signal: terminal.signal });
      return {
        value: report,
        text: () => `Kept as batch ${report.batchId}; "undo ${report.batchId}" takes it back.`,
        exitCode: report.outcome === 'committed' ? 0 : 3,
      };
    });
  },
};

export const portfolioCommand: Command = {
  help: 'portfolio --fields A,B [--weights holdings|dated|TICKER=WEIGHT,…] [--snapshot ID] [--account NAME] [--date DATE] [--run ID] [--known-as-of DATE]   weighted sums of fields through time',
  async run({ workspace, words, environment, terminal }) {
    const { level: _, ...options } = BOOK;
    const w = parseWords(words, { ...options, ...text('fields', 'weights') }, { min: 0, max: 0, names: '' });
    const fields = w.list('fields');
    if (!fields?.length) throw usage('portfolio needs --fields, such as l3_mkt_hr,l3_sec_hr.');
    const given = w.text('weights') ?? 'holdings';
    if (given === 'dated') subjectOnly(w);
    const weights =
      given === 'holdings' || given === 'dated'
        ? given
        : Object.fromEntries(editsOf(given, '').map(({ ticker, quantity }) => [ticker, quantity]));
    const ofHoldings = ['snapshot', 'account'].find((name) => w.text(name) !== undefined);
    if (typeof weights !== 'string' && ofHoldings !== undefined)
      throw usage(`--${ofHoldings} says which holdings count, and --weights names weights of its own.`, 'Leave one of the two out.');
    return withSession(environment, workspace, async (session) => {
      const { header, columns } = await portfolioSeries(
        session,
        { ...bookOf(w), fields, weights },
        { onProgress: terminal.progress, signal: terminal.signal },
      );
      const names = Object.keys(columns).filter((name) => name !== 'day');
      const rows = Array.from(columns.day!, (day, i) => [
        iso(day),
        ...names.map((name) => (Number.isNaN(columns[name]![i]!) ? null : columns[name]![i]!)),
      ]);
      return {
        value: { ...header, columns: ['date', ...names], rows },
        text: () => [['date', ...names].join(','), ...rows.map((row) => row.map((cell) => cell ?? '').join(','))].join('\n'),
      };
    });
  },
};

const PARTS = ['market', 'sector', 'subsector', 'residual', 'total'] as const;
const partCells = (parts: BridgeParts | NamedParts | null): string[] => PARTS.map((part) => percent(parts?.[part], 3));

/** Days without a part, and whether leaving them out helps. */
function missingText({ days, missing, skipped, noSectorEtf, weights }: AttributionView): string {
  if (missing === 0) return '';
  const why =
    weights === 'dated'
      ? 'no day has them: weights of each snapshot count from the day after it; choose a period after the first, or frozen weights'
      : noSectorEtf
        ? 'there is no sector ETF in the chain: import a classification, or give the sector an ETF in the map'
        : 'no day has them';
  const then = days === 0 ? `: no bridge, ${why}` : skipped ? ' skipped' : ': no bridge unless they are skipped (--skip-missing)';
  return `, ${missing} without every part${then}`;
}

function attributionText(view: AttributionView): string {
  const { alpha } = view;
  return [
    `Attribution of ${view.subject}${view.weights ? ` (${view.weights} weights on ${view.weightBase}${view.netShort ? ', which is short: a return above 0 is a loss' : ''})` : ''} from ${view.from} to ${view.to}${simulated(view)}, ex-ante, ${basisText(view.lineage)}; ${view.days} days${missingText(view)}`,
    table(
      ['bridge', ...PARTS],
      [
        ['geometric', ...partCells(view.geometric)],
        ['log-linked', ...partCells(view.logLinked)],
        ['arithmetic (sums)', ...partCells(view.arithmetic)],
      ],
    ),
    `alpha of this model: ${percent(alpha.days === 0 ? null : alpha.sum, 3)} over ${alpha.days} days, standard error ${percent(alpha.standardError, 3)}, t ${fixed(alpha.t, 2)}`,
    ...(view.positions.length === 0
      ? []
      : [
          `sums of daily parts; ${withoutParts(view)}`,
          ...(
            [
              ['sector', view.sectors],
              ['subsector', view.subsectors],
              ['position', view.positions],
            ] as const
          ).map(([name, lines]) =>
            table(
              [name, ...PARTS],
              lines.map((line) => [line.name, ...partCells(line)]),
            ),
          ),
        ]),
  ].join('\n');
}

export const attributionCommand: Command = {
  help: 'attribution [TICKER] [--from DATE] [--to DATE] [--weights frozen|dated] [--skip-missing] [--snapshot ID] [--account NAME] [--run ID] [--known-as-of DATE]   where the return of a stock or the book came from (default: this year)',
  async run({ workspace, words, environment, terminal }) {
    const w = parseWords(
      words,
      { ...text('from', 'to', 'weights', 'snapshot', 'account', 'run', 'known-as-of'), 'skip-missing': { type: 'boolean' } },
      { min: 0, max: 1, names: 'a ticker' },
    );
    subjectOnly(w);
    return withSession(environment, workspace, async (session) => {
      const view = await attribution(
        session,
        {
          ticker: w.positionals[0],
          from: w.day('from'),
          to: w.day('to'),
          weights: w.choice('weights', ['frozen', 'dated']),
          skipMissing: w.flag('skip-missing'),
          snapshotId: w.number('snapshot'),
          account: w.text('account'),
          runId: w.text('run'),
          knownAsOf: w.day('known-as-of'),
        },
        { onProgress: terminal.progress, signal: terminal.signal },
      );
      return { value: view, text: () => attributionText(view) };
    });
  },
};

export const corrCommand: Command = {
  help: 'corr [TICKER] --with A,B [--from DATE] [--to DATE] [--weights frozen|dated] [--snapshot ID] [--account NAME] [--run ID] [--known-as-of DATE]   correlation of gross and residual returns of a stock or the book with other series (default: the window of the run)',
  async run({ workspace, words, environment, terminal }) {
    const w = parseWords(words, text('with', 'from', 'to', 'run', 'known-as-of', 'weights', 'snapshot', 'account'), {
      min: 0,
      max: 1,
      names: 'a ticker, or nothing for the book',
    });
    const others = w.list('with');
    if (!others?.length) throw usage('corr needs --with, such as --with MTUM,GLD.');
    subjectOnly(w);
    return withSession(environment, workspace, async (session) => {
      const view = await correlations(
        session,
        {
          ticker: w.positionals[0],
          with: others,
          weights: w.choice('weights', ['frozen', 'dated']),
          snapshotId: w.number('snapshot'),
          account: w.text('account'),
          from: w.day('from'),
          to: w.day('to'),
          runId: w.text('run'),
          knownAsOf: w.day('known-as-of'),
        },
        { onProgress: terminal.progress, signal: terminal.signal },
      );
      return {
        value: view,
        text: () =>
          [
            `${view.ticker} from ${view.from} to ${view.to}${simulated(view)}, ${basisText(view.lineage)}`,
            ...(view.netShort ? ['The book is short: a return above 0 is a loss. Its profit correlates with the opposite sign.'] : []),
            table(
              ['with', 'series', 'pearson', 'spearman', 'days'],
              view.rows.map((row) => [row.with, row.series, fixed(row.pearson, 4), fixed(row.spearman, 4), String(row.days)]),
            ),
          ].join('\n'),
      };
    });
  },
};

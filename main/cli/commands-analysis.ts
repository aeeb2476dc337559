/** show, book, hedge. */
import type { BookView, HedgeRequest, HedgeView, SecurityView } from '../contract/results.ts';
import { getBook } from '../core/book.ts';
import { previewHedge, writeHedgeFiles } from '../core/hedge.ts';
import { orderFormat, orderProfile } from '../core/order-profile.ts';
import { showSecurity } from '../core/security.ts';
import { withSession } from '../core/session.ts';
import { parseWords, usage, type Words } from './arguments.ts';
import type { Command } from './commands.ts';
import { fixed, money, percent, table } from './table.ts';

const simulated = (view: { lineage: { simulated: boolean } }): string => (view.lineage.simulated ? ' (SIMULATED data)' : '');

function showText(view: SecurityView): string {
  const { chain } = view;
  const rows = view.levels.flatMap((level) =>
    level.etf.map((etf, i) => [
      `L${level.level}`,
      etf,
      fixed(level.exposure[i], 6),
      fixed(level.hedgeRatio[i], 6),
      fixed(level.standardError[i], 6),
      percent(level.explained[i], 2),
      i === 0 ? percent(level.residual, 2) : '',
    ]),
  );
  return [
    `${view.ticker}${view.name ? ` ${view.name}` : ''} on ${view.date}${simulated(view)}, ${view.lineage.runId}`,
    `chain: ${[chain.market, chain.sector, chain.subsector].filter(Boolean).join(' > ') || 'none'}${view.classification ? ` (${view.classification.scheme || 'no scheme'}: ${view.classification.sector}${view.classification.industry ? ` / ${view.classification.industry}` : ''}${view.classification.undated ? ', undated' : ''})` : ''}`,
    table(['level', 'etf', 'exposure', 'hedge ratio', 'std error', 'explained', 'residual'], rows),
    `volatility ${percent(view.volatility, 2)}, ${view.observations ?? 'n/a'} rows (window ${view.window.first} to ${view.window.last}); links sm ${fixed(view.links.sm, 6)}, um ${fixed(view.links.um, 6)}, us ${fixed(view.links.us, 6)}`,
    `return ${percent(view.returnGross, 3)}, residual ex-ante L1 ${percent(view.residualReturn[0], 3)}, L2 ${percent(view.residualReturn[1], 3)}, L3 ${percent(view.residualReturn[2], 3)}; in window ${percent(view.inWindowResidual, 3)}`,
    `identities: additivity ${view.identities.additivity?.toExponential(2) ?? 'n/a'}, replication ${view.identities.replication?.toExponential(2) ?? 'n/a'}: ${view.identities.ok ? 'hold' : 'FAILED'}${view.flags.length ? `; flags: ${view.flags.join(', ')}` : ''}`,
  ].join('\n');
}

export const showCommand: Command = {
  help: "show TICKER [--date DATE] [--run ID]   one security's three levels with the identities",
  async run({ workspace, words, environment }) {
    const w = parseWords(words, { date: { type: 'string' }, run: { type: 'string' } }, { min: 1, max: 1, names: 'a ticker' });
    return withSession(environment, workspace, async (session) => {
      const view = await showSecurity(session, { ticker: w.positionals[0]!, date: w.day('date'), runId: w.text('run') });
      return { value: view, text: () => showText(view) };
    });
  },
};

function wholeNumber(w: Words, name: string): number | undefined {
  const value = w.number(name);
  if (value !== undefined && (!Number.isInteger(value) || value < 1)) throw usage(`--${name} takes a whole number.`);
  return value;
}

function bookText(book: BookView): string {
  return [
    `Snapshot ${book.snapshotId} as of ${book.snapshotAsOf}, priced on ${book.date}${simulated(book)}, ${book.lineage.runId}`,
    table(
      ['account', 'ticker', 'quantity', 'price', 'value', 'weight', 'role', 'level', 'chain', 'exposures', 'residual', 'vol', 'note'],
      book.positions.map((p) => [
        p.account,
        p.ticker,
        fixed(p.quantity, p.quantity % 1 === 0 ? 0 : 4),
        money(p.price),
        money(p.marketValue),
        percent(p.weight, 2),
        p.role,
        p.level === 0 ? '' : `L${p.level}`,
        p.chain.join('>'),
        p.exposure.map((x) => fixed(x, 4)).join(' '),
        percent(p.residual),
        percent(p.volatility),
        [p.reason, ...p.flags].filter(Boolean).join('; '),
      ]),
    ),
    `gross ${money(book.gross)}, net ${money(book.net)} (weights on ${book.weightBase}); covered ${money(book.covered)} = ${percent(book.coverage)} of gross`,
    table(
      ['etf', 'exposure', 'hedge held', 'net', 'share of gross'],
      book.etfs.map((e) => [e.etf, money(e.exposure), money(e.hedgeHolding), money(e.net), percent(e.shareOfGross)]),
    ),
    `volatility per year: historical ${money(book.volatility.historical)} (${book.volatility.rows} rows); model factor part ${money(book.volatility.factor)}, residual part ${money(book.volatility.residual)}`,
  ].join('\n');
}

export const bookCommand: Command = {
  help: 'book [--snapshot ID] [--date DATE] [--run ID] [--account NAME] [--level 1|2|3]   exposures, shares of variance and coverage of a holdings snapshot',
  async run({ workspace, words, environment }) {
    const flags = {
      snapshot: { type: 'string' },
      date: { type: 'string' },
      run: { type: 'string' },
      account: { type: 'string' },
      level: { type: 'string' },
    } as const;
    const w = parseWords(words, flags, { min: 0, max: 0, names: '' });
    return withSession(environment, workspace, async (session) => {
      const level = w.choice('level', ['1', '2', '3']);
      const book = await getBook(session, {
        snapshotId: wholeNumber(w, 'snapshot'),
        date: w.day('date'),
        runId: w.text('run'),
        account: w.text('account'),
        level: level === undefined ? undefined : (Number(level) as 1 | 2 | 3),
      });
      return { value: book, text: () => bookText(book) };
    });
  },
};

function layers(raw: string | undefined): HedgeRequest['layers'] {
  if (raw === undefined) return undefined;
  const out = { market: 0, sector: 0, subsector: 0 };
  for (const part of raw.split(',')) {
    const [name, share] = part.split('=').map((word) => word.trim());
    const value = Number(share);
    if (!name || !(name in out) || share === undefined || share === '' || !(value >= 0 && value <= 100))
      throw usage(`--layers takes market=0..100,sector=0..100,subsector=0..100; not "${part}".`);
    out[name as keyof typeof out] = value;
  }
  return out;
}

function hedgeText(view: HedgeView, files: string[]): string {
  const { volatility: vol } = view;
  return [
    `Hedge of snapshot ${view.snapshotId} on ${view.date}${simulated(view)}, ${view.lineage.runId}`,
    table(
      ['etf', 'exposure', 'held', 'target', 'trade', 'price', 'shares', 'side', 'notional', 'left exact', 'left rounded', 'note'],
      view.legs.map((leg) => [
        leg.etf,
        money(leg.exposure),
        money(leg.held),
        money(leg.target),
        money(leg.trade),
        money(leg.price),
        fixed(leg.shares, 0),
        leg.side ?? '',
        money(leg.notional),
        money(leg.after),
        money(leg.rounded),
        leg.dropped ?? '',
      ]),
    ),
    `volatility per year: before ${money(vol.before)}, after the exact hedge ${money(vol.after)}, after rounding ${money(vol.rounded)}; residual part ${money(vol.residual)}`,
    `factor volatility left by rounding: joint ${money(view.roundingRisk.joint)}, nearest ${money(view.roundingRisk.nearest)}`,
    ...view.checks
      .filter((check) => check.status === 'fail')
      .map((check) => `${check.severity.toUpperCase()} ${check.id}: ${check.message}`),
    ...files,
  ].join('\n');
}

export const hedgeCommand: Command = {
  help: 'hedge [--snapshot ID] [--run ID] [--date DATE] [--account NAME] [--level 3] [--layers market=100,sector=100,subsector=100] [--min-trade USD] [--rounding joint|nearest] [--exclude ETF,…] [--hedge-sleeve ETF,…] [--override REASON] [--format NAME --out FILE [--profile FILE] [--template FILE]]   hedge orders\nNAME is generic, ibkr-basket, ems, emsx, fix42, fix44, alpaca, tradier or template:NAME.',
  async run({ workspace, words, environment }) {
    const w = parseWords(
      words,
      Object.fromEntries(
        [
          'snapshot',
          'run',
          'date',
          'account',
          'level',
          'layers',
          'min-trade',
          'rounding',
          'exclude',
          'hedge-sleeve',
          'override',
          'format',
          'out',
          'profile',
          'template',
        ].map((name) => [name, { type: 'string' as const }]),
      ),
      { min: 0, max: 0, names: '' },
    );
    const given = w.text('format');
    const format = given === undefined ? undefined : orderFormat(given);
    const out = w.text('out');
    if ((format === undefined) !== (out === undefined))
      throw usage('--format and --out go together.', 'Give both to write files, neither to preview.');
    const level = w.choice('level', ['1', '2', '3']);
    const request = Object.fromEntries(
      Object.entries({
        snapshotId: wholeNumber(w, 'snapshot'),
        runId: w.text('run'),
        date: w.day('date'),
        account: w.text('account'),
        level: level === undefined ? undefined : Number(level),
        layers: layers(w.text('layers')),
        minTrade: w.number('min-trade'),
        rounding: w.choice('rounding', ['joint', 'nearest']),
        exclude: w.list('exclude'),
        hedgeSleeve: w.list('hedge-sleeve'),
      }).filter(([, value]) => value !== undefined),
    ) as HedgeRequest;
    return withSession(environment, workspace, async (session) => {
      if (!format || !out) {
        const view = await previewHedge(session, request);
        return { value: view, text: () => hedgeText(view, ['Preview only: give --format and --out to write the order file.']) };
      }
      const { view, files } = await writeHedgeFiles(session, request, {
        format,
        out,
        override: w.text('override'),
        profile: orderProfile(format, { profile: w.text('profile'), template: w.text('template') }),
      });
      return {
        value: { ...view, files },
        text: () =>
          hedgeText(view, [
            `${files.orders} orders written to ${files.orderFile} (sha256 ${files.sha256})`,
            `manifest: ${files.manifestFile}`,
          ]),
      };
    });
  },
};

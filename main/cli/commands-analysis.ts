/** show, book. */
import type { BookView, SecurityView } from '../contract/results.ts';
import { getBook } from '../core/book.ts';
import { showSecurity } from '../core/security.ts';
import { withSession } from '../core/session.ts';
import { parseWords, usage, type Words } from './arguments.ts';
import type { Command } from './commands.ts';
import { basisText, fixed, money, percent, table } from './table.ts';

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
    `${view.ticker}${view.name ? ` ${view.name}` : ''} on ${view.date}${simulated(view)}, ${basisText(view.lineage)}`,
    `chain: ${[chain.market, chain.sector, chain.subsector].filter(Boolean).join(' > ') || 'none'}${view.classification ? ` (${view.classification.scheme || 'no scheme'}: ${view.classification.sector}${view.classification.industry ? ` / ${view.classification.industry}` : ''}${view.classification.undated ? ', undated' : ''})` : ''}`,
    table(['level', 'etf', 'exposure', 'hedge ratio', 'std error', 'explained', 'residual'], rows),
    `volatility ${percent(view.volatility, 2)}, ${view.observations ?? 'n/a'} rows (window ${view.window.first} to ${view.window.last}); links sm ${fixed(view.links.sm, 6)}, um ${fixed(view.links.um, 6)}, us ${fixed(view.links.us, 6)}`,
    `return ${percent(view.returnGross, 3)}, residual ex-ante L1 ${percent(view.residualReturn[0], 3)}, L2 ${percent(view.residualReturn[1], 3)}, L3 ${percent(view.residualReturn[2], 3)}; in window ${percent(view.inWindowResidual, 3)}`,
    `identities: additivity ${view.identities.additivity?.toExponential(2) ?? 'n/a'}, replication ${view.identities.replication?.toExponential(2) ?? 'n/a'}: ${!view.identities.ok ? 'FAILED' : view.identities.additivity === null ? 'nothing to check' : 'hold'}${view.flags.length ? `; flags: ${view.flags.join(', ')}` : ''}`,
  ].join('\n');
}

export const showCommand: Command = {
  help: "show TICKER [--date DATE] [--run ID] [--known-as-of DATE]   one security's three levels with the identities",
  async run({ workspace, words, environment }) {
    const w = parseWords(
      words,
      { date: { type: 'string' }, run: { type: 'string' }, 'known-as-of': { type: 'string' } },
      { min: 1, max: 1, names: 'a ticker' },
    );
    return withSession(environment, workspace, async (session) => {
      const view = await showSecurity(session, {
        ticker: w.positionals[0]!,
        date: w.day('date'),
        runId: w.text('run'),
        knownAsOf: w.day('known-as-of'),
      });
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
    `Snapshot ${book.snapshotId} as of ${book.snapshotAsOf}, priced on ${book.date}${simulated(book)}, ${basisText(book.lineage)}`,
    table(
      ['account', 'ticker', 'quantity', 'price', 'value', 'weight', 'role', 'level', 'chain', 'exposures', 'residual', 'vol', 'note'],
      book.positions.map((p) => [
        p.account,
        p.ticker,
        fixed(p.quantity, p.quantity === null || p.quantity % 1 === 0 ? 0 : 4),
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
    `gross ${money(book.gross)}, net ${money(book.net)} (weights on ${book.weightBase}); covered ${money(book.covered)} = ${percent(book.coverage)} of the gross without held hedges`,
    table(
      ['etf', 'exposure', 'hedge held', 'net', 'share of gross'],
      book.etfs.map((e) => [e.etf, money(e.exposure), money(e.hedgeHolding), money(e.net), percent(e.shareOfGross)]),
    ),
    `volatility per year: historical ${money(book.volatility.historical)} (${book.volatility.rows} rows); model factor part ${money(book.volatility.factor)}, residual part ${money(book.volatility.residual)}`,
    ...(book.volatility.young.length
      ? [`too young for the window, not in the historical volatility: ${book.volatility.young.join(', ')}`]
      : []),
    ...(book.volatility.measured.length
      ? [`no shares of variance on the day, residual part measured on the window: ${book.volatility.measured.join(', ')}`]
      : []),
  ].join('\n');
}

export const bookCommand: Command = {
  help: 'book [--snapshot ID] [--date DATE] [--run ID] [--known-as-of DATE] [--account NAME] [--level 1|2|3]   exposures, shares of variance and coverage of a holdings snapshot',
  async run({ workspace, words, environment }) {
    const flags = {
      snapshot: { type: 'string' },
      date: { type: 'string' },
      run: { type: 'string' },
      'known-as-of': { type: 'string' },
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
        knownAsOf: w.day('known-as-of'),
        account: w.text('account'),
        level: level === undefined ? undefined : (Number(level) as 1 | 2 | 3),
      });
      return { value: book, text: () => bookText(book) };
    });
  },
};

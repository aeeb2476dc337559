/** Scratch copies of a book: what other quantities would mean, and keeping them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HedgerowError } from '../../contract/errors.ts';
import { BY_VALUE, WHAT_IF, type ImportReport } from '../../contract/report.ts';
import type { BookView } from '../../contract/results.ts';
import type { RiskView, WhatIfLine, WhatIfView } from '../../contract/results-risk.ts';
import type { PositionEdit } from '../../workers/db/position-edits.ts';
import { bookView, loadBook, type BookRequest } from '../book.ts';
import { previewHedge } from '../hedge.ts';
import { importFile } from '../imports.ts';
import { iso, type Hooks, type Session } from '../session.ts';
import { riskView } from './view.ts';

const line = (name: string, reference: number | null, optimised: number | null): WhatIfLine => ({
  name,
  reference,
  optimised,
  difference: reference === null || optimised === null ? null : optimised - reference,
});

/** Reference, scratch copy and difference: totals, exposure per ETF, shares of a full hedge. */
export async function whatIf(
  session: Session,
  request: BookRequest,
  edits: readonly PositionEdit[],
  hooks: Hooks = {},
): Promise<WhatIfView> {
  const changed = { ...request, edits };
  const { snapshotId, runId, knownAsOf, date, account, level } = request;
  const viewsOf = async (wanted: BookRequest): Promise<readonly [BookView, RiskView]> => {
    const book = await loadBook(session, wanted, hooks);
    return [await bookView(session, book), await riskView(session, book, level ?? 3, hooks)];
  };
  const [[reference, before], [optimised, after]] = [await viewsOf(request), await viewsOf(changed)];
  const hedge = {
    ...(snapshotId ? { snapshotId } : {}),
    ...(runId ? { runId } : {}),
    ...(knownAsOf ? { knownAsOf } : {}),
    ...(date ? { date } : {}),
    ...(account === undefined ? {} : { account }),
    ...(level ? { level } : {}),
    minTrade: 0,
  };
  const shares = async (scratch: readonly PositionEdit[]): Promise<Map<string, number>> =>
    new Map((await previewHedge(session, hedge, scratch, undefined, hooks)).legs.map((leg) => [leg.etf, leg.shares]));
  const [now, then] = [await shares([]), await shares(edits)];
  const etf = (view: BookView, code: string): number => view.etfs.find((one) => one.etf === code)?.net ?? 0;
  const both = (a: Iterable<string>, b: Iterable<string>): string[] => [...new Set([...a, ...b])].sort();
  return {
    reference,
    optimised,
    totals: [
      line('gross', reference.gross, optimised.gross),
      line('net', reference.net, optimised.net),
      line('coverage', reference.coverage, optimised.coverage),
      line('volatility', before.risk?.volatility ?? null, after.risk?.volatility ?? null),
      line('factor part', sd(before.risk?.variance.factor), sd(after.risk?.variance.factor)),
      line('residual part', sd(before.risk?.variance.residual), sd(after.risk?.variance.residual)),
      line('diversification', before.risk?.diversification ?? null, after.risk?.diversification ?? null),
    ],
    etfs: both(
      reference.etfs.map((one) => one.etf),
      optimised.etfs.map((one) => one.etf),
    ).map((code) => line(code, etf(reference, code), etf(optimised, code))),
    orders: both(now.keys(), then.keys()).map((code) => line(code, now.get(code) ?? 0, then.get(code) ?? 0)),
    unmodelled: optimised.positions
      .filter(({ role, ticker }) => role === 'unmodelled' && edits.some((edit) => edit.ticker === ticker))
      .map(({ ticker, reason }) => ({ ticker, reason: reason ?? 'not modelled' })),
  };
}

const sd = (variance: number | undefined): number | null => (variance === undefined ? null : Math.sqrt(Math.max(0, variance)));

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/**
 * Imports a scratch copy as a holdings snapshot of the day it is priced on, named for what it is; undoing its batch takes it back. Rejects with
 * usage where accounts without a name came from several sources: one snapshot cannot take the place of them.
 */
export async function keepWhatIf(
  session: Session,
  request: BookRequest,
  edits: readonly PositionEdit[],
  why: string,
  hooks: Hooks = {},
): Promise<ImportReport> {
  // Of all accounts: the new snapshot takes the place of the whole book.
  const { held, priced: snapshot, panel, row } = await loadBook(session, { ...request, account: undefined, edits });
  // Quantities are those of the day the book is priced on, splits since the snapshot included, and so are the file's prices; a split after
  // the last close counts already.
  const ahead = held.some(({ priced }) => priced.priceSplit !== 1);
  const asOf = iso(ahead ? snapshot.sharesOn : Math.max(snapshot.asOf, panel.days[row]!));
  const rows = held.map(({ view, priced }) =>
    [
      view.ticker || '$CASH',
      view.quantity ?? BY_VALUE,
      view.account,
      asOf,
      priced.filePrice === null ? '' : priced.filePrice / priced.splitFactor,
      priced.fileValue ?? '',
      priced.currency ?? '',
      priced.kind ?? '',
      priced.name ?? '',
    ]
      .map((cell) => quoted(String(cell)))
      .join(','),
  );
  // Accounts without a name are told apart by their source: under another one the copy would come on top of them.
  const sources = new Set(snapshot.snapshots.filter(({ accounts }) => accounts.includes('')).map(({ source }) => source));
  if (sources.size > 1)
    throw new HedgerowError(
      'usage',
      `Holdings without an account came from ${sources.size} sources: a copy of them cannot be kept as one.`,
      'Import them with a column account.',
    );
  const [inPlaceOf] = sources;
  const folder = mkdtempSync(join(tmpdir(), 'hedgerow-what-if-'));
  try {
    const path = join(folder, WHAT_IF.file);
    writeFileSync(path, ['ticker,quantity,account,as_of,price,market_value,currency,asset_class,name', ...rows, ''].join('\n'), {
      mode: 0o600,
    });
    return await importFile(
      session,
      { path, name: WHAT_IF.file },
      { kind: 'holdings', source: WHAT_IF.source + why, ...(inPlaceOf === undefined ? {} : { inPlaceOf }) },
      hooks,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

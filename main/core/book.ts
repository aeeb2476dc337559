/** The book: a holdings snapshot on a run's exposures (MODEL.md 10). */
import type { DeskRules } from '../contract/desk.ts';
import { HedgerowError } from '../contract/errors.ts';
import { isModelled, type BookView } from '../contract/results.ts';
import { sameAccount } from '../exporters/orders/index.ts';
import { F } from '../quant/cascade/index.ts';
import { annual, bookExposure, covariance, quadratic, type BookExposure } from '../quant/book/index.ts';
import type { HedgePosition } from '../quant/hedge/index.ts';
import type { PricedBook, PricedEtf } from '../workers/db/look-ups.ts';
import type { PositionEdit } from '../workers/db/position-edits.ts';
import type { Panel } from '../workers/panel.ts';
import { chainAt, fieldsAtLevel, historyOf, lineage, onPanel, panelFor, returnsOf, rowOf, seriesIndex, type RunBasis } from './engine.ts';
import { fieldOf, heldEtf, heldStock, WANTED, type EtfRole, type Held } from './held.ts';
import { kept } from './kept.ts';
import { deskOf, leftOut } from './orders/desk.ts';
import { basisOf } from './runs.ts';
import { inTurns, unpacked } from './turns.ts';
import { dayGiven, iso, type Hooks, type Session } from './session.ts';

export interface BookRequest {
  /** One snapshot alone. Without it the book is the latest snapshot of every account, of `snapshotIds` or of all there are. */
  readonly snapshotId?: number | undefined;
  readonly snapshotIds?: readonly number[] | undefined;
  readonly date?: string | undefined;
  readonly runId?: string | undefined;
  /** ISO day: what the run would have said with what was known then, of the holdings known then. */
  readonly knownAsOf?: string | undefined;
  readonly account?: string | undefined;
  readonly accounts?: readonly string[] | undefined;
  readonly level?: 1 | 2 | 3 | undefined;
  /** Held ETFs to count as hedges, all others as investments. */
  readonly hedgeSleeve?: readonly string[] | undefined;
  /** Role of held ETFs, in place of the desk rules' marks; the others: short = hedge, long = investment. */
  readonly marks?: DeskRules['marks'];
  /** A scratch copy: other quantities, nothing stored. */
  readonly edits?: readonly PositionEdit[] | undefined;
}

export interface Book {
  readonly basis: RunBasis;
  /** Prices and names are as known on this day: the as-of day where one was chosen, else the run's knowledge day. */
  readonly knownOn: number;
  readonly panel: Panel;
  readonly row: number;
  readonly priced: PricedBook;
  readonly held: readonly Held[];
  /** Securities whose residual variance is measured, for the run has no share on the day. */
  readonly measured: readonly number[];
  readonly exposure: BookExposure;
  /** ETFs of the map by code. */
  readonly etfs: ReadonlyMap<string, PricedEtf>;
  readonly simulated: boolean;
}

/** A state of the holdings and not a failure: every position is one that the run has nothing for. */
export const nothingModelled = (): HedgerowError =>
  new HedgerowError(
    'not_found',
    'No position of the book is modelled.',
    'The book says why with each. Import what is missing and run again, or choose a later day.',
  );

/** The request with accounts as the holdings name them, where it has the ids that the desk rules give them. */
export async function accountsNamed<R extends Pick<BookRequest, 'account' | 'accounts'>>(session: Session, request: R): Promise<R> {
  const { account, accounts } = request;
  const given = [...(account === undefined ? [] : [account]), ...(accounts ?? [])];
  if (given.length === 0) return request;
  const rules = (await deskOf(session)).accounts?.filter(({ id }) => given.some((one) => sameAccount(one, id))) ?? [];
  if (rules.length === 0) return request;
  const names = new Set((await session.reader.call('snapshots', null)).flatMap((one) => one.accounts));
  const named = (one: string): string => (names.has(one) ? one : (rules.find(({ id }) => sameAccount(one, id))?.account ?? one));
  return {
    ...request,
    ...(account === undefined ? {} : { account: named(account) }),
    ...(accounts === undefined ? {} : { accounts: accounts.map(named) }),
  };
}

/** Loads a snapshot, its prices and exposures on a run and date. Rejects with cancelled when nobody waits for it any more. */
export async function loadBook(session: Session, asked: BookRequest, hooks: Hooks = {}): Promise<Book> {
  const request = await accountsNamed(session, asked);
  const [basis, desk] = [await basisOf(session, request), await deskOf(session)];
  const { simulated } = await session.reader.call('state', null);
  const day = request.date === undefined ? basis.knownAsOf : dayGiven(request.date, 'date');
  // Yesterday's run serves today's holdings: its own day of knowledge leaves none out, only one that somebody asks for.
  const knownUntil = request.knownAsOf === undefined ? null : basis.knownAsOf;
  const { positions, ...rest } = await session.reader.call('book', {
    revision: basis.revision,
    snapshotId: request.snapshotId ?? null,
    snapshotIds: request.snapshotIds,
    snapshotsUntil: request.date === undefined ? knownUntil : Math.min(day, knownUntil ?? day),
    correctionsUntil: knownUntil,
    account: request.account ?? null,
    accounts: request.accounts,
    leftOut: leftOut(desk),
    day,
    knownAsOf: basis.knownAsOf,
    schemes: basis.settings.schemes,
    knowledge: basis.settings.knowledge,
    ...(request.edits ? { edits: request.edits } : {}),
  });
  const priced: PricedBook = { ...rest, positions: await unpacked(positions) };
  const etfs = new Map(priced.etfs.map((etf) => [etf.etf, etf]));
  const securities = new Set(priced.positions.flatMap((position) => (position.securityId === null ? [] : [position.securityId])));
  const heldEtfs = priced.etfs.filter((etf) => etf.securityId !== null && securities.has(etf.securityId));
  const parents = heldEtfs.flatMap((etf) => [etf.parent, etf.market]);
  const needed = [...securities, ...parents.flatMap((etf) => etfs.get(etf ?? '')?.securityId ?? [])];
  const panel = await panelFor(session, basis, needed, hooks);
  const row = rowOf(panel, request.date);
  const series = seriesIndex(panel);
  const modelled = [...securities].filter((id) => series.has(id));
  const level = request.level ?? 3;
  const places = modelled.map((id) => series.get(id)!);
  const fields = WANTED.map((wire) => F[wire]!);
  const block = await kept(
    panel,
    [basis.settings, places, fields, row, level],
    (own) => fieldsAtLevel(session, panel, basis.settings, places, fields, row, level, own),
    hooks,
  );
  const values = new Map(modelled.map((id, i) => [id, fieldOf(block.values, i)]));
  const links = await etfLinks(session, basis, panel, row, heldEtfs, etfs);
  const codeOf = new Map(priced.etfs.filter((etf) => etf.securityId !== null).map((etf) => [etf.securityId!, etf]));
  const sleeve = request.hedgeSleeve === undefined ? null : new Set(mapCodes(etfs, request.hedgeSleeve, 'hedge-sleeve'));
  const marks = new Map((request.marks ?? desk.marks)?.map(({ etf, role }) => [etf, role]));
  const roleOf = (etf: string, quantity: number): EtfRole => ({
    role: sleeve ? (sleeve.has(etf) ? 'hedge' : 'investment') : (marks.get(etf) ?? (quantity < 0 ? 'hedge' : 'investment')),
    marked: sleeve !== null || marks.has(etf),
  });

  const held = await inTurns(priced.positions, (position): Held => {
    const etf = position.securityId === null ? undefined : codeOf.get(position.securityId);
    if (etf) return heldEtf(position, etf, links.get(etf.etf) ?? null, roleOf(etf.etf, position.quantity ?? 0));
    const at = position.securityId === null ? undefined : series.get(position.securityId);
    const chain = at === undefined ? null : chainAt(panel, at, row);
    return heldStock(
      position,
      chain === null ? [] : [chain.market, chain.sector, chain.subsector],
      values.get(position.securityId ?? -1),
      level,
    );
  });
  const exposure = bookExposure(
    held.map(({ view }) => ({ value: view.marketValue, role: view.role, etfs: view.chain, exposure: view.exposure.map((x) => x ?? NaN) })),
  );
  const residuals = await measuredResiduals(session, basis, panel, row, held, etfs);
  const weighted = await inTurns(held, (one, i) => {
    const residualVariance = residuals.get(one.view.securityId ?? -1) ?? one.residualVariance;
    return { ...one, residualVariance, view: { ...one.view, weight: exposure.weights[i]! } };
  });
  const knownOn = Math.min(day, basis.knownAsOf);
  return { basis, knownOn, panel, row, priced, held: weighted, measured: [...residuals.keys()], exposure, etfs, simulated };
}

/** ETFs named by the user, upper case. Throws `usage` for one that is not in the map: a misspelt name would silently hedge otherwise. */
export function mapCodes(etfs: ReadonlyMap<string, PricedEtf>, names: readonly string[], flag: string): string[] {
  return names.map((name) => {
    const code = name.trim().toUpperCase();
    if (!etfs.has(code)) throw new HedgerowError('usage', `${code} is not an ETF of the map.`, `Check the spelling of --${flag}.`);
    return code;
  });
}

/** Link betas of held ETFs that are in force on `row`. */
async function etfLinks(
  session: Session,
  basis: RunBasis,
  panel: Panel,
  row: number,
  held: readonly PricedEtf[],
  etfs: ReadonlyMap<string, PricedEtf>,
): Promise<Map<string, HedgePosition['lam']>> {
  const index = seriesIndex(panel);
  const known = held.flatMap((etf) => {
    const codes = [etf.market, etf.level === 'subsector' ? etf.parent : null, etf.etf].filter(
      (code, i, all): code is string => code !== null && all.indexOf(code) === i,
    );
    const chain = codes.map((code) => index.get(etfs.get(code)?.securityId ?? -1));
    return chain.some((one) => one === undefined) ? [] : [{ etf: etf.etf, chain: chain as number[] }];
  });
  if (known.length === 0) return new Map();
  const worker = session.answering;
  const chains = known.map(({ chain }) => chain);
  const links = await onPanel(worker, panel, basis.settings, (key) => worker.call('fundLinks', { key, chains, row }));
  return new Map(known.flatMap(({ etf }, i) => (links[i] ? [[etf, links[i]] as const] : [])));
}

/**
 * Residual variance per $1 of the positions that have exposures but no share of variance on the row (`robust-held` counts fewer
 * residuals than returns): of `r - sum h f` over the window, so that one such name does not take the risk of the whole book away.
 */
async function measuredResiduals(
  session: Session,
  basis: RunBasis,
  panel: Panel,
  row: number,
  held: readonly Held[],
  etfs: ReadonlyMap<string, PricedEtf>,
): Promise<Map<number, number>> {
  const out = new Map<number, number>();
  const from = Math.max(0, row - basis.settings.window + 1);
  const index = seriesIndex(panel);
  for (const { view, residualVariance: known } of held) {
    if (!Number.isNaN(known) || out.has(view.securityId!)) continue;
    const series = [view.securityId!, ...view.chain.map((code) => etfs.get(code)?.securityId ?? -1)].map((id) => index.get(id));
    if (series.some((one) => one === undefined)) continue;
    const [own, ...factors] = await returnsOf(session, panel, basis.settings, series as number[], row, from, row + 1);
    const left = own!.map((r, t) => factors.reduce((rest, f, leg) => rest - view.exposure[leg]! * f[t]!, r));
    out.set(view.securityId!, covariance([left], 0, left.length).matrix[0]!);
  }
  return out;
}

/**
 * Covariance of ETFs over the window ending at the book's row, and the rows on which all have a return. With fewer than `minObs` of them it
 * is missing: of a few days it would have orders lean on chance.
 */
export async function etfCovariance(
  session: Session,
  book: Book,
  codes: readonly string[],
): Promise<{ matrix: Float64Array; rows: number }> {
  const index = seriesIndex(book.panel);
  const { window, minObs } = book.basis.settings;
  const from = Math.max(0, book.row - window + 1);
  const series = codes.map((code) => index.get(book.etfs.get(code)?.securityId ?? -1));
  if (series.some((one) => one === undefined)) return { matrix: new Float64Array(codes.length ** 2).fill(NaN), rows: 0 };
  const returns = await returnsOf(session, book.panel, book.basis.settings, series as number[], book.row, from, book.row + 1);
  const found = covariance(returns, 0, book.row + 1 - from);
  return found.rows < minObs ? { ...found, matrix: found.matrix.fill(NaN) } : found;
}

/** Sum of V^2 Var(e) over securities: the residual part of the book's daily variance, diagonal. One held in several accounts is one. */
export function residualVariance(book: Book): number {
  const held = new Map<number, { dollars: number; readonly variance: number }>();
  for (const { view, residualVariance: variance } of book.held) {
    if (variance === 0) continue;
    const before = held.get(view.securityId!);
    if (before) before.dollars += view.marketValue!;
    else held.set(view.securityId!, { dollars: view.marketValue!, variance });
  }
  return [...held.values()].reduce((sum, { dollars, variance }) => sum + dollars ** 2 * variance, 0);
}

/** The book view (`book`). */
export const getBook = async (session: Session, request: BookRequest, hooks: Hooks = {}): Promise<BookView> =>
  bookView(session, await loadBook(session, request, hooks));

export async function bookView(session: Session, book: Book): Promise<BookView> {
  const { exposure, panel, basis, row } = book;
  const codes = exposure.etfs.map((etf) => etf.etf);
  const { matrix } = await etfCovariance(session, book, codes);
  const factor = quadratic(
    exposure.etfs.map((etf) => etf.net),
    matrix,
  );
  const index = seriesIndex(panel);
  // Ten thousand positions of a window are too many returns for the main thread: a worker has them already.
  const held = new Map<number, number>();
  for (const { view } of book.held) {
    if (!isModelled(view)) continue;
    const at = index.get(view.securityId!)!;
    held.set(at, (held.get(at) ?? 0) + view.marketValue!);
  }
  const places = [...held.keys()];
  const tickersOf = (securities: readonly number[]): string[] => {
    const wanted = new Set<number | null>(securities);
    return [...new Set(book.held.flatMap(({ view }) => (wanted.has(view.securityId) ? [view.ticker] : [])))];
  };
  const history = await historyOf(session, panel, basis.settings, held, row, Math.max(0, row - basis.settings.window + 1), row + 1);
  return {
    lineage: lineage(session, basis, panel, book.simulated),
    snapshotId: book.priced.snapshotId,
    snapshotAsOf: iso(book.priced.asOf),
    snapshots: book.priced.snapshots.map(({ snapshotId, asOf, file, accounts }) => ({ snapshotId, asOf: iso(asOf), file, accounts })),
    date: iso(panel.days[row]!),
    gross: exposure.gross,
    net: exposure.net,
    weightBase: exposure.weightBase,
    covered: exposure.covered,
    coverage: exposure.coverage,
    unvalued: exposure.unpriced,
    positions: book.held.map(({ view }) => view),
    etfs: exposure.etfs,
    volatility: {
      historical: history.volatility,
      factor: annual(factor),
      residual: annual(residualVariance(book)),
      rows: history.rows,
      young: tickersOf(history.dropped.map((at) => panel.series[places[at]!]!.securityId)),
      measured: tickersOf(book.measured),
    },
  };
}

/** The book: a holdings snapshot on a run's exposures (MODEL.md 10). */
import type { DeskRules } from '../contract/desk.ts';
import { HedgerowError } from '../contract/errors.ts';
import type { BookPosition, BookView } from '../contract/results.ts';
import { F, flagNames, FLAG } from '../quant/cascade/index.ts';
import { annual, bookExposure, covariance, historicalRisk, quadratic, type BookExposure } from '../quant/book/index.ts';
import type { HedgePosition } from '../quant/hedge/index.ts';
import { investmentSlopes } from '../quant/hedge/index.ts';
import type { PricedBook, PricedEtf, PricedPosition } from '../workers/db/look-ups.ts';
import type { PositionEdit } from '../workers/db/position-edits.ts';
import type { Panel } from '../workers/panel.ts';
import { chainAt, fieldsOf, lineage, orNull, panelFor, returnsOf, rowOf, seriesIndex, type RunBasis } from './engine.ts';
import { deskOf } from './orders/desk.ts';
import { basisOf } from './runs.ts';
import { dayGiven, iso, type Session } from './session.ts';

export interface BookRequest {
  /** One snapshot alone. Without it the book is the latest snapshot of every account, of `snapshotIds` or of all there are. */
  readonly snapshotId?: number | undefined;
  readonly snapshotIds?: readonly number[] | undefined;
  readonly date?: string | undefined;
  readonly runId?: string | undefined;
  /** ISO day: what the run would have said with what was known then. */
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

/** A position with what the hedge needs besides the view. */
export interface Held {
  readonly view: BookPosition;
  readonly priced: PricedPosition;
  /** Slopes and links for the hedge; null unless a stock or investment ETF. */
  readonly hedge: HedgePosition | null;
  /** Daily residual variance per $1; 0 for ETFs. */
  readonly residualVariance: number;
  /** Whether somebody chose the role of a held ETF; absent for what is none. */
  readonly marked?: boolean;
}

interface EtfRole {
  readonly role: 'hedge' | 'investment';
  readonly marked: boolean;
}

export interface Book {
  readonly basis: RunBasis;
  readonly panel: Panel;
  readonly row: number;
  readonly priced: PricedBook;
  readonly held: readonly Held[];
  readonly exposure: BookExposure;
  /** ETFs of the map by code. */
  readonly etfs: ReadonlyMap<string, PricedEtf>;
  readonly simulated: boolean;
}

/** Fields read per position. */
const WANTED = ['level', 'flags', 'vol', 'stock_var', 'lam_sm', 'lam_um', 'lam_us'];
const LEGS = ['mkt', 'sec', 'sub'] as const;
for (const level of [1, 2, 3] as const) {
  for (const leg of LEGS.slice(0, level)) WANTED.push(`l${level}_${leg}_exp`, `l${level}_${leg}_er`);
  WANTED.push(`l${level}_res_er`);
}

/** Loads a snapshot, its prices and exposures on a run and date. */
export async function loadBook(session: Session, request: BookRequest): Promise<Book> {
  const [basis, desk] = [await basisOf(session, request), await deskOf(session)];
  const { simulated } = await session.reader.call('state', null);
  const day = request.date === undefined ? basis.knownAsOf : dayGiven(request.date, 'date');
  const priced = await session.reader.call('book', {
    revision: basis.revision,
    snapshotId: request.snapshotId ?? null,
    snapshotIds: request.snapshotIds,
    snapshotsUntil: request.date === undefined ? null : day,
    account: request.account ?? null,
    accounts: request.accounts,
    leftOut: desk.accounts?.flatMap(({ account, inBook }) => (inBook === false ? [account] : [])),
    day,
    knownAsOf: basis.knownAsOf,
    ...(request.edits ? { edits: request.edits } : {}),
  });
  const etfs = new Map(priced.etfs.map((etf) => [etf.etf, etf]));
  const securities = priced.positions.flatMap((position) => (position.securityId === null ? [] : [position.securityId]));
  const parents = priced.etfs.filter((etf) => securities.includes(etf.securityId ?? -1)).flatMap((etf) => [etf.parent, etf.market]);
  const needed = [...securities, ...parents.flatMap((etf) => etfs.get(etf ?? '')?.securityId ?? [])];
  const panel = await panelFor(session, basis, needed);
  const row = rowOf(panel, request.date);
  const series = seriesIndex(panel);
  const modelled = [...new Set(securities)].filter((id) => series.has(id));
  const block = await fieldsOf(
    session,
    panel,
    basis.settings,
    modelled.map((id) => series.get(id)!),
    WANTED.map((wire) => F[wire]!),
    row,
    row + 1,
  );
  const values = new Map(modelled.map((id, i) => [id, (wire: string) => block.values[i * WANTED.length + WANTED.indexOf(wire)]!]));
  const links = await etfLinks(
    session,
    basis,
    panel,
    row,
    priced.etfs.filter((etf) => etf.securityId !== null && securities.includes(etf.securityId)),
    etfs,
  );
  const codeOf = new Map(priced.etfs.filter((etf) => etf.securityId !== null).map((etf) => [etf.securityId!, etf]));
  const sleeve = request.hedgeSleeve === undefined ? null : new Set(mapCodes(etfs, request.hedgeSleeve, 'hedge-sleeve'));
  const marks = new Map((request.marks ?? desk.marks)?.map(({ etf, role }) => [etf, role]));
  const roleOf = (etf: string, quantity: number): EtfRole => ({
    role: sleeve ? (sleeve.has(etf) ? 'hedge' : 'investment') : (marks.get(etf) ?? (quantity < 0 ? 'hedge' : 'investment')),
    marked: sleeve !== null || marks.has(etf),
  });

  const held = priced.positions.map((position): Held => {
    const etf = position.securityId === null ? undefined : codeOf.get(position.securityId);
    if (etf) return heldEtf(position, etf, links.get(etf.etf) ?? null, roleOf(etf.etf, position.quantity));
    const at = position.securityId === null ? undefined : series.get(position.securityId);
    const chain = at === undefined ? null : chainAt(panel, at, row);
    return heldStock(
      position,
      chain === null ? [] : [chain.market, chain.sector, chain.subsector],
      values.get(position.securityId ?? -1),
      request.level ?? 3,
    );
  });
  const exposure = bookExposure(
    held
      .filter(({ priced: p }) => p.disposition !== 'cash')
      .map(({ view }) => ({ value: view.marketValue, role: view.role, etfs: view.chain, exposure: view.exposure.map((x) => x ?? NaN) })),
  );
  let next = 0;
  const weighted = held.map((one) =>
    one.priced.disposition === 'cash' ? one : { ...one, view: { ...one.view, weight: exposure.weights[next++] ?? null } },
  );
  return { basis, panel, row, priced, held: weighted, exposure, etfs, simulated };
}

/** ETFs named by the user, upper case. Throws `usage` for one that is not in the map: a misspelt name would silently hedge otherwise. */
export function mapCodes(etfs: ReadonlyMap<string, PricedEtf>, names: readonly string[], flag: string): string[] {
  return names.map((name) => {
    const code = name.trim().toUpperCase();
    if (!etfs.has(code)) throw new HedgerowError('usage', `${code} is not an ETF of the map.`, `Check the spelling of --${flag}.`);
    return code;
  });
}

/** Market value: quantity, splits since the snapshot's date, and the price in force. */
function valueOf(position: PricedPosition): number | null {
  return position.price === null ? null : position.quantity * position.splitFactor * position.price;
}

function baseView(
  position: PricedPosition,
): Omit<BookPosition, 'role' | 'level' | 'chain' | 'exposure' | 'hedgeRatio' | 'explained' | 'residual' | 'volatility' | 'reason'> {
  const flags: string[] = [];
  if (position.priceSource === 'file') flags.push('price from the holdings file');
  if (position.priceSource === 'adjusted') flags.push('adjusted close as price');
  if (position.splitFactor !== 1) flags.push(`quantity times ${position.splitFactor} (split)`);
  return {
    account: position.account,
    securityId: position.securityId,
    ticker: position.ticker,
    name: position.name,
    quantity: position.quantity * position.splitFactor,
    price: position.price,
    priceDay: position.priceDay === null ? null : iso(position.priceDay),
    marketValue: valueOf(position),
    weight: null,
    flags,
  };
}

function unmodelled(position: PricedPosition, reason: string): Held {
  const base = baseView(position);
  // Bonds and the like: the file knows what they are worth, quantity times price may not (percent of par).
  const marketValue =
    position.priceSource === 'file' || position.priceSource === null ? (position.fileValue ?? base.marketValue) : base.marketValue;
  return {
    view: {
      ...base,
      marketValue,
      role: 'unmodelled',
      level: 0,
      chain: [],
      exposure: [],
      hedgeRatio: [],
      explained: [],
      residual: null,
      volatility: null,
      reason,
    },
    priced: position,
    hedge: null,
    residualVariance: 0,
  };
}

/** Kinds of instruments that no return history is looked for. */
const NOT_MODELLED: Readonly<Record<string, string>> = { option: 'option', bond: 'bond', future: 'future', crypto: 'crypto currency' };

function heldStock(
  position: PricedPosition,
  chain: readonly (string | null)[],
  value: ((wire: string) => number) | undefined,
  wanted: 1 | 2 | 3,
): Held {
  if (position.disposition === 'cash') return unmodelled(position, 'cash: no factor exposure');
  if (position.currency !== null && position.currency !== 'USD')
    return unmodelled(position, `in ${position.currency}: no exchange rate series`);
  if (position.securityId === null && position.kind !== null && NOT_MODELLED[position.kind])
    return unmodelled(position, `${NOT_MODELLED[position.kind]}: listed, not modelled`);
  if (position.securityId === null) return unmodelled(position, 'unknown here: no prices and no master data');
  if (position.price === null) return unmodelled(position, 'no price at or before the date');
  const market = chain[0] ?? null;
  if (!value || market === null) return unmodelled(position, 'no return history');
  const deepest = value('level');
  if (Number.isNaN(deepest) || deepest < 1) return unmodelled(position, 'too little return history for any level');
  const mask = value('flags');
  if (mask & (FLAG.additivity | FLAG.replication)) return unmodelled(position, 'an identity of the model failed on this row');
  const level = Math.min(deepest, wanted) as 1 | 2 | 3;
  const legs = LEGS.slice(0, level);
  const h = legs.map((leg) => value(`l${level}_${leg}_exp`));
  const lam = { sm: orNull(value('lam_sm')), um: orNull(value('lam_um')), us: orNull(value('lam_us')) };
  const base = baseView(position);
  const stockVariance = value('stock_var');
  const residual = value(`l${level}_res_er`);
  return {
    view: {
      ...base,
      role: 'stock',
      level,
      chain: chain.slice(0, level) as string[],
      exposure: h,
      hedgeRatio: h.map((x) => (x === 0 ? 0 : -x)),
      explained: legs.map((leg) => orNull(value(`l${level}_${leg}_er`))),
      residual: orNull(residual),
      volatility: orNull(value('vol')),
      flags: [...base.flags, ...flagNames(mask)],
      reason: null,
    },
    priced: position,
    hedge: { value: base.marketValue!, beta: cleanedSlopes(h, lam), lam, chain: { m: market, s: chain[1] ?? null, u: chain[2] ?? null } },
    residualVariance: stockVariance * residual,
  };
}

/** Slopes on the cleaned factors behind exposures on raw ETFs: section 5 read backwards. */
function cleanedSlopes(h: readonly number[], lam: { sm: number | null; um: number | null; us: number | null }): number[] {
  const [hm = 0, hs = 0, hu = 0] = h;
  const times = (x: number, link: number | null): number => (x === 0 ? 0 : x * (link ?? NaN));
  if (h.length === 1) return [hm];
  if (h.length === 2) return [hm + times(hs, lam.sm), hs];
  return [hm + times(hs, lam.sm) + times(hu, lam.um), hs + times(hu, lam.us), hu];
}

/** A held ETF of the map: one dollar of itself, as a hedge (default: short) or an investment. */
function heldEtf(position: PricedPosition, etf: PricedEtf, links: HedgePosition['lam'] | null, { role, marked }: EtfRole): Held {
  if (position.currency !== null && position.currency !== 'USD')
    return unmodelled(position, `in ${position.currency}: no exchange rate series`);
  if (position.price === null) return unmodelled(position, 'no price at or before the date');
  const base = baseView(position);
  const depth = etf.level === 'market' ? 1 : etf.level === 'sector' ? 2 : etf.parent === null ? 2 : 3;
  const chain =
    depth === 1
      ? { m: etf.etf, s: null, u: null }
      : depth === 2
        ? { m: etf.market ?? etf.etf, s: etf.etf, u: null }
        : { m: etf.market ?? etf.etf, s: etf.parent, u: etf.etf };
  const lam = links ?? NO_LINKS;
  const complete = depth === 1 || (lam.sm !== null && (depth === 2 || (lam.um !== null && lam.us !== null)));
  if (role === 'investment' && !complete) return unmodelled(position, `too little return history of ${etf.etf}`);
  return {
    view: {
      ...base,
      role,
      level: depth,
      chain: [etf.etf],
      exposure: [1],
      hedgeRatio: [-1],
      explained: [],
      residual: null,
      volatility: null,
      reason: null,
    },
    priced: position,
    hedge: role === 'investment' ? { value: base.marketValue!, beta: investmentSlopes(depth, lam), lam, chain } : null,
    residualVariance: 0,
    marked,
  };
}

const NO_LINKS: HedgePosition['lam'] = { sm: null, um: null, us: null };

/** Link betas of held ETFs over the window ending at `row`, on complete rows (MODEL.md 4). */
async function etfLinks(
  session: Session,
  basis: RunBasis,
  panel: Panel,
  row: number,
  held: readonly PricedEtf[],
  etfs: ReadonlyMap<string, PricedEtf>,
): Promise<Map<string, HedgePosition['lam']>> {
  const { window, minObs } = basis.settings;
  const from = Math.max(0, row - window + 1);
  const index = seriesIndex(panel);
  const out = new Map<string, HedgePosition['lam']>();
  for (const etf of held) {
    const codes = [etf.market, etf.level === 'subsector' ? etf.parent : null, etf.etf].filter(
      (code, i, all): code is string => code !== null && all.indexOf(code) === i,
    );
    const series = codes.map((code) => index.get(etfs.get(code)?.securityId ?? -1));
    if (series.some((one) => one === undefined)) continue;
    const returns = await returnsOf(session, panel, basis.settings, series as number[], row, from, row + 1);
    const { matrix: c, size, rows } = covariance(returns, 0, row + 1 - from);
    if (rows < minObs) continue;
    const at = (i: number, j: number): number => c[i * size + j]!;
    if (size === 1) out.set(etf.etf, NO_LINKS);
    else if (size === 2) out.set(etf.etf, { sm: at(1, 0) / at(0, 0), um: null, us: null });
    else {
      const sm = at(1, 0) / at(0, 0);
      const um = at(2, 0) / at(0, 0);
      out.set(etf.etf, { sm, um, us: (at(2, 1) - sm * at(2, 0)) / (at(1, 1) - sm * at(1, 0)) });
    }
  }
  return out;
}

/** Returns of ETFs over the window ending at the book's row, and their covariance. */
export async function etfCovariance(
  session: Session,
  book: Book,
  codes: readonly string[],
): Promise<{ matrix: Float64Array; rows: number }> {
  const index = seriesIndex(book.panel);
  const { window } = book.basis.settings;
  const from = Math.max(0, book.row - window + 1);
  const series = codes.map((code) => index.get(book.etfs.get(code)?.securityId ?? -1));
  if (series.some((one) => one === undefined)) return { matrix: new Float64Array(codes.length ** 2).fill(NaN), rows: 0 };
  const returns = await returnsOf(session, book.panel, book.basis.settings, series as number[], book.row, from, book.row + 1);
  return covariance(returns, 0, book.row + 1 - from);
}

/** Sum of V^2 Var(e): the residual part of the book's daily variance, diagonal. */
export const residualVariance = (book: Book): number =>
  book.held.reduce((sum, { view, residualVariance: v }) => sum + (view.marketValue ?? 0) ** 2 * v, 0);

/** The book view (`book`). */
export async function getBook(session: Session, request: BookRequest): Promise<BookView> {
  const book = await loadBook(session, request);
  const { exposure, panel, basis, row } = book;
  const codes = exposure.etfs.map((etf) => etf.etf);
  const { matrix } = await etfCovariance(session, book, codes);
  const factor = quadratic(
    exposure.etfs.map((etf) => etf.net),
    matrix,
  );
  const index = seriesIndex(panel);
  const covered = book.held.filter(({ view }) => view.role !== 'unmodelled');
  const from = Math.max(0, row - basis.settings.window + 1);
  const returns = await returnsOf(
    session,
    panel,
    basis.settings,
    covered.map(({ view }) => index.get(view.securityId!)!),
    row,
    from,
    row + 1,
  );
  const history = historicalRisk(
    covered.map(({ view }) => view.marketValue!),
    returns,
    0,
    row + 1 - from,
    basis.settings.minObs,
  );
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
    positions: book.held.map(({ view }) => view),
    etfs: exposure.etfs,
    volatility: { historical: history.volatility, factor: annual(factor), residual: annual(residualVariance(book)), rows: history.rows },
  };
}

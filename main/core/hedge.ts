/** Hedge orders: targets, netting, limits, rounding and checks (MODEL.md 11). Freezing and writing: `orders/`. */
import { createHash } from 'node:crypto';
import type { DeskRules } from '../contract/desk.ts';
import { isModelled, type HedgeLeg, type HedgeLimits, type HedgeOrder, type HedgeRequest, type HedgeView } from '../contract/results.ts';
import { HedgerowError } from '../contract/errors.ts';
import {
  basketId,
  canonicalJson,
  isBuy,
  numberOrders,
  preTradeChecks,
  writtenProfile,
  type CheckContext,
  type OrderProfile,
} from '../exporters/orders/index.ts';
import { annual, quadratic } from '../quant/book/index.ts';
import type { LayerFractions } from '../quant/hedge/index.ts';
import type { PositionEdit } from '../workers/db/position-edits.ts';
import { accountsNamed, etfCovariance, loadBook, residualVariance, type Book } from './book.ts';
import { lineage, sha256 } from './engine.ts';
import { checkContext, type CheckPurpose } from './orders/checks.ts';
import { deskOf, profileOf } from './orders/desk.ts';
import { listedOf, type Listed } from './orders/listed.ts';
import { headsOf, sentShares } from './orders/packages.ts';
import { ordersOf, type NewOrder } from './orders/split.ts';
import { boundsOf, solveUnit, wantedOf, type Unit, type UnitLeg, type Wanted } from './orders/trades.ts';
import type { Held } from './held.ts';
import { iso, type Hooks, type Session } from './session.ts';

const sha256Bytes = (text: string): Uint8Array => createHash('sha256').update(text).digest();

function fractions(request: HedgeRequest, level: 1 | 2 | 3): LayerFractions {
  const { layers } = request;
  if (layers) return { market: layers.market / 100, sector: layers.sector / 100, subsector: layers.subsector / 100 };
  return { market: 1, sector: level >= 2 ? 1 : 0, subsector: level >= 3 ? 1 : 0 };
}

export interface HedgePlan {
  /** What fixes the set: run, snapshot, date, request and orders. */
  readonly spec: unknown;
  /** First characters of the order ids. */
  readonly basket: string;
  readonly book: Book;
  readonly view: HedgeView;
  readonly orders: readonly HedgeOrder[];
  /** What a file of them is written with. */
  readonly profile?: OrderProfile;
}

/** Targets, trades and orders of a request, of the book or a scratch copy of it; nothing is written. */
export async function previewHedge(
  session: Session,
  request: HedgeRequest,
  edits: readonly PositionEdit[] = [],
  output?: CheckPurpose['output'],
  hooks: Hooks = {},
): Promise<HedgeView> {
  return (await planHedge(session, request, output ? { output } : undefined, edits, hooks)).view;
}

/** The smallest trade in whole dollars where none is asked for: below it an order costs more work than the risk it takes away. */
const leastTrade = ({ exposure: { weightBase, gross, net } }: Book): number =>
  Math.max(1000, Math.ceil(0.0002 * Math.abs(weightBase === 'gross' ? gross : net)));

export async function planHedge(
  session: Session,
  asked: HedgeRequest,
  purpose?: CheckPurpose,
  edits: readonly PositionEdit[] = [],
  hooks: Hooks = {},
): Promise<HedgePlan> {
  const named = await accountsNamed(session, asked);
  const level = named.level ?? 3;
  const desk = await deskOf(session);
  // The marks that are pinned are the marks the book is read with, whatever is changed meanwhile.
  const marks = named.marks ?? desk.marks;
  const book = await loadBook(session, { ...named, level, ...(marks ? { marks } : {}), ...(edits.length ? { edits } : {}) }, hooks);
  const { exposure, etfs } = book;
  const request = { ...named, ...(named.minTrade === undefined && !purpose?.again ? { minTrade: leastTrade(book) } : {}) };
  if (!((request.minTrade ?? 0) >= 0))
    throw new HedgerowError('usage', `The minimum trade is ${request.minTrade}.`, 'Give 0 or a positive number of dollars.');
  if (!((request.band ?? 0) >= 0 && (request.band ?? 0) <= 100))
    throw new HedgerowError('usage', `The no-trade band is ${request.band}.`, 'Give 0 to 100 per cent of the target.');
  const listed = await listedOf(session, desk, book);
  const { units, codes, matrix, commonReturns } = await solve(session, book, request, level, desk, listed ?? []);
  const legs = mergeLegs(codes, units);

  const exposureOf = new Map(exposure.etfs.map((etf) => [etf.etf, etf]));
  const before = codes.map((etf) => exposureOf.get(etf)?.net ?? 0);
  const after = codes.map((_, i) => before[i]! + legs[i]!.trade);
  const newOrders = units.flatMap((unit) => ordersOf(book, unit, desk, listed ?? []));
  const traded = legs.map((leg) => asOrdered(leg, newOrders));
  const rounded = codes.map((etf, i) => before[i]! + traded[i]!.shares * (etfs.get(etf)?.price ?? 0));
  const date = iso(book.panel.days[book.row]!);
  const pinned = pin(request, book, desk);
  const spec = { run: book.basis, snapshot: pinned.snapshotIds ?? pinned.snapshotId, date, request: pinned, orders: newOrders };
  const basket = await basketOf(session, date, spec);
  const orders = numberOrders(basket, newOrders);
  const residual = residualVariance(book);
  // Of a book without any exposure it is not known, which is no zero.
  const modelled = book.held.some(({ view: position }) => isModelled(position));
  const yearly = (y: readonly number[]): number | null => (modelled ? annual(quadratic(y, matrix) + residual) : null);
  const hedgeLegs = codes.map((etf, i): HedgeLeg => {
    const quote = etfs.get(etf);
    const { shares, dropped } = traded[i]!;
    const own = orders.filter((order) => order.symbol === etf);
    return {
      etf,
      exposure: exposureOf.get(etf)?.exposure ?? 0,
      held: legs[i]!.held,
      heldShares: hedgeShares(book, etf),
      target: legs[i]!.target,
      modelTarget: legs[i]!.modelTarget,
      trade: legs[i]!.trade,
      price: quote?.price ?? null,
      priceDay: quote === undefined || quote.priceDay === null ? null : iso(quote.priceDay),
      shares,
      // Of all accounts together: one of them may go the other way.
      side: (own.find((order) => isBuy(order) === shares > 0) ?? own[0])?.side ?? null,
      notional: own.reduce((sum, { notional }) => sum + notional, 0),
      before: before[i]!,
      after: after[i]!,
      rounded: rounded[i]!,
      dropped,
    };
  });
  const asOne = request.netting !== 'per-account';
  // While no format was chosen the checks are those of our own: account ids and locates of the desk count already.
  const profile = profileOf(desk, 'generic');
  const output = purpose?.output ?? { format: 'generic', ...(profile ? { profile } : {}) };
  const context = await checkContext(session, { book, legs: hedgeLegs, orders, desk, listed, basket, asOne }, { ...purpose, output });
  const limits = limitsOf(units, matrix);
  const band = request.band ? { noTradeBand: request.band / 100 } : {};
  const isEtf = ({ view: { role } }: Held): boolean => role === 'hedge' || role === 'investment';
  const heldEtfs = book.held.filter(isEtf);
  const sent = heldEtfs.every(({ marked }) => marked) ? new Map<string, number>() : await sentShares(session);
  /** All of a holding may come from exported sets: what was there before them is no hedge for that. */
  const isSent = (key: string, shares: number): boolean => {
    const traded = sent.get(key) ?? 0;
    return Math.sign(shares) === Math.sign(traded) && Math.abs(shares) <= Math.abs(traded);
  };
  const hedgedAsOne = asOne ? units[0]!.accounts : [];
  const view: HedgeView = {
    lineage: lineage(session, book.basis, book.panel, book.simulated),
    snapshotId: book.priced.snapshotId,
    snapshots: book.priced.snapshots.map(({ snapshotId, asOf, file, accounts }) => ({ snapshotId, asOf: iso(asOf), file, accounts })),
    date,
    request: pinned,
    legs: hedgeLegs,
    orders,
    checks: preTradeChecks({ ...context, limits, commonReturns, hedgedAsOne, ...band } satisfies CheckContext),
    volatility: {
      before: yearly(before),
      after: yearly(after),
      rounded: yearly(rounded),
      residual: modelled ? annual(residual) : null,
    },
    roundingRisk: roundingRisk(units, matrix, request.rounding ?? 'joint'),
    heldEtfs: heldEtfs.map(({ view: { account, chain, quantity, marketValue, role }, marked }) => ({
      ...{ account, etf: chain[0]!, shares: quantity!, value: marketValue, marked: marked === true },
      role: role as 'hedge' | 'investment',
      sent: marked !== true && isSent(`${account}\n${chain[0]!}`, quantity!),
    })),
    limits,
    accountLegs:
      request.netting === 'per-account'
        ? units.flatMap(({ account, legs: own }) =>
            own
              .filter(({ held, target, shares }) => held !== 0 || target !== 0 || shares !== 0)
              .map(({ etf, held, target, trade, shares }) => ({ account, etf, held, target, trade, shares })),
          )
        : [],
    coverage: exposure.coverage,
    unvalued: exposure.unpriced,
    book: { gross: exposure.gross, net: exposure.net },
  };
  const written = writtenProfile(context);
  return { spec, basket, book, view, orders, ...(written ? { profile: written } : {}) };
}

/** The whole book as one unit, or each account as its own, through limits to whole shares. */
async function solve(
  session: Session,
  book: Book,
  request: HedgeRequest,
  level: 1 | 2 | 3,
  desk: DeskRules,
  listed: readonly Listed[],
): Promise<{
  readonly units: readonly Unit[];
  readonly codes: readonly string[];
  readonly matrix: Float64Array;
  readonly commonReturns: NonNullable<CheckContext['commonReturns']>;
}> {
  const layers = fractions(request, level);
  const accounts = [...new Set(book.held.map(({ view }) => view.account))].sort();
  const groups =
    request.netting === 'per-account'
      ? accounts.map((account) => [account, book.held.filter(({ view }) => view.account === account)] as const)
      : [['', book.held] as const];
  const wanted = groups.map(([account, held]) => wantedOf(account, held, layers, level));
  const codes = [...new Set([...wanted.flatMap(({ trades }) => [...trades.keys()]), ...book.exposure.etfs.map((etf) => etf.etf)])].sort();
  const { matrix, rows } = await etfCovariance(session, book, codes);
  const all = wanted.map(({ trades, ...one }): Wanted => ({
    ...one,
    codes,
    targets: codes.map((etf) => trades.get(etf)?.target ?? 0),
    hedges: codes.map((etf) => trades.get(etf)?.held ?? 0),
  }));
  // A limit of the whole book is shared out by what each account wants of it.
  const sizeOf = (i: number): number => all.reduce((sum, { targets }) => sum + Math.abs(targets[i]!), 0);
  const gross = codes.reduce((sum, _, i) => sum + sizeOf(i), 0);
  const units = all.map((one) => {
    const bounds = boundsOf(book, one, request, desk, listed, (i) =>
      sizeOf(i) > 0 ? Math.abs(one.targets[i]!) / sizeOf(i) : 1 / all.length,
    );
    const own = one.targets.reduce((sum, target) => sum + Math.abs(target), 0);
    const cap = request.grossCap === undefined ? Infinity : request.grossCap * (gross > 0 ? own / gross : 1);
    return solveUnit(book, one, bounds, matrix, request, cap);
  });
  // A book without funds needs none.
  const needed = codes.length === 0 ? 0 : book.basis.settings.minObs;
  return { units, codes, matrix, commonReturns: { rows, needed } };
}

/** Legs of the book: sums over its units. */
function mergeLegs(codes: readonly string[], units: readonly Unit[]): UnitLeg[] {
  return codes.map((etf, i) => {
    const own = units.map(({ legs }) => legs[i]!);
    const sum = (of: (leg: UnitLeg) => number): number => own.reduce((total, leg) => total + of(leg), 0);
    const dropped = units.flatMap(({ account }, u) => {
      const why = own[u]!.dropped;
      return why === null ? [] : [account === '' ? why : `${account}: ${why}`];
    });
    return {
      etf,
      held: sum(({ held }) => held),
      modelTarget: sum(({ modelTarget }) => modelTarget),
      target: sum(({ target }) => target),
      trade: sum(({ trade }) => trade),
      shares: sum(({ shares }) => shares),
      dropped: dropped.length === 0 ? null : dropped.join('; '),
    };
  });
}

/** Dollars of a vector that units add up to, per code. */
const summed = (units: readonly Unit[], of: (unit: Unit, i: number) => number): number[] =>
  units[0]!.legs.map((_, i) => units.reduce((sum, unit) => sum + of(unit, i), 0));

function limitsOf(units: readonly Unit[], matrix: Float64Array): HedgeLimits | null {
  if (!units.some(({ limited }) => limited.limited)) return null;
  const loss = (trades: (unit: Unit) => readonly number[]): number | null =>
    annual(
      quadratic(
        summed(units, (unit, i) => trades(unit)[i]! - (unit.legs[i]!.modelTarget - unit.legs[i]!.held)),
        matrix,
      ),
    );
  return {
    legs: units.flatMap(({ limits }) => limits),
    scale: Math.min(...units.map(({ limited }) => limited.scale)),
    lost: loss(({ limited }) => limited.trades),
    lostAlone: loss(({ limited }) => limited.alone),
  };
}

/** Factor volatility whole shares leave; of several accounts only that of the rounding in force, for they do not add up. */
function roundingRisk(units: readonly Unit[], matrix: Float64Array, mode: 'joint' | 'nearest'): HedgeView['roundingRisk'] {
  const [only, ...more] = units;
  if (more.length === 0)
    return { joint: annualOrNull(only!.rounding.variance.joint), nearest: annualOrNull(only!.rounding.variance.nearest) };
  const own = annual(
    quadratic(
      summed(units, ({ rounding }, i) => rounding.legs[i]!.left),
      matrix,
    ),
  );
  return { joint: mode === 'joint' ? own : null, nearest: mode === 'nearest' ? own : null };
}

/**
 * The request with everything that may change later written down. No day is added to it: a day that is asked for is seen as it was known on that
 * day, and without one with all that the run knew.
 */
function pin({ snapshotId: _one, snapshotIds: _many, ...request }: HedgeRequest, book: Book, desk: DeskRules): HedgeRequest {
  const { snapshots, snapshotId } = book.priced;
  return {
    ...request,
    ...(request.marks === undefined && request.hedgeSleeve === undefined && desk.marks?.length ? { marks: desk.marks } : {}),
    ...(snapshots.length > 1 ? { snapshotIds: snapshots.map((one) => one.snapshotId).sort((a, b) => a - b) } : { snapshotId }),
    // Left out accounts of the desk rules are no part of a pinned book either.
    ...(snapshots.length > 0 &&
    request.account === undefined &&
    request.accounts === undefined &&
    desk.accounts?.some(({ inBook }) => inBook === false)
      ? { accounts: [...new Set(book.held.map(({ view }) => view.account))].sort() }
      : {}),
    runId: book.basis.runId,
  };
}

/** A leg as its orders trade it: whole shares cannot cross zero from a fractional holding, and what they leave is said. */
function asOrdered(leg: UnitLeg, orders: readonly NewOrder[]): Pick<UnitLeg, 'shares' | 'dropped'> {
  const shares = orders
    .filter((order) => order.symbol === leg.etf)
    .reduce((sum, { side, quantity }) => sum + (side === 'BUY' || side === 'BUY_TO_COVER' ? quantity : -quantity), 0);
  if (shares === leg.shares) return leg;
  const rest = Math.abs(leg.shares - shares);
  return {
    shares,
    dropped: `${rest} of ${Math.abs(leg.shares)} shares are not ordered: whole shares cannot cross zero from a fractional holding`,
  };
}

/** Id of the order set: that of the package with the same content, else the first attempt letter that is free. */
async function basketOf(session: Session, date: string, spec: unknown): Promise<string> {
  const packages = await headsOf(session);
  const own = sha256(canonicalJson(spec));
  const same = packages.find(({ specSha256 }) => specSha256 === own);
  if (same) return same.basket;
  const taken = new Set(packages.map(({ basket }) => basket));
  for (const attempt of 'ABCDEFGHIJKLMNOPQRSTUVWXY') {
    const id = basketId(date, attempt, spec, sha256Bytes);
    if (!taken.has(id)) return id;
  }
  return basketId(date, 'Z', spec, sha256Bytes);
}

const annualOrNull = (variance: number | null): number | null => (variance === null ? null : annual(variance));

/** Shares of an ETF held as hedge, over the accounts. */
const hedgeShares = (book: Book, etf: string): number =>
  book.held.reduce((sum, { view }) => sum + (view.role === 'hedge' && view.chain[0] === etf ? view.quantity! : 0), 0);

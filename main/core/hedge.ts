/** Hedge orders: targets, netting, rounding, checks, and the order file with its manifest (MODEL.md 11). */
import { createHash } from 'node:crypto';
import type { HedgeLeg, HedgeOrder, HedgeRequest, HedgeView } from '../contract/results.ts';
import { HedgerowError } from '../contract/errors.ts';
import { basketId, canonicalJson, numberOrders, preTradeChecks, type CheckContext } from '../exporters/orders/index.ts';
import { annual, quadratic } from '../quant/book/index.ts';
import { hedgeTargets, netTrades, roundOrders, sides, type LayerFractions, type RoundedLeg } from '../quant/hedge/index.ts';
import type { PositionEdit } from '../workers/db/position-edits.ts';
import { etfCovariance, loadBook, mapCodes, residualVariance, type Book } from './book.ts';
import { lineage, sha256 } from './engine.ts';
import { checkContext } from './orders/checks.ts';
import { iso, type Session } from './session.ts';

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
}

/** Targets, trades and orders of a request, of the book or a scratch copy of it; nothing is written. */
export async function previewHedge(session: Session, request: HedgeRequest, edits: readonly PositionEdit[] = []): Promise<HedgeView> {
  return (await planHedge(session, request, undefined, edits)).view;
}

export async function planHedge(
  session: Session,
  request: HedgeRequest,
  output?: CheckContext['output'],
  edits: readonly PositionEdit[] = [],
): Promise<HedgePlan> {
  const level = request.level ?? 3;
  const book = await loadBook(session, { ...request, level, ...(edits.length ? { edits } : {}) });
  const { exposure, etfs } = book;
  const layers = fractions(request, level);
  const targets = hedgeTargets(
    book.held.flatMap(({ hedge }) => (hedge ? [hedge] : [])),
    layers,
    level,
  );
  const hedgeHeld = new Map(exposure.etfs.filter((etf) => etf.hedgeHolding !== 0).map((etf) => [etf.etf, etf.hedgeHolding]));
  const trades = netTrades(targets, hedgeHeld);
  const codes = [...new Set([...trades.map((trade) => trade.etf), ...exposure.etfs.map((etf) => etf.etf)])].sort();
  const { matrix } = await etfCovariance(session, book, codes);
  const excluded = new Set(mapCodes(etfs, request.exclude ?? [], 'exclude'));
  if (!((request.minTrade ?? 0) >= 0))
    throw new HedgerowError('usage', `The minimum trade is ${request.minTrade}.`, 'Give 0 or a positive number of dollars.');
  const tradeOf = new Map(trades.map((trade) => [trade.etf, trade]));
  const legs = codes.map((etf) => ({
    etf,
    trade: tradeOf.get(etf)?.trade ?? 0,
    price: etfs.get(etf)?.price ?? null,
    ...(excluded.has(etf) ? { blocked: 'excluded by the request' } : {}),
  }));
  const rounding = roundOrders(legs, matrix, { minTrade: request.minTrade ?? 0, mode: request.rounding ?? 'joint' });

  const exposureOf = new Map(exposure.etfs.map((etf) => [etf.etf, etf]));
  const before = codes.map((etf) => exposureOf.get(etf)?.net ?? 0);
  const after = codes.map((etf, i) => before[i]! + (tradeOf.get(etf)?.trade ?? 0));
  const splitOrders = ordersOf(book, codes, rounding.legs, tradeOf);
  const tradedLegs = rounding.legs.map((leg) => asOrdered(leg, splitOrders));
  const rounded = codes.map((etf, i) => before[i]! + tradedLegs[i]!.shares * (etfs.get(etf)?.price ?? 0));
  const date = iso(book.panel.days[book.row]!);
  const pinned = { ...request, runId: book.basis.runId, snapshotId: book.priced.snapshotId, date };
  const spec = { run: book.basis, snapshot: book.priced.snapshotId, date, request: pinned, orders: splitOrders };
  const basket = await basketOf(session, date, spec);
  const orders = numberOrders(basket, splitOrders);
  const residual = residualVariance(book);
  const dailyOf = (y: readonly number[]): number => quadratic(y, matrix) + residual;
  const hedgeLegs = codes.map((etf, i): HedgeLeg => {
    const price = etfs.get(etf)?.price ?? null;
    const held = exposureOf.get(etf)?.hedgeHolding ?? 0;
    const { shares, dropped } = tradedLegs[i]!;
    return {
      etf,
      exposure: exposureOf.get(etf)?.exposure ?? 0,
      held,
      heldShares: [...sharesByAccount(book, etf, ['hedge']).values()].reduce((sum, shares) => sum + shares, 0),
      target: tradeOf.get(etf)?.target ?? 0,
      trade: tradeOf.get(etf)?.trade ?? 0,
      price,
      priceDay: isoOrNull(etfs.get(etf)?.priceDay ?? null),
      shares,
      side: orders.find((order) => order.symbol === etf)?.side ?? null,
      notional: Math.abs(shares) * (price ?? 0),
      before: before[i]!,
      after: after[i]!,
      rounded: rounded[i]!,
      dropped,
    };
  });
  const view: HedgeView = {
    lineage: lineage(session, book.basis, book.panel, book.simulated),
    snapshotId: book.priced.snapshotId,
    date,
    request: pinned,
    legs: hedgeLegs,
    orders,
    checks: preTradeChecks({ ...(await checkContext(session, book, hedgeLegs, orders)), ...(output ? { output } : {}) }),
    volatility: {
      before: annual(dailyOf(before)),
      after: annual(dailyOf(after)),
      rounded: annual(dailyOf(rounded)),
      residual: annual(residual),
    },
    roundingRisk: { joint: annualOrNull(rounding.variance.joint), nearest: annualOrNull(rounding.variance.nearest) },
    coverage: exposure.coverage,
    book: { gross: exposure.gross, net: exposure.net },
  };
  return { spec, basket, book, view, orders };
}

/** A leg as its orders trade it: whole shares cannot cross zero from a fractional holding, and what they leave is said. */
function asOrdered(leg: RoundedLeg, orders: readonly Omit<HedgeOrder, 'orderId'>[]): Pick<RoundedLeg, 'shares' | 'dropped'> {
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
  const packages = await session.reader.call('packages', null);
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

const isoOrNull = (day: number | null): string | null => (day === null ? null : iso(day));
const annualOrNull = (variance: number | null): number | null => (variance === null ? null : annual(variance));

/** Shares of an ETF held per account in the given roles. */
function sharesByAccount(book: Book, etf: string, roles: readonly string[]): Map<string, number> {
  const out = new Map<string, number>();
  for (const { view } of book.held)
    if (roles.includes(view.role) && view.chain[0] === etf) out.set(view.account, (out.get(view.account) ?? 0) + view.quantity);
  return out;
}

/**
 * Orders per account. One account: its own. Several: the trade goes to the account with the largest gross value, after
 * hedge holdings elsewhere are reduced first, so that no account is long and short of one ETF through us.
 */
function ordersOf(
  book: Book,
  codes: readonly string[],
  rounded: readonly RoundedLeg[],
  trades: ReadonlyMap<string, { target: number }>,
): Omit<HedgeOrder, 'orderId'>[] {
  const gross = new Map<string, number>();
  for (const { view } of book.held) gross.set(view.account, (gross.get(view.account) ?? 0) + Math.abs(view.marketValue ?? 0));
  const main = [...gross].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0] ?? '';
  const out: Omit<HedgeOrder, 'orderId'>[] = [];
  codes.forEach((etf, i) => {
    const { shares } = rounded[i]!;
    const quote = book.etfs.get(etf);
    if (shares === 0 || !quote?.price || quote.priceDay === null) return;
    const hedges = sharesByAccount(book, etf, ['hedge']);
    const all = sharesByAccount(book, etf, ['hedge', 'investment']);
    let rest = shares;
    const perAccount = new Map<string, number>();
    const give = (account: string, amount: number): void =>
      void (amount !== 0 && perAccount.set(account, (perAccount.get(account) ?? 0) + amount));
    // Closing positions elsewhere comes first; whole shares only.
    for (const [account, held] of [...hedges].sort()) {
      if (account === main || Math.sign(held) === Math.sign(rest) || rest === 0) continue;
      const closing = Math.sign(rest) * Math.min(Math.abs(rest), Math.floor(Math.abs(held)));
      give(account, closing);
      rest -= closing;
    }
    give(main, rest);
    const price = quote.price;
    const bucket = quote.level;
    const reason = `${bucket} target ${dollars(trades.get(etf)?.target ?? 0)}`;
    for (const [account, amount] of perAccount) {
      for (const order of sides(amount, all.get(account) ?? 0).orders)
        out.push({
          account,
          symbol: etf,
          side: order.side,
          quantity: order.quantity,
          price,
          priceDay: iso(quote.priceDay),
          notional: order.quantity * price,
          bucket,
          reason,
        });
    }
  });
  return out;
}

const dollars = (value: number): string => `${value < 0 ? '-' : ''}$${Math.abs(value).toFixed(0)}`.replace(/^-\$/, '$-');

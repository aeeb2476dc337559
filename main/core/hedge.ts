/** Hedge orders: targets, netting, rounding, checks, and the order file with its manifest (MODEL.md 11). */
import { createHash } from 'node:crypto';
import { closeSync, constants, copyFileSync, existsSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { sessionAtOrBefore, sessionOfDay } from '../calendar/index.ts';
import type { HedgeFiles, HedgeLeg, HedgeOrder, HedgeRequest, HedgeView } from '../contract/results.ts';
import { HedgerowError } from '../contract/errors.ts';
import { parseIsoDay, type EpochDay } from '../contract/units.ts';
import {
  basketId,
  buildManifest,
  manifestText,
  numberOrders,
  preTradeChecks,
  verifyManifest,
  writeCheckedOrders,
  readOrders,
  compareOrders,
  type CheckContext,
  type OrderFormat,
  type OrderProfile,
} from '../exporters/orders/index.ts';
import { annual, quadratic } from '../quant/book/index.ts';
import { hedgeTargets, netTrades, roundOrders, sides, type LayerFractions, type RoundedLeg } from '../quant/hedge/index.ts';
import type { PositionEdit } from '../workers/db/position-edits.ts';
import { etfCovariance, loadBook, mapCodes, residualVariance, type Book } from './book.ts';
import { lineage } from './engine.ts';
import { dayGiven, dayOfTime, iso, nowIso, today, type Session } from './session.ts';

const sha256Bytes = (text: string): Uint8Array => createHash('sha256').update(text).digest();

function fractions(request: HedgeRequest, level: 1 | 2 | 3): LayerFractions {
  const { layers } = request;
  if (layers) return { market: layers.market / 100, sector: layers.sector / 100, subsector: layers.subsector / 100 };
  return { market: 1, sector: level >= 2 ? 1 : 0, subsector: level >= 3 ? 1 : 0 };
}

interface Plan {
  readonly book: Book;
  readonly view: HedgeView;
  readonly orders: readonly HedgeOrder[];
}

/** Targets, trades and orders of a request, of the book or a scratch copy of it; nothing is written. */
export async function previewHedge(session: Session, request: HedgeRequest, edits: readonly PositionEdit[] = []): Promise<HedgeView> {
  return (await planHedge(session, request, undefined, edits)).view;
}

async function planHedge(
  session: Session,
  request: HedgeRequest,
  output?: CheckContext['output'],
  edits: readonly PositionEdit[] = [],
): Promise<Plan> {
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
  const orders = numberOrders(
    await freeBasket(session, date, { run: book.basis, snapshot: book.priced.snapshotId, date, request, orders: splitOrders }),
    splitOrders,
  );
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
    request,
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
  return { book, view, orders };
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

/** Id of the order set: the next attempt letter when an earlier set has taken the id already. */
async function freeBasket(session: Session, date: string, spec: unknown): Promise<string> {
  const taken = new Set(
    (await session.reader.call('orderSets', null)).map((set) => (set.manifest as { hedge_spec?: { basket?: string } }).hedge_spec?.basket),
  );
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

async function checkContext(session: Session, book: Book, legs: readonly HedgeLeg[], orders: readonly HedgeOrder[]): Promise<CheckContext> {
  // A simulated market ends on a fixed day: ages are measured from there, or its tickets would be stale for ever.
  const now = book.simulated ? (book.panel.dataAsOf as EpochDay) : today(session.environment);
  const traded = new Set(orders.map((order) => order.symbol));
  const day = today(session.environment);
  const exported = (await session.reader.call('orderSets', null)).filter(
    (set) => dayOfTime(session.environment, set.createdAt) === day && set.snapshotId === book.priced.snapshotId,
  );
  const sessionNumber = (day: string): number => sessionAtOrBefore(parseIsoDay(day) as EpochDay);
  const prices = book.held.flatMap(({ priced: p }) =>
    p.price === null || p.priceDay === null || p.priceSource === 'file'
      ? []
      : [{ ticker: p.ticker, price: p.price, day: iso(p.priceDay), filePrice: p.filePrice, adjusted: p.priceSource === 'adjusted' }],
  );
  for (const etf of book.etfs.values())
    if (traded.has(etf.etf) && etf.price !== null && etf.priceDay !== null)
      prices.push({ ticker: etf.etf, price: etf.price, day: iso(etf.priceDay), filePrice: null, adjusted: etf.priceSource === 'adjusted' });
  return {
    runId: book.basis.runId,
    orders,
    legs,
    today: iso(now),
    lastSession: book.simulated ? iso(book.panel.dataAsOf) : lastFinishedSession(now),
    businessDaysBetween: (from, to) => Math.max(0, sessionNumber(to) - sessionNumber(from)),
    holdingsAsOf: [iso(book.priced.asOf)],
    unresolvedLines: book.priced.errorLines,
    coverage: book.exposure.coverage,
    unmodelled: book.held
      .filter(({ view, priced }) => view.role === 'unmodelled' && priced.disposition !== 'cash')
      .map(({ view }) => view.ticker),
    longValue: book.held.reduce((sum, { view }) => sum + Math.max(0, view.marketValue ?? 0), 0),
    prices,
    etfHoldings: book.held.flatMap(({ view }) =>
      view.role === 'hedge' || view.role === 'investment'
        ? [{ account: view.account, symbol: view.chain[0]!, shares: view.quantity, role: view.role }]
        : [],
    ),
    earlierExport: exported.length
      ? `Order set ${exported.at(-1)!.orderSetId} (${exported.at(-1)!.fileName}) was exported today for this snapshot.`
      : null,
    simulated: book.simulated,
  };
}

/** Last session before today: today's close is not in yet when the program runs during the day. */
function lastFinishedSession(now: EpochDay): string {
  const last = sessionOfDay(now) === null ? now : ((now - 1) as EpochDay);
  for (let day = last; ; day = (day - 1) as EpochDay) if (sessionOfDay(day) !== null) return iso(day);
}

export interface WriteOptions {
  readonly format: OrderFormat;
  /** What the format leaves to the desk: order type, identifiers, locates, FIX session fields, a template. */
  readonly profile?: OrderProfile | undefined;
  /** Path of the order file; the manifest goes beside it as `NAME.manifest.json`. */
  readonly out: string;
  /** Why failed blocking checks are overridden. */
  readonly override?: string | undefined;
}

/** Writes the order file and its manifest, reads both back, and records the order set. Never overwrites. */
export async function writeHedgeFiles(
  session: Session,
  request: HedgeRequest,
  options: WriteOptions,
): Promise<{ view: HedgeView; files: HedgeFiles }> {
  if (request.date !== undefined) dayGiven(request.date, 'date');
  const { format, profile } = options;
  const { book, view, orders } = await planHedge(session, request, { format, ...(profile ? { profile } : {}) });
  const blocking = view.checks.filter((check) => check.severity === 'block' && check.status === 'fail');
  if (blocking.length && !options.override?.trim())
    throw new HedgerowError(
      'blocked',
      `${blocking.length} check${blocking.length > 1 ? 's' : ''} block the export: ${blocking.map((check) => check.message).join(' ')}`,
      'Put right what the checks name, or override them with a reason (--override REASON), which the manifest records.',
      blocking,
    );
  const orderFile = resolve(options.out);
  const manifestFile = `${orderFile}.manifest.json`;
  for (const file of [orderFile, manifestFile])
    if (existsSync(file))
      throw new HedgerowError('io', `${file} exists already.`, 'Choose another name; order files are never overwritten.');
  const basket = orders[0]?.orderId.slice(0, 12) ?? '';
  const { runId } = book.basis;
  const text = writeCheckedOrders(format, runId, orders, profile);
  const accounts = [...new Set(book.held.map(({ view: position }) => position.account))].sort();
  const batch = (await session.reader.call('batches', null)).find((row) => row.batchId === book.priced.batchId);
  const manifest = buildManifest(
    {
      appVersion: session.environment.softwareVersion,
      runId: book.basis.runId,
      createdAt: nowIso(session.environment),
      asOf: { holdings: iso(book.priced.asOf), prices: view.date, risk_model: view.date },
      inputs: [{ file: book.priced.file, sha256: batch?.sha256 ?? '', adapter: 'native holdings', as_of: iso(book.priced.asOf), accounts }],
      hedgeSpec: { request, settings: book.basis.settings, known_as_of: iso(book.basis.knownAsOf), revision: book.basis.revision, basket },
      checks: view.checks,
      ...(blocking.length ? { override: options.override!.trim() } : {}),
      orders,
      legs: view.legs,
      simulated: book.simulated,
      output: { file: basename(orderFile), format, text, ...(profile ? { profile } : {}) },
    },
    sha256Bytes,
  );
  const files = [
    [orderFile, text],
    [manifestFile, manifestText(manifest)],
  ] as const;
  const written: string[] = [];
  try {
    for (const [file, content] of files) {
      writeNew(file, content);
      written.push(file);
    }
    reread(orderFile, format, runId, orders, manifest, profile);
    await session.writer.call('saveOrderSet', {
      createdAt: nowIso(session.environment),
      runId: Number(book.basis.runId.slice(1)),
      snapshotId: book.priced.snapshotId,
      request,
      legs: view.legs,
      format,
      fileName: basename(orderFile),
      sha256: manifest.output.sha256,
      manifest,
    });
  } catch (error) {
    for (const file of written) rmSync(file, { force: true });
    throw error;
  }
  return { view, files: { orderFile, manifestFile, sha256: manifest.output.sha256, orders: orders.length } };
}

/** Reads the written file back with our own reader and compares record by record and hash by hash. */
function reread(
  file: string,
  format: OrderFormat,
  runId: string,
  orders: readonly HedgeOrder[],
  manifest: ReturnType<typeof buildManifest>,
  profile: OrderProfile | undefined,
): void {
  const text = readFileSync(file, 'utf8');
  const difference = compareOrders(format, runId, orders, readOrders(format, text, profile), profile);
  const verified = verifyManifest(manifest, text, sha256Bytes);
  if (difference !== null || !verified.ok)
    throw new HedgerowError(
      'io',
      `The order file read back differs from what was written: ${difference ?? JSON.stringify(verified)}`,
      'Check the disk; the file was removed again.',
    );
}

/** A new file, complete or absent: written beside, synced, then given its name without ever replacing another. */
function writeNew(path: string, text: string): void {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    const handle = openSync(draft, 'wx');
    try {
      writeSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    giveName(draft, path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new HedgerowError(
      code === 'ENOSPC' ? 'disk_full' : 'io',
      `${basename(path)} cannot be written in ${dirname(path)}: ${(error as Error).message}`,
      'Choose another folder or name.',
    );
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Names a finished file without ever replacing another; on file systems without hard links it is copied instead. */
function giveName(draft: string, path: string): void {
  try {
    linkSync(draft, path);
  } catch (error) {
    if (!['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    copyFileSync(draft, path, constants.COPYFILE_EXCL);
  }
}

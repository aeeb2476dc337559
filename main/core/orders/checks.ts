/** What the pre-trade checks look at. */
import { sessionAtOrBefore, sessionOfDay } from '../../calendar/index.ts';
import type { HedgeLeg, HedgeOrder } from '../../contract/results.ts';
import { parseIsoDay, type EpochDay } from '../../contract/units.ts';
import type { CheckContext } from '../../exporters/orders/index.ts';
import type { Book } from '../book.ts';
import { dayOfTime, iso, today, type Session } from '../session.ts';
import { contentOf, exportsOf } from './packages.ts';

/** What the pre-trade checks look at, for the orders of a book. */
export async function checkContext(
  session: Session,
  book: Book,
  legs: readonly HedgeLeg[],
  orders: readonly HedgeOrder[],
): Promise<CheckContext> {
  // A simulated market ends on a fixed day: ages are measured from there, or its tickets would be stale for ever.
  const now = book.simulated ? (book.panel.dataAsOf as EpochDay) : today(session.environment);
  const traded = new Set(orders.map((order) => order.symbol));
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
    earlierExport: await exportedToday(session, orders),
    lastHedge: await lastHedge(session),
    simulated: book.simulated,
  };
}

/** Last session before today: today's close is not in yet when the program runs during the day. */
function lastFinishedSession(now: EpochDay): string {
  const last = sessionOfDay(now) === null ? now : ((now - 1) as EpochDay);
  for (let day = last; ; day = (day - 1) as EpochDay) if (sessionOfDay(day) !== null) return iso(day);
}

/** The latest export of today with an order of the same account and ETF, in words; null when there is none. */
async function exportedToday(session: Session, orders: readonly HedgeOrder[]): Promise<string | null> {
  const day = today(session.environment);
  const mine = new Set(orders.map(({ account, symbol }) => `${account}\n${symbol}`));
  for (const one of (await exportsOf(session)).reverse()) {
    if (dayOfTime(session.environment, one.at) !== day) continue;
    const { view } = await contentOf(session, one.packageId);
    if (!view.orders.some(({ account, symbol }) => mine.has(`${account}\n${symbol}`))) continue;
    return `Order set ${one.packageId} (${one.file}), exported today, trades the same ETF in the same account`;
  }
  return null;
}

/** Shares and dollars per ETF of the set exported last. */
async function lastHedge(session: Session): Promise<Record<string, { quantity: number; notional: number }>> {
  const last = (await exportsOf(session)).at(-1);
  const out: Record<string, { quantity: number; notional: number }> = {};
  if (!last) return out;
  for (const { symbol, quantity, notional } of (await contentOf(session, last.packageId)).view.orders) {
    const sum = (out[symbol] ??= { quantity: 0, notional: 0 });
    sum.quantity += quantity;
    sum.notional += notional;
  }
  return out;
}

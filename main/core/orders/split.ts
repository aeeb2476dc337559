/** Whole-share trades as orders of accounts, with their sides. */
import type { DeskRules } from '../../contract/desk.ts';
import type { HedgeOrder } from '../../contract/results.ts';
import { shareOut, sides, type AccountShares } from '../../quant/hedge/index.ts';
import type { Book } from '../book.ts';
import { iso } from '../session.ts';
import { accountMayShort } from './desk.ts';
import { entryOf, type Listed } from './listed.ts';
import type { Unit } from './trades.ts';

export type NewOrder = Omit<HedgeOrder, 'orderId'>;

/** Shares of an ETF the accounts of a unit hold, and what these may do: a name not to be sold short is so in every account. */
function accountsOf(book: Book, unit: Unit, etf: string, desk: DeskRules, listed: readonly Listed[]): AccountShares[] {
  const shorts = entryOf(listed, etf)?.kind !== 'no_short';
  const out = new Map<string, { hedge: number; all: number; gross: number }>();
  for (const account of unit.accounts) out.set(account, { hedge: 0, all: 0, gross: 0 });
  for (const { view } of book.held) {
    const one = out.get(view.account);
    if (!one) continue;
    one.gross += Math.abs(view.marketValue ?? 0);
    if ((view.role !== 'hedge' && view.role !== 'investment') || view.chain[0] !== etf) continue;
    one.all += view.quantity!;
    if (view.role === 'hedge') one.hedge += view.quantity!;
  }
  return [...out].map(([account, one]) => ({ account, ...one, mayShort: shorts && accountMayShort(desk, account) }));
}

/** Orders of a unit: per account and ETF, split where a position crosses zero. */
export function ordersOf(book: Book, unit: Unit, desk: DeskRules, listed: readonly Listed[]): NewOrder[] {
  const out: NewOrder[] = [];
  for (const { etf, shares, target } of unit.legs) {
    const quote = book.etfs.get(etf);
    if (shares === 0 || !quote?.price || quote.priceDay === null) continue;
    const accounts = accountsOf(book, unit, etf, desk, listed);
    const price = quote.price;
    const reason = `${quote.level} target ${dollars(target)}`;
    for (const [account, amount] of shareOut(shares, accounts).trades) {
      const { all, mayShort } = accounts.find((one) => one.account === account)!;
      for (const { side, quantity } of sides(amount, all).orders) {
        // The bounds forbid it; a mistake there must not become a short sale.
        if (side === 'SELL_SHORT' && !mayShort) continue;
        out.push({
          ...{ account, symbol: etf, side, quantity, price },
          priceDay: iso(quote.priceDay),
          notional: quantity * price,
          bucket: quote.level,
          reason,
        });
      }
    }
  }
  return out;
}

/** Whole dollars, the sign in front; plain characters, for order files carry it. */
function dollars(value: number): string {
  const whole = Math.round(Math.abs(value));
  return `${value < 0 && whole > 0 ? '-' : ''}$${String(whole).replace(/\B(?=(\d{3})+$)/g, ',')}`;
}

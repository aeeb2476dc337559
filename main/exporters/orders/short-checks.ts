/** Pre-trade checks on who may sell short, and on the shares that are located for it (broker-formats D 11 and 12). */
import type { CheckContext } from './check-context.ts';
import { accountIn, capital, count, list, money, type Found } from './check-words.ts';
import { mayShort } from './account-kind.ts';
import type { OrderProfile } from './profile.ts';
import { holdingOn, locateProblems, shortOf } from './records.ts';

/** Below it no margin account may sell short (FINRA 4210). */
const LEAST_EQUITY = 2000;

/** Accounts that sell short, in order. */
const shortSellers = ({ orders }: CheckContext): string[] =>
  [...new Set(orders.filter(({ side }) => side === 'SELL_SHORT').map(({ account }) => account))].sort();

export function equityNotKnown(context: CheckContext): string {
  const unknown = shortSellers(context).filter((account) => context.accountEquity?.[account] === undefined);
  return unknown.length === 0 ? '' : ` Not checked: whether ${list(unknown)} is worth ${money(LEAST_EQUITY)}; no data.`;
}

export function accountPermission(context: CheckContext): Found[] {
  const { accountKinds, accountEquity } = context;
  return shortSellers(context).flatMap((account): Found[] => {
    const kind = accountKinds?.[account];
    const equity = accountEquity?.[account];
    if (equity !== undefined && equity < LEAST_EQUITY)
      return [['refuse', `${capital(accountIn(account))} is worth ${money(equity)}; selling short takes at least ${money(LEAST_EQUITY)}.`]];
    if (kind === 'margin') return [];
    if (!mayShort(account, kind)) return [['refuse', `${capital(accountIn(account))} cannot sell short (cash or retirement account).`]];
    return [['warn', `${account === '' ? 'The account' : `Account ${account}`} must allow short sales; its kind is not known.`]];
  });
}

/** Formats that go to a desk or a prime broker, who take a short sale only with its locate. */
const WANTS_LOCATE = ['ems', 'emsx', 'fix42', 'fix44'];

/** ISO day the orders are for. */
const dayOf = ({ tradeSession, today }: CheckContext): string => tradeSession?.day ?? today;

/** What the file is written with: the profile without locates that do not hold. */
export function writtenProfile(context: CheckContext): OrderProfile | undefined {
  const { output, orders, locatesUsed: used } = context;
  return output?.profile && holdingOn(output.profile, { day: dayOf(context), orders, ...(used ? { used } : {}) });
}

export function locates(context: CheckContext): Found[] {
  const { orders, output, locatesUsed: used = {} } = context;
  const profile = output?.profile ?? {};
  const holding = writtenProfile(context)?.locates ?? [];
  const open = orders.filter(({ side, symbol }) => side === 'SELL_SHORT' && !holding.some((locate) => locate.symbol === symbol));
  // An expired one beside the one that was got for it is no fault.
  const told = profile.locates?.filter((one) => holding.includes(one) || !holding.some(({ symbol }) => symbol === one.symbol)) ?? [];
  const found = locateProblems(orders, told, dayOf(context)).map((problem): Found => ['block', problem]);
  for (const { symbol, quantity, expires } of told)
    if (used[symbol] && expires >= dayOf(context) && open.some((order) => order.symbol === symbol))
      found.push([
        'block',
        `Of the locate for ${symbol} of ${count(quantity)} shares ${count(used[symbol])} went out in other sets: ${count(shortOf(orders, symbol))} more are not in it.`,
      ]);
  if (open.length === 0) return found;
  const symbols = list([...new Set(open.map(({ symbol }) => symbol))]);
  const severity = output && WANTS_LOCATE.includes(output.format) ? 'block' : 'warn';
  return [
    ...found,
    [severity, `${open.length === 1 ? '1 short sale needs' : `${open.length} short sales need`} a locate by the broker: ${symbols}.`],
  ];
}

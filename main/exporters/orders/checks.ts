/** Pre-trade checks (broker-formats D) that the program can decide from its own data. User-side controls, not a broker's. */
import { toErrorData } from '../../contract/errors.ts';
import type { Check } from '../../contract/results.ts';
import type { CheckContext } from './check-context.ts';
import {
  accountIn,
  count,
  isAtMost,
  list,
  money,
  name,
  percent,
  percentBeyond,
  words,
  worst,
  type CheckRow,
  type Found,
} from './check-words.ts';
import { marketChecks } from './market-checks.ts';
import { processChecks } from './process-checks.ts';
import { sortOrders, toRecords } from './records.ts';
import { ruleChecks } from './rule-checks.ts';
import { accountPermission, equityNotKnown, locates, writtenProfile } from './short-checks.ts';

/**
 * Every check in a fixed order, passed ones included. A failed check carries the severity of the worst thing found and
 * names them all; `block` ones that fail must stop an export, those of broker-formats D without a star (`final`) whatever
 * reason is given. One that lacks its data passes as `inform`, and its message starts with "Not checked".
 */
export function preTradeChecks(given: CheckContext): Check[] {
  const { output } = given;
  const profile = writtenProfile(given);
  // No file tells of a locate that does not hold; only the check of locates sees it.
  const context = output && profile ? { ...given, output: { ...output, profile } } : given;
  const rows: readonly CheckRow[] = [
    ['simulated', 'inform', 'The data are real.', context.simulated ? [['inform', 'Simulated data: not for trading.']] : []],
    [
      'orders',
      'inform',
      `${context.orders.length} order${context.orders.length === 1 ? '' : 's'}.`,
      context.orders.length === 0 ? [['inform', 'No orders: nothing to trade.']] : [],
    ],
    ['inputs_complete', 'block', 'Every line of the holdings is resolved.', unresolved(context)],
    ['coverage', 'block', `${percent(context.coverage ?? 0)} of the book's gross value is modelled.`, coverage(context)],
    ['holdings_age', 'block', 'The holdings are at most one session old.', holdingsAge(context)],
    ['price_age', 'block', `All prices are of the last session, ${context.lastSession}.`, priceAge(context)],
    ['price_day', 'warn', 'Prices and holdings are of the same day.', priceDay(context)],
    ['price_file', 'block', 'Prices agree with those of the holdings file within 5 %.', priceAgainstFile(context)],
    ['price_adjusted', 'block', 'All prices are raw closes.', rawPrices(context)],
    ['order_cap', 'block', `No order is above ${money(orderCap(context))}.`, orderSizes(context)],
    ['basket_cap', 'block', `The hedge is within ${percent(basketCap(context))} of the ${largerSide(context).name}.`, basketSize(context)],
    ['side', 'block', 'Every side agrees with the position held; no order crosses zero.', sideCorrectness(context)],
    ['account', 'block', `Every account may trade its orders.${equityNotKnown(context)}`, accountPermission(context)],
    ['locate', 'warn', 'No short sale lacks a locate.', locates(given)],
    ['duplicate_etf', 'warn', 'No ETF held long as an investment is sold.', duplicateEtfs(context)],
    ['rounding', 'warn', 'Rounding leaves at most 1 % of the hedge.', rounding(context)],
    ['dropped', 'inform', 'No leg was dropped.', dropped(context)],
    ['fields', 'block', 'Every field is within its whitelist.', fields(context)],
    ['superseded', 'block', 'Nothing behind the hedge was replaced since it was made.', replaced(context)],
    ['duplicate_export', 'block', 'No export before this one trades the same; the holdings are of after all there were.', earlier(context)],
    ...marketChecks(context),
    ...ruleChecks(context),
    ...processChecks(context),
  ];
  return rows.map(([id, severity, passed, found]) => {
    if (typeof found === 'string') return { id, severity: 'inform', status: 'pass', message: `Not checked: no data on ${found}.` };
    if (found.length === 0) return { id, severity, status: 'pass', message: passed };
    return { id, ...worst(found), status: 'fail', message: words(found) };
  });
}

function unresolved({ unresolvedLines, totalsOff = [], toldByValue = [], whatIfs = [] }: CheckContext): Found[] {
  const lines: Found[] =
    unresolvedLines === 0
      ? []
      : [
          [
            'block',
            `${unresolvedLines === 1 ? '1 line of the holdings is' : `${unresolvedLines} lines of the holdings are`} rejected or unresolved.`,
          ],
        ];
  const valued = `${list(toldByValue)}: the holdings tell values, not shares. Shares were made of them at prices, and may not be those of the account.`;
  const worth: Found[] = toldByValue.length === 0 ? [] : [['warn', valued]];
  const kept = `The holdings of ${list(whatIfs.map((account) => account || 'the account without a name'))} are a what-if that was kept, no file of a broker: what is hedged may not be held.`;
  const tried: Found[] = whatIfs.length === 0 ? [] : [['block', kept]];
  return [...lines, ...tried, ...totalsOff.map((text): Found => ['block', text]), ...worth];
}

function coverage({ coverage: share, unmodelled, valueless = [] }: CheckContext): Found[] {
  if (share === null) return [['block', 'The book has no positions with a value.']];
  const found: Found[] = [];
  if (valueless.length > 0)
    found.push([
      'warn',
      `Positions without a value in dollars: ${list([...new Set(valueless)])}. They are not hedged, and ${percent(share)} modelled is of the others.`,
    ]);
  if (share >= 0.95) return found;
  const names = unmodelled.length === 0 ? '' : ` Not modelled: ${list([...new Set(unmodelled)])}.`;
  const limit = share < 0.8 ? 0.8 : 0.95;
  const message = `Only ${percentBeyond(share, limit)} of the book's gross value is modelled (limit ${percent(limit)}); the hedge covers that part alone.${names}`;
  return [[share < 0.8 ? 'block' : 'warn', message], ...found];
}

function holdingsAge({ holdingsAsOf, today, businessDaysBetween }: CheckContext): Found[] {
  const found: Found[] = [];
  const days = [...new Set(holdingsAsOf)];
  for (const day of days) {
    if (day === null) {
      found.push(['warn', 'Holdings without an as-of day: their age is unknown.']);
      continue;
    }
    const age = businessDaysBetween(day, today);
    if (age > 1)
      found.push([age > 3 ? 'block' : 'warn', `The holdings of ${day} are ${age} business days old (limit ${age > 3 ? 3 : 1}).`]);
    if (day > today) found.push(['warn', `The holdings are dated ${day}, after today (${today}).`]);
  }
  if (days.length > 1)
    found.push(['warn', `The book mixes holdings of ${days.length} days: ${list(days.map((day) => day ?? 'unknown'))}.`]);
  return found;
}

/** Days of old prices that are told one by one; of more the oldest says enough. */
const DAYS_TOLD = 5;

const daysText = (days: readonly string[]): string =>
  days.length > DAYS_TOLD ? `${days.length} days from ${days[0]!} to ${days.at(-1)!}` : list(days);

/** Of a book that only its file prices, and that trades nothing. */
const NO_PRICES = 'prices but those of the holdings file';

function priceAge({ prices, lastSession, businessDaysBetween }: CheckContext): Found[] | string {
  if (prices.length === 0) return NO_PRICES;
  const byDay = new Map<string, Set<string>>();
  // A fund that is held and traded has its price twice.
  for (const { ticker, day } of prices) {
    const names = byDay.get(day);
    if (names) names.add(ticker);
    else byDay.set(day, new Set([ticker]));
  }
  const old = [...byDay].sort().flatMap(([day, names]) => {
    const age = businessDaysBetween(day, lastSession);
    return age === 0 ? [] : [{ day, age, tickers: [...names] }];
  });
  const grave = old.filter(({ age }) => age > 2);
  if (grave.length > DAYS_TOLD) {
    const tickers = grave.flatMap((one) => one.tickers);
    const { day, age } = grave[0]!;
    const message = `${count(tickers.length)} prices are of ${count(grave.length)} days before the last session, the oldest of ${day}, ${sessions(age)} before it: ${list(tickers)}.`;
    return [['block', message], ...old.slice(grave.length).map(oldPrices)];
  }
  return old.map(oldPrices);
}

function oldPrices({ day, age, tickers }: { readonly day: string; readonly age: number; readonly tickers: readonly string[] }): Found {
  const what = tickers.length === 1 ? `The price of ${tickers[0]!} is` : `${tickers.length} prices (${list(tickers)}) are`;
  return [age > 2 ? 'block' : 'warn', `${what} of ${day}, ${sessions(age)} before the last one.`];
}

function priceDay({ prices, holdingsAsOf, drift }: CheckContext): Found[] | string {
  if (prices.length === 0) return NO_PRICES;
  const asOf = new Set(holdingsAsOf.filter((day) => day !== null));
  const others = [...new Set(prices.map(({ day }) => day))].filter((day) => !asOf.has(day)).sort();
  // Holdings of several days are not all of the prices' one.
  const unpriced = [...asOf].some((own) => !prices.some(({ day }) => day === own));
  if (asOf.size === 0 || (others.length === 0 && !unpriced)) return [];
  const some = others.length > 0 && prices.some(({ day }) => asOf.has(day)) ? 'Some prices' : 'Prices';
  const pricedOn = others.length > 0 ? others : [...new Set(prices.map(({ day }) => day))].sort();
  const days = `${some} are of ${daysText(pricedOn)}, holdings of ${daysText([...asOf].sort())}`;
  if (!drift || drift.positions === 0) return [['warn', `${days}; the holdings have no prices to tell the drift by.`]];
  const { positions, then, now } = drift;
  const change = then > 0 ? `, ${now < then ? '-' : '+'}${percent(Math.abs(now / then - 1))}` : '';
  return [
    [
      'warn',
      `${days}: the ${positions} positions priced in both went from ${money(then)} to ${money(now)} gross${change}; the hedge is for today's.`,
    ],
  ];
}

function priceAgainstFile({ prices }: CheckContext): Found[] | string {
  const held = prices.filter(({ filePrice }) => filePrice !== undefined);
  // No file quotes a price of 0: the cell was empty, or the position worthless.
  const bare = held.filter(({ filePrice }) => !filePrice).map(({ ticker }) => ticker);
  if (bare.length === held.length) return 'prices in the holdings file';
  const found = held.flatMap(({ ticker, price, filePrice }): Found[] => {
    if (!filePrice) return [];
    const apart = Math.abs(price - filePrice);
    const isAbove = (share: number): boolean => apart > share * Math.abs(filePrice);
    if (!isAbove(0.05)) return [];
    const limit = isAbove(0.2) ? 0.2 : 0.05;
    // Of a close from before a split no more digits than a price has.
    const [ours, theirs] = [price, filePrice].map((one) => Number(one.toPrecision(8)));
    const message = `The price of ${ticker} is ${ours}, in the holdings file ${theirs}: ${percentBeyond(apart / Math.abs(filePrice), limit)} apart (limit ${percent(limit)}; split, bad price or another share class?).`;
    return [[limit === 0.2 ? 'block' : 'warn', message]];
  });
  if (bare.length > 0) found.push(['inform', `The holdings file has no price to compare with of ${list([...new Set(bare)])}.`]);
  return found;
}

/** An adjusted close equals the raw one on the last date of its batch, and only there is it offered as a price (MODEL.md 10). */
function rawPrices({ prices, legs }: CheckContext): Found[] {
  const names = prices.filter(({ adjusted }) => adjusted).map(({ ticker }) => ticker);
  const unpriced = legs.filter(({ trade, price }) => trade !== 0 && price === null).map(({ etf }) => etf);
  const found: Found[] = [];
  if (names.length) found.push(['warn', `The last adjusted closes of their import stand in for raw closes of ${list(names)}.`]);
  if (unpriced.length) found.push(['block', `No raw close of ${list(unpriced)} at or before the date: the hedge would lack these legs.`]);
  return found;
}

function orderSizes(context: CheckContext): Found[] {
  const cap = orderCap(context);
  const above = context.orders.filter(({ notional }) => !isAtMost(notional, cap));
  if (above.length === 0) return [];
  if (above.length === 1) return [['block', `${name(above[0]!)} is ${money(above[0]!.notional)}, above the cap of ${money(cap)}.`]];
  const each = above.map((order) => `${name(order)} ${money(order.notional)}`);
  return [['block', `${above.length} orders are above the cap of ${money(cap)}: ${list(each)}.`]];
}

function basketSize(context: CheckContext): Found[] {
  return [...hedgeSize(context), ...accountSizes(context), ...leverage(context)];
}

function accountSizes({ orders, accountCap }: CheckContext): Found[] {
  if (accountCap === undefined) return [];
  const sums = new Map<string, number>();
  for (const { account, notional } of orders) sums.set(account, (sums.get(account) ?? 0) + notional);
  return [...sums].flatMap(([account, sum]): Found[] =>
    isAtMost(sum, accountCap)
      ? []
      : [['block', `The orders of ${account || 'the account'} are ${money(sum)}, above ${money(accountCap)} per account.`]],
  );
}

function leverage({ legs, leverageCap, bookValue }: CheckContext): Found[] {
  if (leverageCap === undefined || bookValue === undefined) return [];
  const added = legs.reduce((sum, { held, shares, price }) => sum + Math.abs(held + shares * (price ?? 0)) - Math.abs(held), 0);
  const gross = bookValue.gross + added;
  if (bookValue.net > 0 && isAtMost(gross, leverageCap * bookValue.net)) return [];
  const share = bookValue.net > 0 ? `${(gross / bookValue.net).toFixed(2)} times the net value` : 'without a positive net value';
  return [['block', `After the hedge the book is ${money(gross)} gross, ${share} (limit ${leverageCap.toFixed(2)}).`]];
}

function hedgeSize(context: CheckContext): Found[] {
  const hedge = context.legs.reduce((sum, leg) => sum + Math.abs(leg.held + leg.shares * (leg.price ?? 0)), 0);
  const side = largerSide(context);
  const limit = basketCap(context) * side.value;
  if (context.orders.length === 0 || isAtMost(hedge, limit)) return [];
  return [
    [
      'block',
      `The hedge would be ${money(hedge)} gross, above ${percent(basketCap(context))} of the ${side.name} of ${money(side.value)}.`,
    ],
  ];
}

/** Replays the orders, as sorted in the file, on the position of each account and ETF. */
function sideCorrectness({ orders, etfHoldings }: CheckContext): Found[] {
  const found: Found[] = [];
  const shares = new Map<string, number>();
  const key = (account: string, symbol: string) => `${account}\n${symbol}`;
  for (const held of etfHoldings) {
    const at = key(held.account, held.symbol);
    shares.set(at, (shares.get(at) ?? 0) + held.shares);
  }
  for (const order of sortOrders(orders)) {
    const { account, symbol, side, quantity } = order;
    const before = shares.get(key(account, symbol)) ?? 0;
    const after = side === 'BUY' || side === 'BUY_TO_COVER' ? before + quantity : before - quantity;
    shares.set(key(account, symbol), after);
    const wrong = {
      SELL: after < -SHARE_NOISE,
      SELL_SHORT: before > SHARE_NOISE,
      BUY_TO_COVER: after > SHARE_NOISE,
      BUY: before < -SHARE_NOISE,
    }[side];
    if (!(quantity > 0) || wrong)
      found.push(['refuse', `${name(order)} of ${count(quantity)} shares does not fit the ${count(before)} shares held.`]);
  }
  return found;
}

function duplicateEtfs({ orders, etfHoldings, otherEtfs = [], owners }: CheckContext): Found[] {
  const long = [
    ...etfHoldings.filter(({ role }) => role === 'investment').map((one) => ({ ...one, how: 'as an investment' })),
    ...otherEtfs.map((one) => ({ ...one, how: 'and is not hedged here' })),
  ].filter(({ shares }) => shares > 0);
  return orders.flatMap((order): Found[] => {
    if (order.side !== 'SELL' && order.side !== 'SELL_SHORT') return [];
    const owner = owners?.[order.account];
    // An account whose owner is not known may be of the same one.
    const isOthers = (account: string): boolean => (owners?.[account] ?? owner) !== (owner ?? owners?.[account]);
    return long
      .filter(({ symbol, account }) => symbol === order.symbol && !isOthers(account))
      .map(({ account, shares, how }) =>
        account === order.account
          ? [
              'warn',
              `${name(order)} of ${count(order.quantity)} shares comes out of the ${count(shares)} held as an investment in the same account.`,
            ]
          : ['warn', `${name(order)} while ${accountIn(account)} holds ${count(shares)} shares ${how}: ask about tax (constructive sale).`],
      );
  });
}

function rounding({ legs, commonReturns }: CheckContext): Found[] {
  const { rows, needed } = commonReturns ?? { rows: 0, needed: 0 };
  if (rows < needed && legs.some(({ shares }) => shares !== 0))
    return [
      [
        'warn',
        `The funds have ${rows} common returns in the window, ${needed} are needed: without a covariance each leg is rounded alone, none stands in for another, and no volatility is known.`,
      ],
      ...roundingLeft(legs),
    ];
  return roundingLeft(legs);
}

function roundingLeft(legs: CheckContext['legs']): Found[] {
  const traded = legs.filter(({ shares }) => shares !== 0);
  const left = traded.reduce((sum, leg) => sum + Math.abs(leg.rounded - leg.after), 0);
  const hedged = traded.reduce((sum, leg) => sum + Math.abs(leg.target), 0);
  if (left === 0 || hedged === 0) return [];
  const severe = left > 0.01 * hedged;
  return [[severe ? 'warn' : 'inform', `Whole shares leave ${money(left)}, ${percent(left / hedged)} of the hedge of ${money(hedged)}.`]];
}

function dropped({ legs }: CheckContext): Found[] {
  return legs.flatMap(({ etf, dropped: reason }): Found[] => (reason === null ? [] : [['inform', `${etf}: ${reason}.`]]));
}

function fields({ runId, orders, output, renamed = [] }: CheckContext): Found[] {
  const old = renamed.map(({ symbol, now }): Found => {
    const name = now === symbol ? `Nothing is called ${symbol} any more` : `${symbol} is called ${now} now`;
    return ['block', `${name}, the ETF map names it as before: import a map with the present name, then run again.`];
  });
  try {
    toRecords(runId, orders, output?.profile);
    return old;
  } catch (error) {
    const { message, action } = toErrorData(error);
    return [['refuse', `${message} ${action}`], ...old];
  }
}

function replaced({ superseded }: CheckContext): Found[] | string {
  return superseded?.map((text): Found => ['block', text]) ?? 'later imports';
}

function earlier({ earlierExport }: CheckContext): Found[] {
  return earlierExport === null ? [] : [['block', `${earlierExport}; its orders may already be working.`]];
}

const SHARE_NOISE = 1e-6;

/** The smaller of the cap in dollars and the share of the book, which follows its weights: gross where net is under 5 % of it. */
function orderCap({ orderCap: dollars = 5_000_000, orderShare, bookValue }: CheckContext): number {
  if (orderShare === undefined || bookValue === undefined) return dollars;
  const { gross, net } = bookValue;
  return Math.min(dollars, orderShare * (Math.abs(net) < 0.05 * gross ? gross : Math.abs(net)));
}

function basketCap(context: CheckContext): number {
  return context.basketCap ?? 1.5;
}

/** What a hedge is measured by: a book of shorts is hedged by longs of its size. */
const largerSide = ({ longValue, shortValue }: CheckContext): { readonly name: string; readonly value: number } =>
  shortValue > longValue ? { name: 'short value', value: shortValue } : { name: 'long value', value: longValue };

function sessions(count: number): string {
  return `${count} session${count === 1 ? '' : 's'}`;
}

/** Pre-trade checks on volume, size, session and events (broker-formats D 8, 9, 13, 20, 22, 24, 25, 26), from data a caller may pass. */
import type { HedgeOrder } from '../../contract/results.ts';
import type { CheckContext } from './check-context.ts';
import { count, list, money, name, percent, percentBeyond, type CheckRow, type Found } from './check-words.ts';

export function marketChecks(context: CheckContext): CheckRow[] {
  return [
    ['liquidity', 'block', 'The orders in each ETF are at most 1 % of its average daily volume.', liquidity(context)],
    ['fat_finger', 'block', "No ETF's orders are above 5 times the usual size of its trades.", sizes(context)],
    ['rule_201', 'warn', 'No ETF sold short fell by 10 % in the last session.', shortSaleRule(context)],
    ['no_trade_band', 'inform', 'Every change of a held hedge is outside the no-trade band.', noTradeBand(context)],
    ['session', 'block', `The orders are for the session of ${context.tradeSession?.day}.`, session(context)],
    ['market_order', 'warn', liquidEnough(context), marketOrders(context)],
    ['settlement', 'block', 'No corporate action that day, and no sale of unsettled purchases.', settlement(context)],
    ['ex_date', 'inform', 'No short position is held into a known ex-date.', exDates(context)],
  ];
}

/** Shares and dollars per ETF and direction, over all accounts: they meet in one market. */
function sums({ orders }: CheckContext): { symbol: string; buys: boolean; quantity: number; notional: number }[] {
  const found = new Map<string, { symbol: string; buys: boolean; quantity: number; notional: number }>();
  for (const { symbol, side, quantity, notional } of orders) {
    const buys = side === 'BUY' || side === 'BUY_TO_COVER';
    const sum = found.get(`${symbol} ${buys}`) ?? { symbol, buys, quantity: 0, notional: 0 };
    found.set(`${symbol} ${buys}`, { ...sum, quantity: sum.quantity + quantity, notional: sum.notional + notional });
  }
  return [...found.values()];
}

function liquidity(context: CheckContext): Found[] | string {
  const { averageVolume } = context;
  if (averageVolume === undefined) return 'average volumes';
  return sums(context).flatMap(({ symbol, buys, quantity }): Found[] => {
    const volume = averageVolume[symbol];
    if (volume === undefined || !(volume >= 0)) return [['inform', `${symbol}: not checked, its average volume is not known.`]];
    const share = quantity / volume;
    if (share <= 0.01) return [];
    const limit = share > 0.05 ? 0.05 : 0.01;
    const what = `${quantity} ${symbol} to ${buys ? 'buy' : 'sell'}`;
    const message =
      volume > 0
        ? `${what} are ${percentBeyond(share, limit)} of the average daily volume of ${volume} (limit ${percent(limit)}).`
        : `${what}, of which none were traded in the last sessions.`;
    return [[share > 0.05 ? 'block' : 'warn', message]];
  });
}

/** A limit further than this from the reference price is no limit. */
const FAR = 300;

function sizes(context: CheckContext): Found[] | string {
  const { output } = context;
  const bps = output?.profile?.limitBps ?? 0;
  const far: Found[] =
    bps > FAR ? [['block', `Limits are ${count(bps)} basis points from the reference prices (limit ${FAR}): a slip?`]] : [];
  const compared = sizesAgainstUsual(context);
  return typeof compared === 'string' ? (far.length > 0 ? far : compared) : [...far, ...compared];
}

/** Share of the book up to which a trade of unusual size does not block. */
const SMALL = 0.005;

function sizesAgainstUsual(context: CheckContext): Found[] | string {
  const { usualSizes, bookValue } = context;
  if (usualSizes === undefined) return 'earlier exported sets';
  if (Object.keys(usualSizes).length === 0) return [['inform', 'No hedge was exported before: there is nothing to compare sizes with.']];
  const compared = sums(context).map((sum) => ({ ...sum, usual: usualSizes[sum.symbol] }));
  const unknown = [...new Set(compared.filter(({ usual }) => !usual || !(usual.quantity > 0)).map(({ symbol }) => symbol))];
  const above = compared.flatMap(({ symbol, quantity, notional, usual }) =>
    usual && usual.quantity > 0 && (quantity > 5 * usual.quantity || notional > 5 * usual.notional)
      ? [{ what: `${count(quantity)} ${symbol} (${money(notional)})`, notional, usual }]
      : [],
  );
  // What a hedge adjusts from day to day is often next to nothing, so a multiple of it says little by itself.
  const isSmall = ({ notional }: { readonly notional: number }): boolean => bookValue !== undefined && notional <= SMALL * bookValue.gross;
  const size = ({ quantity, notional }: { readonly quantity: number; readonly notional: number }): string =>
    `${count(Math.round(quantity))} (${money(notional)})`;
  const text = ({ what, usual }: (typeof above)[number]): string =>
    `${what} are above 5 times ${size(usual)}, ${usual.sets > 1 ? `the median of the last ${usual.sets} exported sets with it` : 'the only exported set with it'}`;
  const small = above.filter(isSmall);
  const few = `no more than ${percent(SMALL)} of the book`;
  const found = above.filter((one) => !isSmall(one)).map((one): Found => ['block', `${text(one)}: a slip?`]);
  if (small.length === 1) found.push(['warn', `${text(small[0]!)}, though ${few}.`]);
  if (small.length > 1) {
    const each = list(small.map(({ what, usual }) => `${what} after ${size(usual)}`));
    found.push([
      'warn',
      `${small.length} trades are above 5 times the median of the last exported sets with the ETF, though each ${few}: ${each}.`,
    ]);
  }
  if (unknown.length === 1) found.push(['inform', `${unknown[0]} was in no exported set lately: its size is not compared.`]);
  if (unknown.length > 1) found.push(['inform', `${list(unknown)} were in no exported set lately: their sizes are not compared.`]);
  return found;
}

/** Rule 201: after a fall of 10 % the restriction holds for the rest of that day and the next one. */
function shortSaleRule({ orders, lastReturns }: CheckContext): Found[] | string {
  const shorts = [...new Set(orders.filter(({ side }) => side === 'SELL_SHORT').map(({ symbol }) => symbol))];
  if (shorts.length === 0) return [];
  if (lastReturns === undefined) return 'the returns of the last session';
  return shorts.flatMap((symbol): Found[] => {
    const back = lastReturns[symbol];
    if (back === undefined || Number.isNaN(back)) return [['inform', `${symbol}: not checked, its last return is not known.`]];
    // 90 / 100 - 1 is a little above -0.1 in binary.
    if (back > -0.1 + 1e-9) return [];
    return [
      [
        'warn',
        `${symbol} fell by ${percent(-back)}: short sales execute only above the national best bid (Rule 201); market orders may wait.`,
      ],
    ];
  });
}

function noTradeBand({ legs, noTradeBand: band = 0.02 }: CheckContext): Found[] {
  const small = legs.filter(({ shares, held, trade, target }) => shares !== 0 && held !== 0 && Math.abs(trade) <= band * Math.abs(target));
  if (small.length === 0) return [];
  const changes = list(small.map(({ etf, trade, target }) => `${etf} ${money(Math.abs(trade))} of ${money(Math.abs(target))}`));
  const what = small.length === 1 ? 'One change is' : `${small.length} changes are`;
  return [['inform', `${what} within ${percent(band)} of the target and need not be traded; a no-trade band leaves them: ${changes}.`]];
}

function session({ tradeSession, output, orders, closeCutOff }: CheckContext): Found[] | string {
  if (tradeSession === undefined) return 'the session';
  const { day, kind, time } = tradeSession;
  if (kind === 'closed') return orders.length === 0 ? [] : [['block', `${day} is not a trading day.`]];
  const found: Found[] = kind === 'half' ? [['inform', `${day} is a half day: the close is at 13:00.`]] : [];
  const cutOff = { full: '15:50', half: '12:50', ...closeCutOff }[kind];
  const close = kind === 'half' ? '13:00' : '16:00';
  const limit = output?.profile?.orderType === 'MOC' || output?.profile?.orderType === 'LOC' ? cutOff : close;
  if (time !== null && time >= limit && orders.length > 0) {
    const what = limit === close ? 'The session ended' : 'Orders at the close are taken until';
    found.push(['warn', `${what} ${limit === close ? 'at ' : ''}${limit}; it is ${time} in New York.`]);
  }
  return found;
}

const isLimited = ({ output }: CheckContext): boolean => output?.profile?.orderType === 'LMT' || output?.profile?.orderType === 'LOC';

const liquidEnough = (context: CheckContext): string =>
  isLimited(context)
    ? 'All are limit orders.'
    : `Every ETF is liquid enough for market orders.${context.spreads === undefined ? ' Not checked: their spreads; no data.' : ''}`;

function marketOrders(context: CheckContext): Found[] | string {
  const { averageVolume, spreads, orders } = context;
  if (isLimited(context)) return [];
  if (averageVolume === undefined && spreads === undefined) return 'spreads and average volumes';
  const prices = new Map(orders.map(({ symbol, price }) => [symbol, price]));
  return [...prices].flatMap(([symbol, price]): Found[] => {
    const spread = spreads?.[symbol];
    const volume = averageVolume?.[symbol];
    if (spread === undefined && volume === undefined) return [['inform', `${symbol}: not checked, neither spread nor volume is known.`]];
    const why = [
      ...(spread !== undefined && spread > 0.001 ? [`its median spread is ${(spread * 10_000).toFixed(1)} basis points (limit 10)`] : []),
      ...(volume !== undefined && volume * price < 1e7 ? [`${money(volume * price)} trade a day (limit ${money(1e7)})`] : []),
    ];
    return why.length === 0 ? [] : [['warn', `${symbol}: ${why.join(' and ')}; prefer limit orders or limit on close.`]];
  });
}

/** Whether the price of an order, or holdings of its ETF, are of a day before another. */
const isBefore = ({ holdingsAsOf, etfHoldings }: CheckContext, { symbol, priceDay }: HedgeOrder, day: string): boolean =>
  priceDay < day || (etfHoldings.some((held) => held.symbol === symbol) && holdingsAsOf.some((asOf) => asOf !== null && asOf < day));

function settlement(context: CheckContext): Found[] | string {
  const { corporateActions, unsettled, orders, tradeSession, today } = context;
  if (corporateActions === undefined && unsettled === undefined) return 'corporate actions and unsettled purchases';
  const day = tradeSession?.day ?? today;
  const found = (corporateActions ?? []).flatMap((action): Found[] => {
    const { symbol, what, split } = action;
    const own = orders.find((order) => order.symbol === symbol);
    if (!own || action.day > day) return [];
    if (split !== undefined && isBefore(context, own, action.day)) {
      const would = `${own.quantity} shares would be ${Number((own.quantity * split).toFixed(4))}`;
      return [
        [
          'block',
          `${symbol}: ${what} takes effect on ${action.day}, the orders count shares of before it: ${would}. Run again on that day or later and hedge anew.`,
        ],
      ];
    }
    if (action.day !== day) return [];
    return [['warn', `${symbol}: ${what} takes effect on ${day}; shares and price may not be of the same day.`]];
  });
  for (const order of orders.filter(({ side }) => side === 'SELL' || side === 'SELL_SHORT'))
    for (const { account, symbol, shares } of unsettled ?? [])
      if (account === order.account && symbol === order.symbol)
        found.push(['warn', `${name(order)}: ${count(shares)} shares bought there have not settled (T+1).`]);
  if (corporateActions === undefined) found.push(['inform', 'Corporate actions are not checked: no data.']);
  if (unsettled === undefined) found.push(['inform', 'Unsettled purchases are not checked: no data.']);
  return found;
}

function exDates(context: CheckContext): Found[] | string {
  const { exDates: dates, tradeSession, today } = context;
  if (dates === undefined) return 'ex-dates';
  const shorts = shortAfter(context);
  return dates.flatMap(({ symbol, day, amount }): Found[] => {
    const shares = shorts.get(symbol) ?? 0;
    if (shares === 0 || day <= (tradeSession?.day ?? today)) return [];
    const cost = amount === null ? '' : `, ${money(shares * amount)}`;
    return [['inform', `${symbol} goes ex on ${day}: the ${count(shares)} shares short then owe the dividend${cost}.`]];
  });
}

/** Shares short per ETF once the orders are filled, over the accounts; an account's long does not cover another's short. */
export function shortAfter({ orders, etfHoldings }: CheckContext): Map<string, number> {
  const positions = new Map<string, { symbol: string; shares: number }>();
  const add = (account: string, symbol: string, shares: number): void => {
    const key = `${account}\n${symbol}`;
    positions.set(key, { symbol, shares: (positions.get(key)?.shares ?? 0) + shares });
  };
  for (const { account, symbol, shares } of etfHoldings) add(account, symbol, shares);
  for (const { account, symbol, side, quantity } of orders) add(account, symbol, side.startsWith('BUY') ? quantity : -quantity);
  const shorts = new Map<string, number>();
  for (const { symbol, shares } of positions.values()) if (shares < 0) shorts.set(symbol, (shorts.get(symbol) ?? 0) - shares);
  return shorts;
}

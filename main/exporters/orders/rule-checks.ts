/** Pre-trade checks on rules, roles and lists (broker-formats D 14, 15, 17, 21, 23, 27, 28). */
import { toErrorData } from '../../contract/errors.ts';
import type { CheckContext } from './check-context.ts';
import { accountIn, count, list, money, name, NO_FILE, percent, type CheckRow, type Found } from './check-words.ts';
import { writeCheckedOrders } from './files.ts';
import { shortAfter } from './market-checks.ts';
import { toRecords } from './records.ts';

const NO_NOTE =
  'No cover, and no sale of an ETF held long. In general the straddle rules (IRC 1092), with the 70 % overlap test, may concern a portfolio hedged with index ETFs. Information, not advice: ask your tax adviser.';

export function ruleChecks(context: CheckContext): CheckRow[] {
  return [
    ['short_exempt', 'block', 'No order is marked short exempt.', shortExempt(context)],
    ['hedge_sleeve', 'block', 'No ETF held against its hedge was left unmarked.', hedgeSleeve(context)],
    ['netting', 'block', 'No ETF is bought in one account and sold in another.', [...hedgedAsOne(context), ...netting(context)]],
    ['restricted', 'block', 'No order trades an ETF of the restricted list.', restricted(context)],
    ['order_terms', 'block', 'Every order can be written in the chosen format and reads back.', orderTerms(context)],
    ['tax_notes', 'inform', NO_NOTE, taxNotes(context)],
    [
      'short_reporting',
      'inform',
      `No short position comes near the ${money(REPORTED)} of Form SHO.${shareTested(context)}`,
      shortReporting(context),
    ],
  ];
}

/** Only a broker-dealer may claim the exemption; nothing in this program does. */
function shortExempt({ orders }: CheckContext): Found[] {
  return orders
    .filter(({ side }) => !['BUY', 'SELL', 'SELL_SHORT', 'BUY_TO_COVER'].includes(side))
    .map((order): Found => ['refuse', `${name(order)}: only buy, sell, sell short and buy to cover are produced.`]);
}

/** A long ETF where a short is due (or the reverse) is either an investment to keep or a hedge to reduce: the user must say which. */
function hedgeSleeve({ legs, etfHoldings }: CheckContext): Found[] | string {
  const targets = new Map(legs.filter(({ shares }) => shares !== 0).map(({ etf, target }) => [etf, target]));
  const opposite = etfHoldings.filter(({ symbol, shares }) => shares * (targets.get(symbol) ?? 0) < 0);
  const unmarked = opposite.filter(({ marked }) => marked === false);
  if (unmarked.length === 0 && opposite.some(({ marked }) => marked === undefined)) return 'who chose the roles of held ETFs';
  return unmarked.map(({ account, symbol, shares, role }): Found => {
    const where = account === '' ? '' : ` in ${account}`;
    return [
      'refuse',
      `${count(shares)} ${symbol}${where} are against the hedge and only taken for an ${role === 'hedge' ? 'existing hedge' : role}: mark them.`,
    ];
  });
}

/** A hedge of several accounts puts what hedges one of them into another. */
function hedgedAsOne({ orders, hedgedAsOne: accounts = [], owners }: CheckContext): Found[] {
  if (accounts.length < 2 || orders.length === 0) return [];
  const who = accounts.map((account) => `${account || '(unnamed)'} (${owners?.[account] ?? 'owner not known'})`);
  const found = new Set(accounts.map((account) => owners?.[account]));
  const what = `Hedged as one: ${list(who)}`;
  const fix = 'hedge per account, or choose the accounts of one owner.';
  if (found.size === 1 && !found.has(undefined)) return [['inform', `${what}.`]];
  if (found.size - (found.has(undefined) ? 1 : 0) > 1)
    return [['refuse', `${what}. Orders in the account of one owner would hedge another's: ${fix}`]];
  return [['warn', `${what}. Name the owners in the desk rules; if they are several, ${fix}`]];
}

function netting({ orders, owners }: CheckContext): Found[] {
  const buys = orders.filter(({ side }) => side === 'BUY' || side === 'BUY_TO_COVER');
  const sells = orders.filter(({ side }) => side === 'SELL' || side === 'SELL_SHORT');
  return buys.flatMap((buy) =>
    sells
      .filter(({ symbol, account }) => symbol === buy.symbol && account !== buy.account)
      .map((sell): Found => {
        const [one, other] = [owners?.[buy.account], owners?.[sell.account]];
        const what = `${buy.symbol} is bought in ${buy.account || accountIn('')} and sold in ${sell.account || accountIn('')}`;
        if (one === undefined || other === undefined)
          return ['warn', `${what}; their owners are not known: if it is one owner, net them or beware of wash trades.`];
        if (one === other) return ['warn', `${what}, both of ${one}: net them internally or beware of wash trades.`];
        return ['inform', `${what}; different owners are never netted.`];
      }),
  );
}

function restricted({ orders, restricted: entries, output }: CheckContext): Found[] | string {
  if (entries === undefined) return 'a restricted list';
  const plain = (code: string): string =>
    code
      .trim()
      .toUpperCase()
      .replace(/[./ -]/g, '.');
  const cusips = output?.profile?.cusips ?? {};
  const found = orders.flatMap((order) => {
    const codes = [order.symbol, cusips[order.symbol] ?? order.symbol].map(plain);
    return entries.flatMap(({ code, kind, etfs = [] }): Found[] => {
      if (!codes.includes(plain(code)) && !etfs.includes(order.symbol)) return [];
      if (kind === 'no_short' && order.side !== 'SELL_SHORT') return [];
      if (kind === 'watch') return [['warn', `${name(order)}: ${code} is on the watch list.`]];
      return [
        ['block', `${name(order)}: ${code} is on the list of ${kind === 'no_short' ? 'names not to be sold short' : 'restricted names'}.`],
      ];
    });
  });
  const unknown = entries.filter(({ code, known }) => known === false && !Object.values(cusips).includes(code)).map(({ code }) => code);
  if (unknown.length > 0)
    found.push([
      'warn',
      `Entries of the restricted list that stand for nothing known here, and restrict nothing: ${list(unknown)}. Use tickers, or import securities with these identifiers.`,
    ]);
  return found;
}

/** The whole file is written and read back without being kept: what the format, its terms or the profile cannot say shows here. */
function orderTerms({ runId, orders, output }: CheckContext): Found[] | string {
  if (output === undefined) return 'the format of the file';
  if (!writable({ runId, orders, output })) return NO_FILE;
  try {
    writeCheckedOrders(output.format, runId, orders, output.profile);
    return [];
  } catch (error) {
    return [['refuse', toErrorData(error).message]];
  }
}

/** Whether every field passes the whitelist; what does not is said by the check `fields`. */
function writable({ runId, orders, output }: Pick<CheckContext, 'runId' | 'orders' | 'output'>): boolean {
  try {
    toRecords(runId, orders, output?.profile);
    return true;
  } catch {
    return false;
  }
}

function taxNotes({ orders, etfHoldings }: CheckContext): Found[] {
  const long = new Set(etfHoldings.filter(({ shares }) => shares > 0).map(({ symbol }) => symbol));
  const of = (side: string): string[] => [...new Set(orders.filter((order) => order.side === side).map(({ symbol }) => symbol))].sort();
  const boxed = of('SELL_SHORT').filter((symbol) => long.has(symbol));
  const found: string[] = [];
  if (boxed.length) found.push(`Selling ${list(boxed)} short while it is held long may be a constructive sale (IRC 1259).`);
  if (of('SELL').length) found.push(`A loss on ${list(of('SELL'))} is a wash sale if it is bought back within 30 days (IRC 1091).`);
  if (of('BUY_TO_COVER').length)
    found.push(`A loss on covering ${list(of('BUY_TO_COVER'))} is a wash sale if it is sold short again within 30 days (IRC 1091).`);
  if (found.length) found.push('Information, not advice: ask your tax adviser.');
  return found.map((text) => ['inform', text]);
}

const REPORTED = 10_000_000;
const REPORTED_SHARE = 0.025;
/** Part of a threshold from which it is near. */
const NEAR = 0.8;

function shareTested({ sharesOutstanding }: CheckContext): string {
  const limit = `${percent(REPORTED_SHARE)} of the shares outstanding`;
  return sharesOutstanding === undefined ? ` Not checked: the ${limit}; no data.` : ` Nor near ${limit}, where these are known.`;
}

/** Today's position stands in for the monthly average that counts. */
function shortReporting(context: CheckContext): Found[] {
  const { legs, orders, prices, sharesOutstanding } = context;
  const price = new Map<string, number>();
  for (const { ticker, price: own } of prices) price.set(ticker, own);
  for (const { etf, price: own } of legs) if (own !== null) price.set(etf, own);
  for (const { symbol, price: own } of orders) price.set(symbol, own);
  const shorts = [...shortAfter(context)].sort();
  return shorts.flatMap(([symbol, shares]): Found[] => {
    const own = price.get(symbol);
    const outstanding = sharesOutstanding?.[symbol];
    const why: string[] = [];
    if (own === undefined) why.push('without a price it cannot be compared with the threshold in dollars');
    else if (shares * own >= NEAR * REPORTED) why.push(`${money(shares * own)} short, against a threshold of ${money(REPORTED)}`);
    if (outstanding !== undefined && shares >= NEAR * REPORTED_SHARE * outstanding)
      why.push(`${percent(shares / outstanding)} of the shares outstanding, against ${percent(REPORTED_SHARE)}`);
    return why.length === 0 ? [] : [['inform', `${symbol}: ${why.join('; ')} (Form SHO, monthly average, first due in February 2028).`]];
  });
}

/** What the pre-trade checks look at: the book, the desk rules, the market, the journal. */
import { isEarlyClose, newYorkClock, sessionAtOrBefore, sessionDayAfter, sessionOfDay, sessionToTrade } from '../../calendar/index.ts';
import type { DeskRules } from '../../contract/desk.ts';
import { isModelled, type HedgeLeg, type HedgeOrder } from '../../contract/results.ts';
import { parseIsoDay, type EpochDay } from '../../contract/units.ts';
import type { AccountKind, CheckContext } from '../../exporters/orders/index.ts';
import { groupBy } from '../../workers/db/group.ts';
import type { MarketFacts } from '../../workers/db/market-facts.ts';
import { isForeign } from '../../workers/db/position-value.ts';
import type { Superseded } from '../../workers/db/superseded.ts';
import type { Book } from '../book.ts';
import { dayOfTime, iso, today, type Session } from '../session.ts';
import { accountClashes, ruleOf } from './desk.ts';
import type { Listed } from './listed.ts';
import { exportsOf, forgottenBy, frozenOf, ordersPolicy } from './packages.ts';
import { twinAccounts } from './twins.ts';
import { journalState } from './verify.ts';

/** What a set is checked for beside its numbers: the file to come, and who stands for it. */
export interface CheckPurpose {
  readonly output?: CheckContext['output'];
  /** A set of before is computed anew: what its request does not have it was frozen without. */
  readonly again?: boolean;
  /** Set while it is frozen or exported: then the journal is walked too. */
  readonly frozen?: { readonly preparedBy: string; readonly approvedBy: readonly string[] };
}

export interface Checked {
  readonly book: Book;
  readonly legs: readonly HedgeLeg[];
  readonly orders: readonly HedgeOrder[];
  readonly desk: DeskRules;
  readonly listed: readonly Listed[] | null;
  readonly basket: string;
  /** Whether the accounts of the book are one hedge: an order in one of them trades for all. */
  readonly asOne: boolean;
}

export async function checkContext(session: Session, checked: Checked, purpose: CheckPurpose = {}): Promise<CheckContext> {
  const { book, legs, orders, desk, listed, basket, asOne } = checked;
  // A simulated market ends on a fixed day: ages are measured from there, or its tickets would be stale for ever.
  const now = book.simulated ? (book.panel.dataAsOf as EpochDay) : today(session.environment);
  const sessionNumber = (day: string): number => sessionAtOrBefore(parseIsoDay(day) as EpochDay);
  const at = book.simulated || session.environment.today !== undefined ? null : new Date();
  const forSession = tradeSession(now, at);
  const traded = [...new Set(orders.map((order) => order.symbol))].sort();
  const facts = await session.reader.call('marketFacts', {
    revision: book.basis.revision,
    knownAsOf: book.basis.knownAsOf,
    etfs: traded,
    day: book.panel.days[book.row]!,
    sharesOn: book.priced.sharesOn,
    tradeDay: parseIsoDay(forSession.day)!,
  });
  const since = await supersededSince(session, book, legs);
  const others = await otherEtfs(session, book, traded, since.everyAccount);
  const accounts = new Set([...book.held.map(({ view }) => view.account), ...others.map(({ account }) => account)]);
  const ruled = [...accounts].map((account) => [account, ruleOf(desk, account)] as const);
  const kinds = ruled.flatMap(([account, rule]) => (rule?.kind ? [[account, rule.kind] as const] : []));
  const owners = ruled.flatMap(([account, rule]) => (rule?.owner ? [[account, rule.owner] as const] : []));
  const lastSession = book.simulated ? iso(book.panel.dataAsOf) : lastFinishedSession(at ? newYorkClock(at).day : now);
  const { splits, dividends } = eventsOf(facts.actions);
  return {
    runId: book.basis.runId,
    orders,
    legs,
    today: iso(now),
    lastSession,
    businessDaysBetween: (from, to) => {
      const until = iso(agedOn(now, at));
      return Math.max(0, sessionNumber(to < until ? to : until) - sessionNumber(from));
    },
    holdingsAsOf: book.priced.snapshots.map(({ asOf }) => iso(asOf)),
    unresolvedLines: book.priced.errorLines,
    totalsOff: await totalsOff(session, book),
    whatIfs: since.whatIfs,
    toldByValue: [
      ...new Set(
        book.held.flatMap(({ view, priced }) => (priced.worth || (view.quantity === null && isModelled(view)) ? [view.ticker] : [])),
      ),
    ],
    twinAccounts: [...accountClashes(desk, since.everyAccount), ...twinAccounts(book.priced.positions)],
    coverage: book.exposure.coverage,
    unmodelled: book.held.filter(({ view }) => view.role === 'unmodelled').map(({ view }) => view.ticker),
    valueless: book.held
      .filter(({ view, priced }) => view.marketValue === null && view.quantity !== 0 && priced.disposition !== 'cash')
      .map(({ view }) => view.ticker),
    longValue: book.held.reduce(
      (sum, { view, priced }) => sum + (priced.disposition === 'cash' ? 0 : Math.max(0, view.marketValue ?? 0)),
      0,
    ),
    shortValue: book.held.reduce(
      (sum, { view, priced }) => sum + (priced.disposition === 'cash' || view.role === 'hedge' ? 0 : Math.max(0, -(view.marketValue ?? 0))),
      0,
    ),
    bookValue: { gross: book.exposure.gross, net: book.exposure.net },
    prices: pricesOf(book, traded),
    drift: driftOf(book),
    etfHoldings: book.held.flatMap(({ view, marked }) =>
      view.role === 'hedge' || view.role === 'investment'
        ? [{ account: view.account, symbol: view.chain[0]!, shares: view.quantity!, role: view.role, marked: marked === true }]
        : [],
    ),
    otherEtfs: others,
    ...(kinds.length ? { accountKinds: Object.fromEntries<AccountKind>(kinds) } : {}),
    ...(owners.length ? { owners: Object.fromEntries<string>(owners) } : {}),
    accountEquity: equityOf(book),
    ...(listed ? { restricted: listed } : {}),
    ...(desk.caps?.order === undefined ? {} : { orderCap: desk.caps.order }),
    ...(desk.caps?.orderShare === undefined ? {} : { orderShare: desk.caps.orderShare }),
    ...(desk.caps?.basket === undefined ? {} : { basketCap: desk.caps.basket }),
    ...(desk.caps?.account === undefined ? {} : { accountCap: desk.caps.account }),
    ...(desk.caps?.leverage === undefined ? {} : { leverageCap: desk.caps.leverage }),
    ...(desk.closeCutOff ? { closeCutOff: desk.closeCutOff } : {}),
    ...(facts.none.includes('volume') ? {} : { averageVolume: facts.averageVolume }),
    ...(facts.none.includes('shares') ? {} : { sharesOutstanding: facts.sharesOutstanding }),
    ...(facts.none.includes('actions') ? {} : { corporateActions: splits, exDates: dividends }),
    // A fall before the last session restricts nothing any more.
    ...(iso(book.panel.days[book.row]!) < lastSession ? {} : { lastReturns: facts.lastReturns }),
    tradeSession: forSession,
    superseded: supersededWords(since, book),
    renamed: traded.flatMap((symbol) => {
      const now = book.etfs.get(symbol)?.nameNow ?? null;
      return now === null ? [] : [{ symbol, now }];
    }),
    earlierExport: (await stillWorking(session, book, orders, asOne))[0]?.words ?? null,
    locatesUsed: await soldShort(session, basket, forSession.day),
    usualSizes: await usualSizes(session, book, basket, traded),
    simulated: book.simulated,
    process: await processOf(session, checked, purpose),
    ...(purpose.output ? { output: purpose.output } : {}),
  };
}

/** The day until which sessions count as past: east of New York the next day begins while the exchange has not opened yet. */
export const agedOn = (now: EpochDay, at: Date | null): EpochDay => (at ? (Math.min(now, newYorkClock(at).day) as EpochDay) : now);

/** Every price behind a position's value or an order. */
function pricesOf(book: Book, traded: readonly string[]): CheckContext['prices'] {
  const held = book.held.flatMap(({ priced: p }) =>
    p.price === null || p.priceDay === null || p.priceSource === 'file'
      ? []
      : [
          {
            ticker: p.ticker,
            price: p.price,
            day: iso(p.priceDay),
            // The file's price is of the snapshot's day: a split since then is no disagreement. In other money there is nothing to compare.
            ...(isForeign(p) ? {} : { filePrice: p.filePrice === null ? null : p.filePrice / p.splitFactor }),
            adjusted: p.priceSource === 'adjusted',
          },
        ],
  );
  const etfs = traded.flatMap((code) => {
    const etf = book.etfs.get(code);
    if (!etf || etf.price === null || etf.priceDay === null) return [];
    return [{ ticker: code, price: etf.price, day: iso(etf.priceDay), adjusted: etf.priceSource === 'adjusted' }];
  });
  return [...held, ...etfs];
}

function driftOf(book: Book): NonNullable<CheckContext['drift']> {
  const out = { positions: 0, then: 0, now: 0 };
  for (const { priced: p } of book.held) {
    if (p.price === null || !p.filePrice || p.quantity === null || p.priceSource === 'file' || p.disposition === 'cash' || isForeign(p))
      continue;
    out.positions += 1;
    out.then += Math.abs(p.quantity * p.filePrice);
    out.now += Math.abs(p.quantity * p.splitFactor * p.price);
  }
  return out;
}

/** Net value of the accounts whose files show their cash, where every line of theirs has a value in dollars. */
function equityOf(book: Book): Record<string, number> {
  const withCash = new Set(book.held.filter(({ priced }) => priced.disposition === 'cash').map(({ view }) => view.account));
  const out: Record<string, number> = {};
  for (const { view } of book.held) {
    const { account, marketValue } = view;
    if (withCash.has(account)) out[account] = (out[account] ?? 0) + (marketValue ?? NaN);
  }
  return Object.fromEntries(Object.entries(out).filter(([, value]) => !Number.isNaN(value)));
}

const SHARE_EVENTS = new Set(['split', 'spinoff', 'merger', 'delisting']);

function eventsOf(actions: MarketFacts['actions']) {
  return {
    splits: actions
      .filter(({ type }) => SHARE_EVENTS.has(type))
      .map(({ symbol, day, type, value, counted }) => ({
        ...{ symbol, day, what: type === 'split' ? `a split of ${value} for 1` : `a ${type}` },
        ...(type === 'split' && !counted ? { split: value } : {}),
      })),
    dividends: actions
      .filter(({ type }) => type === 'dividend' || type === 'special_dividend')
      .map(({ symbol, day, value }) => ({ symbol, day, amount: value })),
  };
}

/** Warnings of the imports whose totals did not agree with their lines, unless somebody dismissed them. */
async function totalsOff(session: Session, book: Book): Promise<string[]> {
  const files = new Map(book.priced.snapshots.map(({ batchId, file }) => [batchId, file]));
  const found = await session.reader.call('openFindingsOf', { batchIds: [...files.keys()], code: 'total_differs' });
  return found.map(({ batchId, message }) => `${files.get(batchId)!}: ${message.replace(/\.$/, '')}.`);
}

/** The session that orders are for. `at`: null where a day is set, which has no time and whose session is over. */
function tradeSession(on: EpochDay, at: Date | null): NonNullable<CheckContext['tradeSession']> {
  const { day, time } = at ? sessionToTrade(at) : { day: sessionDayAfter(on), time: null };
  return { day: iso(day), kind: isEarlyClose(day) ? 'half' : 'full', time };
}

async function processOf(
  session: Session,
  { basket, orders }: Checked,
  { frozen }: CheckPurpose,
): Promise<CheckContext['process'] & object> {
  const { secondApprover } = await ordersPolicy(session);
  if (!frozen) return { secondApprover, ...(orders.length > 0 ? { basket } : {}) };
  return { secondApprover, basket, ...frozen, journal: await journalState(session) };
}

/** Last session before today, as New York has it: its close is not in yet when the program runs during the day. */
function lastFinishedSession(now: EpochDay): string {
  const last = sessionOfDay(now) === null ? now : ((now - 1) as EpochDay);
  for (let day = last; ; day = (day - 1) as EpochDay) if (sessionOfDay(day) !== null) return iso(day);
}

/** What was imported or taken back after the holdings and the run of the book were, and would make another hedge of it. */
async function supersededSince(
  session: Session,
  { basis, priced, panel, row, ...book }: Book,
  legs: readonly HedgeLeg[],
): Promise<Superseded> {
  const etfs = legs.flatMap(({ etf }) => book.etfs.get(etf)?.securityId ?? []);
  const held = book.held.flatMap((one) => one.priced.securityId ?? []);
  return session.reader.call('superseded', {
    revision: basis.revision,
    knownAsOf: basis.knownAsOf,
    knownOn: book.knownOn,
    today: today(session.environment),
    day: panel.days[row]!,
    securityIds: [...new Set([...held, ...etfs])],
    snapshotIds: priced.snapshots.map(({ snapshotId }) => snapshotId),
    accounts: [...new Set(book.held.map(({ view }) => view.account))],
  });
}

/** Traded ETFs that the latest holdings of accounts outside the book hold, those included that are no part of any book. */
async function otherEtfs(
  session: Session,
  { basis, held }: Book,
  traded: readonly string[],
  everyAccount: readonly string[],
): Promise<CheckContext['otherEtfs'] & object> {
  const hedged = new Set(held.map(({ view }) => view.account));
  if (traded.length === 0 || everyAccount.every((account) => hedged.has(account))) return [];
  const request = { revision: basis.revision, knownAsOf: basis.knownAsOf, books: [null] };
  const [found] = (await session.reader.call('heldShares', request)).books;
  return (found ?? []).flatMap(({ account, etf, shares }) =>
    hedged.has(account) || !traded.includes(etf) ? [] : [{ account, symbol: etf, shares }],
  );
}

/** The same in sentences. */
function supersededWords({ holdings, data }: Superseded, { basis, knownOn }: Book): string[] {
  const countOf = (n: number, what: string): string[] => (n === 0 ? [] : [`${what} of ${n} ${n === 1 ? 'security' : 'securities'}`]);
  return [
    ...holdings.map(
      ({ account, file, asOf }) => `There are newer holdings of ${account || 'the account'}, of ${iso(asOf)} (${file}): hedge those.`,
    ),
    ...data.map(({ file, how, priced: prices, acted, etfMap, classed, named }) => {
      const what = [
        ...countOf(prices, 'prices'),
        ...countOf(acted, 'corporate actions'),
        ...(etfMap ? ['the ETF map'] : []),
        ...(classed ? ['classes'] : []),
        ...(named ? ['names'] : []),
      ].join(', ');
      return how === 'late'
        ? `What ${file} says became known after ${iso(knownOn)}, the day this hedge is as known on, and changes ${what}: run as known today and hedge the latest day.`
        : `${file} was ${how === 'undone' ? 'taken back' : 'imported'} after run ${basis.runId} and changes ${what}: run again and hedge anew.`;
    }),
  ];
}

/** An export whose orders may be working still. */
export interface Working {
  /** Null where a restore took the set away. */
  readonly packageId: number | null;
  readonly file: string;
  readonly words: string;
}

/**
 * Exports with an order of the same account and ETF, or in the ETF for an account that is or was hedged as one with these, whose trades the
 * holdings cannot hold: those of today, and those for a session after the holdings; latest first. A simulated market has no
 * sessions after its last one: there it is those of today alone.
 */
export async function stillWorking(session: Session, book: Book, orders: readonly HedgeOrder[], asOne: boolean): Promise<Working[]> {
  const { environment } = session;
  const day = today(environment);
  const mine = new Set(orders.map(({ account, symbol }) => `${account}\n${symbol}`));
  const isMine = ({ account, symbol }: Pick<HedgeOrder, 'account' | 'symbol'>): boolean => mine.has(`${account}\n${symbol}`);
  const hedged = new Set(asOne ? book.held.map(({ view }) => view.account) : orders.map(({ account }) => account));
  const traded = new Set(orders.map(({ symbol }) => symbol));
  const heldOn = new Map(book.priced.snapshots.flatMap(({ accounts, asOf }) => accounts.map((account) => [account, asOf] as const)));
  const oldest = Math.min(...heldOn.values());
  const found: Working[] = [];
  const forgotten = (await forgottenBy(session)).map((one) => ({ ...one, packageId: null }));
  const sentLast = [...forgotten, ...(await exportsOf(session))].reverse().sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
  for (const one of sentLast) {
    const on = dayOfTime(environment, one.at);
    const { day: forSession } = tradeSession(on, environment.today === undefined ? new Date(one.at) : null);
    const forDay = parseIsoDay(forSession)!;
    if (on !== day && (book.simulated || forDay <= oldest)) break;
    const { packageId, file } = one;
    const { orders: sent, asOne: together } = one.packageId === null ? one : await frozenOf(session, one.packageId);
    const which = packageId === null ? `An order set that is gone with a restore (${file})` : `Order set ${packageId} (${file})`;
    const joined = together.some((account) => hedged.has(account));
    const same = sent.filter((order) => isMine(order) || (traded.has(order.symbol) && (joined || (asOne && hedged.has(order.account)))));
    const early = same.find(({ account }) => (heldOn.get(account) ?? oldest) < forDay);
    const tell = (words: string): unknown => found.push({ packageId, file, words: `${which}, exported ${words}` });
    if (on === day && same.some(isMine)) tell('today, trades the same ETF in the same account');
    else if (on === day && same.length > 0)
      tell(`today, trades ${same[0]!.symbol} in ${same[0]!.account || 'the account'}, hedged as one with accounts that are hedged here`);
    else if (early)
      tell(
        `on ${iso(on)} for ${forSession}, trades ${early.symbol} in ${early.account || 'the account'} too, whose holdings of ${iso(heldOn.get(early.account) ?? oldest)} are of before`,
      );
  }
  return found;
}

/** Shares by ETF that other sets, exported for the session of ISO `day`, sell short. */
async function soldShort(session: Session, basket: string, day: string): Promise<NonNullable<CheckContext['locatesUsed']>> {
  const { environment } = session;
  const ofDay = ({ at }: { readonly at: string }): boolean =>
    tradeSession(dayOfTime(environment, at), environment.today === undefined ? new Date(at) : null).day === day;
  const sets = new Set((await exportsOf(session)).filter(ofDay).map(({ packageId }) => packageId));
  const sent = (await forgottenBy(session)).filter(ofDay).map(({ orders }) => orders);
  for (const packageId of sets) {
    const frozen = await frozenOf(session, packageId);
    if (frozen.basket !== basket) sent.push(frozen.orders);
  }
  const out: Record<string, number> = {};
  for (const { side, symbol, quantity } of sent.flat()) if (side === 'SELL_SHORT') out[symbol] = (out[symbol] ?? 0) + quantity;
  return out;
}

/** Sets of which the median is the usual size of an ETF's trades, and how many are looked through for them. */
const LATEST = 5;
const LOOKED_AT = 25;

/**
 * Medians of the shares and dollars per ETF in the latest exported sets with it, this one left out: neither one small set nor one slip that was
 * let through moves them far. Of an even number, the smaller of the two in the middle. Shares are those of today: splits since a set counted.
 */
async function usualSizes(
  session: Session,
  { basis: { revision, knownAsOf } }: Book,
  basket: string,
  etfs: readonly string[],
): Promise<NonNullable<CheckContext['usualSizes']>> {
  const sent = new Map((await exportsOf(session)).reverse().map(({ packageId, at }) => [packageId, dayOfTime(session.environment, at)]));
  const found = new Map<string, { day: number; quantity: number; notional: number }[]>();
  for (const [packageId, day] of [...sent].slice(0, LOOKED_AT)) {
    const frozen = await frozenOf(session, packageId);
    if (frozen.basket === basket) continue;
    for (const [etf, size] of frozen.sizes) found.set(etf, [...(found.get(etf) ?? []), { ...size, day }]);
    if (etfs.every((etf) => (found.get(etf)?.length ?? 0) >= LATEST)) break;
  }
  const latest = [...found].flatMap(([etf, sizes]) => sizes.slice(0, LATEST).map((size) => ({ etf, ...size })));
  const splits = await session.reader.call('splitsSince', { revision, knownAsOf, since: latest.map(({ etf, day }) => ({ etf, day })) });
  const inSharesOfToday = groupBy(
    latest.map((size, i) => ({ ...size, quantity: size.quantity * splits[i]! })),
    ({ etf }) => etf,
  );
  const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[(values.length - 1) >> 1]!;
  return Object.fromEntries(
    [...inSharesOfToday].map(([etf, sizes]) => {
      const of = (key: 'quantity' | 'notional'): number => median(sizes.map((size) => size[key]));
      return [etf, { sets: sizes.length, quantity: of('quantity'), notional: of('notional') }];
    }),
  );
}

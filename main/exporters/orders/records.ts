/** The neutral order record every writer renders from, its ids and its field whitelist (checks 30 and 31). */
import { HedgerowError } from '../../contract/errors.ts';
import type { HedgeOrder } from '../../contract/results.ts';
import { spellSymbol } from './format.ts';
import { canonicalJson } from './json.ts';
import type { Locate, OrderProfile } from './profile.ts';

/** SHA-256 of the UTF-8 bytes of a text. */
export type Sha256 = (text: string) => Uint8Array;

/** Every cell as it may be written; a record exists only when the whitelist accepts all of them. Neutral spelling. */
export interface OrderRecord {
  readonly runId: string;
  readonly orderId: string;
  /** The order id without its sequence number. */
  readonly basket: string;
  readonly account: string;
  readonly symbol: string;
  /** `SPY US Equity`. */
  readonly bloomberg: string;
  readonly cusip: string;
  readonly side: HedgeOrder['side'];
  readonly quantity: string;
  /** In the session, or at the close; market or limit. */
  readonly orderType: 'MKT' | 'MOC' | 'LMT' | 'LOC';
  /** Empty for market orders. */
  readonly limitPrice: string;
  readonly tif: 'DAY';
  readonly currency: 'USD';
  readonly refPrice: string;
  readonly refDay: string;
  /** Quantity x refPrice as written, exact decimals rounded to cents. */
  readonly estNotional: string;
  readonly locateStatus: 'NOT_NEEDED' | 'REQUIRED' | Locate['status'];
  readonly locateBroker: string;
  readonly locateId: string;
  /** ISO instant with milliseconds, UTC. */
  readonly time: string;
  readonly bucket: string;
  readonly reason: string;
}
export type OrderField = keyof OrderRecord;

/** Closing comes before opening, so that an account filled in file order never crosses zero. */
const SIDE_ORDER: readonly HedgeOrder['side'][] = ['SELL', 'SELL_SHORT', 'BUY_TO_COVER', 'BUY'];

const ID = /^[A-Z0-9]{1,15}$/;
const PRICE = /^[0-9]{1,6}(\.[0-9]{1,4})?$/;
const RULES: Readonly<Record<OrderField, RegExp>> = {
  runId: ID,
  orderId: ID,
  basket: ID,
  // Empty: a file without accounts; the broker takes the login's only one.
  account: /^([A-Za-z0-9][A-Za-z0-9-]{0,19})?$/,
  symbol: /^[A-Z0-9][A-Z0-9./ -]{0,14}$/,
  bloomberg: /^[A-Z0-9][A-Z0-9/]{0,14} US Equity$/,
  cusip: /^([0-9A-Z]{8}[0-9])?$/,
  side: /^(BUY|SELL|SELL_SHORT|BUY_TO_COVER)$/,
  quantity: /^[1-9][0-9]{0,7}$/,
  orderType: /^(MKT|MOC|LMT|LOC)$/,
  limitPrice: /^([0-9]{1,6}(\.[0-9]{1,4})?)?$/,
  tif: /^DAY$/,
  currency: /^USD$/,
  refPrice: PRICE,
  refDay: /^\d{4}-\d{2}-\d{2}$/,
  estNotional: /^[0-9]{1,15}\.[0-9]{2}$/,
  locateStatus: /^(NOT_NEEDED|REQUIRED|LOCATED|ETB_ASSUMED)$/,
  locateBroker: /^([A-Za-z0-9][A-Za-z0-9-]{0,19})?$/,
  locateId: /^([A-Za-z0-9][A-Za-z0-9-]{0,29})?$/,
  time: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/,
  bucket: /^(market|sector|subsector)$/,
  // Starts with a letter or digit, so that no spreadsheet takes it for a formula; no quotes, tabs or line ends.
  reason: /^[A-Za-z0-9][A-Za-z0-9 .,:;%$()/_+-]{0,159}$/,
};
export const ORDER_FIELDS = Object.keys(RULES) as OrderField[];

/**
 * Orders as records in file order (account, side, symbol). Throws `blocked` naming the first field and value the
 * whitelist refuses, a repeated order id, accounts partly empty, or a locate that is too small or expired.
 */
export function toRecords(runId: string, orders: readonly HedgeOrder[], profile: OrderProfile = {}): OrderRecord[] {
  const seen = new Set<string>();
  const time = instantOf(orders, profile);
  const records = sortOrders(orders).map((order) => {
    const refPrice = priceText(order.price);
    const locate = order.side === 'SELL_SHORT' ? profile.locates?.find(({ symbol }) => symbol === order.symbol) : undefined;
    const record: OrderRecord = {
      runId,
      orderId: order.orderId,
      basket: order.orderId.slice(0, 12),
      account: accountText(order.account, profile),
      symbol: order.symbol,
      bloomberg: spellSymbol(order.symbol, 'bbg'),
      cusip: profile.cusips?.[order.symbol] ?? '',
      side: order.side,
      quantity: String(order.quantity),
      orderType: profile.orderType ?? 'MKT',
      limitPrice: isLimit(profile) ? limitText(order.side, refPrice, profile.limitBps ?? 0) : '',
      tif: 'DAY',
      currency: 'USD',
      refPrice,
      refDay: order.priceDay,
      estNotional: notionalText(order.quantity, refPrice),
      locateStatus: locate?.status ?? (order.side === 'SELL_SHORT' ? 'REQUIRED' : 'NOT_NEEDED'),
      locateBroker: locate?.broker ?? '',
      locateId: locate?.id ?? '',
      time,
      bucket: order.bucket,
      reason: order.reason,
    };
    for (const [field, rule] of Object.entries(RULES) as [OrderField, RegExp][]) {
      // `$` matches only at the very end without the m flag, so a trailing line end is refused too.
      if (!rule.test(record[field])) throw refused(field, record[field], order.symbol);
    }
    if (!(Number(refPrice) > 0)) throw refused('refPrice', refPrice, order.symbol);
    if (isLimit(profile) && !(Number(record.limitPrice) > 0)) throw refused('limitPrice', record.limitPrice, order.symbol);
    if (!isInstant(time)) throw refused('time', time, order.symbol);
    if (locate?.status === 'LOCATED' && !(locate.broker && locate.id)) throw refused('locateId', locate.id, order.symbol);
    if (seen.has(record.orderId)) throw refused('orderId', `${record.orderId} (used twice)`, order.symbol);
    seen.add(record.orderId);
    return record;
  });
  const accounts = new Set(records.map((record) => record.account));
  if (accounts.size > 1 && accounts.has('')) throw refused('account', '', records.find((record) => record.account === '')!.symbol);
  for (const problem of locateProblems(orders, profile.locates ?? [], time.slice(0, 10)))
    throw new HedgerowError('blocked', problem, 'Renew the locate or take it out of the profile; nothing was written.');
  return records;
}

const holds = (expires: string, day: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(expires) && expires >= day;

/** Shares of a symbol that orders sell short. */
export const shortOf = (orders: readonly HedgeOrder[], symbol: string): number =>
  orders.reduce((sum, order) => sum + (order.side === 'SELL_SHORT' && order.symbol === symbol ? order.quantity : 0), 0);

/**
 * A profile without the locates that do not hold on ISO `day`, or that other sets have used (shares by symbol): a short sale that rests on one
 * asks the broker for its own.
 */
export function holdingOn(
  profile: OrderProfile,
  {
    day,
    orders,
    used = {},
  }: { readonly day: string; readonly orders: readonly HedgeOrder[]; readonly used?: Readonly<Record<string, number>> },
): OrderProfile {
  const { locates, ...rest } = profile;
  const isLeft = ({ symbol, quantity }: Locate): boolean => !used[symbol] || used[symbol] + shortOf(orders, symbol) <= quantity;
  const holding = locates?.filter((locate) => holds(locate.expires, day) && isLeft(locate)) ?? [];
  return holding.length === (locates?.length ?? 0) ? profile : { ...rest, ...(holding.length > 0 ? { locates: holding } : {}) };
}

/** Locates, one per symbol, that do not carry the short sales resting on them on ISO `day`; one sentence each. */
export function locateProblems(orders: readonly HedgeOrder[], locates: readonly Locate[], day: string): string[] {
  return locates.flatMap(({ symbol, quantity, expires }, index) => {
    const short = shortOf(orders, symbol);
    if (short === 0) return [];
    if (locates.findIndex((other) => other.symbol === symbol) !== index) return [`There are two locates for ${symbol}.`];
    if (!(quantity >= short)) return [`The locate for ${symbol} is for ${quantity} shares; ${short} would be sold short.`];
    return holds(expires, day) ? [] : [`The locate for ${symbol} expired on ${expires}, before ${day}.`];
  });
}

/** The profile's instant with milliseconds; else midnight of the latest price day, so that no clock gets into a file. */
function instantOf(orders: readonly HedgeOrder[], { time }: OrderProfile): string {
  if (time !== undefined) return time.replace(/(T\d{2}:\d{2}:\d{2})Z$/, '$1.000Z');
  return `${orders.reduce((last, { priceDay }) => (priceDay > last ? priceDay : last), '')}T00:00:00.000Z`;
}

/** False for days such as 30 February, which Date would move into March. */
function isInstant(text: string): boolean {
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString() === text;
}

/** Deterministic order of rows: account, side (closing first), symbol, then quantity. */
export function sortOrders<Order extends Omit<HedgeOrder, 'orderId'>>(orders: readonly Order[]): Order[] {
  return orders.toSorted(
    (a, b) =>
      compare(a.account, b.account) ||
      SIDE_ORDER.indexOf(a.side) - SIDE_ORDER.indexOf(b.side) ||
      compare(a.symbol, b.symbol) ||
      b.quantity - a.quantity ||
      // Only orders that differ in nothing a broker sees come this far; their numbers keep the bytes the same.
      compare(numbered(a), numbered(b)),
  );
}

/**
 * Id of an order set: `H` + YYMMDD + attempt letter + 4 base32 characters of the SHA-256 of `spec` as canonical JSON.
 * The same spec, day and attempt give the same id. `day` is ISO; `attempt` is A to Z.
 */
export function basketId(day: string, attempt: string, spec: unknown, sha256: Sha256): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || !/^[A-Z]$/.test(attempt)) {
    throw new HedgerowError('internal', `No order id from day ${day} and attempt ${attempt}.`, 'Report this with the steps.');
  }
  return `H${day.slice(2).replaceAll('-', '')}${attempt}${base32(sha256(canonicalJson(spec))).slice(0, 4)}`;
}

/** Numbers orders 01, 02 … in file order; three digits from 100 on (15 characters, the limit of an id). */
export function numberOrders(basket: string, orders: readonly Omit<HedgeOrder, 'orderId'>[]): HedgeOrder[] {
  if (orders.length > 999) {
    throw new HedgerowError(
      'blocked',
      `${orders.length} orders: one file holds at most 999.`,
      'Hedge fewer accounts at a time, or raise the minimum trade.',
    );
  }
  return sortOrders(orders).map((order, index) => ({ ...order, orderId: basket + String(index + 1).padStart(2, '0') }));
}

/** $0.01 from $1 on, else $0.0001. */
export function priceText(price: number): string {
  return price.toFixed(price >= 1 ? 2 : 4);
}

/** Whether an order file could not tell two accounts apart. */
export const sameAccount = (one: string, other: string | undefined): boolean => one.trim().toUpperCase() === other?.trim().toUpperCase();

/** The account as an order file names it. */
export function accountText(account: string, { accounts }: OrderProfile): string {
  return accounts && Object.hasOwn(accounts, account) ? accounts[account]! : account;
}

export const isBuy = ({ side }: Pick<HedgeOrder, 'side'>): boolean => side === 'BUY' || side === 'BUY_TO_COVER';

const isLimit = ({ orderType }: OrderProfile): boolean => orderType === 'LMT' || orderType === 'LOC';

/**
 * The limit of an order in whole ticks, never worse than asked: a buy rounds down, a sale up. Exact: no binary fraction is involved.
 * 'unknown' for anything but whole basis points below 100 %.
 */
export function limitText(side: HedgeOrder['side'], refPrice: string, bps: number): string {
  if (!Number.isInteger(bps) || bps < 0 || bps >= 10_000 || !PRICE.test(refPrice)) return 'unknown';
  const [whole = '0', decimals = ''] = refPrice.split('.');
  const buys = isBuy({ side });
  // Price in 1e-4 dollars, times 1e4.
  const exact = BigInt(whole + decimals.padEnd(4, '0')) * BigInt(10_000 + (buys ? bps : -bps));
  // Ticks are cents from $1 on, else hundredths of a cent.
  const tick = exact >= 10n ** 8n ? 100n : 1n;
  const unit = tick * 10_000n;
  const ticks = buys ? exact / unit : (exact + unit - 1n) / unit;
  const digits = String(ticks * tick).padStart(5, '0');
  const text = `${digits.slice(0, -4)}.${digits.slice(-4)}`;
  return tick === 100n ? text.slice(0, -2) : text;
}

/** Quantity x decimal price in whole ten-thousandths, so that the product has no binary rounding; cents, half up. */
function notionalText(quantity: number, price: string): string {
  if (!Number.isSafeInteger(quantity) || quantity < 0 || !PRICE.test(price)) return 'unknown';
  const [whole = '0', decimals = ''] = price.split('.');
  const cents = (BigInt(quantity) * BigInt(whole + decimals.padEnd(4, '0')) + 50n) / 100n;
  const digits = cents.toString().padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xfff;
    for (held += 8; held >= 5; held -= 5) text += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[(bits >> (held - 5)) & 31];
  }
  return text;
}

function numbered(order: object): string {
  return 'orderId' in order ? String(order.orderId) : '';
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function refused(field: string, value: string, symbol: string): HedgerowError {
  return new HedgerowError(
    'blocked',
    `The order for ${JSON.stringify(symbol)} cannot be written: ${field} is ${JSON.stringify(value)}.`,
    field === 'account'
      ? 'Give the account an id for order files in the desk rules: letters, digits and -, at most 20; nothing was written.'
      : 'Correct the value at its source (holdings file, ETF map or price) and preview again; nothing was written.',
    { field, value },
  );
}

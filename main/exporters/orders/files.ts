/** Order files: writing, reading back, comparing. Text in and out; the caller writes bytes and renames. */
import { HedgerowError } from '../../contract/errors.ts';
import type { HedgeOrder } from '../../contract/results.ts';
import { alpaca, tradier } from './api.ts';
import { fixFormat } from './fix.ts';
import type { Format, ReadOrder } from './format.ts';
import type { OrderFormat, OrderProfile } from './profile.ts';
import { accountText, priceText, sameAccount, toRecords, type OrderField } from './records.ts';
import { ems, emsx, generic, ibkrBasket } from './tables.ts';
import { templateFormat } from './template.ts';

const FORMATS: Readonly<Record<Exclude<OrderFormat, `template:${string}`>, (profile: OrderProfile) => Format>> = {
  generic: () => generic,
  'ibkr-basket': () => ibkrBasket,
  ems: () => ems,
  emsx,
  fix42: (profile) => fixFormat('FIX.4.2', profile),
  fix44: (profile) => fixFormat('FIX.4.4', profile),
  alpaca: () => alpaca,
  tradier: () => tradier,
};

function formatOf(format: OrderFormat, profile: OrderProfile): Format {
  if (Object.hasOwn(FORMATS, format)) return FORMATS[format as keyof typeof FORMATS](profile);
  const { template } = profile;
  if (template && format === `template:${template.name}`) return templateFormat(template);
  throw new HedgerowError('usage', `There is no order format "${format}".`, 'Choose one of the formats, or the name of a stored template.');
}

/** Version of a format's layout, for the manifest. */
export function formatVersion(format: OrderFormat, profile: OrderProfile = {}): number {
  return formatOf(format, profile).version;
}

/** Extension of the format's files, without a dot. */
export function formatExtension(format: OrderFormat, profile: OrderProfile = {}): Format['extension'] {
  return formatOf(format, profile).extension;
}

/**
 * The order file as text, to be stored as UTF-8 without BOM: rows by account, side, symbol, final line end, terms of the
 * profile. Equal input gives equal text. Throws `blocked` as `toRecords` does, and where the format cannot say an order.
 */
export function writeOrders(format: OrderFormat, runId: string, orders: readonly HedgeOrder[], profile: OrderProfile = {}): string {
  oneAccountEach(orders, profile);
  return formatOf(format, profile).write(toRecords(runId, orders, profile));
}

/** Two accounts under one name in the file would have one of them get the orders of both. */
function oneAccountEach(orders: readonly HedgeOrder[], profile: OrderProfile): void {
  const accounts = [...new Set(orders.map(({ account }) => account))];
  const written = accounts.map((account) => accountText(account, profile));
  const at = written.findIndex((text, i) => written.findIndex((other) => sameAccount(other, text)) !== i);
  if (at < 0) return;
  const first = accounts[written.findIndex((other) => sameAccount(other, written[at]))]!;
  throw new HedgerowError(
    'blocked',
    `The file would name the accounts ${first} and ${accounts[at]!} alike, ${written[at]!}: one would get the orders of both.`,
    'Give each account its own id in the desk rules; nothing was written.',
  );
}

/** Reads an order file of this program back. Throws `data` naming the line when it is not exactly in the format. */
export function readOrders(format: OrderFormat, text: string, profile: OrderProfile = {}): ReadOrder[] {
  return formatOf(format, profile).read(text);
}

/** Names of columns, in any order, however a spreadsheet has saved them. */
const namesIn = (header: string): string =>
  header
    .split(/[,;\t|]/)
    .map((name) => name.replace(/[\s"\uFEFF]/g, '').toLowerCase())
    .sort()
    .join();

/** Whether a line is the header of one of the delimited layouts; a template's may be that of any file. */
export function isOrderHeader(line: string): boolean {
  const own = (['generic', 'ibkr-basket', 'ems', 'emsx'] as const).map((format) => namesIn(writeOrders(format, '', [])));
  return own.includes(namesIn(line));
}

const LABELS: Readonly<Partial<Record<OrderField, string>>> = {
  ...{ runId: 'run', orderType: 'order type', tif: 'time in force', limitPrice: 'limit price', refPrice: 'reference price' },
  ...{ refDay: 'price day', estNotional: 'notional', locateStatus: 'locate', locateBroker: 'locate broker', locateId: 'locate id' },
};

/**
 * Compares orders with what was read back from their file: count, ids and every field the format carries. Orders are
 * matched by id, in a layout without ids by position. Null when equal, else the first difference in words.
 */
export function compareOrders(
  format: OrderFormat,
  runId: string,
  orders: readonly HedgeOrder[],
  read: readonly ReadOrder[],
  profile: OrderProfile = {},
): string | null {
  const { carries, spell } = formatOf(format, profile);
  if (orders.length !== read.length) return `${read.length} orders in the file, ${orders.length} expected`;
  const byId = carries.includes('orderId');
  const found = new Map(read.map((order) => [order.orderId, order]));
  const given = new Map(orders.map((order) => [order.orderId, order]));
  for (const [index, record] of toRecords(runId, orders, profile).entries()) {
    const order = given.get(record.orderId)!;
    const back = byId ? found.get(record.orderId) : read[index];
    const where = `order ${order.orderId} (${order.symbol})`;
    if (back === undefined) return `${where} is not in the file`;
    // Against the order itself, not against what the writer made of it; half a cent is all that rendering may take.
    const { symbol, side, bucket, reason, priceDay } = order;
    const account = accountText(order.account, profile);
    const refPrice = priceText(order.price);
    const expected = {
      ...record,
      ...{ account, symbol, side, bucket, reason, refPrice },
      refDay: priceDay,
      quantity: String(order.quantity),
    };
    if (!(Math.abs(Number(record.estNotional) - order.quantity * Number(refPrice)) < 0.0051 + order.quantity * Number(refPrice) * 1e-15))
      return `${where}: notional is ${record.estNotional}, not ${order.quantity} x ${refPrice}`;
    const off = carries.find((field) => back[field] !== spell(field, expected));
    if (off === undefined) continue;
    const [is, should] = [back[off], spell(off, expected)].map((text) => (off === 'quantity' ? text : JSON.stringify(text)));
    return `${where}: ${LABELS[off] ?? off} is ${is} in the file, ${should} expected`;
  }
  return null;
}

/** Writes, reads back and compares; throws `internal` with the first difference. What `hedge` and `verify` call. */
export function writeCheckedOrders(format: OrderFormat, runId: string, orders: readonly HedgeOrder[], profile: OrderProfile = {}): string {
  const text = writeOrders(format, runId, orders, profile);
  const difference = compareOrders(format, runId, orders, readOrders(format, text, profile), profile);
  if (difference !== null)
    throw new HedgerowError('internal', `The order file reads back differently: ${difference}.`, 'Nothing was written; report this.');
  return text;
}

/** Order files: writing, reading back, comparing. Text in and out; the caller writes bytes and renames. */
import { HedgerowError } from '../../contract/errors.ts';
import type { HedgeOrder } from '../../contract/results.ts';
import { priceText, toRecords, type OrderRecord } from './records.ts';

export type OrderFormat = 'generic' | 'ibkr-basket';

/** What a reader finds in a file. */
export interface ReadOrder {
  readonly orderId: string;
  readonly account: string;
  readonly symbol: string;
  readonly side: string;
  readonly quantity: number;
  readonly orderType: string;
  readonly tif: string;
  readonly currency: string;
  readonly limitPrice: string;
  /** Only in `generic`: run id, reference price and day, notional and bucket; null elsewhere. */
  readonly reference: {
    readonly runId: string;
    readonly price: string;
    readonly day: string;
    readonly notional: string;
    readonly bucket: string;
    readonly reason: string;
  } | null;
}

interface Format {
  /** Written to manifests; changes when the layout does. */
  readonly version: number;
  readonly header: string;
  readonly row: (record: OrderRecord) => readonly string[];
  readonly read: (cell: (column: string) => string) => ReadOrder;
  /** Spelling of a symbol and word for a side in this format. */
  readonly symbol: (symbol: string) => string;
  readonly side: (side: HedgeOrder['side']) => string;
}

const same = <T extends string>(text: T): string => text;

const FORMATS: Readonly<Record<OrderFormat, Format>> = {
  generic: {
    version: 1,
    header:
      'run_id,order_id,account,symbol,cusip,side,quantity,order_type,limit_price,tif,currency,ref_price,ref_price_time,est_notional,locate_status,locate_id,hedge_bucket,reason',
    // The time of a close is not known from a daily price, so ref_price_time is the day alone.
    row: (r) => [
      ...[r.runId, r.orderId, r.account, r.symbol, '', r.side, r.quantity, 'MKT', '', 'DAY', 'USD', r.refPrice, r.refDay, r.estNotional],
      ...[r.side === 'SELL_SHORT' ? 'REQUIRED' : 'NOT_NEEDED', '', r.bucket, r.reason],
    ],
    read: (cell) => ({
      ...common(cell('order_id'), cell('account'), cell('symbol'), cell('side'), cell('quantity')),
      ...terms(cell('order_type'), cell('tif'), cell('currency'), cell('limit_price')),
      reference: {
        runId: cell('run_id'),
        price: cell('ref_price'),
        day: cell('ref_price_time'),
        notional: cell('est_notional'),
        bucket: cell('hedge_bucket'),
        reason: cell('reason'),
      },
    }),
    symbol: same,
    side: same,
  },
  'ibkr-basket': {
    version: 1,
    header: 'Action,Quantity,Symbol,SecType,Exchange,Currency,TimeInForce,OrderType,LmtPrice,BasketTag,Account,OrderRef',
    row: (r) => [
      ...[ibkrSide(r.side), r.quantity, ibkrSymbol(r.symbol), 'STK', 'SMART', 'USD', 'DAY', 'MKT', '', r.orderId.slice(0, 12)],
      ...[r.account, r.orderId],
    ],
    read: (cell) => ({
      ...common(cell('OrderRef'), cell('Account'), cell('Symbol'), cell('Action'), cell('Quantity')),
      ...terms(cell('OrderType'), cell('TimeInForce'), cell('Currency'), cell('LmtPrice')),
      reference: null,
    }),
    symbol: ibkrSymbol,
    side: ibkrSide,
  },
};

/** TWS closes a long before it opens a short by itself, and has no word for covering. */
function ibkrSide(side: HedgeOrder['side']): string {
  return side === 'SELL' || side === 'SELL_SHORT' ? 'SELL' : 'BUY';
}

/** IBKR writes class shares with a space: BRK B. */
function ibkrSymbol(symbol: string): string {
  return symbol.replace(/[./-]/g, ' ');
}

/** Version of a format's layout, for the manifest. */
export function formatVersion(format: OrderFormat): number {
  return FORMATS[format].version;
}

/**
 * The order file as text: CRLF, header as published, rows by account, side, symbol, final line end; to be stored as UTF-8
 * without BOM. Market orders for the day, in dollars. Equal input gives equal text. Throws `blocked` as `toRecords` does.
 */
export function writeOrders(format: OrderFormat, runId: string, orders: readonly HedgeOrder[]): string {
  const { header, row } = FORMATS[format];
  const lines = toRecords(runId, orders).map((record) => row(record).map(quoted).join(','));
  return [header, ...lines, ''].join('\r\n');
}

/** Reads an order file of this program back. Throws `data` naming the line when it is not exactly in the format. */
export function readOrders(format: OrderFormat, text: string): ReadOrder[] {
  const { header, read } = FORMATS[format];
  const lines = text.split('\r\n');
  if (lines[0] !== header) throw damaged(1, 'the header differs');
  if (lines.pop() !== '') throw damaged(lines.length + 1, 'the last line has no line end');
  const columns = header.split(',');
  return lines.slice(1).map((line, index) => {
    const cells = splitLine(line);
    if (cells === null || cells.length !== columns.length)
      throw damaged(index + 2, `${cells?.length ?? 'damaged'} cells instead of ${columns.length}`);
    const order = read((column) => cells[columns.indexOf(column)]!);
    if (!/^[1-9][0-9]{0,7}$/.test(cells[columns.findIndex((column) => column.toLowerCase() === 'quantity')]!)) {
      throw damaged(index + 2, 'the quantity is not a positive whole number');
    }
    return order;
  });
}

/**
 * Compares orders with what was read back from their file: count, ids, accounts, symbols, sides, quantities, terms and,
 * where the format has them, run, price, notional, bucket and reason. Null when equal, else the first difference in words.
 */
export function compareOrders(
  format: OrderFormat,
  runId: string,
  orders: readonly HedgeOrder[],
  read: readonly ReadOrder[],
): string | null {
  const { symbol, side } = FORMATS[format];
  if (orders.length !== read.length) return `${read.length} orders in the file, ${orders.length} expected`;
  const found = new Map(read.map((order) => [order.orderId, order]));
  for (const order of orders) {
    const back = found.get(order.orderId);
    if (back === undefined) return `order ${order.orderId} (${order.symbol}) is not in the file`;
    const price = priceText(order.price);
    const pairs: [string, string | number, string | number][] = [
      ['account', order.account, back.account],
      ['symbol', symbol(order.symbol), back.symbol],
      ['side', side(order.side), back.side],
      ['quantity', order.quantity, back.quantity],
      ['order type', 'MKT', back.orderType],
      ['time in force', 'DAY', back.tif],
      ['currency', 'USD', back.currency],
      ['limit price', '', back.limitPrice],
    ];
    const { reference } = back;
    if (reference !== null) {
      // Numbers against the order itself, not against the writer's text: half a cent is all that rendering may take.
      const notional = Math.abs(Number(reference.notional) - order.quantity * Number(price)) < 0.0051;
      pairs.push(
        ['run', runId, reference.runId],
        ['reference price', price, reference.price],
        ['price day', order.priceDay, reference.day],
        ['notional', reference.notional, notional ? reference.notional : `not ${order.quantity} x ${price}`],
        ['bucket', order.bucket, reference.bucket],
        ['reason', order.reason, reference.reason],
      );
    }
    const off = pairs.find(([, expected, actual]) => expected !== actual);
    if (off)
      return `order ${order.orderId} (${order.symbol}): ${off[0]} is ${JSON.stringify(off[2])} in the file, ${JSON.stringify(off[1])} expected`;
  }
  return null;
}

/** Writes, reads back and compares; throws `internal` with the first difference. What `hedge` and `verify` call. */
export function writeCheckedOrders(format: OrderFormat, runId: string, orders: readonly HedgeOrder[]): string {
  const text = writeOrders(format, runId, orders);
  const difference = compareOrders(format, runId, orders, readOrders(format, text));
  if (difference !== null)
    throw new HedgerowError('internal', `The order file reads back differently: ${difference}.`, 'Nothing was written; report this.');
  return text;
}

function common(orderId: string, account: string, symbol: string, side: string, quantity: string) {
  return { orderId, account, symbol, side, quantity: Number(quantity) };
}

function terms(orderType: string, tif: string, currency: string, limitPrice: string) {
  return { orderType, tif, currency, limitPrice };
}

/** The whitelist leaves the comma as the only character that needs quotes. */
function quoted(cell: string): string {
  return cell.includes(',') ? `"${cell}"` : cell;
}

function splitLine(line: string): string[] | null {
  const cells: string[] = [];
  const cell = /("([^"]*)"|[^",]*)(,|$)/y;
  for (;;) {
    const match = cell.exec(line);
    if (match === null) return null;
    cells.push(match[2] ?? match[1]!);
    if (match[3] === '') return cells;
  }
}

function damaged(line: number, what: string): HedgerowError {
  return new HedgerowError('data', `Order file line ${line}: ${what}.`, 'Write the file again from its hedge; do not send this one.');
}

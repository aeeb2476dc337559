/** JSON for the order endpoints of Alpaca and Tradier (broker-formats C7): a list, one order per line, every value a text. */
import { cannotWrite, damaged, linesOf, spellSymbol, type Format } from './format.ts';
import type { OrderField, OrderRecord } from './records.ts';
import type { Column } from './table.ts';

export const alpaca: Format = apiFormat('Alpaca', [
  { header: 'symbol', field: 'symbol', spell: ({ symbol }) => spellSymbol(symbol, 'dot') },
  { header: 'qty', field: 'quantity' },
  { header: 'side', field: 'side', spell: ({ side }) => (side === 'BUY' || side === 'BUY_TO_COVER' ? 'buy' : 'sell') },
  { header: 'type', field: 'orderType', spell: ({ orderType }) => (orderType === 'LMT' || orderType === 'LOC' ? 'limit' : 'market') },
  { header: 'limit_price', field: 'limitPrice', optional: true },
  { header: 'time_in_force', field: 'tif', spell: ({ orderType }) => (orderType === 'MOC' || orderType === 'LOC' ? 'cls' : 'day') },
  {
    header: 'position_intent',
    field: 'side',
    spell: ({ side }) => ({ BUY: 'buy_to_open', BUY_TO_COVER: 'buy_to_close', SELL: 'sell_to_close', SELL_SHORT: 'sell_to_open' })[side],
  },
  { header: 'client_order_id', field: 'orderId' },
]);

export const tradier: Format = apiFormat('Tradier', [
  { header: 'class', constant: 'equity' },
  { header: 'symbol', field: 'symbol', spell: ({ symbol }) => spellSymbol(symbol, 'slash') },
  { header: 'side', field: 'side', spell: ({ side }) => side.toLowerCase() },
  { header: 'quantity', field: 'quantity' },
  {
    header: 'type',
    field: 'orderType',
    spell: ({ orderType }) => {
      if (orderType === 'MKT') return 'market';
      if (orderType === 'LMT') return 'limit';
      throw cannotWrite(`Tradier has no order type ${orderType}.`, 'Use market or limit orders, or another format.');
    },
  },
  { header: 'price', field: 'limitPrice', optional: true },
  { header: 'duration', field: 'tif', spell: ({ tif }) => tif.toLowerCase() },
  { header: 'tag', field: 'orderId' },
]);

/** A key that may be left out is: its empty text would be an invalid price. */
type Key = Column & { readonly optional?: true };
const isOptional = (keys: readonly Key[], header: string): boolean => keys.find((key) => key.header === header)?.optional === true;

/** A field may have several keys; its spelling is then theirs, joined by a space. */
function apiFormat(broker: string, keys: readonly Key[]): Format {
  const fields = keys.flatMap((key) => ('field' in key ? [key] : []));
  const value = (key: Column, record: OrderRecord): string => ('field' in key ? (key.spell?.(record) ?? record[key.field]) : key.constant);
  return {
    version: 1,
    extension: 'json',
    carries: [...new Set(fields.map(({ field }) => field))],
    spell: (field, record) =>
      fields
        .filter((key) => key.field === field)
        .map((key) => value(key, record))
        .join(' '),
    write: (records) => {
      const accounts = [...new Set(records.map(({ account }) => account))];
      if (accounts.length > 1)
        throw cannotWrite(`${broker} orders name no account; these are for ${accounts.join(', ')}.`, 'Hedge one account at a time.');
      const lines = records.map((record) =>
        JSON.stringify(
          Object.fromEntries(
            keys
              .map((key) => [key.header, value(key, record)] as const)
              .filter(([header, text]) => text !== '' || !isOptional(keys, header)),
          ),
        ),
      );
      return `[\n${lines.map((line, index) => `${line}${index < lines.length - 1 ? ',' : ''}\n`).join('')}]\n`;
    },
    read: (text) => {
      const lines = linesOf(text, '\n');
      if (lines[0] !== '[') throw damaged(1, 'it is not the start of a list');
      if (lines.length < 2 || lines.pop() !== ']') throw damaged(lines.length + 1, 'it is not the end of the list');
      return lines.slice(1).map((line, index) => {
        const last = index === lines.length - 2;
        if (line.endsWith(',') === last) throw damaged(index + 2, 'a comma is missing or too many');
        return readObject(last ? line : line.slice(0, -1), index + 2, keys);
      });
    },
  };
}

function readObject(text: string, line: number, all: readonly Key[]) {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw damaged(line, 'it is not JSON');
  }
  // Spelling it again shows repeated keys, which readers take differently, and anything else this program never writes.
  const object = (json ?? {}) as Record<string, unknown>;
  const keys = all.filter((key) => key.optional !== true || Object.hasOwn(object, key.header));
  if (JSON.stringify(object) !== text || Object.keys(object).join() !== keys.map(({ header }) => header).join())
    throw damaged(line, `it is not an order with ${keys.map(({ header }) => header).join(', ')}`);
  const order: Partial<Record<OrderField, string>> = {};
  for (const key of keys) {
    const value = object[key.header];
    if (typeof value !== 'string' || (key.optional && value === '') || ('constant' in key && value !== key.constant))
      throw damaged(line, `${key.header} is ${JSON.stringify(value)}`);
    if ('field' in key) order[key.field] = key.field in order ? `${order[key.field]} ${value}` : value;
  }
  for (const key of all) if ('field' in key && !(key.field in order)) order[key.field] = '';
  if (!/^[1-9][0-9]{0,7}$/.test(order.quantity!)) throw damaged(line, 'the quantity is not a positive whole number');
  return order;
}

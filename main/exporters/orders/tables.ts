/** The delimited layouts the program knows by name (broker-formats C1, C4, C5, C9). */
import { cannotWrite, spellSymbol, type Format } from './format.ts';
import type { OrderProfile } from './profile.ts';
import type { OrderField, OrderRecord } from './records.ts';
import { tableFormat, type Column } from './table.ts';

const CSV = { version: 1, extension: 'csv', delimiter: ',', quotes: 'needed', header: true, eol: '\r\n' } as const;

const as = (header: string, field: OrderField, spell?: (record: OrderRecord) => string): Column =>
  spell ? { header, field, spell } : { header, field };
const constant = (header: string, text: string): Column => ({ header, constant: text });

export const generic: Format = tableFormat({
  ...CSV,
  columns: [
    as('run_id', 'runId'),
    as('order_id', 'orderId'),
    as('account', 'account'),
    as('symbol', 'symbol'),
    as('cusip', 'cusip'),
    as('side', 'side'),
    as('quantity', 'quantity'),
    as('order_type', 'orderType'),
    as('limit_price', 'limitPrice'),
    as('tif', 'tif'),
    as('currency', 'currency'),
    as('ref_price', 'refPrice'),
    // The time of a close is not known from a daily price, so ref_price_time is the day alone.
    as('ref_price_time', 'refDay'),
    as('est_notional', 'estNotional'),
    as('locate_status', 'locateStatus'),
    as('locate_id', 'locateId'),
    as('hedge_bucket', 'bucket'),
    as('reason', 'reason'),
  ],
});

export const ibkrBasket: Format = tableFormat({
  ...CSV,
  columns: [
    // TWS closes a long before it opens a short by itself, and has no word for covering.
    as('Action', 'side', ({ side }) => (side === 'SELL' || side === 'SELL_SHORT' ? 'SELL' : 'BUY')),
    as('Quantity', 'quantity'),
    as('Symbol', 'symbol', ({ symbol }) => spellSymbol(symbol, 'space')),
    constant('SecType', 'STK'),
    constant('Exchange', 'SMART'),
    as('Currency', 'currency'),
    as('TimeInForce', 'tif'),
    as('OrderType', 'orderType'),
    as('LmtPrice', 'limitPrice'),
    as('BasketTag', 'basket'),
    as('Account', 'account'),
    as('OrderRef', 'orderId'),
  ],
});

const EMS_SIDE = { BUY: 'B', SELL: 'S', SELL_SHORT: 'SS', BUY_TO_COVER: 'BC' } as const;

export const ems: Format = tableFormat({
  ...CSV,
  columns: [
    as('ORDER_ID', 'orderId'),
    as('ACCOUNT', 'account'),
    as('SYMBOL', 'symbol'),
    as('BBG_TICKER', 'bloomberg'),
    as('CUSIP', 'cusip'),
    as('SIDE', 'side', ({ side }) => EMS_SIDE[side]),
    as('QUANTITY', 'quantity'),
    as('ORDER_TYPE', 'orderType'),
    as('LIMIT_PRICE', 'limitPrice'),
    as('TIF', 'tif'),
    as('CURRENCY', 'currency'),
    // Y: the desk must find the shares; N: found, assumed easy to borrow, or no short sale.
    as('LOCATE_REQUIRED', 'locateStatus', ({ locateStatus }) => (locateStatus === 'REQUIRED' ? 'Y' : 'N')),
    as('LOCATE_BROKER', 'locateBroker'),
    as('LOCATE_ID', 'locateId'),
    as('BASKET', 'basket'),
    as('NOTES', 'reason'),
  ],
});

/** Bloomberg documents BUY and SELL alone: short sales and covers go out only under words the desk has confirmed in its terminal. */
export function emsx({ emsx: own }: OrderProfile): Format {
  return tableFormat({
    ...CSV,
    columns: [
      as('EMSX_TICKER', 'bloomberg'),
      as('EMSX_SIDE', 'side', ({ side, symbol }) => {
        const word = side === 'BUY' || side === 'SELL' ? side : own?.sides?.[side];
        if (word) return word;
        throw cannotWrite(
          `EMSX has no confirmed word for ${side} (${symbol}).`,
          'Set it in the profile once it is confirmed in the terminal (usual: SHRT and COVR), or choose another format.',
        );
      }),
      as('EMSX_AMOUNT', 'quantity'),
      as('EMSX_ORDER_TYPE', 'orderType'),
      as('EMSX_LIMIT_PRICE', 'limitPrice'),
      as('EMSX_TIF', 'tif'),
      constant('EMSX_HAND_INSTRUCTION', 'ANY'),
      as('EMSX_ACCOUNT', 'account'),
      as('EMSX_BASKET_NAME', 'basket'),
      // Y on every short sale: beside broker and id when it is located, alone when it is not, which a prime broker rejects.
      as('EMSX_LOCATE_REQ', 'locateStatus', ({ locateStatus }) => (locateStatus === 'NOT_NEEDED' ? '' : 'Y')),
      as('EMSX_LOCATE_BROKER', 'locateBroker'),
      as('EMSX_LOCATE_ID', 'locateId'),
      as('EMSX_ORDER_REF_ID', 'orderId'),
    ],
  });
}

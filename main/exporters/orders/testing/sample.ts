/** Orders shared by the tests of this folder. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { HedgeOrder } from '../../../contract/results.ts';
import { numberOrders, type Locate } from '../index.ts';

export const sha256 = (text: string): Uint8Array => createHash('sha256').update(text, 'utf8').digest();

export const order = (patch: Partial<HedgeOrder> = {}): HedgeOrder => ({
  orderId: 'H260306A7K3Q01',
  account: 'ACCT01',
  symbol: 'SPY',
  side: 'SELL_SHORT',
  quantity: 410,
  price: 612.25,
  priceDay: '2026-03-06',
  notional: 251_022.5,
  bucket: 'market',
  reason: 'level 3 hedge, all layers',
  ...patch,
});

/** Given out of order on purpose. */
export const basket: readonly HedgeOrder[] = [
  order({ orderId: 'H260306A7K3Q04', symbol: 'XLK', side: 'BUY', quantity: 3, price: 0.12345, notional: 0.37035, bucket: 'sector' }),
  order({
    orderId: 'H260306A7K3Q03',
    symbol: 'SMH',
    side: 'BUY_TO_COVER',
    quantity: 7,
    price: 249.3,
    notional: 1745.1,
    bucket: 'subsector',
  }),
  order({ orderId: 'H260306A7K3Q02', symbol: 'BRK.B', side: 'SELL', quantity: 60, price: 91.455, notional: 5487.3 }),
  order(),
  order({ orderId: 'H260306A7K3Q05', account: 'A-2', symbol: 'SPY', side: 'SELL', quantity: 1, notional: 612.25 }),
];

/** Any order list the whitelist accepts, numbered as in a file. */
export const orderLists: fc.Arbitrary<HedgeOrder[]> = fc
  .array(
    fc.record({
      account: fc.constantFrom('A1', 'U1234567', 'Roth-IRA'),
      symbol: fc.stringMatching(/^[A-Z0-9][A-Z0-9./-]{0,8}$/),
      side: fc.constantFrom('BUY', 'SELL', 'SELL_SHORT', 'BUY_TO_COVER'),
      quantity: fc.integer({ min: 1, max: 99_999_999 }),
      price: fc.double({ min: 0.0001, max: 99_999, noNaN: true }),
      bucket: fc.constantFrom('market', 'sector', 'subsector'),
      reason: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 .,:;%$()/_+-]{0,60}$/),
    }),
    { maxLength: 30 },
  )
  .map((list) =>
    numberOrders(
      'H260306A7K3Q',
      list.map((own) => ({ ...order(), ...own }) as HedgeOrder),
    ),
  );

/** A locate for every symbol of the orders, large enough. */
export const locatesFor = (orders: readonly HedgeOrder[]): Locate[] =>
  [...new Set(orders.map(({ symbol }) => symbol))].map((symbol) => ({
    ...{ status: 'LOCATED', symbol, quantity: 1e10, expires: '2026-03-31', broker: 'PB', id: 'L-1' },
  }));

/** Orders shared by the tests of this folder. */
import { createHash } from 'node:crypto';
import type { HedgeOrder } from '../../../contract/results.ts';

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

import { tableAdapter } from './table.ts';

/** tastytrade positions: only the columns shown on the screen; it names no day. */
export const tastytrade = tableAdapter({
  id: 'tastytrade',
  name: 'tastytrade positions',
  columns: { account: ['account'], symbol: ['symbol'], assetClass: ['type'], quantity: ['quantity'], price: ['mark'], value: ['net liq'] },
  required: ['symbol', 'assetClass', 'quantity'],
  marks: [
    'exp date',
    'dte',
    'strike price',
    'call/put',
    'underlying last price',
    'p/l open',
    'p/l day',
    'trade price',
    'net liq',
    'iv rank',
    'pop',
    'bid (sell)',
    "d's opn",
    '\u03b2 delta',
  ],
  layout: () => 'tastytrade positions',
  special(facts) {
    const type = facts.assetClass!.toUpperCase();
    if (type === 'FUTURES_OPTION') return { as: 'hold', facts: { ...facts, kind: 'other', foreign: true } };
    // The multiplier of a future is not in the file.
    return type === 'FUTURES' ? { as: 'hold', facts: { ...facts, kind: 'future', foreign: true } } : null;
  },
});

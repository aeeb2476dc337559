import { tableAdapter } from './table.ts';

/** Vanguard OfxDownload.csv: positions, then transactions in the same file; it names no day. */
export const vanguard = tableAdapter({
  id: 'vanguard',
  name: 'Vanguard holdings',
  columns: {
    account: ['account number', 'fund account number'],
    name: ['investment name', 'fund name'],
    symbol: ['symbol'],
    quantity: ['shares'],
    price: ['share price', 'price'],
    value: ['total value'],
  },
  required: ['account', 'name', 'quantity', 'value'],
  marks: ['account number', 'fund account number', 'investment name', 'fund name', 'shares', 'share price', 'total value'],
  layout: (labels) => (labels.has('fund account number') ? 'Vanguard 529 holdings' : 'Vanguard holdings'),
  stop: /^Account Number, Trade Date, Settlement Date/i,
  // Bills have been seen at a value 0.3 % off face times price.
  tolerance: 0.01,
});

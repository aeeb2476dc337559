import { tableAdapter } from './table.ts';

/** J.P. Morgan / Chase positions.csv: some fifty columns with CUSIP and ISIN; the tax-lot variant adds the account. */
export const jpm = tableAdapter({
  id: 'jpm',
  name: 'J.P. Morgan positions',
  columns: {
    account: ['account number'],
    symbol: ['ticker'],
    cusip: ['cusip'],
    isin: ['isin'],
    name: ['description'],
    quantity: ['quantity'],
    price: ['price'],
    value: ['value'],
    currency: ['base ccy'],
    assetClass: ['asset strategy'],
    asOf: ['as of'],
    localCurrency: ['local ccy'],
    localPrice: ['local price'],
    localValue: ['local value'],
  },
  required: ['symbol', 'cusip', 'quantity', 'value'],
  marks: [
    'asset class',
    'asset strategy',
    'asset strategy detail',
    'base ccy',
    'local ccy',
    'pricing date',
    'local value',
    'orig cost (base)',
    'priceind',
  ],
  layout: (labels) => `J.P. Morgan positions${labels.has('tax term') || labels.has('sub account') ? ' (tax lots)' : ''}`,
  stop: /^FOOTNOTES/i,
  special(written) {
    const { currency = '', localCurrency = '', localPrice = '', localValue = '', name = '', assetClass = '' } = written;
    const isCash = (/^cash$/i.test(assetClass) && written.symbol === '') || /^(US DOLLAR|CHASE DEPOSIT SWEEP)$/i.test(name);
    // Foreign is what is not in the base currency, dollars where the file has no column of it. A foreign holding is kept in its own currency,
    // without a value where the file has none in it; cash then counts as what it is in the base currency.
    const abroad = localCurrency !== '' && localCurrency !== (currency || 'USD') && (localValue !== '' || !isCash);
    const facts = abroad ? { ...written, currency: localCurrency, price: localPrice, value: localValue } : written;
    return { as: 'hold', facts: isCash ? { ...facts, kind: 'cash' } : facts };
  },
});

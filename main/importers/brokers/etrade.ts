import { parseDecimal } from '../decimal.ts';
import { namesOption } from './names.ts';
import { tableAdapter } from './table.ts';

/** E*TRADE PortfolioDownload: a summary and a decoy header stand above the table. */
export const etrade = tableAdapter({
  id: 'etrade',
  name: 'E*TRADE portfolio',
  columns: {
    symbol: ['symbol'],
    quantity: ['quantity', 'qty #'],
    price: ['last price $', 'last price'],
    value: ['value $', 'market value $'],
  },
  required: ['symbol', 'quantity', ['value', 'price']],
  marks: ['last price $', 'change $', 'price paid $', "day's gain $", 'total gain $', 'value $', 'market value $', 'qty #'],
  title: /^(Account Summary,*|View Summary - |Filters applied:)/i,
  layout: () => 'E*TRADE portfolio download',
  asOf: { pattern: /^Generated at (.{6,40})/i, from: 'footer' },
  account(line, before) {
    return /^Account, (Net Account Value|Total Assets)/i.test(before) ? line.split(', ')[0]! : null;
  },
  special(facts, row) {
    if (facts.symbol === 'CASH' && facts.quantity === '') return { as: 'hold', facts: { ...facts, kind: 'cash' } };
    // A description in place of a symbol is a bond's, priced in percent; some views have no value to tell it by.
    if (/\S \S+ \S/.test(facts.symbol!) && !namesOption(facts.symbol!)) return { as: 'hold', facts: { ...facts, kind: 'bond' } };
    if (facts.symbol !== 'TOTAL') return null;
    // The total stands under another column: it is the first number of its row.
    const total = row.cells.slice(1).find((text) => text !== '' && typeof parseDecimal(text, '.') === 'object');
    return { as: 'total', value: total ?? '' };
  },
});

import { parseDecimal } from '../decimal.ts';
import { tableAdapter } from './table.ts';

/** Fidelity Portfolio_Positions: labels in title case until July 2026, in sentence case since. */
export const fidelity = tableAdapter({
  id: 'fidelity',
  name: 'Fidelity positions',
  columns: {
    account: ['account number', 'account name/number'],
    symbol: ['symbol'],
    name: ['description'],
    quantity: ['quantity'],
    price: ['last price'],
    value: ['current value'],
    cusip: ['cusip'],
    currency: ['currency'],
    assetClass: ['security type'],
    side: ['type'],
  },
  required: ['account', 'symbol', 'quantity', 'value'],
  marks: [
    'account name',
    'account name/number',
    'last price change',
    "today's gain/loss dollar",
    'total gain/loss dollar',
    'percent of account',
    'cost basis total',
    'cost basis per share',
    'average cost basis',
    'current value',
  ],
  title: /^(Date downloaded |The data and information in this spreadsheet is provided)/i,
  layout(labels, header) {
    if (labels.has('account name/number')) return 'Fidelity positions (before 2020)';
    if (labels.has('cost basis per share')) return 'Fidelity positions (2020 labels)';
    return `Fidelity positions (${header.includes('Account number') ? 'July 2026' : '2021'} labels)`;
  },
  refuse: (labels) =>
    labels.has('symbol/cusip') && labels.has('beginning value') && labels.has('ending value')
      ? {
          code: 'statement_export',
          reason: 'this is a Fidelity statement, whose rows have no fixed place for cash and options',
          fix: 'Download the positions instead: Positions page, Download (Portfolio_Positions_….csv).',
        }
      : null,
  asOf: { pattern: /^Date downloaded (.{6,40})/i, from: 'footer' },
  stop: /^(The data and information in this spreadsheet|Brokerage services are provided)/i,
  special(given, row) {
    // The type of the account: only `Short` says anything of the position.
    const facts = { ...given, side: /^short$/i.test(given.side ?? '') ? given.side! : '' };
    const symbol = facts.symbol!;
    if (/^pending activity$/i.test(symbol)) {
      // The amount has been seen under "Last price change" as well.
      const amounts = row.cells.slice(facts.columns!.symbol!).filter((text) => text !== '' && typeof parseDecimal(text, '.') === 'object');
      return { as: 'pending', value: parseDecimal(facts.value!, '.') ? facts.value! : (amounts[0] ?? '') };
    }
    if (symbol === '' && parseDecimal(facts.quantity!, '.') === null && (/brokeragelink/i.test(facts.name!) || facts.name === ''))
      return { as: 'wrapper' };
    // A blank quantity marks core cash; without its stars the line is still money.
    if (/\*\*$/.test(symbol) && facts.quantity === '') return { as: 'hold', facts: { ...facts, price: '' } };
    return { as: 'hold', facts };
  },
});

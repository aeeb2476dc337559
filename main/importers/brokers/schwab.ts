import { tableAdapter } from './table.ts';

/** A masked account number: `Individual ...482`, `Joint Tenant XXXX-1234`. */
const MASKED = /(\.{3}|X{2,}-?)\d{3,4}$/;

const cellsOf = (line: string): number => line.split(', ').length;

/** Charles Schwab, positions of one account or of all: four eras of labels since 2018. */
export const schwab = tableAdapter({
  id: 'schwab',
  name: 'Schwab positions',
  columns: {
    symbol: ['symbol'],
    name: ['description'],
    quantity: ['qty (quantity)', 'quantity', 'qty'],
    price: ['price'],
    value: ['mkt val (market value)', 'market value', 'mkt val'],
    assetClass: ['asset type', 'security type'],
  },
  required: ['symbol', 'quantity', 'value'],
  marks: [
    'qty (quantity)',
    'mkt val (market value)',
    'price chng $ (price change $)',
    'gain $ (gain/loss $)',
    '% of acct (% of account)',
    'price change $',
    'price change %',
    'gain/loss $',
    'day change $',
    'reinvest dividends?',
    '52 week low',
    '% of account',
  ],
  title: /^Positions for (account )?.{1,80} as of \d{1,2}:\d{2} [AP]M ET/i,
  layout(labels) {
    if (labels.has('qty (quantity)')) return `Schwab positions (${labels.has('asset type') ? '2025' : '2024'} labels)`;
    return `Schwab positions (${labels.has('ratings') ? '2023' : '2018'} labels)`;
  },
  refuse: (labels, line) =>
    / Lot Details for /.test(line) || (labels.has('open date') && labels.has('cost/share') && labels.has('holding period'))
      ? {
          code: 'lot_details',
          reason: 'this lists the lots of one position, not the positions of an account',
          fix: 'On the Positions page choose Export for the whole account.',
        }
      : null,
  asOf: { pattern: /^Positions for .{1,80} as of \d{1,2}:\d{2} [AP]M ET, {0,2}(\d{1,4}\/\d{1,2}\/\d{1,4})/i, from: 'title' },
  account(line) {
    const match = /^Positions for (?:account )?(.{1,80}) as of /i.exec(line);
    return match ? (/^all[- ]accounts$/i.test(match[1]!) ? '' : match[1]!) : null;
  },
  // In a file of all accounts a line with the account's name stands above each header; a comma in it makes two cells.
  section: (row, state) => {
    const filled = row.cells.filter((text) => text !== '');
    const isBetween = state.started ? state.afterTotal : state.account === '';
    return (
      (isBetween || MASKED.test(filled.at(-1)!)) && filled.length <= 3 && cellsOf(filled.join(', ')) <= 3 && filled[0] === row.cells[0]
    );
  },
  special(facts) {
    const symbol = facts.symbol!.toLowerCase();
    if (/^cash & (cash investments|money market)$/.test(symbol) || symbol === 'futures cash')
      return { as: 'hold', facts: { ...facts, kind: 'cash' } };
    if (symbol === 'futures positions market value') return { as: 'ignored', reason: 'sum of the futures' };
    return /^(account|positions?) total$/.test(symbol) ? { as: 'total', value: facts.value! } : null;
  },
});

/** The three files a first run needs, as templates: the columns, and example rows to replace. */
import { knownColumns } from '../../importers/kinds.ts';

export type TemplateKind = 'prices' | 'classification' | 'holdings';

/** Invented values under the right headings; every template imports as it is. */
const ROWS: Readonly<Record<TemplateKind, { readonly columns: readonly string[]; readonly rows: readonly string[] }>> = {
  prices: {
    columns: ['date', 'ticker', 'close', 'adj_close', 'volume'],
    rows: ['2024-01-02,SPY,472.65,460.10,100000', '2024-01-03,SPY,468.79,456.34,100000', '2024-01-02,AAPL,185.64,184.00,50000'],
  },
  classification: {
    columns: ['ticker', 'sector', 'industry', 'scheme', 'valid_from'],
    rows: [
      'AAPL,Information Technology,"Technology Hardware, Storage & Peripherals",gics,2018-01-01',
      'JPM,Financials,Diversified Banks,gics,2018-01-01',
    ],
  },
  holdings: {
    columns: ['account', 'ticker', 'quantity', 'as_of'],
    rows: ['MAIN,AAPL,100,2024-01-03', 'MAIN,SPY,-40,2024-01-03'],
  },
};

export function template(kind: TemplateKind): { readonly name: string; readonly text: string } {
  const { columns, rows } = ROWS[kind];
  const unknown = columns.filter((column) => !knownColumns(kind).includes(column));
  if (unknown.length > 0) throw new Error(`the template of ${kind} has columns no importer knows: ${unknown.join(', ')}`);
  return { name: `${kind}-template.csv`, text: [columns.join(','), ...rows, ''].join('\r\n') };
}

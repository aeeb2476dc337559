/** A layout the user describes: the same reader and the same judgement as every broker's. */
import type { FileLook, HoldingsMapping } from '../../contract/mapping.ts';
import { MEASURES } from '../holdings-measure.ts';
import { holdingNames } from '../kinds.ts';
import { FIELD_OF } from './judge.ts';
import { nameText } from './names.ts';
import { label, tableAdapter, type Special } from './table.ts';
import type { BrokerRow, Facts, Field, TableAdapter } from './types.ts';

const lower = (words: readonly string[] | undefined): readonly string[] => (words ?? []).map((word) => word.trim().toLowerCase());
const begins = (text: string, words: readonly string[]): boolean => words.some((word) => text.startsWith(word));
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** An adapter of the mapping; `name` is its template's. */
export function mappedAdapter(name: string, mapping: HoldingsMapping): TableAdapter {
  const { account, currency, stop } = mapping;
  const [totals, cash, skip] = [lower(mapping.totals), lower(mapping.cash), lower(mapping.skip)];
  const columns: Partial<Record<Field, readonly string[]>> = {};
  for (const [field, heading] of Object.entries(mapping.columns)) if (heading !== undefined) columns[field as Field] = [label(heading)];
  const names = (['symbol', 'isin', 'cusip', 'name'] as const).filter((field) => columns[field]);
  const measure = MEASURES.find((one) => columns[FIELD_OF[one]])!;
  const told = FIELD_OF[measure];
  return tableAdapter({
    id: 'template',
    name: `Template ${name}`,
    delimiter: mapping.delimiter ?? ',',
    columns,
    required: [names, told],
    measure,
    marks: [],
    chosen: true,
    layout: () => `template ${name}`,
    ...(account !== undefined && !columns.account ? { account: () => account } : {}),
    ...(stop?.length ? { stop: new RegExp(`^(?:${stop.map(escaped).join('|')})`, 'i') } : {}),
    special(facts: Facts, row: BrokerRow): Special | null {
      const first = (row.cells.find((text) => text !== '') ?? '').trim().toLowerCase();
      const own: Facts = {
        ...facts,
        ...(account !== undefined && !facts.account ? { account } : {}),
        ...(currency !== undefined && !facts.currency ? { currency } : {}),
      };
      const labelled = columns.account !== undefined && facts.account?.trim().toLowerCase() === first;
      const isNamed = ([facts.symbol, facts.isin, facts.cusip] as const).some((text) => {
        const id = nameText(text);
        return id !== '' && id.toLowerCase() !== first && id !== own.currency;
      });
      // An account or a company may be called Total or Cash: neither makes one of a line that says what is held.
      if (begins(first, skip)) return { as: 'note', reason: 'left out by the template' };
      if (begins(first, totals) && !(isNamed && nameText(facts[told]) !== ''))
        return { as: 'total', value: facts.value ?? '', ...(labelled ? { what: 'the file', whole: true } : {}) };
      if (begins(first, cash) && !(isNamed && labelled)) return { as: 'hold', facts: { ...own, kind: 'cash' } };
      return { as: 'hold', facts: own };
    },
  });
}

const GUESSES: Readonly<Record<string, string>> = {
  ...{
    ticker: 'symbol',
    quantity: 'quantity',
    price: 'price',
    market_value: 'value',
    weight: 'weight',
    account: 'account',
    currency: 'currency',
  },
  ...{ as_of: 'asOf', name: 'name', asset_class: 'assetClass', side: 'side', cusip: 'cusip', isin: 'isin', multiplier: 'multiplier' },
};

/** The likely header among the first lines, and which column is what by the names in general use. */
export function guessColumns(rows: FileLook['rows']): Pick<FileLook, 'header' | 'guess'> {
  // Without a name in general use the headings are likely the first line with the most cells.
  const filled = (cells: readonly string[]): number => cells.filter((cell) => cell !== '').length;
  const most = Math.max(0, ...rows.map(({ cells }) => filled(cells)));
  let best: Pick<FileLook, 'header' | 'guess'> = { header: rows.find(({ cells }) => filled(cells) === most)?.line ?? null, guess: {} };
  for (const { line, cells } of rows) {
    const names = holdingNames(cells);
    const guess: Record<string, string> = {};
    for (const [name, field] of Object.entries(GUESSES)) if (names.includes(name)) guess[field] = cells[names.indexOf(name)]!;
    if (Object.keys(guess).length > Object.keys(best.guess).length) best = { header: line, guess };
  }
  return best;
}

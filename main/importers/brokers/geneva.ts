import { parseDecimal } from '../decimal.ts';
import { isIsin } from '../symbols.ts';
import type { Book } from './book.ts';
import { readDay } from './days.ts';
import { isEmpty, label } from './table.ts';
import { NOT_RECOGNISED, type BrokerRow, type Facts, type TableAdapter, type TableSink } from './types.ts';

const CURRENCIES: Readonly<Record<string, string>> = {
  'united states dollar': 'USD',
  euro: 'EUR',
  'british pound': 'GBP',
  'pound sterling': 'GBP',
  'japanese yen': 'JPY',
  'swiss franc': 'CHF',
  'canadian dollar': 'CAD',
  'australian dollar': 'AUD',
  'hong kong dollar': 'HKD',
  'chinese renminbi': 'CNY',
  'chinese renminbi yuan': 'CNY',
};

/** A currency's code; an unknown name stays a name, which is no dollar. */
const codeOf = (name: string): string => CURRENCIES[name.toLowerCase()] ?? name;

/** Whether the value is quantity times price (percent of par, of a contract), and so in the money of the price. */
function isAtPrice(facts: Facts): boolean {
  const [quantity, price, value] = [facts.quantity, facts.price, facts.value].map((text) =>
    Math.abs(parseDecimal(text ?? '', '.')?.value ?? NaN),
  );
  return [1, 0.01, 100].some((scale) => Math.abs(quantity! * price! * scale - value!) <= 0.005 * value!);
}

type Part = 'positions' | 'lots' | 'parameters' | 'other';

function partOf(labels: ReadonlySet<string>): Part | null {
  const has = (...all: string[]): boolean => all.every((text) => labels.has(text));
  if (has('investid', 'quantity', 'longshortdescription')) return 'positions';
  if (has('taxlotid', 'quantity', 'investmentdescription')) return 'lots';
  if (has('parametername', 'parametervalue')) return 'parameters';
  return has('eventnumber', 'errormessage') ? 'other' : null;
}

/** Parts follow each other; the portfolio's name and day stand below its positions. */
class GenevaReader implements TableSink {
  readonly #book: Book;
  #part: Part = 'other';
  #labels: readonly string[] = [];
  #waiting: Facts[] = [];
  #account = '';
  #base = 'USD';

  constructor(book: Book) {
    this.#book = book;
  }

  row(row: BrokerRow): void {
    if (isEmpty(row)) return this.#book.line(row.line, 'blank');
    const labels = row.cells.map(label);
    const part = partOf(new Set(labels));
    if (part !== null) {
      if (part === 'positions' || part === 'lots') {
        this.#flush();
        this.#book.header = row.cells.filter((text) => text !== '');
      }
      this.#part = part;
      this.#labels = labels;
      return this.#book.line(row.line, 'header');
    }
    const get = (name: string): string => row.cells[this.#labels.indexOf(name)] ?? '';
    if (this.#part === 'parameters') {
      this.#parameter(get('parametername'), get('parametervalue'), row.line);
      return this.#book.line(row.line, 'note', 'preamble');
    }
    if (this.#part === 'other') {
      if (get('errormessage') !== '')
        this.#book.issue('warning', 'message', row.line, `the report says: ${get('errormessage')}`, 'Check whether the data is complete.');
      return this.#book.line(row.line, 'note');
    }
    if (row.malformed > 0 || row.cells.length > this.#labels.length)
      return this.#book.reject(
        row.line,
        'bad_row',
        'the row does not have the columns of its header',
        'Run the report again.',
        row.cells.join(' '),
      );
    this.#waiting.push(this.#part === 'lots' ? this.#lot(row.line, get) : this.#position(row.line, get));
  }

  #parameter(name: string, value: string, line: number): void {
    if (name === 'Portfolio') this.#account = value;
    else if (name === 'BookCurrency') this.#base = codeOf(value);
    else if (name === 'PeriodEndDate') this.#book.day(readDay(value), 'footer', line);
    else if (name === 'AccountingRunType' && value !== 'ClosedPeriod')
      this.#book.issue(
        'info',
        'live_accounting',
        line,
        `the accounting run is ${value}: its period is not closed`,
        'Nothing to do if that is meant.',
        value,
      );
  }

  #columns(...names: string[]): NonNullable<Facts['columns']> {
    const [symbol, quantity, price, value] = names.map((name) => this.#labels.indexOf(name) + 1) as [number, number, number, number];
    return { symbol, quantity, price, value };
  }

  #position(line: number, get: (name: string) => string): Facts {
    const [id = ''] = get('investid').split(' ');
    const side = get('longshortdescription');
    const cash = /^cash/i.test(side) && /^[A-Z]{3}$/.test(get('investid'));
    return {
      line,
      columns: this.#columns('investid', 'quantity', 'localprice', 'marketvaluebook'),
      // `HK0000163607 HTM`: an ISIN with the name of a book.
      ...(isIsin(id) ? { isin: id } : { symbol: get('investid') }),
      name: get('description'),
      quantity: get('quantity'),
      price: cash ? '' : get('localprice'),
      value: get('marketvaluebook'),
      currency: cash ? get('investid') : codeOf(get('localcurrency')),
      side: cash ? '' : /short/i.test(side) ? 'short' : /long/i.test(side) ? 'long' : '',
      assetClass: get('sortkey'),
      ...(cash ? { kind: 'cash' as const } : {}),
    };
  }

  #lot(line: number, get: (name: string) => string): Facts {
    const text = get('investmentdescription');
    const inside = /\(([^()]{1,32})\)\s{0,8}$/.exec(text);
    const id = inside?.[1]?.trim() ?? '';
    return {
      line,
      columns: this.#columns('investmentdescription', 'quantity', 'marketprice', 'marketvaluebook'),
      ...(isIsin(id) ? { isin: id } : { symbol: id }),
      name: text.slice(0, inside?.index ?? text.length).trim(),
      quantity: get('quantity'),
      price: get('marketprice'),
      value: get('marketvaluebook'),
      currency: codeOf(get('sortbydescription')),
      assetClass: get('thenbydescription'),
    };
  }

  #flush(): void {
    for (const facts of this.#waiting) {
      const { currency = '' } = facts;
      const own = /^[A-Z]{3}$/.test(currency) || (currency !== '' && !isAtPrice(facts)) ? currency : this.#base;
      // Values are in the book's currency; a foreign holding is kept in its own.
      this.#book.hold({ ...facts, account: this.#account, currency: own, ...(own === this.#base ? {} : { value: '' }) });
    }
    this.#waiting = [];
    this.#account = '';
    this.#base = 'USD';
  }

  finish(): void {
    this.#flush();
  }
}

/** Advent Geneva text reports: investment positions and tax lot appraisal, several portfolios in one file. */
export const geneva: TableAdapter = {
  id: 'geneva',
  name: 'Geneva report',
  delimiter: '\t',
  recognise(look) {
    for (const row of look.rows('\t')) {
      const part = partOf(new Set(row.labels));
      if (part !== 'positions' && part !== 'lots') continue;
      const layout = `Geneva ${part === 'lots' ? 'tax lot appraisal' : 'investment positions'}`;
      return { score: 100, layout, why: [`Line ${row.line} is the header of ${layout}.`] };
    }
    return NOT_RECOGNISED;
  },
  open: (book) => new GenevaReader(book),
};

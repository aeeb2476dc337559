import type { Book } from './book.ts';
import { fieldName, holdCash, holdFlex, type Fields } from './ibkr.ts';
import { isEmpty } from './table.ts';
import { NOT_RECOGNISED, type BrokerRow, type Facts, type Field, type TableAdapter, type TableSink } from './types.ts';

const MARKS = new Set([
  'accountid',
  'currency',
  'fxratetobase',
  'assetcategory',
  'conid',
  'listingexchange',
  'levelofdetail',
  'markprice',
  'positionvalue',
  'costbasisprice',
  'costbasismoney',
  'percentofnav',
  'fifopnlunrealized',
  'underlyingconid',
]);

type Section = 'positions' | 'cash' | 'other';

/** The section a header begins; null when the record is no header. */
function sectionOf(cells: readonly string[]): Section | null {
  const names = new Set(cells.map(fieldName));
  if (cells[0] !== 'ClientAccountID' && [...names].filter((name) => MARKS.has(name)).length < 3) return null;
  if (names.has('endingcash')) return 'cash';
  const trades = ['tradeid', 'tradeprice', 'buysell', 'transactiontype', 'tradedate'].some((name) => names.has(name));
  return !trades && names.has('symbol') && names.has('position') ? 'positions' : 'other';
}

const CONTROL = /^(BOF|BOA|BOS|EOS|EOA|EOF|MSG)$/;
const COLUMNS: Partial<Readonly<Record<Field, string>>> = {
  account: 'accountid',
  symbol: 'symbol',
  quantity: 'position',
  price: 'markprice',
  value: 'positionvalue',
  asOf: 'reportdate',
  side: 'side',
};

class FlexReader implements TableSink {
  readonly #book: Book;
  #names: readonly string[] = [];
  #section: Section = 'other';
  #rows = 0;
  #accounts = 0;
  #stated = -1;
  #open = false;
  readonly #positions: Fields[] = [];
  readonly #cash: { readonly fields: Fields; readonly line: number }[] = [];

  constructor(book: Book) {
    this.#book = book;
  }

  row(row: BrokerRow): void {
    if (isEmpty(row)) return this.#book.line(row.line, 'blank');
    const [first = ''] = row.cells;
    if (CONTROL.test(first)) return this.#control(first, row);
    const described = first === 'HEADER' || first === 'DATA';
    const cells = described ? row.cells.slice(2) : row.cells;
    const section = first === 'DATA' ? null : sectionOf(cells);
    if (section !== null || first === 'HEADER') {
      this.#section = section ?? 'other';
      this.#names = cells.map(fieldName);
      if (section === 'positions') this.#book.header = cells;
      return this.#book.line(row.line, 'header');
    }
    this.#rows++;
    this.#data(row, cells, described ? 2 : 0);
  }

  #data(row: BrokerRow, cells: readonly string[], skipped: number): void {
    if (this.#section === 'other') return this.#book.line(row.line, 'ignored', 'other_table', 'a section without positions');
    if (row.malformed > 0 || cells.length !== this.#names.length)
      return this.#book.reject(
        row.line,
        'bad_row',
        'the row does not have the columns of its header',
        'Export the file again.',
        row.cells.join(','),
      );
    const fields = new Map(this.#names.map((name, index) => [name, cells[index]!]));
    if (this.#section === 'cash') {
      this.#cash.push({ fields, line: row.line });
      return;
    }
    this.#positions.push(fields);
    const columns: Partial<Record<Field, number>> = {};
    for (const [field, name] of Object.entries(COLUMNS)) columns[field as Field] = this.#names.indexOf(name) + 1 + skipped;
    holdFlex(this.#book, fields, row.line, columns as NonNullable<Facts['columns']>);
  }

  #control(first: string, row: BrokerRow): void {
    const { cells, line } = row;
    if (first === 'BOF') {
      this.#open = true;
      this.#stated = /^\d+$/.test(cells[3] ?? '') ? Number(cells[3]) : -1;
    } else if (first === 'BOA') this.#accounts++;
    else if (first === 'BOS') this.#rows = 0;
    else if (first === 'EOS') this.#count(cells, line);
    else if (first === 'EOF') this.#open = false;
    else if (first === 'MSG')
      this.#book.issue('warning', 'message', line, `the file says: ${cells.slice(1).join(' ')}`, 'Check whether the data is complete.');
    this.#book.line(line, 'note', 'section', cells.slice(0, 3).join(' '));
  }

  /** Some queries count the header as a row of its section. */
  #count([, section = '', stated = '']: readonly string[], line: number): void {
    if (!/^\d+$/.test(stated) || Number(stated) === this.#rows) return;
    const reason = `the section ${section} says it has ${stated} rows, it has ${this.#rows} beside its header`;
    if (Number(stated) !== this.#rows + 1) throw this.#short(reason, line);
    this.#book.issue('warning', 'count_differs', line, reason, 'Check that no position is missing.', stated);
  }

  #short(reason: string, line = 0): Error {
    return this.#book.refuse('count_differs', reason, 'The file is cut short or altered: download it again.', line);
  }

  finish(): void {
    if (this.#open) throw this.#short('the record that ends the file is missing');
    if (this.#stated > 0 && this.#accounts > 0 && this.#stated !== this.#accounts)
      throw this.#short(`the file says it has ${this.#stated} accounts, it has ${this.#accounts}`);
    holdCash(this.#book, this.#cash, this.#positions);
  }
}

/** Interactive Brokers Flex query as CSV: plain, with control records, or with a descriptor before every row. */
export const flexCsv: TableAdapter = {
  id: 'ibkr-flex-csv',
  name: 'IBKR Flex query (CSV)',
  delimiter: ',',
  recognise(look) {
    const rows = look.rows(',');
    for (const row of rows) {
      const prefixed = row.cells[0] === 'HEADER';
      const cells = prefixed ? row.cells.slice(2) : row.cells;
      if (sectionOf(cells) !== 'positions') continue;
      const marks = cells.filter((text) => MARKS.has(fieldName(text)));
      const shape = prefixed ? 'line descriptors' : rows.some(({ cells: [first] }) => first === 'BOF') ? 'control records' : 'plain';
      const why = [`Line ${row.line} is the header of open positions, with labels such as ${marks.slice(0, 4).join(', ')}.`];
      return { score: Math.min(100, 50 + 10 * marks.length), layout: `IBKR Flex query (CSV, ${shape})`, why };
    }
    return NOT_RECOGNISED;
  },
  open: (book) => new FlexReader(book),
};

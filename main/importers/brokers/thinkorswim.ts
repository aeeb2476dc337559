import type { Book } from './book.ts';
import { parseDecimal } from '../decimal.ts';
import { readDay } from './days.ts';
import { readOption } from './names.ts';
import { isEmpty, label } from './table.ts';
import { NOT_RECOGNISED, type BrokerRow, type Facts, type TableAdapter, type TableSink } from './types.ts';

const TITLE = /^Position Statement for (\S{1,40})(?: \(.{0,80}\))? on (.{6,30})$/;

/** First lines of the summary of the account, below the positions. */
const ACCOUNT = /^(Net Liquidating Value|(Stock|Option|Equity) Buying Power|Overall Totals)/i;

/** Groups of rows: an underlying without quantity, then its shares and options. */
class ThinkorswimReader implements TableSink {
  readonly #book: Book;
  #account = '';
  #labels: readonly string[] = [];
  #underlying = '';
  /** Name of the shares of the underlying, once met. */
  #shares = '';
  #futures = false;
  #ended = false;

  constructor(book: Book) {
    this.#book = book;
  }

  row(row: BrokerRow): void {
    const book = this.#book;
    if (isEmpty(row)) return book.line(row.line, 'blank');
    const filled = row.cells.filter((text) => text !== '');
    const line = filled.join(', ');
    const title = TITLE.exec(line);
    if (title) {
      this.#account = title[1]!;
      book.day(readDay(title[2]!), 'title', row.line);
      return book.line(row.line, 'note', 'preamble');
    }
    const labels = row.cells.map(label);
    if (labels[0] === 'instrument' && labels.includes('qty')) {
      this.#labels = labels;
      book.header = row.cells;
      return book.line(row.line, 'header');
    }
    if (filled.length === 1 && /^(Group |Equities|Futures)/.test(line)) {
      if (!line.startsWith('Group ')) this.#futures = line.startsWith('Futures');
      this.#underlying = '';
      return book.line(row.line, 'note', 'section', line);
    }
    if (/^Cash & Sweep Vehicle$/i.test(row.cells[0]!)) {
      this.#ended = true;
      return book.hold({ line: row.line, account: this.#account, kind: 'cash', value: filled[1] ?? '', columns: { value: 2 } });
    }
    if (ACCOUNT.test(row.cells[0]!)) this.#ended = true;
    if (this.#ended || this.#labels.length === 0) return book.line(row.line, 'note', this.#ended ? 'trailer' : 'preamble');
    this.#position(row);
  }

  #position(row: BrokerRow): void {
    const get = (name: string): string => row.cells[this.#labels.indexOf(name)] ?? '';
    const text = row.cells[0]!;
    if (row.malformed > 0) return this.#book.reject(row.line, 'bad_row', 'a quote is out of place', 'Export the file again.', text);
    const quantity = get('qty');
    if (quantity === '') {
      // A name of several words without a quantity is no underlying.
      if (!/^[A-Z0-9./^]{1,12}$/.test(text))
        return this.#book.reject(row.line, 'missing_value', 'the quantity is missing', 'Export the file again.', text);
      this.#underlying = text;
      this.#shares = '';
      return this.#book.line(row.line, 'note', 'section', `underlying ${text}`);
    }
    const option = readOption(text, this.#underlying.replace(/^\.\//, ''));
    const isOption = / (CALL|PUT)$/.test(text);
    const multiplier = isOption ? (/^(\d{1,5}) /.exec(text)?.[1] ?? '') : '';
    const columns: NonNullable<Facts['columns']> = { symbol: 1, quantity: this.#labels.indexOf('qty') + 1 };
    // Net Liq of an option row has been seen with another sign than its quantity's value; shares and options are worth mark times quantity.
    const facts: Facts = {
      line: row.line,
      columns,
      account: this.#account,
      name: text,
      quantity,
      price: parseDecimal(get('mark'), '.') === undefined ? '' : get('mark'),
      value: get('net liq'),
      short: row.cells.length < this.#labels.length,
    };
    if (isOption && !this.#futures)
      return this.#book.hold({
        ...facts,
        kind: 'option',
        symbol: `${this.#underlying} ${text}`,
        multiplier,
        ...(option ? { option } : {}),
      });
    if (this.#futures || text.startsWith('/'))
      return this.#book.hold({ ...facts, kind: isOption ? 'other' : 'future', symbol: text, foreign: true });
    if (this.#underlying === '')
      return this.#book.reject(row.line, 'no_underlying', 'no line above names the ticker of these shares', 'Export the file again.', text);
    if (this.#shares !== '' && this.#shares !== text) {
      const reason = `under ${this.#underlying} stand ${this.#shares} and ${text}: the line with the ticker of one of them is missing`;
      return this.#book.reject(row.line, 'no_underlying', reason, 'Export the file again.', text);
    }
    this.#shares = text;
    this.#book.hold({ ...facts, symbol: this.#underlying });
  }

  finish(): void {
    if (this.#labels.length === 0)
      throw this.#book.refuse(
        'unknown_columns',
        'no line is the header (Instrument, Qty, …)',
        'Show the columns Instrument and Qty and export again.',
      );
  }
}

/** Position Statement of thinkorswim (TD Ameritrade, now Schwab). */
export const thinkorswim: TableAdapter = {
  id: 'thinkorswim',
  name: 'thinkorswim position statement',
  delimiter: ',',
  recognise(look) {
    const rows = look.rows(',');
    const title = rows.find(({ cells }) => TITLE.test(cells.filter((text) => text !== '').join(', ')));
    const header = rows.find(({ labels }) => labels[0] === 'instrument' && labels.includes('qty'));
    if (!title && !header) return NOT_RECOGNISED;
    const why = [
      ...(title ? [`Line ${title.line} is the title of a position statement.`] : []),
      ...(header ? [`Line ${header.line} has the columns Instrument and Qty.`] : []),
    ];
    return { score: (title ? 70 : 0) + (header ? 30 : 0), layout: this.name, why };
  },
  open: (book) => new ThinkorswimReader(book),
};

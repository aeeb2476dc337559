import type { Book } from './book.ts';
import { readDay } from './days.ts';
import { BASE, holdCash, kindOf, type Fields } from './ibkr.ts';
import { readOption } from './names.ts';
import { isEmpty, label } from './table.ts';
import { NOT_RECOGNISED, type BrokerRow, type Facts, type TableAdapter, type TableSink } from './types.ts';

const POSITIONS = /^(Long |Short )?Open Positions$/;

/** A reader bound to the section headers of the statement: a row is read by the last header of its section. */
class ActivityReader implements TableSink {
  readonly #book: Book;
  readonly #headers = new Map<string, readonly string[]>();
  readonly #held: Facts[] = [];
  /** By category and symbol: ids and name. */
  readonly #instruments = new Map<string, Pick<Facts, 'isin' | 'cusip' | 'name'>>();
  readonly #cash: { readonly fields: Fields; readonly line: number }[] = [];
  #account = '';
  #base = '';
  #sections = 0;

  constructor(book: Book) {
    this.#book = book;
  }

  row(row: BrokerRow): void {
    const book = this.#book;
    if (isEmpty(row)) return book.line(row.line, 'blank');
    const [section = '', type = '', ...cells] = row.cells;
    if (type === 'Header') {
      this.#headers.set(section, cells.map(label));
      if (POSITIONS.test(section)) {
        this.#sections++;
        if (book.header.length === 0) book.header = cells;
      }
      return book.line(row.line, 'header', undefined, section);
    }
    const names = this.#headers.get(section);
    const get = (name: string): string => cells[names?.indexOf(name) ?? -1] ?? '';
    const positions = POSITIONS.exec(section);
    if (positions && names) return this.#position(row, type, names, get, positions[1]?.trim() ?? '');
    if (section === 'Statement' || section === 'Account Information') {
      const [field = '', value = ''] = cells;
      // A period ends on the day of the positions: `March 1, 2026 - March 6, 2026`.
      if (field === 'Period') book.day(readDay(value.split(' - ').at(-1)!.trim()), 'title', row.line);
      if (field === 'Account' && type === 'Data') this.#account = value;
      if (field === 'Base Currency' && type === 'Data') this.#base = value;
      return book.line(row.line, 'note', 'preamble');
    }
    if (section === 'Cash Report' && type === 'Data' && get('currency summary') === 'Ending Cash') return this.#balance(row.line, get);
    if (section === 'Financial Instrument Information' && type === 'Data') this.#instrument(get);
    book.line(row.line, 'ignored', 'other_table', `section ${section}`);
  }

  #position(row: BrokerRow, type: string, names: readonly string[], get: (name: string) => string, side: string): void {
    const book = this.#book;
    const assetClass = get('asset category');
    const currency = get('currency');
    const facts: Facts = {
      line: row.line,
      columns: { symbol: 3 + names.indexOf('symbol'), quantity: 3 + names.indexOf('quantity'), value: 3 + names.indexOf('value') },
      account: get('account') || this.#account,
      symbol: get('symbol'),
      quantity: get('quantity'),
      price: get('close price'),
      value: get('value'),
      currency,
      assetClass,
      side,
      lot: get('datadiscriminator') === 'Lot',
    };
    if (type === 'Total' && facts.symbol === '' && /^[A-Z]{3}$/.test(currency))
      return book.total(
        facts,
        `${assetClass} in ${currency}`,
        (held) => held.assetClass === assetClass && held.position.currency === currency,
      );
    if (type === 'Total' || type === 'SubTotal') return book.line(row.line, 'total');
    if (type !== 'Data') return book.line(row.line, 'note', undefined, type);
    if (row.malformed > 0 || row.cells.length > names.length + 2)
      return book.reject(
        row.line,
        'bad_row',
        'the row does not have the columns of its header',
        'Export the statement again.',
        row.cells.join(','),
      );
    if (!/^(Summary|Lot|)$/.test(get('datadiscriminator'))) return book.line(row.line, 'ignored', undefined, get('datadiscriminator'));
    const kind = kindOf(assetClass);
    const option = kind === 'option' ? readOption(facts.symbol!) : null;
    const multiplier = kind === 'option' || kind === 'future' || kind === 'other' ? { multiplier: get('mult') } : {};
    this.#held.push({ ...facts, ...multiplier, ...(kind ? { kind } : {}), ...(option ? { option } : {}) });
  }

  #balance(line: number, get: (name: string) => string): void {
    const currency = get('currency');
    const fields = new Map([
      ['accountid', get('account') || this.#account],
      ['currency', /^[A-Z]{3}$/.test(currency) ? currency : BASE],
      ['basecurrency', this.#base],
      ['endingcash', get('total')],
    ]);
    this.#cash.push({ fields, line });
  }

  #instrument(get: (name: string) => string): void {
    const id = get('security id');
    const known = { name: get('description'), ...(/^[A-Z]{2}.{10}$/.test(id) ? { isin: id } : { cusip: id }) };
    // A line without a symbol must not borrow the identity of an instrument without one.
    for (const symbol of get('symbol').split(','))
      if (symbol.trim() !== '') this.#instruments.set(`${get('asset category')}\n${symbol.trim()}`, known);
  }

  finish(): void {
    if (this.#sections === 0)
      throw this.#book.refuse(
        'no_positions',
        'the statement has no section Open Positions',
        'Add Open Positions to the statement, or use a Flex query.',
      );
    holdCash(this.#book, this.#cash);
    for (const facts of this.#held) {
      const symbol = facts.symbol!.split(',')[0]!.trim();
      this.#book.hold({ ...facts, ...this.#instruments.get(`${facts.assetClass}\n${symbol}`), symbol });
    }
  }
}

/** Interactive Brokers activity statement: rows tagged with their section. */
export const ibkrActivity: TableAdapter = {
  id: 'ibkr-activity',
  name: 'IBKR activity statement',
  delimiter: ',',
  recognise(look) {
    const rows = look.rows(',').filter(({ cells }) => cells[0] === 'Statement');
    const header = rows.find(({ cells }) => cells[1] === 'Header' && cells[2] === 'Field Name');
    const broker = rows.find(({ cells }) => cells[1] === 'Data' && /^Interactive Brokers/.test(cells[3] ?? ''));
    if (!header && !broker) return NOT_RECOGNISED;
    const why = [
      ...(header ? [`Line ${header.line} begins the section Statement.`] : []),
      ...(broker ? [`Line ${broker.line} names ${broker.cells[3]}.`] : []),
    ];
    return { score: (header ? 50 : 0) + (broker ? 50 : 0), layout: 'IBKR activity statement', why };
  },
  open: (book) => new ActivityReader(book),
};

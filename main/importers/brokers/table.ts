/** One reader for every broker whose export is a table: a description says what is special about it. */
import type { AsOfFrom } from '../staged.ts';
import { parseDecimal } from '../decimal.ts';
import { nounOf, withoutPercent, type Measure } from '../holdings-measure.ts';
import { cleanHeader } from '../kinds.ts';
import type { Book } from './book.ts';
import { readDay } from './days.ts';
import { FIELD_OF } from './judge.ts';
import { saysShort } from './names.ts';
import {
  NOT_RECOGNISED,
  type BrokerRow,
  type Facts,
  type Field,
  type Look,
  type Recognition,
  type Refusal,
  type TableAdapter,
  type TableSink,
} from './types.ts';

/** What a row that is no plain position is. */
export type Special =
  | { readonly as: 'hold'; readonly facts: Facts }
  | { readonly as: 'pending'; readonly value: string }
  /** `whole`: of the file, whatever account its line names. */
  | { readonly as: 'total'; readonly value: string; readonly what?: string; readonly whole?: boolean }
  | { readonly as: 'wrapper' }
  | { readonly as: 'note' | 'ignored'; readonly reason: string };

interface TableState {
  /** Account of the rows below, from a title or section line. */
  account: string;
  /** A header has been met. */
  started: boolean;
  /** A total has been met since the last header. */
  afterTotal: boolean;
}

export interface TableBroker {
  readonly id: string;
  readonly name: string;
  readonly delimiter?: TableAdapter['delimiter'];
  /** Labels of each column in lower case, the preferred first. */
  readonly columns: Partial<Readonly<Record<Field, readonly string[]>>>;
  /** Columns a header must have; of an inner list one. */
  readonly required: readonly (Field | readonly Field[])[];
  /** Labels that speak for this broker, in lower case. */
  readonly marks: readonly string[];
  /** A line above the header (or anywhere in the first 64 KB) that gives the broker away. */
  readonly title?: RegExp;
  /** The name of the era, from the labels (and the header as written). */
  layout(labels: ReadonlySet<string>, header: readonly string[]): string;
  /** Layouts of this broker that hold something else. */
  refuse?(labels: ReadonlySet<string>, line: string): Pick<Refusal, 'code' | 'reason' | 'fix'> | null;
  /** Day and account in lines that are no rows: titles and footers. */
  readonly asOf?: { readonly pattern: RegExp; readonly from: AsOfFrom };
  account?(line: string, before: string): string | null;
  /** Whether a line with few cells names the account of the rows below. */
  section?(row: BrokerRow, state: TableState): boolean;
  /** The table ends here. */
  readonly stop?: RegExp;
  special?(facts: Facts, row: BrokerRow): Special | null;
  readonly tolerance?: number;
  /** The columns were chosen by hand: one that is not read may say that a position is short. */
  readonly chosen?: true;
  /** What positions are told by; default: their quantity. */
  readonly measure?: Measure;
}

/** A header cell as it is compared: lower case, blanks collapsed, without marks behind it. */
export const label = (text: string): string =>
  cleanHeader(text)
    .replaceAll('\u2019', "'")
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/\*{1,3}$/, '');

export const isEmpty = (row: Pick<BrokerRow, 'cells'>): boolean => row.cells.every((text) => text === '');
const filled = (row: Pick<BrokerRow, 'cells'>): string[] => row.cells.filter((text) => text !== '');

type Columns = ReadonlyMap<Field, number>;

function columnsOf(broker: TableBroker, labels: readonly string[]): Columns {
  const columns = new Map<Field, number>();
  for (const [field, names] of Object.entries(broker.columns) as [Field, readonly string[]][]) {
    const at = names.map((name) => labels.indexOf(name)).find((index) => index >= 0);
    if (at !== undefined) columns.set(field, at);
  }
  return columns;
}

const missingOf = (broker: TableBroker, columns: Columns): string[] =>
  broker.required.flatMap((need) => {
    const any = typeof need === 'string' ? [need] : need;
    return any.some((field) => columns.has(field)) ? [] : [any.map((field) => broker.columns[field]![0]!).join(' or ')];
  });

const SURE = 45;

function recogniseTable(broker: TableBroker, look: Look): Recognition {
  const rows = look.rows(broker.delimiter ?? ',');
  const titled = broker.title ? rows.find((row) => broker.title!.test(row.cells.join(','))) : undefined;
  let best: Recognition = NOT_RECOGNISED;
  for (const row of rows) {
    const { labels } = row;
    const set = new Set(labels.filter((text) => text !== ''));
    const line = row.cells.join(',');
    const refused = broker.refuse?.(set, line);
    if (refused) {
      const why = [`Line ${row.line} is of a ${broker.name.split(' ')[0]} export of another kind.`];
      return { score: 100, layout: broker.name, why, refusal: { ...refused, line: row.line } };
    }
    const missing = missingOf(broker, columnsOf(broker, labels));
    const marks = broker.marks.filter((mark) => set.has(mark));
    const evidence = Math.min(40, marks.length * 10) + (titled ? 40 : 0);
    const score = missing.length === 0 ? SURE + evidence : missing.length === 1 && set.size > 2 ? 5 + evidence : 0;
    if (score <= best.score) continue;
    const why = [
      ...(titled ? [`Line ${titled.line} is the title of ${broker.name}.`] : []),
      `Line ${row.line} has ${missing.length === 0 ? 'every column needed' : `all columns needed but ${missing.join(', ')}`}${marks.length > 0 ? ` and labels such as ${marks.slice(0, 4).join(', ')}` : ''}.`,
    ];
    // Common labels alone say nothing about the broker.
    const most = evidence < 20 ? 30 : missing.length > 0 ? 79 : 100;
    best = { score: Math.min(most, score), layout: broker.layout(set, row.cells), why, missing };
  }
  return best;
}

class TableReader implements TableSink {
  readonly #broker: TableBroker;
  readonly #book: Book;
  readonly #state: TableState = { account: '', started: false, afterTotal: false };
  #columns: Columns | null = null;
  #width = 0;
  /** Columns that are not read and could say that a position is short. */
  #unread: readonly number[] = [];
  #stopped = false;
  #before = '';

  constructor(broker: TableBroker, book: Book) {
    this.#broker = broker;
    this.#book = book;
    if (broker.tolerance !== undefined) book.tolerance = broker.tolerance;
    if (broker.measure !== undefined) book.measure = broker.measure;
  }

  row(row: BrokerRow): void {
    const broker = this.#broker;
    const book = this.#book;
    if (isEmpty(row)) return book.line(row.line, 'blank');
    const line = filled(row).join(', ');
    const labels = row.cells.map(label);
    const columns = columnsOf(broker, labels);
    // A header starts the table again wherever it stands: nothing below it may pass as a trailer.
    if (missingOf(broker, columns).length === 0) return this.#header(row, labels, columns);
    const { asOf } = broker;
    const match = asOf?.pattern.exec(line);
    if (match) book.day(readDay(match[1]!), asOf!.from, row.line);
    if (this.#stopped || broker.stop?.test(line)) {
      this.#stopped = true;
      return book.line(row.line, 'note', 'trailer');
    }
    const account = broker.account?.(line, this.#before) ?? null;
    this.#before = line;
    if (account !== null && (this.#columns === null || this.#state.afterTotal)) this.#state.account = account;
    if (match) return book.line(row.line, 'note', this.#columns === null ? 'preamble' : 'trailer');
    if (broker.section?.(row, this.#state)) {
      this.#state.account = line;
      return book.line(row.line, 'note', 'section', line);
    }
    if (this.#columns === null) return book.line(row.line, 'note', 'preamble');
    this.#data(row, line);
  }

  #header(row: BrokerRow, labels: readonly string[], columns: Columns): void {
    this.#columns = columns;
    this.#stopped = false;
    this.#width = labels.findLastIndex((text) => text !== '') + 1;
    this.#state.started = true;
    this.#state.afterTotal = false;
    this.#book.header = row.cells.slice(0, this.#width).map(cleanHeader);
    this.#book.heading = row.cells[columns.get(FIELD_OF[this.#book.measure])!]!;
    const used = new Set(columns.values());
    this.#book.unused = this.#book.header.filter((text, index) => text !== '' && !used.has(index));
    this.#unread =
      this.#broker.chosen && !columns.has('side') ? this.#book.header.flatMap((_, index) => (used.has(index) ? [] : [index])) : [];
    this.#book.line(row.line, 'header');
  }

  #facts(row: BrokerRow): Facts {
    const facts: Partial<Record<Field, string>> = {};
    const columns: Partial<Record<Field, number>> = {};
    for (const [field, at] of this.#columns!) {
      facts[field] = row.cells[at] ?? '';
      columns[field] = at + 1;
    }
    return { ...facts, account: facts.account ?? this.#state.account, line: row.line, columns, short: row.cells.length < this.#width };
  }

  #data(row: BrokerRow, line: string): void {
    const book = this.#book;
    const facts = this.#facts(row);
    const special = this.#broker.special?.(facts, row) ?? null;
    if (special?.as === 'total') {
      this.#state.afterTotal = true;
      const { account } = facts;
      const what = special.what ?? (account ? `account ${account}` : 'the file');
      const whole = special.whole === true || !account;
      return book.total({ ...facts, value: special.value }, what, ({ position }) => whole || position.account === account);
    }
    if (special?.as === 'note' || special?.as === 'ignored') return book.line(row.line, special.as, undefined, special.reason);
    if (special?.as === 'wrapper') return book.wrapper(facts);
    if (special?.as === 'pending') return book.pending({ ...facts, value: special.value });
    // One cell of words is text under the table, unless the table itself has but one column of them.
    if (filled(row).length === 1 && line.split(/\s+/).length >= 3) return book.line(row.line, 'note', 'trailer');
    const extra = row.cells.findIndex((text, index) => index >= this.#width && text !== '');
    if (row.malformed > 0 || extra >= 0) {
      const reason = row.malformed > 0 ? 'a quote or a character is out of place' : 'the row has more cells than the header';
      return book.reject(row.line, 'bad_row', reason, 'Export the file again; do not edit it in a spreadsheet.', line);
    }
    const held = special?.as === 'hold' ? special.facts : facts;
    const short = this.#unread.find((index) => saysShort(book.header[index]!, row.cells[index] ?? ''));
    const told = held[FIELD_OF[book.measure]] ?? '';
    const noun = nounOf(book.measure);
    if (short !== undefined && (parseDecimal(withoutPercent(told), book.decimal)?.value ?? 0) > 0) {
      const reason = `column ${book.header[short]!} says ${row.cells[short]!}, the ${noun} is ${told}`;
      return book.reject(
        row.line,
        'side_not_read',
        reason,
        `Choose the column as the side, or write the ${noun} of a short with a minus; remove the column if it says something else.`,
        line,
      );
    }
    book.hold(held);
  }

  finish(): void {
    if (this.#columns === null)
      throw this.#book.refuse('unknown_columns', `the header of ${this.#broker.name} was not found`, 'Export the file again.');
  }
}

/** An adapter made of a description. */
export function tableAdapter(broker: TableBroker): TableAdapter {
  return {
    id: broker.id,
    name: broker.name,
    delimiter: broker.delimiter ?? ',',
    recognise: (look) => recogniseTable(broker, look),
    open: (book) => new TableReader(broker, book),
  };
}

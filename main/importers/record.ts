/** Cells of a master-data or holdings record by column name, with the errors they may hold. */
import type { EpochDay } from '../contract/units.ts';
import { reportDate, reportFuture, reportName, reportNumber } from './cells.ts';
import { BAD_DAY, parseDay } from './dates.ts';
import type { TablePlan } from './detection.ts';
import { isNoValue, parseNumber } from './numbers.ts';
import type { Env } from './reader.ts';
import type { SymbolRef } from './staged.ts';
import { IDENTIFIER_CHECKS, proposeIdentifier, type IdentifierType } from './repair.ts';
import { makeSymbol } from './symbols.ts';
import { cellText, type Row } from './tokenizer.ts';

/** Reads one record at a time: set the row with `use`, then ask for columns. A wrong cell is reported and answers null. */
export class RecordReader {
  readonly #plan: TablePlan;
  readonly #env: Env;
  readonly #columns: ReadonlyMap<string, number>;
  readonly #decimal: number;
  readonly #symbols = new Map<string, SymbolRef | string>();
  #row!: Row;
  line = 0;

  constructor(plan: TablePlan, env: Env) {
    this.#plan = plan;
    this.#env = env;
    this.#columns = new Map(plan.names.map((name, index) => [name, index]));
    this.#decimal = plan.decimal.charCodeAt(0);
  }

  use(row: Row): void {
    this.#row = row;
    this.line = row.line;
  }

  has(name: string): boolean {
    return this.#columns.has(name);
  }

  /** Text of a column; '' when it is empty or absent. */
  text(name: string): string {
    return this.textAt(this.#columns.get(name) ?? -1);
  }

  textAt(index: number): string {
    if (index < 0 || index >= this.#row.count) return '';
    try {
      return cellText(this.#row, index);
    } catch {
      this.#env.log.add('error', 'encoding', this.line, index + 1, () => ({
        field: this.#plan.header[index]!,
        reason: 'the cell is not valid UTF-8 text',
        fix: 'Name the encoding, for instance --encoding windows-1252.',
      }));
      return '';
    }
  }

  fail(name: string, code: string, found: string, reason: string, fix: string, severity: 'error' | 'warning' | 'info' = 'error'): null {
    const at = this.#columns.get(name);
    this.#env.log.add(severity, code, this.line, at === undefined ? 0 : at + 1, () => ({
      field: at === undefined ? name : this.#plan.header[at]!,
      found,
      reason,
      fix,
    }));
    return null;
  }

  required(name: string): string {
    const text = this.text(name);
    if (text === '') this.fail(name, 'missing_value', '', `${name} is missing`, 'Fill the cell.');
    return text;
  }

  /** A day, null when the cell is empty. `future`: what a day after today means. */
  day(name: string, future: 'error' | 'warning' | 'fine'): EpochDay | null {
    const text = this.text(name);
    if (text === '' || (isNoValue(text) && text !== '-')) return null;
    const index = this.#columns.get(name)!;
    const column = index + 1;
    const day = parseDay(this.#row.bytes, this.#row.start[index]!, this.#row.end[index]!, this.#plan.order);
    const { log, context } = this.#env;
    if (day === BAD_DAY) {
      reportDate(log, this.line, column, name, text, this.#plan.order);
      return null;
    }
    if (day > context.today && future === 'error') reportFuture(log, this.line, column, name, text, context.today);
    if (day > context.today && future === 'warning')
      this.fail(
        name,
        'future_date',
        text,
        `${name} ${text} lies after today`,
        'Correct it unless it was announced for that day.',
        'warning',
      );
    return day as EpochDay;
  }

  requiredDay(name: string, future: 'error' | 'warning' | 'fine'): EpochDay | null {
    if (this.text(name) === '') this.fail(name, 'missing_value', '', `${name} is missing`, 'Write a date (YYYY-MM-DD).');
    return this.day(name, future);
  }

  /** A number from `lowest` to `highest`. */
  number(name: string, lowest: number, highest: number): number | null {
    const text = this.required(name);
    if (text === '') return null;
    const index = this.#columns.get(name)!;
    const value = parseNumber(this.#row.bytes, this.#row.start[index]!, this.#row.end[index]!, this.#decimal);
    if (value >= lowest && value <= highest) return value;
    const limits =
      lowest === Number.MIN_VALUE ? 'above 0' : highest === Number.MAX_VALUE ? `at least ${lowest}` : `between ${lowest} and ${highest}`;
    reportNumber(this.#env.log, this.line, index + 1, name, name, text, value, limits);
    return null;
  }

  /** The security of a record: FIGI, else ISIN, else ticker (with exchange); `order` may put the ticker first. */
  symbol(
    order: readonly SymbolRef['type'][] = ['figi', 'isin', 'ticker'],
    clean: (ticker: string) => string = (text) => text,
  ): SymbolRef | null {
    const type = order.find((column) => (column === 'ticker' ? this.text(column) !== '' : !isNoValue(this.text(column)))) ?? 'ticker';
    const text = type === 'ticker' ? clean(this.text(type)) : this.text(type);
    const exchange = type === 'ticker' ? this.text('exchange') : '';
    const key = `${type}\n${text}\n${exchange}`;
    let symbol = this.#symbols.get(key);
    if (symbol === undefined) {
      symbol = makeSymbol(type, text, exchange);
      this.#symbols.set(key, symbol);
    }
    if (typeof symbol === 'string') {
      reportName(this.#env.log, this.line, (this.#columns.get(type) ?? -1) + 1, type, text, symbol);
      return null;
    }
    return symbol;
  }

  /**
   * An identifier, upper case, '' when empty. A wrong one is reported with what it may have been; a single proposal is taken only
   * when the import asks for it (acceptRepairs). `severity` says what a wrong one means: in master data an error, beside a position
   * a warning, for the number may still be the best there is.
   */
  identifier(name: IdentifierType, severity: 'error' | 'warning' = 'warning'): string {
    const text = this.text(name).toUpperCase();
    if (isNoValue(text)) return '';
    if (IDENTIFIER_CHECKS[name](text)) return text;
    const beside = Object.fromEntries((['figi', 'isin', 'cusip', 'sedol'] as const).map((type) => [type, this.text(type).toUpperCase()]));
    const proposals = proposeIdentifier(name, text, beside);
    if (proposals.length === 1 && this.#env.acceptRepairs) {
      this.fail(
        name,
        'repaired',
        text,
        `${text} was read as ${proposals[0]}, as accepted`,
        'Nothing to do; export identifiers as text.',
        'info',
      );
      return proposals[0]!;
    }
    if (proposals.length > 0) {
      const found = proposals.join(' or ');
      const how = proposals.length === 1 ? 'accept the proposed repairs (--accept-repairs) or correct the cell' : 'correct the cell';
      this.fail(
        name,
        'spreadsheet_damage',
        text,
        `${text} was damaged, probably by a spreadsheet; it may have been ${found}`,
        `Export identifiers as text; ${how}.`,
        severity,
      );
    } else {
      const damaged = /^\d([.,]\d+)?E\+?\d+$/.test(text);
      const reason = damaged
        ? `${text} is a ${name.toUpperCase()} that a spreadsheet has turned into a number`
        : `${text} is no ${name.toUpperCase()}: length or check digit is wrong`;
      this.fail(
        name,
        damaged ? 'spreadsheet_damage' : 'check_digit',
        text,
        reason,
        'Correct the identifier or leave it empty; export identifiers as text.',
        severity,
      );
    }
    return text;
  }
}

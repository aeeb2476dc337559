/** Matrices: one security per row and dates across, or one security per column and dates down. */
import { fileError } from './issues.ts';
import { foreignCurrency, isSound, LOWEST, reportDate, reportFuture, reportName, reportNumber, safeText } from './cells.ts';
import { BAD_DAY, parseDay, parseDayText, type DateOrder } from './dates.ts';
import { isNoValue, parseNumber } from './numbers.ts';
import type { Env, Reader } from './reader.ts';
import { finishSeries, FUTURE, NO_SESSION, SeriesBuilder, SESSION, slotOf } from './series.ts';
import { makeSymbol, namingColumn, SymbolTable, type NameColumns } from './symbols.ts';
import type { SeriesField, SeriesKind } from './staged.ts';
import type { Row } from './tokenizer.ts';

export interface WidePlan {
  readonly shape: 'across' | 'down';
  readonly kind: SeriesKind;
  readonly field: SeriesField;
  readonly header: readonly string[];
  readonly headerLine: number;
  /** Date column of a matrix with dates down. */
  readonly date: number;
  /** Naming columns of a matrix with dates across. */
  readonly names: NameColumns;
  /** Of a matrix with dates across; -1 = none. */
  readonly currency: number;
  /** Columns that hold values, ascending. */
  readonly cells: readonly number[];
  readonly order: DateOrder;
  readonly decimal: '.' | ',';
}

/** State of a row or column of the matrix: SESSION, NO_SESSION, or not to be taken. */
const WRONG = 3;

export function createWideReader(plan: WidePlan, env: Env): Reader {
  const { log, days, context } = env;
  const across = plan.shape === 'across';
  const table = new SymbolTable();
  const builder = new SeriesBuilder(1, false);
  const decimal = plan.decimal.charCodeAt(0);
  const lowest = LOWEST[plan.field];
  const cells = Int32Array.from(plan.cells);
  /** Per value column: its day or symbol number, its slot, its state. */
  const key = new Int32Array(cells.length);
  const slots = new Int32Array(cells.length);
  const state = new Uint8Array(cells.length);
  let rows = 0;
  let rejected = 0;

  const judgeDay = (day: number, line: number, column: number, header: string, text: () => string): number => {
    const status = day === BAD_DAY ? WRONG : days.status(day);
    if (status === WRONG) reportDate(log, line, column + 1, header, text(), plan.order);
    if (status === FUTURE) reportFuture(log, line, column + 1, header, text(), context.today);
    return status === FUTURE ? WRONG : status;
  };

  const readHeader = (): void => {
    const seen = new Map<number, number>();
    cells.forEach((column, i) => {
      const text = plan.header[column]!;
      if (across) {
        key[i] = parseDayText(text, plan.order);
        state[i] = judgeDay(key[i]!, plan.headerLine, column, text, () => text);
        slots[i] = state[i] === SESSION ? slotOf(key[i]!) : 0;
      } else {
        const symbol = makeSymbol('ticker', text, '');
        if (typeof symbol === 'string') {
          state[i] = WRONG;
          reportName(log, plan.headerLine, column + 1, text, text, symbol);
          return;
        }
        key[i] = table.add(symbol);
      }
      const first = state[i] === WRONG ? undefined : seen.get(key[i]!);
      if (first !== undefined) {
        const issue = {
          found: text,
          reason: `columns ${first + 1} and ${column + 1} are both ${text}`,
          fix: 'Keep one of the two columns.',
        };
        throw fileError(env.file, 'duplicate_column', issue, plan.headerLine, column + 1);
      }
      seen.set(key[i]!, column);
    });
  };
  readHeader();

  /** A cell that is not simply a good value: an empty word, or an error. */
  const judgeCell = (row: Row, column: number, value: number): void => {
    const text = safeText(row, column);
    if (isNoValue(text)) {
      rows--;
      return;
    }
    rejected++;
    reportNumber(
      log,
      row.line,
      column + 1,
      plan.header[column]!,
      plan.field,
      text,
      value,
      `${lowest.open ? 'above' : 'at least'} ${lowest.value}`,
      across ? safeText(row, namingColumn(row, plan.names).column) : plan.header[column]!,
    );
  };

  const filledCells = (row: Row): number => {
    let filled = 0;
    for (const column of plan.cells) if (column < row.count && row.start[column] !== row.end[column]) filled++;
    return filled;
  };

  /** Symbol number (dates across) or day (dates down) of a row; BAD_DAY after reporting why there is none. */
  const rowKey = (row: Row): number => {
    if (!isSound(log, row, plan.header.length)) return BAD_DAY;
    if (!across) {
      const day = parseDay(row.bytes, row.start[plan.date]!, row.end[plan.date]!, plan.order);
      return judgeDay(day, row.line, plan.date, plan.header[plan.date]!, () => safeText(row, plan.date)) === WRONG ? BAD_DAY : day;
    }
    const foreign = plan.currency < 0 ? null : foreignCurrency(safeText(row, plan.currency));
    if (foreign) {
      log.add('error', 'foreign_currency', row.line, plan.currency + 1, () => ({ ...foreign, field: plan.header[plan.currency]! }));
      return BAD_DAY;
    }
    const { type, column } = namingColumn(row, plan.names);
    const symbol = table.intern(row, type, column, type === 'ticker' ? plan.names.exchange : -1);
    if (typeof symbol === 'number') return symbol;
    reportName(log, row.line, column + 1, plan.header[column]!, safeText(row, column), symbol);
    return BAD_DAY;
  };

  const readRow = (row: Row): void => {
    const mine = rowKey(row);
    if (mine === BAD_DAY) {
      const lost = Math.max(1, filledCells(row));
      rows += lost;
      rejected += lost;
      return;
    }
    const noSession = !across && days.status(mine) === NO_SESSION;
    const mySlot = across || noSession ? 0 : slotOf(mine);
    const { bytes, start, end, line } = row;
    for (let i = 0; i < cells.length; i++) {
      const column = cells[i]!;
      const from = start[column]!;
      const to = end[column]!;
      if (from === to) continue;
      rows++;
      if (noSession || state[i] !== SESSION) {
        if (isNoValue(safeText(row, column))) rows--;
        else if (state[i] === WRONG) rejected++;
        else days.leaveOut(across ? key[i]! : mine, line);
        continue;
      }
      const value = parseNumber(bytes, from, to, decimal);
      if (value < Infinity && (lowest.open ? value > lowest.value : value >= lowest.value)) {
        const at = builder.next(across ? mine : key[i]!, across ? slots[i]! : mySlot, line);
        builder.block.values[0]![at] = value;
      } else judgeCell(row, column, value);
    }
  };

  return {
    row: readRow,
    finish() {
      const columnOf = (symbol: number, slot: number): number => {
        const at = across ? slots.findIndex((value, i) => value === slot && state[i] === SESSION) : key.indexOf(symbol);
        return at < 0 ? 0 : cells[at]! + 1;
      };
      const series = finishSeries(builder, plan.kind, [plan.field], table.symbols, log, columnOf);
      return { staged: series.staged, extra: null, rows, rejected: rejected + series.rejected };
    },
  };
}

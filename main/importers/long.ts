/** One row per date (and security): native prices, returns and market_cap, and one-file-per-ticker downloads. */
import type { EpochDay } from '../contract/units.ts';
import { foreignCurrency, isSound, LOWEST, reportDate, reportFuture, reportName, reportNumber, safeText } from './cells.ts';
import { BAD_DAY, parseDay, type DateOrder } from './dates.ts';
import { blockOf } from './engine.ts';
import { createPlainRows, plainEngine } from './plain.ts';
import { settleRepeats } from './master.ts';
import { isNoValue, parseNumber } from './numbers.ts';
import type { Env, Reader } from './reader.ts';
import { finishSeries, FUTURE, NO_SESSION, SeriesBuilder, slotOf } from './series.ts';
import { namingColumn, SymbolTable, type NameColumns } from './symbols.ts';
import { NOT_STATED, type ActionRow, type SeriesField, type SeriesKind, type SymbolRef } from './staged.ts';
import type { Row } from './tokenizer.ts';

/** Where things are; column numbers from 0, -1 = absent. */
export interface LongPlan {
  readonly shape: 'long';
  readonly kind: SeriesKind;
  readonly header: readonly string[];
  readonly date: number;
  readonly names: NameColumns;
  /** The security of the whole file, named after it. */
  readonly fixed: SymbolRef | null;
  readonly fields: readonly { readonly field: SeriesField; readonly column: number }[];
  readonly known: number;
  readonly currency: number;
  /** Stooq's period column: only `D` is daily. */
  readonly period: number;
  /** Stooq writes AAPL.US. */
  readonly dropUs: boolean;
  readonly dividend: number;
  readonly split: number;
  readonly order: DateOrder;
  readonly decimal: '.' | ',';
}

const DOLLAR = 36;

export function createLongReader(plan: LongPlan, env: Env): Reader {
  const { log, days, context } = env;
  const table = new SymbolTable();
  const fixed = plan.fixed ? table.add(plan.fixed) : -1;
  const engine = plainEngine(plan);
  const block = engine && blockOf(engine, plan.fields.length, plan.known >= 0);
  const builder = new SeriesBuilder(plan.fields.length, plan.known >= 0, block);
  const plain = engine && createPlainRows(engine, { plan, env, table, fixed, builder });
  const decimal = plan.decimal.charCodeAt(0);
  const columns = plan.fields.map(({ column }) => column);
  const lowest = plan.fields.map(({ field }) => LOWEST[field]);
  const current = new Float64Array(columns.length);
  /** By line. */
  const actions = new Map<number, ActionRow[]>();
  let rows = 0;
  let rejected = 0;

  /** Value of a number cell, NaN when empty; -Infinity after reporting a wrong one. */
  const readNumber = (row: Row, column: number, field: string, limit: { readonly value: number; readonly open: boolean }): number => {
    let start = row.start[column]!;
    const end = row.end[column]!;
    if (start === end) return NaN;
    if (row.bytes[start] === DOLLAR) start++;
    const value = parseNumber(row.bytes, start, end, decimal);
    if (value < Infinity && (limit.open ? value > limit.value : value >= limit.value)) return value;
    const text = safeText(row, column);
    if (isNoValue(text)) return NaN;
    reportNumber(
      log,
      row.line,
      column + 1,
      plan.header[column]!,
      field,
      text,
      value,
      `${limit.open ? 'above' : 'at least'} ${limit.value}`,
      fixed >= 0 ? table.symbols[fixed]!.raw : safeText(row, namingColumn(row, plan.names).column),
    );
    return -Infinity;
  };

  const readKnown = (row: Row, day: number): number => {
    const column = plan.known;
    const start = row.start[column]!;
    const end = row.end[column]!;
    if (start === end) return NOT_STATED;
    const known = parseDay(row.bytes, start, end, plan.order);
    if (known !== BAD_DAY && known >= day && known <= context.today) return known;
    const text = safeText(row, column);
    if (known === BAD_DAY) reportDate(log, row.line, column + 1, plan.header[column]!, text, plan.order);
    else if (known > context.today) reportFuture(log, row.line, column + 1, plan.header[column]!, text, context.today);
    else
      log.add('error', 'known_before_date', row.line, column + 1, () => ({
        field: plan.header[column]!,
        found: text,
        reason: `known_from ${text} lies before the row's own date`,
        fix: 'A value cannot be known before its day: correct known_from or leave it empty.',
      }));
    return known;
  };

  const readSymbol = (row: Row): number => {
    if (fixed >= 0) return fixed;
    const { type, column } = namingColumn(row, plan.names);
    if (plan.dropUs) dropUsSuffix(row, column);
    const symbol = table.intern(row, type, column, type === 'ticker' ? plan.names.exchange : -1);
    if (typeof symbol === 'number') return symbol;
    reportName(log, row.line, column + 1, plan.header[column]!, safeText(row, column), symbol);
    return -1;
  };

  const stageActions = (row: Row, day: number, symbol: number, known: number): void => {
    const knownFrom = known === NOT_STATED ? null : (known as EpochDay);
    const stage = (column: number, type: 'dividend' | 'split', idle: number): void => {
      if (column < 0) return;
      const value = readNumber(row, column, type, { value: 0, open: type === 'split' });
      if (value === idle || !(value > -Infinity)) return;
      staged.push({ line: row.line, symbol: table.symbols[symbol]!, exDate: day as EpochDay, type, value, knownFrom });
    };
    const staged: ActionRow[] = [];
    stage(plan.dividend, 'dividend', 0);
    stage(plan.split, 'split', 1);
    if (staged.length > 0) actions.set(row.line, staged);
  };

  /** Takes a row; false when it was rejected. */
  const take = (row: Row): boolean => {
    if (!isSound(log, row, plan.header.length)) return false;
    const errors = log.errors;
    const day = parseDay(row.bytes, row.start[plan.date]!, row.end[plan.date]!, plan.order);
    const status = day === BAD_DAY ? BAD_DAY : days.status(day);
    if (status === NO_SESSION) {
      days.leaveOut(day, row.line);
      return true;
    }
    if (status === BAD_DAY) reportDate(log, row.line, plan.date + 1, plan.header[plan.date]!, safeText(row, plan.date), plan.order);
    if (status === FUTURE) reportFuture(log, row.line, plan.date + 1, plan.header[plan.date]!, safeText(row, plan.date), context.today);
    if (plan.period >= 0 && safeText(row, plan.period).toUpperCase() !== 'D') {
      log.add('error', 'not_daily', row.line, plan.period + 1, () => ({
        found: safeText(row, plan.period),
        reason: 'the row is not daily',
        fix: 'Download daily data (period D).',
      }));
    }
    const foreign = plan.currency < 0 ? null : foreignCurrency(safeText(row, plan.currency));
    if (foreign)
      log.add('error', 'foreign_currency', row.line, plan.currency + 1, () => ({ ...foreign, field: plan.header[plan.currency]! }));
    const symbol = readSymbol(row);
    let filled = 0;
    for (let f = 0; f < columns.length; f++) {
      const value = readNumber(row, columns[f]!, plan.fields[f]!.field, lowest[f]!);
      current[f] = value;
      if (value > -Infinity) filled++;
    }
    const known = plan.known < 0 ? NOT_STATED : readKnown(row, day);
    if (log.errors > errors) return false;
    if (plan.dividend >= 0 || plan.split >= 0) stageActions(row, day, symbol, known);
    if (log.errors > errors) return false;
    if (filled === 0) {
      log.add('info', 'empty_row', row.line, 0, () => ({ reason: 'the row has no value', fix: 'Nothing to do: it was left out.' }));
      return true;
    }
    const at = builder.next(symbol, slotOf(day), row.line);
    for (let f = 0; f < columns.length; f++) builder.block.values[f]![at] = current[f]!;
    if (builder.block.known) builder.block.known[at] = known;
    return true;
  };

  return {
    plain,
    row(row) {
      rows++;
      if (!take(row)) rejected++;
    },
    half() {
      builder.pack();
      const { blocks, isSorted } = builder;
      return { symbols: table.symbols, blocks, isSorted, rows: rows + (plain?.total ?? 0), rejected };
    },
    append(half, lines) {
      const numbers = half.symbols.map((symbol) => table.add(symbol));
      builder.append(half.blocks, half.isSorted, numbers, lines);
      rows += half.rows;
      rejected += half.rejected;
    },
    finish() {
      const fields = plan.fields.map(({ field }) => field);
      const series = finishSeries(builder, plan.kind, fields, table.symbols, log, () => 0, {
        of: (line) => (actions.get(line) ?? []).map(({ type, value }) => `${type} ${value}`).join(),
        drop: (line) => void actions.delete(line),
      });
      // A row without a price may repeat a dividend, too.
      const settled = settleRepeats('actions', [...actions.values()].flat(), log);
      const extra = settled.kept.length > 0 ? ({ kind: 'actions', rows: settled.kept } as const) : null;
      rejected += series.rejected + settled.rejected;
      return { staged: series.staged, extra, rows: rows + (plain?.total ?? 0), rejected };
    },
    close: () => plain?.close(),
  };
}

/** Shortens the cell by a trailing `.US`. */
function dropUsSuffix(row: Row, column: number): void {
  const end = row.end[column]!;
  if (end - row.start[column]! > 3 && row.bytes[end - 3] === 46 && (row.bytes[end - 2]! | 32) === 117 && (row.bytes[end - 1]! | 32) === 115)
    row.end[column] = end - 3;
}

/**
 * Rows of the plainest form, read in one pass over the bytes by WebAssembly (`wasm/plain.as`): every cell is what its column asks for, without
 * quotes, blanks around it or surprises. Whatever is not goes the long way (`long.ts`), which judges and reports; a row taken here is one that
 * would be taken there, with the same values.
 */
import { BLOCK } from './blocks.ts';
import { LOWEST } from './cells.ts';
import { BAD_DAY, parseDay } from './dates.ts';
import { giveBack, takeEngine, UNKNOWN, type Engine } from './engine.ts';
import type { LongPlan } from './long.ts';
import { parseNumber } from './numbers.ts';
import type { Env } from './reader.ts';
import { slotOf, SESSION, type SeriesBuilder } from './series.ts';
import { namingColumn, type SymbolTable } from './symbols.ts';
import type { PlainRows, Row } from './tokenizer.ts';

/** What a column holds, as `wasm/plain.as` has it; 0 and above: a number of that field. */
const UNUSED = -1;
const NAME = -2;
/** A cell that goes the long way unless it is empty. */
const EMPTY = -3;
const DATE = -4;

interface Parts {
  readonly plan: LongPlan;
  readonly env: Env;
  readonly table: SymbolTable;
  /** Number of the file's only security, -1 when rows name theirs. */
  readonly fixed: number;
  /** Writes its rows to the engine's block. */
  readonly builder: SeriesBuilder;
}

/** Whether rows say no more than values of a security and day: no dividends, splits, currencies or periods, and no column with two duties. */
export function hasPlainForm(plan: LongPlan): boolean {
  if (plan.period >= 0 || plan.currency >= 0 || plan.dividend >= 0 || plan.split >= 0 || plan.dropUs) return false;
  const { figi, isin, ticker, exchange } = plan.names;
  const used = [plan.date, plan.known, figi, isin, ticker, exchange, ...plan.fields.map(({ column }) => column)].filter(
    (column) => column >= 0,
  );
  return new Set(used).size === used.length;
}

/** Null for layouts without a plain form, and where it cannot be read faster. */
export const plainEngine = (plan: LongPlan): Engine | null =>
  hasPlainForm(plan) ? takeEngine(plan.fields.length, plan.header.length) : null;

export function createPlainRows(engine: Engine, { plan, env, table, fixed, builder }: Parts): PlainRows {
  const { days, headerLine } = env;
  const { exports, bytes, room, at: base, roles, least, start, end } = engine;
  const columns = plan.header.length;
  const { names } = plan;
  roles.fill(UNUSED, 0, columns);
  const naming = [names.figi, names.isin, names.ticker].filter((column) => column >= 0);
  for (const column of [...naming, names.exchange]) if (column >= 0) roles[column] = NAME;
  roles[plan.date] = DATE;
  if (plan.known >= 0) roles[plan.known] = EMPTY;
  plan.fields.forEach(({ field, column }, f) => {
    roles[column] = f;
    // The only excluded limit is 0, and no double lies between it and MIN_VALUE.
    least[f] = LOWEST[field].open ? Number.MIN_VALUE : LOWEST[field].value;
  });
  const delimiter = env.delimiter.charCodeAt(0);
  const decimal = plan.decimal.charCodeAt(0);
  const only = names.exchange < 0 && naming.length === 1 ? naming[0]! : -1;
  exports.begin(columns, delimiter, decimal === delimiter ? 0 : decimal, only, fixed, plan.known >= 0 ? 1 : 0);

  const row: Row = { bytes, count: columns, start, end, line: 0, malformed: 0 };
  engine.questions = {
    number: (from, to) => parseNumber(bytes, from, to, decimal),
    slot(from, to) {
      const day = parseDay(bytes, from, to, plan.order);
      return day !== BAD_DAY && days.status(day) === SESSION ? slotOf(day) : UNKNOWN;
    },
    symbol() {
      const { type, column } = namingColumn(row, names);
      const symbol = table.intern(row, type, column, type === 'ticker' ? names.exchange : -1);
      return typeof symbol === 'string' ? -1 : symbol;
    },
  };

  const plain: PlainRows = {
    room,
    taken: 0,
    total: 0,
    take(from, to, firstLine) {
      plain.taken = 0;
      if (firstLine <= headerLine) return from;
      let at = from;
      for (;;) {
        const place = builder.place();
        const rows = exports.take(base + at, base + to, firstLine + plain.taken, place);
        builder.advance(rows);
        plain.taken += rows;
        at = exports.place() - base;
        if (place + rows < BLOCK || at >= to) break;
      }
      plain.total += plain.taken;
      return at;
    },
    nulIn: (from, to) => exports.nulIn(base + from, base + to) - base,
    close: () => giveBack(engine),
  };
  return plain;
}

/** Rows of price-like files: collected in file order, handed on sorted and without duplicates. */
import { slotOfDay, type EpochDay } from '../contract/units.ts';
import type { IssueCollector } from './issues.ts';
import type { ParseContext, SeriesField, SeriesKind, StagedSeries, SymbolRef } from './staged.ts';

export const SESSION = 0;
export const NO_SESSION = 1;
export const FUTURE = 2;

const CACHE_FROM = -36525;

/** Whether a day may hold a price, asked once per day; counts what falls on days without a session. */
export class DayCheck {
  readonly #context: ParseContext;
  readonly #cache = new Int8Array(2 * -CACHE_FROM).fill(-1);
  readonly #without = new Map<number, { day: EpochDay; line: number; rows: number }>();

  constructor(context: ParseContext) {
    this.#context = context;
  }

  status(day: number): number {
    const at = day - CACHE_FROM;
    const known = this.#cache[at];
    if (known !== undefined && known >= 0) return known;
    const status = day > this.#context.today ? FUTURE : this.#context.isSession(day as EpochDay) ? SESSION : NO_SESSION;
    if (known !== undefined) this.#cache[at] = status;
    return status;
  }

  /** Counts rows left out on a day without a session. */
  leaveOut(day: number, line: number, rows = 1): void {
    const entry = this.#without.get(day);
    if (entry) entry.rows += rows;
    else this.#without.set(day, { day: day as EpochDay, line, rows });
  }

  /** Takes over what another reader counted, whose lines begin so many later. */
  append(others: ReturnType<DayCheck['days']>, lines: number): void {
    for (const { day, line, rows } of others) this.leaveOut(day, line + lines, rows);
  }

  days(): { readonly day: EpochDay; readonly line: number; readonly rows: number }[] {
    return [...this.#without.values()].sort((a, b) => a.day - b.day);
  }
}

/** Slot of a day that has a session (so never a weekend). */
export function slotOf(day: number): number {
  return slotOfDay(day as EpochDay) ?? NaN;
}

/** Rows kept in one stretch of memory. */
export interface Columns {
  readonly symbol: Int32Array;
  readonly slot: Int32Array;
  readonly line: Int32Array;
  readonly known: Int32Array | null;
  readonly values: Float64Array[];
}

/** Rows of the first block where nothing is expected, of each later one, and the most that are made room for before they are met. */
const FIRST_BLOCK = 1 << 12;
const BLOCK = 1 << 17;
const MOST_EXPECTED = 1 << 24;

type Memory = (bytes: number) => ArrayBufferLike;
const own: Memory = (bytes) => new ArrayBuffer(bytes);
const shared: Memory = (bytes) => new SharedArrayBuffer(bytes);

function makeColumns(rows: number, fields: number, withKnown: boolean, memory = own): Columns {
  const ints = (): Int32Array => new Int32Array(memory(4 * rows));
  return {
    symbol: ints(),
    slot: ints(),
    line: ints(),
    known: withKnown ? ints() : null,
    values: Array.from({ length: fields }, () => new Float64Array(memory(8 * rows))),
  };
}

/** Room for about `rows` rows that two threads write, the second from row `at` on. */
export function sharedRoom(rows: number, at: number, fields: number, withKnown: boolean): readonly [Columns, Columns] {
  const all = makeColumns(Math.min(MOST_EXPECTED, rows), fields, withKnown, shared);
  return [rowsOf(all, 0, at), rowsOf(all, at, all.symbol.length)];
}

export const rowsOf = ({ symbol, slot, line, known, values }: Columns, from: number, to: number): Columns => ({
  symbol: symbol.subarray(from, to),
  slot: slot.subarray(from, to),
  line: line.subarray(from, to),
  known: known?.subarray(from, to) ?? null,
  values: values.map((column) => column.subarray(from, to)),
});

/** `rows` rows from the first of these on, beyond its own end. */
function grown({ symbol, slot, line, known, values }: Columns, rows: number): Columns {
  const ints = ({ buffer, byteOffset }: Int32Array): Int32Array => new Int32Array(buffer, byteOffset, rows);
  return {
    symbol: ints(symbol),
    slot: ints(slot),
    line: ints(line),
    known: known && ints(known),
    values: values.map(({ buffer, byteOffset }) => new Float64Array(buffer, byteOffset, rows)),
  };
}

/** Rows in file order, in blocks, so that growing copies nothing. `next()` makes a row and answers its index in `block`. */
export class SeriesBuilder {
  readonly #blocks: Columns[] = [];
  readonly #fields: number;
  readonly #withKnown: boolean;
  #used = 0;
  block: Columns;

  /** `room` for the first rows, or their number. Where it suffices, joining copies nothing; room that is never touched costs no memory. */
  constructor(fields: number, withKnown: boolean, room: number | Columns = 0) {
    this.#fields = fields;
    this.#withKnown = withKnown;
    this.block = typeof room === 'number' ? makeColumns(Math.min(MOST_EXPECTED, Math.max(FIRST_BLOCK, room)), fields, withKnown) : room;
  }

  /** Index in `block` that the next row will have. */
  place(): number {
    if (this.#used === this.block.symbol.length) {
      this.#blocks.push(this.block);
      this.block = makeColumns(BLOCK, this.#fields, this.#withKnown);
      this.#used = 0;
    }
    return this.#used;
  }

  next(symbol: number, slot: number, line: number): number {
    const at = this.place();
    this.#used++;
    this.block.symbol[at] = symbol;
    this.block.slot[at] = slot;
    this.block.line[at] = line;
    return at;
  }

  /** The rows in pieces, in order; empties the builder. */
  parts(): Columns[] {
    const parts = [...this.#blocks, rowsOf(this.block, 0, this.#used)].filter(({ symbol }) => symbol.length > 0);
    this.#blocks.length = 0;
    this.#used = 0;
    this.block = makeColumns(0, this.#fields, this.#withKnown);
    return parts;
  }

  /** Puts rows behind these. */
  append(parts: readonly Columns[]): void {
    this.#blocks.push(...this.parts(), ...parts);
  }

  /** All rows in one piece; empties the builder. */
  join(): Columns {
    const parts = this.parts();
    const [first] = parts;
    if (parts.length === 1) return first!;
    const rows = parts.reduce((sum, { symbol }) => sum + symbol.length, 0);
    // Two threads leave a gap in the room they share; later rows move down to close it.
    const inPlace = first && parts.every(({ symbol }) => symbol.buffer === first.symbol.buffer);
    const all = inPlace ? grown(first, rows) : makeColumns(rows, this.#fields, this.#withKnown);
    let at = 0;
    for (const part of parts) {
      const copy = <T extends Int32Array | Float64Array>(to: T, from: T): void => {
        if (!inPlace || part !== first) to.set(from, at);
      };
      copy(all.symbol, part.symbol);
      copy(all.slot, part.slot);
      copy(all.line, part.line);
      if (all.known) copy(all.known, part.known!);
      all.values.forEach((column, field) => copy(column, part.values[field]!));
      at += part.symbol.length;
    }
    return all;
  }
}

/** Row numbers ordered by symbol, slot, place in the file; null when they are so already, without a repeat. */
function sortedOrder(rows: Columns, symbols: number): Int32Array | null {
  const { symbol, slot } = rows;
  const count = symbol.length;
  let sorted = true;
  for (let i = 1; i < count && sorted; i++) {
    sorted = symbol[i]! > symbol[i - 1]! || (symbol[i] === symbol[i - 1] && slot[i]! > slot[i - 1]!);
  }
  if (sorted) return null;
  const from = new Int32Array(symbols + 1);
  for (let i = 0; i < count; i++) from[symbol[i]! + 1]!++;
  for (let s = 0; s < symbols; s++) from[s + 1]! += from[s]!;
  const order = new Int32Array(count);
  const next = from.slice();
  for (let i = 0; i < count; i++) order[next[symbol[i]!]!++] = i;
  for (let s = 0; s < symbols; s++) sortStretch(order.subarray(from[s]!, from[s + 1]!), slot);
  return order;
}

/** Orders row numbers by slot; they come in file order, most often rightly ordered already. */
function sortStretch(order: Int32Array, slot: Int32Array): void {
  let sorted = true;
  for (let i = 1; i < order.length && sorted; i++) sorted = slot[order[i]!]! >= slot[order[i - 1]!]!;
  if (sorted) return;
  // Slot and row number in one exact double: slot < 2^17, row < 2^31.
  const keys = Float64Array.from(order, (row) => slot[row]! * 2 ** 32 + row);
  keys.sort();
  keys.forEach((key, i) => (order[i] = key - Math.floor(key / 2 ** 32) * 2 ** 32));
}

export interface Finished {
  readonly staged: StagedSeries;
  readonly rejected: number;
}

/**
 * Sorts, collapses repeats of equal value (a finding) and rejects every claimant of a (symbol, day) told differently.
 * `columnOf` gives the column an issue of a (symbol, slot) points to.
 */
export function finishSeries(
  builder: SeriesBuilder,
  kind: SeriesKind,
  fields: SeriesField[],
  symbols: SymbolRef[],
  log: IssueCollector,
  columnOf: (symbol: number, slot: number) => number,
): Finished {
  const rows = builder.join();
  const order = sortedOrder(rows, symbols.length);
  if (order === null) return { staged: { kind, symbols, fields, ...rows }, rejected: 0 };
  const { symbol, slot, line } = rows;
  const same = (a: number, b: number): boolean =>
    rows.values.every((column) => Object.is(column[a], column[b]) || column[a] === column[b]) &&
    (rows.known === null || rows.known[a] === rows.known[b]);
  let kept = 0;
  let rejected = 0;
  for (let i = 0; i < order.length;) {
    const first = order[i]!;
    let end = i + 1;
    let differ = false;
    for (; end < order.length && symbol[order[end]!] === symbol[first] && slot[order[end]!] === slot[first]; end++) {
      if (!same(first, order[end]!)) differ = true;
    }
    const group = end - i > 1 ? order.slice(i, end) : null;
    const name = symbols[symbol[first]!]!.raw;
    const column = group ? columnOf(symbol[first]!, slot[first]!) : 0;
    if (differ) rejected += group!.length;
    else order[kept++] = first;
    for (let g = 0; group && g < group.length; g++) {
      const at = line[group[g]!]!;
      const other = line[group[g === 0 ? 1 : 0]!]!;
      if (differ) {
        log.add('error', 'duplicate_differs', at, column, () => ({
          found: name,
          reason: `lines ${Math.min(at, other)} and ${Math.max(at, other)} give ${name} different values for the same day`,
          fix: 'Keep the right one of them; none was taken.',
        }));
      } else if (g > 0) {
        log.add('info', 'duplicate_equal', at, column, () => ({
          found: name,
          reason: `line ${at} repeats line ${other} (${name}, same day, same values)`,
          fix: 'Nothing to do: it was taken once.',
        }));
      }
    }
    i = end;
  }
  return { staged: { kind, symbols, fields, ...gather(rows, order.subarray(0, kept)) }, rejected };
}

function gather(rows: Columns, order: Int32Array): Columns {
  const picked = makeColumns(order.length, rows.values.length, rows.known !== null);
  const pick = <T extends Int32Array | Float64Array>(to: T, from: T): void => {
    for (let i = 0; i < order.length; i++) to[i] = from[order[i]!]!;
  };
  pick(picked.symbol, rows.symbol);
  pick(picked.slot, rows.slot);
  pick(picked.line, rows.line);
  if (picked.known) pick(picked.known, rows.known!);
  picked.values.forEach((column, field) => pick(column, rows.values[field]!));
  return picked;
}

/** Rows of price-like files: collected in file order, handed on sorted and without duplicates. */
import { slotOfDay, type EpochDay } from '../contract/units.ts';
import { BLOCK, firstRow, makeColumns, Packer, renumber, unpackAll, type Block, type Blocks, type Columns } from './blocks.ts';
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

/** Rows in file order, packed block by block. `next()` makes a row and answers its index in `block`. */
export class SeriesBuilder implements Blocks {
  readonly blocks: Block[] = [];
  readonly withKnown: boolean;
  readonly block: Columns;
  readonly #packer: Packer;
  #used = 0;
  #packed = 0;
  #isSorted = true;
  /** The row packed last. */
  #symbol = -1;
  #slot = 0;

  /** `block` where rows are written to memory of somebody else's. */
  constructor(fields: number, withKnown: boolean, block: Columns | null = null) {
    this.withKnown = withKnown;
    this.block = block ?? makeColumns(BLOCK, fields, withKnown);
    this.#packer = new Packer(fields);
  }

  get rows(): number {
    return this.#packed + this.#used;
  }

  /** Whether the packed rows are ordered by symbol and slot, without a repeat. */
  get isSorted(): boolean {
    return this.#isSorted;
  }

  /** Index in `block` that the next row will have. */
  place(): number {
    if (this.#used === BLOCK) this.pack();
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

  /** So many rows were written to `block` from `place()` on. */
  advance(rows: number): void {
    this.#used += rows;
  }

  /** Packs what there is, to be done when the last row is in. */
  pack(): void {
    const rows = this.#used;
    if (rows === 0) return;
    const { symbol, slot } = this.block;
    let [lastSymbol, lastSlot] = [this.#symbol, this.#slot];
    for (let row = 0; row < rows && this.#isSorted; row++) {
      const now = symbol[row]!;
      if (now < lastSymbol || (now === lastSymbol && slot[row]! <= lastSlot)) this.#isSorted = false;
      lastSymbol = now;
      lastSlot = slot[row]!;
    }
    this.#symbol = symbol[rows - 1]!;
    this.#slot = slot[rows - 1]!;
    this.blocks.push(this.#packer.pack(this.block, rows));
    this.#packed += rows;
    this.#used = 0;
  }

  /** Puts the packed rows of another reader behind these: its symbol n is `numbers[n]` here, its lines begin so many later. */
  append(blocks: readonly Block[], isSorted: boolean, numbers: readonly number[], lines: number): void {
    this.pack();
    const [first] = blocks;
    if (!first) return;
    for (const block of blocks) {
      renumber(block, numbers, lines);
      this.blocks.push(block);
      this.#packed += block.rows;
    }
    const [symbol, slot] = firstRow(first);
    const follows = symbol > this.#symbol || (symbol === this.#symbol && slot > this.#slot);
    this.#isSorted &&= isSorted && follows && numbers.every((number, i) => i === 0 || number > numbers[i - 1]!);
    // What is appended is the last of a file.
    this.#symbol = Infinity;
  }
}

/** Row numbers ordered by symbol, slot, place in the file. */
function sortedOrder({ symbol, slot }: Columns, symbols: number): Int32Array {
  const count = symbol.length;
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

/** What lines say beside the values of the series: rows alike in these but not in that are told differently. */
export interface Beside {
  of(line: number): string;
  /** The row of the line is not taken: it was told before, or told differently. */
  drop(line: number): void;
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
  beside: Beside | null = null,
): Finished {
  builder.pack();
  if (builder.isSorted) return { staged: stagedSeries(kind, symbols, fields, builder), rejected: 0 };
  const rows = unpackAll(builder);
  const order = sortedOrder(rows, symbols.length);
  const { symbol, slot, line } = rows;
  const same = (a: number, b: number): boolean =>
    rows.values.every((column) => Object.is(column[a], column[b]) || column[a] === column[b]) &&
    (rows.known === null || rows.known[a] === rows.known[b]) &&
    beside?.of(line[a]!) === beside?.of(line[b]!);
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
      if (differ || g > 0) beside?.drop(at);
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
  return { staged: stagedSeries(kind, symbols, fields, gather(rows, order.subarray(0, kept))), rejected };
}

const stagedSeries = (
  kind: SeriesKind,
  symbols: SymbolRef[],
  fields: SeriesField[],
  { rows, blocks, withKnown }: Blocks,
): StagedSeries => ({
  kind,
  symbols,
  fields,
  rows,
  blocks,
  withKnown,
});

function gather({ symbol, slot, line, known, values }: Columns, order: Int32Array): Blocks {
  const picked = new SeriesBuilder(values.length, known !== null);
  for (const row of order) {
    const at = picked.next(symbol[row]!, slot[row]!, line[row]!);
    for (let field = 0; field < values.length; field++) picked.block.values[field]![at] = values[field]![row]!;
    if (known) picked.block.known![at] = known[row]!;
  }
  picked.pack();
  return picked;
}

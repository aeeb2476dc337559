/**
 * Rows of price-like files in little memory, whose first touch costs more than reading them: written into one dense block that is used again
 * and again, and packed when it is full. Whole numbers that repeat or count up are kept as runs, values as whole numbers of a power of ten
 * where they are just that, or as what those differ by from row to row. Packing changes no value (but a negative zero, which becomes zero).
 */
import { POW10 } from './numbers.ts';

/** Rows in one stretch of memory. */
export interface Columns {
  readonly symbol: Int32Array;
  readonly slot: Int32Array;
  readonly line: Int32Array;
  readonly known: Int32Array | null;
  readonly values: Float64Array[];
}

/** Whole numbers: run k begins with `values[k]` in row `starts[k]`, and goes up by the step of its column from row to row. */
interface Runs {
  readonly starts: Int32Array;
  readonly values: Int32Array;
}
type Ints = Int32Array | Runs;

/** Values as `units` of 10^-decimals, NONE where there is none: the double nearest to the quotient is the value. */
interface Units {
  readonly units: Int32Array;
  readonly decimals: number;
}
/** Units as what they differ by from the row before, the first from NONE; where that is JUMP they are the next of `jumps`. */
interface Moves {
  readonly moves: Int16Array;
  readonly jumps: Int32Array;
  readonly decimals: number;
}
type Values = Float64Array | Units | Moves;

export interface Block {
  readonly rows: number;
  readonly symbol: Ints;
  readonly slot: Ints;
  readonly line: Ints;
  readonly known: Ints | null;
  readonly values: readonly Values[];
}

/** Rows written before they are packed: as many as stay near the processor. */
export const BLOCK = 1 << 14;

/** What a column goes up by within a run. */
const STEP = { symbol: 0, slot: 1, line: 1, known: 0 } as const;
type IntColumn = keyof typeof STEP;
const INT_COLUMNS: readonly IntColumn[] = ['symbol', 'slot', 'line', 'known'];

const NONE = -2147483648;
const JUMP = -32768;
const MOST_DECIMALS = 9;
/** More jumps than one in so many rows are no gain. */
const ROWS_PER_JUMP = 8;
/** Runs of fewer rows than this on average are no gain. */
const SHORTEST_RUN = 4;
/** Blocks for which a column that was no whole numbers of anything is not tried again. */
const PAUSE = 8;

export function makeColumns(rows: number, fields: number, withKnown: boolean): Columns {
  const ints = (): Int32Array => new Int32Array(rows);
  return {
    symbol: ints(),
    slot: ints(),
    line: ints(),
    known: withKnown ? ints() : null,
    values: Array.from({ length: fields }, () => new Float64Array(rows)),
  };
}

const rowsOf = ({ symbol, slot, line, known, values }: Columns, from: number, to: number): Columns => ({
  symbol: symbol.subarray(from, to),
  slot: slot.subarray(from, to),
  line: line.subarray(from, to),
  known: known?.subarray(from, to) ?? null,
  values: values.map((column) => column.subarray(from, to)),
});

/** Packs blocks; remembers from block to block how many decimals a column has. */
export class Packer {
  readonly #starts = new Int32Array(BLOCK / SHORTEST_RUN);
  readonly #units = new Int32Array(BLOCK);
  readonly #moves = new Int16Array(BLOCK);
  readonly #jumps = new Int32Array(BLOCK / ROWS_PER_JUMP);
  readonly #decimals: Int32Array;
  /** Per column the blocks until it is tried again. */
  readonly #pause: Int32Array;

  constructor(fields: number) {
    this.#decimals = new Int32Array(fields);
    this.#pause = new Int32Array(fields);
  }

  pack({ symbol, slot, line, known, values }: Columns, rows: number): Block {
    return {
      rows,
      symbol: this.#ints(symbol, rows, STEP.symbol),
      slot: this.#ints(slot, rows, STEP.slot),
      line: this.#ints(line, rows, STEP.line),
      known: known && this.#ints(known, rows, STEP.known),
      values: values.map((column, field) => this.#values(column, rows, field)),
    };
  }

  #ints(column: Int32Array, rows: number, step: number): Ints {
    const starts = this.#starts;
    const most = Math.floor(rows / SHORTEST_RUN);
    let runs = 0;
    let expected = NaN;
    for (let row = 0; row < rows; row++) {
      const value = column[row]!;
      if (value !== expected) {
        if (runs === most) return column.slice(0, rows);
        starts[runs++] = row;
      }
      expected = value + step;
    }
    const begins = starts.slice(0, runs);
    return { starts: begins, values: begins.map((row) => column[row]!) };
  }

  #values(column: Float64Array, rows: number, field: number): Values {
    if (this.#pause[field]! > 0) this.#pause[field]!--;
    else {
      const decimals = this.#findDecimals(column, rows, this.#decimals[field]!);
      if (decimals >= 0) {
        this.#decimals[field] = decimals;
        const jumps = this.#toMoves(rows);
        if (jumps < 0) return { units: this.#units.slice(0, rows), decimals };
        return { moves: this.#moves.slice(0, rows), jumps: this.#jumps.slice(0, jumps), decimals };
      }
      this.#pause[field] = PAUSE;
    }
    return column.slice(0, rows).map((value) => value + 0);
  }

  /** Decimals that all values have at most, `guess` or a few more or less; -1 when there is no such number. Leaves the units. */
  #findDecimals(column: Float64Array, rows: number, guess: number): number {
    let decimals = guess;
    let wrong = this.#toUnits(column, rows, decimals);
    while (wrong >= 0 && decimals >= 0) {
      decimals = decimalsOf(column[wrong]!, decimals + 1);
      if (decimals >= 0) wrong = this.#toUnits(column, rows, decimals);
    }
    // So many decimals may have left no room for large values.
    return decimals < 0 && guess > 0 ? this.#findDecimals(column, rows, 0) : decimals;
  }

  /** The first row whose value is no int32 number of units; -1 when all are. */
  #toUnits(column: Float64Array, rows: number, decimals: number): number {
    const power = POW10[decimals]!;
    const units = this.#units;
    for (let row = 0; row < rows; row++) {
      const value = column[row]!;
      const unit = unitsOf(value, power);
      if (unit / power === value && unit !== NONE) units[row] = unit;
      else if (value !== value) units[row] = NONE;
      else return row;
    }
    return -1;
  }

  /** How many of the units are jumps; -1 when they are too many. Differences may wrap around, and back when they are added. */
  #toMoves(rows: number): number {
    const units = this.#units;
    const moves = this.#moves;
    const jumps = this.#jumps;
    const most = Math.floor(rows / ROWS_PER_JUMP);
    let count = 0;
    let before = NONE;
    for (let row = 0; row < rows; row++) {
      const unit = units[row]!;
      const move = (unit - before) | 0;
      before = unit;
      if (move > JUMP && move < -JUMP) moves[row] = move;
      else {
        if (count === most) return -1;
        moves[row] = JUMP;
        jumps[count++] = unit;
      }
    }
    return count;
  }
}

/** The whole number nearest to value * power, anything when it is no int32. */
const unitsOf = (value: number, power: number): number => (value * power + (value < 0 ? -0.5 : 0.5)) | 0;

/** The fewest decimals, from so many on, that a value is an int32 number of units of; -1 when there are none. */
function decimalsOf(value: number, from: number): number {
  for (let decimals = from; decimals <= MOST_DECIMALS; decimals++) {
    const unit = unitsOf(value, POW10[decimals]!);
    if (unit / POW10[decimals]! === value && unit !== NONE) return decimals;
  }
  return -1;
}

function unpackInts(ints: Ints, rows: number, step: number, to: Int32Array, at: number): void {
  if (ints instanceof Int32Array) {
    to.set(ints, at);
    return;
  }
  const { starts, values } = ints;
  for (let run = 0; run < starts.length; run++) {
    const end = at + (starts[run + 1] ?? rows);
    let value = values[run]!;
    for (let row = at + starts[run]!; row < end; row++, value += step) to[row] = value;
  }
}

/** Writes the rows of a block to `to` from row `at` on. */
export function unpack(block: Block, to: Columns, at: number): void {
  for (const name of INT_COLUMNS) {
    const ints = block[name];
    if (ints) unpackInts(ints, block.rows, STEP[name], to[name]!, at);
  }
  block.values.forEach((packed, field) => {
    const column = to.values[field]!;
    if (packed instanceof Float64Array) column.set(packed, at);
    else if ('units' in packed) unpackUnits(packed, column, at);
    else unpackMoves(packed, column, at);
  });
}

function unpackUnits({ units, decimals }: Units, column: Float64Array, at: number): void {
  const power = POW10[decimals]!;
  for (let row = 0; row < units.length; row++) column[at + row] = units[row] === NONE ? NaN : units[row]! / power;
}

function unpackMoves({ moves, jumps, decimals }: Moves, column: Float64Array, at: number): void {
  const power = POW10[decimals]!;
  let unit = NONE;
  let jump = 0;
  for (let row = 0; row < moves.length; row++) {
    const move = moves[row]!;
    unit = move === JUMP ? jumps[jump++]! : (unit + move) | 0;
    column[at + row] = unit === NONE ? NaN : unit / power;
  }
}

/** Changes each whole number of a column that is kept as what runs begin with or one by one. */
function mapInts(ints: Ints, change: (value: number) => number): void {
  const numbers = ints instanceof Int32Array ? ints : ints.values;
  for (let i = 0; i < numbers.length; i++) numbers[i] = change(numbers[i]!);
}

/** Gives the rows of a block other symbols, in place, and lines so many later. */
export function renumber({ symbol, line }: Block, numbers: readonly number[], lines: number): void {
  mapInts(symbol, (value) => numbers[value]!);
  mapInts(line, (value) => value + lines);
}

const firstOf = (ints: Ints): number => (ints instanceof Int32Array ? ints : ints.values)[0]!;
/** Symbol and slot of a block's first row. */
export const firstRow = ({ symbol, slot }: Block): readonly [number, number] => [firstOf(symbol), firstOf(slot)];

/** Whatever has the rows of a file. */
export interface Blocks {
  readonly rows: number;
  readonly blocks: readonly Block[];
  readonly withKnown: boolean;
}

const fieldsOf = ([first]: readonly Block[]): number => first?.values.length ?? 0;

/** All rows in one stretch. */
export function unpackAll({ rows, blocks, withKnown }: Blocks): Columns {
  const all = makeColumns(rows, fieldsOf(blocks), withKnown);
  let at = 0;
  for (const block of blocks) {
    unpack(block, all, at);
    at += block.rows;
  }
  return all;
}

/** The rows of one symbol after the other, which are sorted by it. They are good until the next are asked for. */
export function* rowsBySymbol({ blocks, withKnown }: Blocks): Generator<Columns, void> {
  const fields = fieldsOf(blocks);
  let columns = makeColumns(0, fields, withKnown);
  /** Rows of a symbol that goes on in the next block. */
  let held = 0;
  for (const block of blocks) {
    const end = held + block.rows;
    if (end > columns.symbol.length) {
      const larger = makeColumns(2 * end, fields, withKnown);
      copy(columns, 0, held, larger);
      columns = larger;
    }
    unpack(block, columns, held);
    const { symbol } = columns;
    let from = 0;
    for (let row = Math.max(1, held); row < end; row++) {
      if (symbol[row] === symbol[row - 1]) continue;
      yield rowsOf(columns, from, row);
      from = row;
    }
    if (from > 0) copy(columns, from, end, columns);
    held = end - from;
  }
  if (held > 0) yield rowsOf(columns, 0, held);
}

function copy(from: Columns, first: number, end: number, to: Columns): void {
  const { symbol, slot, line, known, values } = rowsOf(from, first, end);
  to.symbol.set(symbol);
  to.slot.set(slot);
  to.line.set(line);
  if (known) to.known!.set(known);
  values.forEach((column, field) => to.values[field]!.set(column));
}

/** The arrays that values are kept in. */
const partsOf = (packed: Values): (Float64Array | Int32Array | Int16Array)[] =>
  packed instanceof Float64Array ? [packed] : 'units' in packed ? [packed.units] : [packed.moves, packed.jumps];

/** Bytes of the values of blocks. */
export const bytesOfValues = (blocks: readonly Block[]): number =>
  blocks.flatMap(({ values }) => values.flatMap(partsOf)).reduce((sum, { byteLength }) => sum + byteLength, 0);

/** The buffers of blocks, to be moved between threads instead of copied. */
export function buffersOfBlocks(blocks: readonly Block[]): ArrayBuffer[] {
  const ofInts = (ints: Ints | null): ArrayBufferLike[] =>
    ints === null ? [] : ints instanceof Int32Array ? [ints.buffer] : [ints.starts.buffer, ints.values.buffer];
  return blocks.flatMap(({ symbol, slot, line, known, values }) => [
    ...[symbol, slot, line, known].flatMap(ofInts),
    ...values.flatMap(partsOf).map(({ buffer }) => buffer),
  ]) as ArrayBuffer[];
}

/** First and last slot of all rows; null without any. */
export function slotRange({ blocks }: Blocks): { readonly first: number; readonly last: number } | null {
  let [first, last] = [Infinity, -Infinity];
  const widen = (from: number, to: number): void => {
    if (from < first) first = from;
    if (to > last) last = to;
  };
  for (const { slot, rows } of blocks) {
    if (slot instanceof Int32Array) for (const at of slot) widen(at, at);
    else slot.values.forEach((value, k) => widen(value, value + ((slot.starts[k + 1] ?? rows) - slot.starts[k]! - 1) * STEP.slot));
  }
  return first > last ? null : { first, last };
}

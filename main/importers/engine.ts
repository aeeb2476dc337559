/** The WebAssembly that reads plain rows (`wasm/plain.as`): its memory as this side sees it, and instances that are used again. */
import { compileModule, instantiate } from '../contract/wasm.ts';
import { BLOCK, type Columns } from './blocks.ts';
import { POW10 } from './numbers.ts';
import { MODULE } from './wasm/module.ts';

/** Addresses and sizes of the memory, as the module tells them. */
type Place = 'POWERS' | 'LEAST' | 'ROLES' | 'STARTS' | 'ENDS' | 'SYMBOLS' | 'SLOTS' | 'LINES' | 'KNOWN' | 'VALUES' | 'ROOM';
type Size = 'BLOCK' | 'MOST_FIELDS' | 'MOST_COLUMNS' | 'ROOM_BYTES' | 'MEMORY_BYTES';
type Layout = Readonly<Record<Place | Size, { readonly value: number }>>;

interface Exports extends Layout {
  begin(columns: number, delimiter: number, point: number, only: number, fixed: number, withKnown: number): void;
  take(from: number, to: number, line: number, row: number): number;
  place(): number;
  nulIn(from: number, to: number): number;
}

/** What the module asks while it reads; places are those of `Engine.bytes`. */
interface Questions {
  /** The double nearest to a long number. */
  number(start: number, end: number): number;
  /** Slot of a date, UNKNOWN when it is none to take as it is. */
  slot(start: number, end: number): number;
  /** Number of the security the row names, -1 when it names none. */
  symbol(): number;
}

export interface Engine {
  readonly exports: Exports;
  /** The whole memory. */
  readonly bytes: Uint8Array;
  /** Where bytes of a file are read, and its place in the memory. */
  readonly room: Uint8Array;
  readonly at: number;
  readonly roles: Int32Array;
  readonly least: Float64Array;
  /** Begin and end of the texts of a row. */
  readonly start: Int32Array;
  readonly end: Int32Array;
  questions: Questions;
}

const PAGE = 1 << 16;
/** Pages of the memory; what the module needs is checked against it. */
const PAGES = 64;
const NO_QUESTIONS: Questions = { number: () => NaN, slot: () => UNKNOWN, symbol: () => -1 };
export const UNKNOWN = -2147483648;

let module: object | null | undefined;
/** One for each file that was read at the same time as others. */
const idle: Engine[] = [];

/** An engine nobody uses; null where there is no WebAssembly or a file has more fields or columns than it takes. */
export function takeEngine(fields: number, columns: number): Engine | null {
  const engine = idle.pop() ?? makeEngine();
  if (!engine) return null;
  const { MOST_FIELDS, MOST_COLUMNS } = engine.exports;
  if (fields <= MOST_FIELDS.value && columns <= MOST_COLUMNS.value) return engine;
  idle.push(engine);
  return null;
}

/** Gives an engine back; nothing in its memory may be used any more. */
export function giveBack(engine: Engine): void {
  engine.questions = NO_QUESTIONS;
  idle.push(engine);
}

/** The block it writes. */
export function blockOf({ bytes, exports }: Engine, fields: number, withKnown: boolean): Columns {
  const ints = (address: { readonly value: number }): Int32Array => new Int32Array(bytes.buffer, address.value, BLOCK);
  return {
    symbol: ints(exports.SYMBOLS),
    slot: ints(exports.SLOTS),
    line: ints(exports.LINES),
    known: withKnown ? ints(exports.KNOWN) : null,
    values: Array.from({ length: fields }, (_, field) => new Float64Array(bytes.buffer, exports.VALUES.value + field * BLOCK * 8, BLOCK)),
  };
}

function makeEngine(): Engine | null {
  module ??= compileModule(MODULE);
  if (!module) return null;
  let engine: Engine | null = null;
  const instance = instantiate(module, PAGES, {
    number: (start: number, end: number) => engine!.questions.number(start, end),
    slot: (start: number, end: number) => engine!.questions.slot(start, end),
    symbol: () => engine!.questions.symbol(),
  });
  if (!instance) return null;
  const exports = instance.exports as Exports;
  const { buffer } = instance.memory;
  if (exports.BLOCK.value !== BLOCK || exports.MEMORY_BYTES.value > PAGES * PAGE)
    throw new Error('the reader of plain rows has another layout');
  new Float64Array(buffer, exports.POWERS.value, POW10.length).set(POW10);
  const columns = exports.MOST_COLUMNS.value;
  engine = {
    exports,
    bytes: new Uint8Array(buffer),
    room: new Uint8Array(buffer, exports.ROOM.value, exports.ROOM_BYTES.value),
    at: exports.ROOM.value,
    roles: new Int32Array(buffer, exports.ROLES.value, columns),
    least: new Float64Array(buffer, exports.LEAST.value, exports.MOST_FIELDS.value),
    start: new Int32Array(buffer, exports.STARTS.value, columns),
    end: new Int32Array(buffer, exports.ENDS.value, columns),
    questions: NO_QUESTIONS,
  };
  return engine;
}

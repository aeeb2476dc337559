/** RFC 4180 records from UTF-8 bytes that arrive in any pieces. */
import { fileError, noText } from './issues.ts';

const MAX_LINE_BYTES = 16 * 1024 * 1024;
const MAX_COLUMNS = 50_000;

/** One record, valid only during the call: cell i is bytes[start[i], end[i]), unquoted, without blanks around it. */
export interface Row {
  bytes: Uint8Array;
  count: number;
  start: Int32Array;
  end: Int32Array;
  /** Physical line the record begins on, from 1. */
  line: number;
  /** Column (from 1) with text after a closing quote; 0 when there is none. */
  malformed: number;
}

/** Reads records of a form it knows faster than one by one; what it leaves is cut into cells as ever. */
export interface PlainRows {
  /** Records of the last `take`, and of all. */
  taken: number;
  total: number;
  /** Where the bytes lie that it reads. */
  readonly room: Uint8Array;
  /**
   * Takes records from room[from, to) on, one line each, the first on `line`, and answers where the first one begins that it does not
   * take. room[to] is a line end that is not part of the data.
   */
  take(from: number, to: number, line: number): number;
  /** The first NUL of room[from, to); `to` when there is none. */
  nulIn(from: number, to: number): number;
  /** It is not used any more. */
  close(): void;
}

/** Records cut into cells before plain ones are tried again, at most: files without plain records lose little. */
const LONGEST_PAUSE = 64;

const CELL = 0;
const PLAIN = 1;
const QUOTED = 2;
const QUOTE_SEEN = 3;
const CLOSED = 4;

const LF = 10;
const CR = 13;
const SPACE = 32;
const QUOTE = 34;

/**
 * Splits bytes into records and hands each to `onRow`, blank ones too (one empty cell). LF, CR LF and CR end a line, mixed as
 * they come. Throws when a line passes 16 MiB, a row 50,000 columns, at a NUL byte and at a quote that never closes.
 */
export class Tokenizer {
  readonly #file: string;
  readonly #delimiter: number;
  readonly #onRow: (row: Row) => void;
  readonly #plain: PlainRows | null;
  /** Records to cut before the next try, and how many it were the last time. */
  #wait = 0;
  #pause = 0;
  readonly #row: Row = { bytes: new Uint8Array(0), count: 0, start: new Int32Array(64), end: new Int32Array(64), line: 1, malformed: 0 };
  #bytes: Uint8Array;
  #length = 0;
  /** Next byte to look at, start of the record and of the cell under construction. */
  #at = 0;
  #record = 0;
  #cell = 0;
  #mode = CELL;
  #escaped = false;
  /** A CR ended the last record; an LF right behind it belongs to it. */
  #afterCr = false;
  #line = 1;
  #quoteLine = 0;

  constructor(file: string, delimiter: string, onRow: (row: Row) => void, plain: PlainRows | null = null) {
    this.#file = file;
    this.#delimiter = delimiter.charCodeAt(0);
    this.#onRow = onRow;
    this.#plain = plain;
    this.#bytes = plain?.room ?? new Uint8Array(1 << 17);
  }

  /** Line that the next byte is on. */
  get line(): number {
    return this.#line;
  }

  /** Whether all there is has been handed on: what follows is read alike by a tokenizer of its own. */
  get isBetweenRecords(): boolean {
    return this.#mode === CELL && !this.#afterCr && this.#record === this.#length;
  }

  push(chunk: Uint8Array): void {
    this.#append(chunk);
    const end = this.#length;
    this.#length = this.#nulIn(end - chunk.length, end);
    this.#scan();
    if (this.#length < end) {
      throw noText(this.#file, this.#line);
    }
    if (this.#length - this.#record > MAX_LINE_BYTES) {
      if (this.#mode === QUOTED) throw this.#unclosed();
      const text = { reason: 'a line is longer than 16 MiB', fix: 'Check that the file is a table with line ends.' };
      throw fileError(this.#file, 'line_too_long', text, this.#row.line);
    }
  }

  /** The first NUL from `from` on, else `to`. */
  #nulIn(from: number, to: number): number {
    if (this.#bytes === this.#plain?.room) return this.#plain.nulIn(from, to);
    const at = this.#bytes.subarray(from, to).indexOf(0);
    return at < 0 ? to : from + at;
  }

  finish(): void {
    if (this.#mode === QUOTED) throw this.#unclosed();
    if (this.#row.count > 0 || this.#length > this.#record) {
      this.#endCell(this.#length);
      this.#endRow();
    }
  }

  #unclosed(): Error {
    const text = { reason: 'a quote (") opened here is never closed', fix: 'Close the quote, or write a quote inside a cell as "".' };
    return fileError(this.#file, 'unterminated_quote', text, this.#quoteLine);
  }

  #append(chunk: Uint8Array): void {
    const kept = this.#length - this.#record;
    const needed = kept + chunk.length;
    const shift = this.#record;
    // One byte more: scan() writes a line end behind the data so that its inner loop needs no length.
    const target = needed < this.#bytes.length ? this.#bytes : new Uint8Array(Math.max(needed + 1, this.#bytes.length * 2));
    if (shift > 0 || target !== this.#bytes) {
      target.set(this.#bytes.subarray(this.#record, this.#length), 0);
      for (let i = 0; i < this.#row.count; i++) {
        this.#row.start[i]! -= shift;
        this.#row.end[i]! -= shift;
      }
      this.#at -= shift;
      this.#cell -= shift;
      this.#record = 0;
      this.#bytes = target;
    }
    target.set(chunk, kept);
    this.#length = needed;
  }

  #endCell(end: number): void {
    const row = this.#row;
    const bytes = this.#bytes;
    let start = this.#cell;
    if (this.#mode === QUOTE_SEEN || this.#mode === CLOSED) {
      // The cell runs from behind the opening quote to the last quote.
      while (bytes[end - 1] !== QUOTE) end--;
      end--;
      if (this.#escaped) end = unescapeQuotes(bytes, start, end);
    } else {
      while (end > start && bytes[end - 1] === SPACE) end--;
      while (start < end && bytes[start] === SPACE) start++;
    }
    if (row.count === row.start.length) this.#growCells();
    row.start[row.count] = start;
    row.end[row.count++] = end;
    this.#mode = CELL;
    this.#escaped = false;
  }

  #growCells(): void {
    const row = this.#row;
    if (row.count >= MAX_COLUMNS) {
      const text = { reason: `a row has more than ${MAX_COLUMNS} columns`, fix: 'Split the matrix, or write it the other way round.' };
      throw fileError(this.#file, 'too_many_columns', text, row.line);
    }
    const size = Math.min(MAX_COLUMNS, row.start.length * 4);
    const grow = (old: Int32Array): Int32Array => {
      const larger = new Int32Array(size);
      larger.set(old);
      return larger;
    };
    row.start = grow(row.start);
    row.end = grow(row.end);
  }

  #endRow(): void {
    const row = this.#row;
    row.bytes = this.#bytes;
    this.#onRow(row);
    row.count = 0;
    row.malformed = 0;
  }

  #scan(): void {
    this.#bytes[this.#length] = LF;
    while (this.#at < this.#length) {
      if (this.#mode === CELL && !this.#afterCr) {
        const plain = this.#bytes === this.#plain?.room && this.#at === this.#record ? this.#plain : null;
        if (plain && this.#wait-- <= 0) this.#takePlain(plain);
        if (this.#scanCells()) continue;
      }
      if (this.#at < this.#length) this.#step();
    }
  }

  #takePlain(plain: PlainRows): void {
    const at = plain.take(this.#at, this.#length, this.#line);
    this.#row.line = this.#line += plain.taken;
    this.#at = this.#cell = this.#record = at;
    this.#pause = plain.taken > 0 ? 0 : Math.min(LONGEST_PAUSE, 2 * this.#pause + 1);
    this.#wait = this.#pause;
  }

  /**
   * Cells that begin with neither quote nor blank, by far the most: stops at the first other one or at the end of the data, and true behind a record
   * where plain ones are looked for.
   */
  #scanCells(): boolean {
    const bytes = this.#bytes;
    const length = this.#length;
    const delimiter = this.#delimiter;
    const row = this.#row;
    let { start, end, count } = row;
    let at = this.#at;
    // A cell that began before this piece of data keeps its begin.
    let cell = this.#cell;
    let behind = false;
    while (at < length) {
      let byte = bytes[at]!;
      if (byte === SPACE || byte === QUOTE) break;
      // Bytes 45 to 58 (digits, `-`, `.`, `/`, `:`) are never special and are most of a price file.
      while ((byte >= 45 && byte <= 58) || (byte !== delimiter && byte !== LF && byte !== CR)) byte = bytes[++at]!;
      if (at >= length) {
        this.#mode = PLAIN;
        break;
      }
      let to = at;
      while (to > cell && bytes[to - 1] === SPACE) to--;
      if (count === start.length) {
        row.count = count;
        this.#growCells();
        ({ start, end } = row);
      }
      start[count] = cell;
      end[count++] = to;
      cell = ++at;
      if (byte === delimiter) continue;
      row.count = count;
      this.#endRow();
      count = 0;
      this.#newLine(at, byte);
      if (byte === CR) break;
      if (this.#plain) {
        behind = true;
        break;
      }
    }
    row.count = count;
    this.#at = at;
    this.#cell = cell;
    return behind;
  }

  #newLine(at: number, byte: number): void {
    this.#row.line = ++this.#line;
    this.#record = at;
    this.#afterCr = byte === CR;
  }

  /** One byte, in any state. */
  #step(): void {
    const at = this.#at++;
    const byte = this.#bytes[at]!;
    if (this.#mode === QUOTED) {
      if (byte === QUOTE) this.#mode = QUOTE_SEEN;
      else if (byte === CR || (byte === LF && this.#bytes[at - 1] !== CR)) this.#line++;
      return;
    }
    if (this.#mode === CELL) {
      const second = this.#afterCr && byte === LF;
      this.#afterCr = false;
      if (second) {
        this.#record = this.#cell = this.#at;
        return;
      }
      if (byte === SPACE) return;
      if (byte === QUOTE) {
        this.#mode = QUOTED;
        this.#quoteLine = this.#line;
        this.#cell = this.#at;
        return;
      }
      this.#mode = PLAIN;
    }
    if (this.#mode === QUOTE_SEEN && byte === QUOTE) {
      this.#escaped = true;
      this.#mode = QUOTED;
      return;
    }
    if (byte !== this.#delimiter && byte !== LF && byte !== CR) {
      if (this.#mode === PLAIN) return;
      // Behind a closing quote only blanks are in order.
      if (byte !== SPACE) this.#row.malformed = this.#row.count + 1;
      this.#mode = CLOSED;
      return;
    }
    this.#endCell(at);
    this.#cell = this.#at;
    if (byte === this.#delimiter) return;
    this.#endRow();
    this.#newLine(this.#at, byte);
  }
}

/** Turns `""` into `"` in place; returns the new end. */
function unescapeQuotes(bytes: Uint8Array, start: number, end: number): number {
  let to = start;
  for (let from = start; from < end; from++) {
    bytes[to++] = bytes[from]!;
    if (bytes[from] === QUOTE) from++;
  }
  return to;
}

const strict = new TextDecoder('utf-8', { fatal: true });

/** Text of a cell; throws a TypeError when it is not UTF-8. */
export function cellText(row: Row, index: number): string {
  if (index < 0 || index >= row.count) return '';
  const start = row.start[index]!;
  const end = row.end[index]!;
  if (end - start <= 64) {
    let text = '';
    for (let at = start; at < end; at++) {
      const byte = row.bytes[at]!;
      if (byte > 127) return strict.decode(row.bytes.subarray(start, end)).trim();
      text += String.fromCharCode(byte);
    }
    return text.trim();
  }
  return strict.decode(row.bytes.subarray(start, end)).trim();
}

/** Whether a record is an empty line. */
export function isBlank(row: Row): boolean {
  return row.count === 1 && row.start[0] === row.end[0];
}

/**
 * Rows of prices in their plainest form, several digits at a time. What a plain row is says `plain.ts`; whatever is none is left to the caller,
 * who cuts it into cells. Nothing is allocated and the memory never grows.
 */

/** Rows of the block that is written, fields, and columns of a file. */
export const BLOCK: i32 = 1 << 14;
export const MOST_FIELDS: i32 = 8;
export const MOST_COLUMNS: i32 = 1024;

export const POWERS: usize = 1024;
/** Per field the smallest value it may have. */
export const LEAST: usize = POWERS + 23 * 8;
/** Per column what it holds, and begin and end of its last text. */
export const ROLES: usize = 2048;
export const STARTS: usize = ROLES + MOST_COLUMNS * 4;
export const ENDS: usize = STARTS + MOST_COLUMNS * 4;
/** Per year from 1900, month and day of the month: its slot, plus SLOT_ZERO; 0 when it is not known. */
export const DAYS: usize = ENDS + MOST_COLUMNS * 4;
export const DAYS_BYTES: usize = 256 * 512 * 4;
export const SYMBOLS: usize = DAYS + DAYS_BYTES;
export const SLOTS: usize = SYMBOLS + BLOCK * 4;
export const LINES: usize = SLOTS + BLOCK * 4;
export const KNOWN: usize = LINES + BLOCK * 4;
export const VALUES: usize = KNOWN + BLOCK * 4;
/** Bytes of a file; a vector may be read behind them. */
export const ROOM: usize = VALUES + MOST_FIELDS * BLOCK * 8;
export const ROOM_BYTES: usize = 2 << 20;
export const MEMORY_BYTES: usize = ROOM + ROOM_BYTES + 64;

/** What a column holds; 0 and above: a number of that field. */
const UNUSED: i32 = -1;
const NAME: i32 = -2;
const EMPTY: i32 = -3;
const DATE: i32 = -4;

const SLOT_ZERO: i32 = 1 << 20;
export const UNKNOWN: i32 = -2147483648;
const NOT_STATED: i32 = -2147483648;

const LF: u8 = 10;
const CR: u8 = 13;
const SPACE: u8 = 32;
const QUOTE: u8 = 34;
const MINUS: u8 = 45;
const SLASH: u8 = 47;
const ZEROS: u64 = 0x3030303030303030;
const EXACT: u64 = 1 << 53;

/** The double nearest to a number that is too long to be told here. */
@external('env', 'number') declare function longNumber(start: usize, end: usize): f64;
/** Slot of the date in a cell, UNKNOWN when it needs a closer look. */
@external('env', 'slot') declare function slotOf(start: usize, end: usize): i32;
/** Number of the security that the row's cells name, -1 when there is none. */
@external('env', 'symbol') declare function symbolOf(): i32;

let columns: i32 = 0;
let delimiter: u8 = 0;
/** 0: none. */
let point: u8 = 0;
/** The only naming column, -1 when there are more. */
let only: i32 = -1;
/** Symbol of the whole file, -1 when rows name theirs. */
let fixed: i32 = -1;
let withKnown: bool = false;

/** Spelling of the row before, up to 16 bytes; -1 while there is none. */
let lastLength: i32 = -1;
let lastLow: u64 = 0;
let lastHigh: u64 = 0;
let lowMask: u64 = 0;
let highMask: u64 = 0;
let lastSymbol: i32 = -1;

/** Where the row begins that was not taken, and what `number` found. */
let at: usize = 0;
let value: f64 = 0;

export function begin(columns_: i32, delimiter_: i32, point_: i32, only_: i32, fixed_: i32, withKnown_: bool): void {
  columns = columns_;
  delimiter = <u8>delimiter_;
  point = <u8>point_;
  only = only_;
  fixed = fixed_;
  withKnown = withKnown_;
  lastLength = -1;
  memory.fill(DAYS, 0, DAYS_BYTES);
}

export function place(): usize {
  return at;
}

/** Bit 7 of the lowest byte that is no digit is the lowest one set. */
@inline
function nonDigits(digits: u64): u64 {
  return ((digits + 0x7676767676767676) | digits) & 0x8080808080808080;
}

/** Of 1 to 8 digits from the lowest byte on. */
@inline
function valueOf(digits: u64, count: u64): u64 {
  let pairs = digits << (64 - (count << 3));
  pairs = pairs * 10 + (pairs >> 8);
  return ((pairs & 0x000000ff000000ff) * 0x000f424000000064 + ((pairs >> 16) & 0x000000ff000000ff) * 0x0000271000000001) >> 32;
}

/** Reads a number of more digits than fit a word; answers its end, and 0 when there is none. */
function readLong(start: usize): usize {
  let end = start;
  if (load<u8>(end) === MINUS) end++;
  const first = end;
  let mantissa: u64 = 0;
  let digit: u32;
  while ((digit = <u32>load<u8>(end) - 48) <= 9) {
    mantissa = mantissa * 10 + digit;
    end++;
  }
  let digits = end - first;
  let scale: usize = 0;
  if (load<u8>(end) === point) {
    const behind = ++end;
    while ((digit = <u32>load<u8>(end) - 48) <= 9) {
      mantissa = mantissa * 10 + digit;
      end++;
    }
    scale = end - behind;
    digits += scale;
  }
  if (digits > 18 || mantissa >= EXACT) {
    value = longNumber(start, end);
  } else {
    value = <f64>mantissa / load<f64>(POWERS + (scale << 3));
    if (first !== start) value = -value;
  }
  return end;
}

/** Reads a number cell into `value`, NaN when it is empty; answers its end, and 0 when it holds anything else. */
@inline
function readNumber(start: usize): usize {
  const negative = load<u8>(start) === MINUS;
  let end = start + <usize>negative;
  let digits = load<u64>(end) ^ ZEROS;
  let others = nonDigits(digits);
  if (others === 0) return readLong(start);
  let count = ctz(others) >> 3;
  end += <usize>count;
  let scale: u64 = 0;
  let mantissa: u64;
  if (load<u8>(end) === point) {
    const part = load<u64>(++end) ^ ZEROS;
    others = nonDigits(part);
    if (others === 0) return readLong(start);
    scale = ctz(others) >> 3;
    end += <usize>scale;
    if (count + scale > 8) {
      mantissa = valueOf(digits, count) * <u64>load<f64>(POWERS + (<usize>scale << 3)) + valueOf(part, scale);
    } else {
      // The digits before and behind the point, side by side.
      digits = (digits & ((<u64>1 << (count << 3)) - 1)) | (part << (count << 3));
      count += scale;
      if (count === 0) return 0;
      mantissa = valueOf(digits, count);
    }
  } else {
    if (count === 0) {
      value = NaN;
      return negative ? 0 : end;
    }
    mantissa = valueOf(digits, count);
  }
  const quotient = <f64>mantissa / load<f64>(POWERS + (<usize>scale << 3));
  value = negative ? -quotient : quotient;
  return end;
}

/** Where the cell or line ends that goes on at `start`. */
@inline
function endOf(start: usize): usize {
  const d = i8x16.splat(delimiter);
  let mask = 0;
  for (; ; start += 16) {
    const bytes = v128.load(start);
    const ends = v128.or(v128.or(i8x16.eq(bytes, d), i8x16.eq(bytes, i8x16.splat(LF))), i8x16.eq(bytes, i8x16.splat(CR)));
    mask = i8x16.bitmask(ends);
    if (mask !== 0) break;
  }
  return start + ctz(mask);
}

@inline
function isEnd(byte: u8): bool {
  return byte === delimiter || byte === LF || byte === CR;
}

/** A text that is neither quoted nor has blanks around it: its end, 0 when it is none. */
@inline
function readText(start: usize, column: i32): usize {
  const first = load<u8>(start);
  if (first === QUOTE || first === SPACE) return 0;
  const end = endOf(start);
  if (end > start && load<u8>(end - 1) === SPACE) return 0;
  store<u32>(STARTS + (column << 2), <u32>start);
  store<u32>(ENDS + (column << 2), <u32>end);
  return end;
}

/** Reads the row that begins at `start` into row `row` of the block; answers where the next begins, and 0 when it is no plain one. */
@inline
function readRow(start: usize, to: usize, row: i32): usize {
  let end = start;
  let filled = false;
  let symbol = fixed;
  let slot: i32 = 0;
  let day: usize = 0;
  let dateStart: usize = 0;
  let dateEnd: usize = 0;
  const last = columns - 1;
  for (let column: i32 = 0; ; column++) {
    const role = load<i32>(ROLES + (column << 2));
    if (role >= 0) {
      const cell = end;
      end = readNumber(cell);
      if (end === 0) return 0;
      if (end !== cell) {
        if (!(value >= load<f64>(LEAST + (role << 3)) && value < Infinity)) return 0;
        filled = true;
      }
      store<f64>(VALUES + (((role << 14) + row) << 3), value);
    } else if (role === DATE) {
      dateStart = end;
      const head = load<u64>(end);
      const mark = <u8>(head >> 32);
      // 2021-01-04 as 20210104.
      const digits = ((head & 0xffffffff) | ((head >> 8) & 0x0000ffff00000000) | (<u64>load<u16>(end, 8) << 48)) ^ ZEROS;
      if (isEnd(load<u8>(end, 10)) && mark === <u8>(head >> 56) && mark >= MINUS && mark <= SLASH && nonDigits(digits) === 0) {
        const pairs = digits * 10 + (digits >> 8);
        const year = <u32>(pairs & 0xff) * 100 + <u32>((pairs >> 16) & 0xff) - 1900;
        const month = <u32>(pairs >> 32) & 0xff;
        const date = <u32>(pairs >> 48) & 0xff;
        if (year < 256 && month < 16 && date < 32) {
          day = DAYS + (((year << 9) | (month << 5) | date) << 2);
          slot = load<i32>(day);
        }
        end += 10;
      } else {
        const first = <u8>head;
        if (first === QUOTE || first === SPACE) return 0;
        end = endOf(end);
        if (end > dateStart && load<u8>(end - 1) === SPACE) return 0;
      }
      dateEnd = end;
    } else if (role === NAME) {
      if (
        lastLength >= 0 && ((load<u64>(end) & lowMask) ^ lastLow | (load<u64>(end, 8) & highMask) ^ lastHigh) === 0
        && isEnd(load<u8>(end + lastLength))
      ) {
        symbol = lastSymbol;
        end += lastLength;
      } else {
        end = readText(end, column);
        if (end === 0) return 0;
      }
    } else if (role === UNUSED) {
      const first = load<u8>(end);
      if (first === QUOTE || first === SPACE) return 0;
      end = endOf(end);
    }
    // The cell must end here, the last one with its line; a column that is to be empty has no more than its end.
    const byte = load<u8>(end);
    if (column < last) {
      if (byte !== delimiter) return 0;
    } else {
      if (byte === CR) end++;
      if (load<u8>(end) !== LF) return 0;
      break;
    }
    end++;
  }
  // The line end behind the data is none of the file's.
  if (end >= to || !filled) return 0;
  if (slot === 0) {
    slot = slotOf(dateStart, dateEnd);
    if (slot === UNKNOWN) return 0;
    slot += SLOT_ZERO;
    if (day !== 0) store<i32>(day, slot);
  }
  if (symbol < 0) {
    symbol = symbolOf();
    if (symbol < 0) return 0;
    if (only >= 0) remember(symbol);
  }
  const offset = <usize>row << 2;
  store<i32>(SYMBOLS + offset, symbol);
  store<i32>(SLOTS + offset, slot - SLOT_ZERO);
  if (withKnown) store<i32>(KNOWN + offset, NOT_STATED);
  return end + 1;
}

function remember(symbol: i32): void {
  const start = <usize>load<u32>(STARTS + (only << 2));
  const length = <i32>(<usize>load<u32>(ENDS + (only << 2)) - start);
  lastLength = -1;
  if (length === 0 || length > 16) return;
  lastLength = length;
  lastSymbol = symbol;
  lowMask = length >= 8 ? ~(<u64>0) : (<u64>1 << (<u64>length << 3)) - 1;
  highMask = length >= 16 ? ~(<u64>0) : length <= 8 ? 0 : (<u64>1 << (<u64>(length - 8) << 3)) - 1;
  lastLow = load<u64>(start) & lowMask;
  lastHigh = load<u64>(start, 8) & highMask;
}

/** Reads rows from `from` on into rows [row, BLOCK) of the block, the first on `line`; answers how many, and `place` where the next begins. */
export function take(from: usize, to: usize, line: i32, row: i32): i32 {
  const first = row;
  at = from;
  while (row < BLOCK && at < to) {
    const next = readRow(at, to, row);
    if (next === 0) break;
    store<i32>(LINES + (<usize>row << 2), line++);
    at = next;
    row++;
  }
  return row - first;
}

/** The first NUL byte of [from, to); `to` when there is none. */
export function nulIn(from: usize, to: usize): usize {
  for (; from + 16 <= to; from += 16) if (!i8x16.all_true(v128.load(from))) break;
  while (from < to && load<u8>(from) !== 0) from++;
  return from;
}

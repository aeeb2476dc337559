/** Decimal numbers from bytes, correctly rounded, without making strings in the common case. */

export const POW10 = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));
const EXACT = 2 ** 53;
/** No number needs more to be exact; what is longer is damage. */
const MAX_DIGITS = 1_100;

/**
 * The double nearest to the decimal in bytes[start, end), NaN when it is not one: `-1.5`, `+2`, `.5`, `3.`, `1e-7`.
 * `decimal` is the byte of the decimal separator. Digits below 2^53 and powers of ten to 10^22 are exact doubles, so one
 * multiplication or division rounds once, correctly; anything longer goes through Number().
 */
export function parseNumber(bytes: Uint8Array, start: number, end: number, decimal: number): number {
  let at = start;
  let byte = at < end ? bytes[at]! : 0;
  const negative = byte === 45;
  if (negative || byte === 43) at++;
  const first = at;
  let mantissa = 0;
  for (; at < end; at++) {
    byte = bytes[at]! - 48;
    if (byte >>> 0 > 9) break;
    mantissa = mantissa * 10 + byte;
  }
  let digits = at - first;
  let scale = 0;
  if (at < end && bytes[at] === decimal) {
    const point = ++at;
    for (; at < end; at++) {
      byte = bytes[at]! - 48;
      if (byte >>> 0 > 9) break;
      mantissa = mantissa * 10 + byte;
    }
    scale = point - at;
    digits -= scale;
  }
  if (digits === 0) return NaN;
  if (at < end) {
    if ((bytes[at]! | 32) !== 101) return NaN;
    at++;
    const down = at < end && bytes[at] === 45;
    if (down || (at < end && bytes[at] === 43)) at++;
    if (at === end) return NaN;
    let exponent = 0;
    while (at < end && (byte = bytes[at]! - 48) >= 0 && byte <= 9) {
      exponent = exponent * 10 + byte;
      at++;
    }
    if (at < end) return NaN;
    scale += down ? -exponent : exponent;
  }
  if (end - start > MAX_DIGITS) return NaN;
  if (mantissa >= EXACT || scale < -22 || scale > 22) return slowNumber(bytes, start, end, decimal);
  const value = scale === 0 ? mantissa : scale < 0 ? mantissa / POW10[-scale]! : mantissa * POW10[scale]!;
  return negative ? -value : value;
}

function slowNumber(bytes: Uint8Array, start: number, end: number, decimal: number): number {
  let text = '';
  for (let at = start; at < end; at++) text += bytes[at] === decimal ? '.' : String.fromCharCode(bytes[at]!);
  return Number(text);
}

const NO_VALUE = new Set(['null', 'nan', 'na', 'n/a', '#n/a', 'none', '-', '--']);

/** Whether the cell says "no value" in words. */
export function isNoValue(text: string): boolean {
  return text === '' || NO_VALUE.has(text.toLowerCase());
}

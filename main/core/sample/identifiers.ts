/** Check digits of the invented identifiers, so that they pass the same validation as real ones. */

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** `ZZ` (no country has it) + nine characters + the ISO 6166 check digit (Luhn over the expanded digits). */
export function simulatedIsin(number: number): string {
  const body = `ZZSIM${String(number).padStart(6, '0')}`;
  const digits = [...body].map((char) => String(ALPHABET.indexOf(char))).join('');
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    // The check digit will follow, so the last digit here is one that doubles.
    const digit = Number(digits[digits.length - 1 - i]);
    const value = i % 2 === 0 ? digit * 2 : digit;
    sum += value > 9 ? value - 9 : value;
  }
  return body + String((10 - (sum % 10)) % 10);
}

/** Eight characters + the CUSIP check digit (double-add-double from the second character). */
export function withCusipCheck(body: string): string {
  let sum = 0;
  for (let i = 0; i < 8; i++) {
    const value = ALPHABET.indexOf(body[i] ?? '0') * (i % 2 === 1 ? 2 : 1);
    sum += Math.floor(value / 10) + (value % 10);
  }
  return body + String((10 - (sum % 10)) % 10);
}

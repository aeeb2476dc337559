/** Identifiers damaged by spreadsheets: what they may have been. A proposal is only ever one that passes its check digit. */
import { checkDigitOfIsin, isCusip, isFigi, isIsin, isSedol } from './symbols.ts';

export type IdentifierType = 'figi' | 'isin' | 'cusip' | 'sedol';

export const IDENTIFIER_CHECKS: Readonly<Record<IdentifierType, (text: string) => boolean>> = {
  figi: isFigi,
  isin: isIsin,
  cusip: isCusip,
  sedol: isSedol,
};

const LENGTH = { cusip: 9, sedol: 7 } as const;
const SCIENTIFIC = /^(\d)(?:[.,](\d+))?E\+?(\d+)$/;
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/**
 * What a damaged identifier may have been, most likely first; none when nothing fits its check digit. `beside` are the other
 * identifiers of the row, upper case: a US or Canadian ISIN holds its CUSIP, a British one its SEDOL.
 */
export function proposeIdentifier(type: IdentifierType, text: string, beside: Partial<Record<IdentifierType, string>>): string[] {
  const found = new Set<string>();
  const offer = (candidate: string): void => {
    if (IDENTIFIER_CHECKS[type](candidate)) found.add(candidate);
  };
  if (type === 'cusip' || type === 'sedol') {
    const length = LENGTH[type];
    const isin = beside.isin ?? '';
    const holds = isIsin(isin) && (type === 'cusip' ? /^(US|CA)/.test(isin) : isin.startsWith('GB00'));
    if (holds) {
      // The ISIN says what it is; a number that disagrees with it is no damaged one.
      const code = type === 'cusip' ? isin.slice(2, 11) : isin.slice(4, 11);
      if (agrees(text, code)) offer(code);
      return [...found];
    }
    if (/^[0-9A-Z]+$/.test(text) && text.length < length) offer(text.padStart(length, '0'));
    const number = SCIENTIFIC.exec(text);
    // Two decimals are how a spreadsheet shows a number by itself: the digits behind them are lost.
    if (number && number[2]?.length !== 2) {
      const decimals = number[2] ?? '';
      scientific(number[1]! + decimals, Number(number[3]) - decimals.length, length).forEach(offer);
    }
  }
  if (type === 'isin' && isCusip(beside.cusip ?? '') && /^(US|CA)/.test(text)) {
    const body = text.slice(0, 2) + beside.cusip!;
    if (text.slice(0, 11) === body || text.length < 12) offer(body + checkDigitOfIsin(body));
  }
  return [...found];
}

/** Whether a damaged number can have been a code: equal digits as far as it shows them. */
function agrees(text: string, code: string): boolean {
  const number = SCIENTIFIC.exec(text);
  if (!number) return code.replace(/^0+/, '').startsWith(text.replace(/^0+/, ''));
  const shown = number[1]! + (number[2] ?? '');
  const digits = code.replace(/^0+/, '');
  // The last digit shown is rounded.
  return (
    /^\d+$/.test(digits) && digits.length === Number(number[3]) + 1 && Math.abs(Number(digits.slice(0, shown.length)) - Number(shown)) <= 1
  );
}

/** Texts of a length that read as `digits x 10^power`: plain digits, or digits with an E in them as some CUSIPs have. */
function scientific(digits: string, power: number, length: number): string[] {
  const out: string[] = [];
  const whole = power >= 0 ? digits + '0'.repeat(Math.min(power, length)) : '';
  if (power >= 0 && whole.length <= length && digits.length + power <= length) out.push(whole.padStart(length, '0'));
  for (let tail = 1; tail <= length - 2; tail++)
    for (let zeros = 0; zeros + digits.length <= length - 1 - tail; zeros++) {
      const exponent = power - zeros;
      if (exponent < 0 || String(exponent).length > tail) continue;
      out.push(`${(digits + '0'.repeat(zeros)).padStart(length - 1 - tail, '0')}E${String(exponent).padStart(tail, '0')}`);
    }
  return out;
}

/** What a ticker may have been before a spreadsheet read a date in it: `1-Mar` was MAR1, `5/06` MAY6. */
export function proposeTicker(text: string): string[] {
  const raw = text.trim().toUpperCase();
  const dayFirst = /^(\d{1,2})-([A-Z]{3})$/.exec(raw);
  if (dayFirst && MONTHS.includes(dayFirst[2]!)) return [`${dayFirst[2]}${Number(dayFirst[1])}`];
  const monthFirst = /^([A-Z]{3})-(\d{2})$/.exec(raw);
  if (monthFirst && MONTHS.includes(monthFirst[1]!))
    return [...new Set([`${monthFirst[1]}${Number(monthFirst[2])}`, `${monthFirst[1]}${monthFirst[2]}`])];
  const slashed = /^(\d{1,2})[/](\d{1,2})([/]\d{2,4})?$/.exec(raw) ?? /^\d{4}-(\d{2})-(\d{2})$/.exec(raw);
  const month = slashed && MONTHS[Number(slashed[1]) - 1];
  return month ? [`${month}${Number(slashed[2])}`] : [];
}

/** Exact decimals as people and brokers write them. */
import type { Decimal } from './staged.ts';

const NULLS = new Set(['', '--', '-', 'n/a', 'na', 'not applicable', 'unknown', 'incomplete', 'n/a (split position)', '*', 'null', 'nan']);

/** Makes the plain form of sign and digits: no leading zeros, no trailing ones behind the point. */
function makeDecimal(negative: boolean, whole: string, fraction: string): Decimal {
  const integer = whole.replace(/^0+(?=\d)/, '') || '0';
  const rest = fraction.replace(/0+$/, '');
  const digits = rest === '' ? integer : `${integer}.${rest}`;
  const text = negative && /[1-9]/.test(digits) ? `-${digits}` : digits;
  return { text, value: Number(text) };
}

/**
 * The number a holdings cell holds: signs before or behind, `$`, brackets for negative, thousands separators in groups of
 * three, `shares`. null = no value (never 0); undefined = not a number.
 */
export function parseDecimal(raw: string, decimal: '.' | ','): Decimal | null | undefined {
  let text = raw.replaceAll('\u00a0', ' ').replaceAll('\u2212', '-').trim();
  if (NULLS.has(text.toLowerCase())) return null;
  // A blank inside the digits is no part of a number: `1 50` must not become 150.
  if (/[\d.,]\s+[\d.,]/.test(text)) return undefined;
  text = text.replace(/\s*shares$/i, '').replace(/\s+/g, '');
  const brackets = /^(\$?)\((\$?)([^()]*)\)$/.exec(text);
  if (brackets) text = `${brackets[1]}${brackets[2]}${brackets[3]}`;
  const signed = /^([-+]?)(\$?)([-+]?)([\d.,]+)(-?)$/.exec(text);
  if (!signed) return undefined;
  const signs = [signed[1]!, signed[3]!, signed[5]!].filter((sign) => sign !== '');
  if (signs.length > (brackets ? 0 : 1)) return undefined;
  const thousands = decimal === '.' ? ',' : '.';
  const [whole = '', fraction = '', ...more] = signed[4]!.split(decimal);
  const grouped = whole.includes(thousands);
  if (more.length > 0 || fraction.includes(thousands) || (whole === '' && fraction === '')) return undefined;
  if (grouped && !/^\d{1,3}([.,]\d{3})+$/.test(whole)) return undefined;
  return makeDecimal(brackets !== null || signs[0] === '-', whole.replaceAll(thousands, ''), fraction);
}

export function negated(number: Decimal): Decimal {
  if (number.value === 0) return number;
  return { text: number.text.startsWith('-') ? number.text.slice(1) : `-${number.text}`, value: -number.value };
}

import { parseDecimal } from '../decimal.ts';
import { hasClass, namesOption } from './names.ts';
import { tableAdapter } from './table.ts';
import type { Facts } from './types.ts';

const first = (text: string): string => text.trim().split(/\s+/)[0] ?? '';

/**
 * Splits `BRK B BERKSHIRE HATHAWAY` into symbol and name; a second word is part of the symbol only for listed classes. Another letter
 * may be a class as well as the name's first word (`AOS A O SMITH`).
 */
function splitName(text: string): { readonly symbol: string; readonly name: string; readonly doubt?: string } {
  if (namesOption(text)) return { symbol: text.trim(), name: text.trim() };
  const [root = '', next = '', ...rest] = text.trim().split(/\s+/);
  if (hasClass(root, next)) return { symbol: `${root} ${next}`, name: rest.join(' ') };
  const split = { symbol: root, name: [next, ...rest].join(' ').trim() };
  return /^[A-Z]$/.test(next) ? { ...split, doubt: `"${text.trim()}" is read as ${root}; its ${next} may be a class of shares` } : split;
}

/** `$57.7950 03:27 PM ET` -> `$57.7950`. */
const bare = (text: string): string => (typeof parseDecimal(first(text), '.') === 'object' ? first(text) : text);

function clean(facts: Facts): Facts {
  const numbers = { quantity: bare(facts.quantity!), price: bare(facts.price ?? ''), value: bare(facts.value!) };
  if (facts.name === undefined) return { ...facts, ...numbers, ...splitName(facts.symbol!) };
  // Status text may follow the symbol: `JEPI !  Executed Buy`.
  return { ...facts, ...numbers, symbol: splitName(facts.symbol!).symbol };
}

/** Merrill Edge ExportData: until August 2026 symbol and description apart, since then in one column. */
export const merrill = tableAdapter({
  id: 'merrill',
  name: 'Merrill holdings',
  columns: { symbol: ['symbol', 'positions'], name: ['description'], quantity: ['quantity'], price: ['price'], value: ['value'] },
  required: ['symbol', 'quantity', 'price', 'value'],
  marks: [
    "day's price $ chg % chg",
    'cumulative investment return $',
    "day's value change $",
    'total client investment',
    'unrealized gain/loss $ chg % chg',
    'positions',
    "day's price change ($)",
    'cumulative investment return ($)',
    "day's value change ($)",
    'unrealized gain/loss ($)',
  ],
  title: /^Exported on: \d{2}\/\d{2}\/\d{4}/i,
  layout: (labels) => `Merrill holdings (${labels.has('positions') ? 'August 2026' : 'old'} labels)`,
  refuse: (labels) =>
    labels.has('unit cost') && labels.has('cost basis') && labels.has('unrealized gain/loss $ chg % chg')
      ? { code: 'lot_details', reason: 'this lists tax lots', fix: 'Export the holdings in the summary view, not by tax lot.' }
      : null,
  asOf: { pattern: /^Exported on: (.{8,40})/i, from: 'title' },
  account: (line) => /^Selected account\(s\): ?(.{1,80})/i.exec(line)?.[1] ?? null,
  special(facts) {
    const symbol = facts.symbol!.toLowerCase();
    if (symbol === 'balances') return { as: 'note', reason: 'balances follow' };
    if (/^(cash balance|money accounts?)$/.test(symbol))
      return { as: 'hold', facts: { ...facts, kind: 'cash', quantity: '', value: bare(facts.value!) } };
    if (symbol === 'pending activity') return { as: 'pending', value: bare(facts.value!) };
    if (symbol === 'total') return { as: 'total', value: bare(facts.value!) };
    const cleaned = clean(facts);
    // Bank deposit programs have a number of nine digits for a symbol.
    return {
      as: 'hold',
      facts: /^\d{9}$/.test(cleaned.symbol!) && /DEPOSIT|SWEEP/i.test(cleaned.name!) ? { ...cleaned, kind: 'cash' } : cleaned,
    };
  },
});

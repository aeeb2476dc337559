/** How a holdings file of an unknown layout is read: which column is what, and what its other lines are. */
import * as v from 'valibot';
import { account, strictObject, text } from './schemas.ts';

/** What a column of a holdings file can be. */
export const MAPPED_FIELDS = [
  ...[
    'symbol',
    'cusip',
    'isin',
    'name',
    'quantity',
    'price',
    'value',
    'weight',
    'currency',
    'account',
    'asOf',
    'side',
    'assetClass',
    'multiplier',
  ],
] as const;

/** Layouts of holdings files by id. */
export const HOLDINGS_LAYOUTS = {
  native: 'native columns',
  schwab: 'Charles Schwab',
  fidelity: 'Fidelity',
  'ibkr-flex-csv': 'Interactive Brokers Flex (CSV)',
  'ibkr-flex-xml': 'Interactive Brokers Flex (XML)',
  'ibkr-activity': 'Interactive Brokers activity statement',
  ofx: 'OFX / QFX',
  etrade: 'E*TRADE',
  vanguard: 'Vanguard',
  merrill: 'Merrill',
  jpm: 'J.P. Morgan',
  '13f': 'Form 13F information table',
  geneva: 'Geneva',
  tastytrade: 'tastytrade',
  thinkorswim: 'thinkorswim',
} as const;

const label = v.pipe(text(200), v.minLength(1));
const words = v.optional(v.pipe(v.array(v.pipe(text(200), v.trim(), v.minLength(1))), v.maxLength(50)));

export const holdingsMapping = strictObject({
  /** Heading of the column per field, as in the file; capitals, blanks and marks behind it do not matter. */
  columns: v.pipe(
    strictObject({
      symbol: v.optional(label),
      cusip: v.optional(label),
      isin: v.optional(label),
      name: v.optional(label),
      /** Positions are told by their quantity, else their value, else their weight in an amount that is asked for. */
      quantity: v.optional(label),
      price: v.optional(label),
      value: v.optional(label),
      weight: v.optional(label),
      currency: v.optional(label),
      account: v.optional(label),
      asOf: v.optional(label),
      side: v.optional(label),
      assetClass: v.optional(label),
      multiplier: v.optional(label),
    }),
    v.check(({ quantity, value, weight }) => Boolean(quantity ?? value ?? weight), 'a column of quantities, values or weights is needed'),
  ),
  /** For files of one account or currency that do not say so. */
  account: v.optional(account),
  currency: v.optional(v.pipe(v.string(), v.regex(/^[A-Z]{3}$/, 'a currency such as USD'))),
  delimiter: v.optional(v.picklist([',', ';', '\t', '|'] as const)),
  decimal: v.optional(v.picklist(['.', ','] as const)),
  encoding: v.optional(v.picklist(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const)),
  /** Lines whose first filled cell begins so: totals, cash (the value is the amount), and lines that are neither. */
  totals: words,
  cash: words,
  skip: words,
  /** A line that begins so ends the table. */
  stop: words,
});
export type HoldingsMapping = v.InferOutput<typeof holdingsMapping>;

/** The first lines of a file, for choosing its columns by hand. */
export interface FileLook {
  readonly sheet: string | null;
  readonly delimiter: string;
  /** At most 40 lines of at most 60 cells. */
  readonly rows: readonly { readonly line: number; readonly cells: readonly string[] }[];
  /** The line that most looks like the header, and what its columns seem to be. */
  readonly header: number | null;
  readonly guess: Readonly<Partial<Record<(typeof MAPPED_FIELDS)[number], string>>>;
}

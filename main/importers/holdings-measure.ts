/** What positions of a file are told by. */

/** The first that a file has a column for counts. */
export const MEASURES = ['quantity', 'market_value', 'weight'] as const;
export type Measure = (typeof MEASURES)[number];

/** An empty cell of each. */
export const MISSING: Readonly<Record<Measure, { readonly reason: string; readonly fix: string }>> = {
  quantity: {
    reason: 'the quantity is missing (an empty cell is not 0 shares)',
    fix: 'Fill in the number of shares, negative for a short.',
  },
  market_value: { reason: 'the market value is missing', fix: 'Fill in what the position is worth, negative for a short.' },
  weight: { reason: 'the weight is missing', fix: 'Fill it in, negative for a short; 0 for what is not held.' },
};

export const nounOf = (measure: Measure): string => measure.replace('_', ' ');

const PERCENT = /\s*%$/;
export const isPercent = (text: string): boolean => PERCENT.test(text);
export const withoutPercent = (text: string): string => text.replace(PERCENT, '');

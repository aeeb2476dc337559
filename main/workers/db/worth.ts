/** Shares of positions of which a holdings file tells what they are worth and not how many they are (MODEL.md 10). */
import type { Workspace } from '../../../db/index.ts';
import type { BookLine } from './book-lines.ts';
import type { Master } from './master.ts';
import { isForeign } from './position-value.ts';
import { rememberedQuotes, type Quote } from './quotes.ts';

/** How many shares a value stood for on the day of its snapshot. */
export interface Worth {
  /** Signed, shares of that day. */
  readonly shares: number;
  /** What the value was divided by, of `day`. */
  readonly price: number;
  readonly day: number;
  readonly source: Quote['source'] | 'file';
}

/** Whether a line tells a value alone. */
export const tellsValue = ({ disposition, quantity, marketValue }: Pick<BookLine, 'disposition' | 'quantity' | 'marketValue'>): boolean =>
  disposition === 'position' && quantity === null && marketValue !== null;

/**
 * For lines that tell a value alone: their shares at the file's own price above 0, else at the last close at or before the day of their
 * snapshot, as known on `knownOn` or on that day, whichever is later. A line without either has none. `securityOf`: by place in `lines`.
 */
export function sharesOfValues(
  ws: Workspace,
  master: Master,
  basis: { readonly revision: number; readonly knownAsOf: number },
  knownOn: number,
  lines: readonly BookLine[],
  securityOf: readonly (number | null)[],
): Map<BookLine, Worth> {
  const found = new Map<BookLine, Worth>();
  const open = new Map<number, Map<BookLine, number>>();
  lines.forEach((line, i) => {
    const security = securityOf[i] ?? null;
    if (!tellsValue(line) || security === null || isForeign(line)) return;
    const [value, own] = [Number(line.marketValue), line.price === null ? null : Number(line.price)];
    if (own !== null && own > 0) found.set(line, { shares: value / own, price: own, day: line.asOf, source: 'file' });
    else open.set(line.asOf, (open.get(line.asOf) ?? new Map<BookLine, number>()).set(line, security));
  });
  for (const [asOf, some] of open) {
    const quotes = rememberedQuotes(ws, master, basis, asOf, new Set(some.values()), Math.max(asOf, knownOn));
    for (const [line, security] of some) {
      const quote = quotes.get(security);
      if (!quote) continue;
      const price = quote.price / quote.splits(quote.day, asOf);
      found.set(line, { shares: Number(line.marketValue) / price, price, day: quote.day, source: quote.source });
    }
  }
  return found;
}

/** Scratch copies of a snapshot: other quantities, nothing stored. */
import type { BookLine } from './book-lines.ts';

/** The whole quantity of a ticker in an account, however its file spells it: its lots become one; 0 removes it; one that is not held is added. */
export interface PositionEdit {
  readonly account: string;
  readonly ticker: string;
  readonly quantity: number;
}

/** Securities by their numbers; null where nobody is meant. */
interface Meaning {
  readonly ofLine: (line: BookLine) => number | null;
  readonly ofTicker: (ticker: string) => number | null;
}

/** Lines with the edits of a scratch copy. An edited line has today's quantity: no split since the snapshot applies to it. */
export function editLines(lines: readonly BookLine[], edits: readonly PositionEdit[], meaning: Meaning): readonly EditedLine[] {
  let out: EditedLine[] = [...lines];
  edits.forEach(({ account, ticker, quantity }, i) => {
    const isHeld = (line: BookLine): boolean => line.disposition === 'position' && line.account === account;
    const isNamed = (line: BookLine): boolean => isHeld(line) && line.ticker.toUpperCase() === ticker.toUpperCase();
    const named = out.find(isNamed);
    const meant = named ? meaning.ofLine(named) : meaning.ofTicker(ticker);
    const same = (line: BookLine): boolean => isNamed(line) || (meant !== null && isHeld(line) && meaning.ofLine(line) === meant);
    const first = named ?? out.find(same);
    const empty = {
      line: -1 - i,
      disposition: 'position',
      account,
      ticker,
      symbolId: null,
      name: null,
      currency: null,
      kind: null,
    } as const;
    const edited = {
      ...(first ?? { ...lines[0]!, ...empty, cusip: null, isin: null }),
      quantity: String(quantity),
      price: null,
      marketValue: null,
      edited: true,
    };
    out = first ? out.flatMap((line) => (line === first ? [edited] : same(line) ? [] : [line])) : [...out, edited];
  });
  return out.filter((line) => !line.edited || Number(line.quantity) !== 0);
}

/** A line of a snapshot, or of its scratch copy. */
export type EditedLine = BookLine & { readonly edited?: boolean };

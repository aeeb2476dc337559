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

const byName = (account: string, ticker: string): string => `${account}\n${ticker.toUpperCase()}`;
const bySecurity = (account: string, id: number): string => `${account}\n\n${id}`;

/**
 * Lines with the edits of a scratch copy. An edited line has today's quantity: no split since the snapshot applies to it. Positions are found by
 * their names and securities: thousands of edits of thousands of lines are as many look-ups.
 */
export function editLines(
  lines: readonly BookLine[],
  edits: readonly PositionEdit[],
  { ofLine, ofTicker }: Meaning,
): readonly EditedLine[] {
  if (edits.length === 0) return lines;
  /** null: a lot that went into another line. */
  const out: (EditedLine | null)[] = [...lines];
  const ids: (number | null)[] = [];
  const places = new Map<string, number[]>();
  const note = (key: string, at: number): void => {
    const list = places.get(key);
    if (list) list.push(at);
    else places.set(key, [at]);
  };
  const place = ({ account, ticker }: BookLine, at: number, id: number | null): void => {
    ids[at] = id;
    note(byName(account, ticker), at);
    if (id !== null) note(bySecurity(account, id), at);
  };
  const found = (key: string): number[] => (places.get(key) ?? []).filter((at) => out[at] !== null);
  lines.forEach((line, at) => {
    if (line.disposition === 'position') place(line, at, ofLine(line));
  });
  edits.forEach(({ account, ticker, quantity }, i) => {
    const named = found(byName(account, ticker));
    const meant = named.length > 0 ? ids[named[0]!]! : ofTicker(ticker);
    const same = [...named, ...(meant === null ? [] : found(bySecurity(account, meant)))];
    const at = named[0] ?? (same.length > 0 ? Math.min(...same) : out.length);
    const before = out[at];
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
    for (const other of same) out[other] = null;
    const edited = {
      ...(before ?? { ...lines[0]!, ...empty, cusip: null, isin: null }),
      quantity: String(quantity),
      price: null,
      marketValue: null,
      edited: true,
    };
    out[at] = edited;
    if (!before) place(edited, at, meant);
  });
  return out.filter((line) => line !== null).filter((line) => !line.edited || Number(line.quantity) !== 0);
}

/** A line of a snapshot, or of its scratch copy. */
export type EditedLine = BookLine & { readonly edited?: boolean };

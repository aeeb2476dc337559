/** Accounts that look like one account under two names: a mask that changed, or the same account in two files. */
import { iso } from '../session.ts';

interface Position {
  readonly account: string;
  readonly ticker: string;
  readonly quantity: number | null;
  readonly disposition: string;
  readonly asOf: number;
}

/** Fewer equal positions than this may be chance. */
const LEAST = 3;

/** Pairs of accounts of different days or files with most of their positions equal to the share, one sentence each. */
export function twinAccounts(positions: readonly Position[]): string[] {
  const accounts = new Map<string, { readonly held: Set<string>; readonly asOf: number }>();
  for (const { account, ticker, quantity, disposition, asOf } of positions) {
    if (disposition !== 'position' || quantity === null) continue;
    const one = accounts.get(account) ?? { held: new Set<string>(), asOf };
    one.held.add(`${ticker.toUpperCase()} ${quantity}`);
    accounts.set(account, one);
  }
  const list = [...accounts].sort(([a], [b]) => (a < b ? -1 : 1));
  return list.flatMap(([a, one], i) =>
    list.slice(i + 1).flatMap(([b, other]) => {
      const equal = [...one.held].filter((held) => other.held.has(held)).length;
      if (equal < LEAST || equal <= Math.min(one.held.size, other.held.size) / 2) return [];
      return [
        `Accounts ${a || '(unnamed)'} (${iso(one.asOf)}) and ${b || '(unnamed)'} (${iso(other.asOf)}) hold ${equal} equal positions: if they are one account under two names, take one out of the book in the desk rules.`,
      ];
    }),
  );
}

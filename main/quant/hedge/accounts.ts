/** Which account trades what of an ETF when the book is hedged as one. */

/** Share counts read from files carry decimal noise; below this a holding counts as whole. */
const NOISE = 1e-6;

/** What an account holds of the ETF, shares, and what it may do. */
export interface AccountShares {
  readonly account: string;
  readonly hedge: number;
  /** Hedge and investment together. */
  readonly all: number;
  readonly mayShort: boolean;
  /** Gross value of the account, dollars: the largest one opens new positions. */
  readonly gross: number;
}

export interface SharedOut {
  /** Signed whole shares per account, none of them 0. */
  readonly trades: ReadonlyMap<string, number>;
  /** Signed shares no account can trade. */
  readonly rest: number;
}

/**
 * Hands out a signed whole-share trade: hedges of the other sign are reduced first, in every account, so that no account opens what
 * another one still holds the opposite of; the rest opens in the largest account that can, a short only where shorts are allowed and
 * nothing across zero from a fractional holding. What is still left is closed wherever there is something to close.
 */
export function shareOut(shares: number, accounts: readonly AccountShares[]): SharedOut {
  const trades = new Map<string, number>();
  const sign = Math.sign(shares);
  let left = Math.abs(shares);
  const give = (account: string, most: number): void => {
    const count = Math.min(left, most);
    if (count <= 0) return;
    trades.set(account, (trades.get(account) ?? 0) + sign * count);
    left -= count;
  };
  const bySize = [...accounts].sort((a, b) => b.gross - a.gross || (a.account < b.account ? -1 : 1));
  const opening = bySize.filter(({ mayShort }) => sign > 0 || mayShort);
  /** Whole shares the account can still trade without crossing zero. */
  const closable = ({ account, all }: AccountShares, held: number): number =>
    Math.max(0, Math.floor(Math.min(-sign * held, -sign * all) + NOISE) - Math.abs(trades.get(account) ?? 0));
  const isStuck = ({ all }: AccountShares): boolean => sign * all < 0 && Math.abs(all - Math.round(all)) > NOISE;
  const byName = [...accounts].sort((a, b) => (a.account < b.account ? -1 : 1));
  for (const one of byName) if (one !== opening[0]) give(one.account, closable(one, one.hedge));
  for (const one of opening) give(one.account, isStuck(one) ? closable(one, one.all) : left);
  for (const one of bySize) give(one.account, closable(one, one.all));
  return { trades, rest: left === 0 ? 0 : sign * left };
}

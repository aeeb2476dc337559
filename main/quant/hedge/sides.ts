/** Order sides from the position already held (Reg SHO marks; broker-formats D 10). */

type Side = 'BUY' | 'SELL' | 'SELL_SHORT' | 'BUY_TO_COVER';

interface SideOrder {
  readonly side: Side;
  /** Whole shares, at least 1. */
  readonly quantity: number;
}

export interface Sides {
  readonly orders: readonly SideOrder[];
  /** Signed shares that no whole-share order can trade without crossing zero; 0 for whole holdings. */
  readonly untraded: number;
}

/** Share counts read from files carry decimal noise; below this a holding counts as whole. */
const NOISE = 1e-6;

/**
 * Splits a signed whole-share trade where the holding crosses zero: SELL up to the long holding, the rest SELL_SHORT;
 * BUY_TO_COVER up to the short holding, the rest BUY. `held` is all the account holds of the ETF, investment included:
 * selling short while long is a wrong mark. With a fractional holding the part beyond zero is left untraded, because
 * its first share would cross zero.
 */
export function sides(trade: number, held: number): Sides {
  const size = Math.abs(trade);
  const opposite = trade < 0 ? Math.max(held, 0) : Math.max(-held, 0);
  const closing = Math.min(size, Math.floor(opposite + NOISE));
  const fractional = opposite - Math.floor(opposite + NOISE) > NOISE;
  const opening = fractional ? 0 : size - closing;
  const orders: SideOrder[] = [];
  if (closing > 0) orders.push({ side: trade < 0 ? 'SELL' : 'BUY_TO_COVER', quantity: closing });
  if (opening > 0) orders.push({ side: trade < 0 ? 'SELL_SHORT' : 'BUY', quantity: opening });
  const untraded = size - closing - opening;
  return { orders, untraded: untraded === 0 ? 0 : Math.sign(trade) * untraded };
}

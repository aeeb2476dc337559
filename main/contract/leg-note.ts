/** What a leg of a ticket has to say beside its numbers. */
import type { HedgeLeg, HedgeOrder, HedgeView } from './results.ts';

/**
 * Why a leg is not traded as the layers ask; else how its order stands to what is held of the ETF as an investment, which is no part of
 * `held` and makes a short hedge a sale instead of a short sale. null for neither. `shares` writes a count with its noun,
 * to as many decimals as it has (at most 4): holdings may be of part of a share.
 */
export function legNote(
  view: Pick<HedgeView, 'heldEtfs'>,
  leg: HedgeLeg,
  shares: (count: number, decimals: number) => string,
): string | null {
  if (leg.dropped !== null || leg.side === null) return leg.dropped;
  const held = view.heldEtfs.filter(({ etf, role }) => etf === leg.etf && role === 'investment').reduce((sum, one) => sum + one.shares, 0);
  if (held === 0) return null;
  const how = leg.side === 'SELL' ? 'sold from' : leg.side === 'BUY_TO_COVER' ? 'bought to cover' : 'beside';
  const exact = Number(held.toFixed(4));
  return `${how} ${shares(exact, String(exact).split('.')[1]?.length ?? 0)} held as an investment`;
}

/** Sides of the orders of a leg, its own first: one ETF may be covered and bought, or sold in one account and bought in another. */
export const sidesOf = ({ orders }: Pick<HedgeView, 'orders'>, { etf, side }: Pick<HedgeLeg, 'etf' | 'side'>): HedgeOrder['side'][] => [
  ...new Set([...(side === null ? [] : [side]), ...orders.filter(({ symbol }) => symbol === etf).map((order) => order.side)]),
];

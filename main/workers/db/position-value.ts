/** What a position is worth (MODEL.md 10). */
import type { PricedPosition } from './look-ups.ts';

/** In money that no price here is in. */
export const isForeign = ({ currency }: Pick<PricedPosition, 'currency'>): boolean => currency !== null && currency !== 'USD';

/** Quantity and price in force, both in shares of the book's day; what the file says where nobody knows how many shares that is. */
export const pricedValue = ({ price, quantity, splitFactor, fileValue, currency }: PricedPosition): number | null => {
  if (quantity === null) return isForeign({ currency }) ? null : fileValue;
  return price === null ? null : quantity * splitFactor * price;
};

/**
 * Dollars of a position that has no exposures. Of bonds and the like the file knows what they are worth, quantity times price may not (percent
 * of par); of cash the quantity is the amount. In other money it is no dollars.
 */
export function dollarsOf(position: PricedPosition): number | null {
  if (isForeign(position)) return null;
  const byFile = position.priceSource === 'file' || position.priceSource === null;
  const value = byFile ? (position.fileValue ?? pricedValue(position)) : pricedValue(position);
  return value ?? (position.disposition === 'cash' ? position.quantity : null);
}

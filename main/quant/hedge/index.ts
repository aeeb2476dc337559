export { hedgeTargets, investmentSlopes, netTrades } from './targets.ts';
export type { HedgePosition, LayerFractions, Level, Trade } from './targets.ts';
export { roundOrders } from './rounding.ts';
export type { RoundedLeg, Rounding, RoundingLeg, RoundingOptions } from './rounding.ts';
export { sides } from './sides.ts';
export type { Side, SideOrder, Sides } from './sides.ts';

export { alpha, bridge, residualPath, type Alpha, type Bridge, type DailyParts, type Parts } from './bridge.ts';
export { cumulativeSquares, effect, hedgedReturns, HEDGES, ROLLING, rollingSaved, type Effect, type HedgeKey } from './effectiveness.ts';
export { stretchOn, sumParts, weightedParts, type Earlier, type Period, type Stretch, type WeightedParts } from './weighted.ts';
export { correlation, type Correlation } from './correlation.ts';

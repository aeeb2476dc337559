export { alpha, bridge, residualPath, type DailyParts } from './bridge.ts';
export { cumulativeSquares, effect, hedgedReturns, HEDGES, ROLLING, rollingSaved } from './effectiveness.ts';
export { stretchOn, sumParts, weightedParts, type Earlier, type Period, type Stretch, type WeightedParts } from './weighted.ts';
export { correlation } from './correlation.ts';

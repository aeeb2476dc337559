export { bookExposure, weightedAggregate } from './exposure.ts';
export type { BookExposure, ExposedPosition } from './exposure.ts';
export { annual, contribution, covariance, historicalRisk, quadratic } from './risk.ts';
export type { HistoricalRisk } from './risk.ts';

export { bookExposure, weightedAggregate } from './exposure.ts';
export type { BookExposure, ExposedPosition } from './exposure.ts';
export { annual, contribution, covariance, historicalRisk, modelRisk, quadratic } from './risk.ts';
export type { Covariance, HistoricalRisk, ModelRisk } from './risk.ts';

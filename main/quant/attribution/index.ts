export { alpha, bridge, residualPath, type Alpha, type Bridge, type DailyParts, type Parts } from './bridge.ts';
export { correlation, type Correlation } from './correlation.ts';

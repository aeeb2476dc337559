export { riskSteps, type RiskState, type RiskSteps } from './change.ts';
export { decompose, type Contribution, type Decomposition, type RiskPosition } from './decompose.ts';
export { residualStructure, type ResidualStructure } from './residuals.ts';
export { spreadMoves } from './spread.ts';
export { YEAR } from './series.ts';

export { riskSteps, type RiskState, type RiskSteps } from './change.ts';
export { decompose, type Decomposition, type RiskPosition } from './decompose.ts';
export { residualStructure } from './residuals.ts';
export { spreadMoves } from './spread.ts';

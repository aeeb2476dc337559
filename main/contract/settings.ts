/** One settings record travels with every run and every stored number (MODEL.md 4). */
export interface EstimatorSettings {
  readonly preset: 'ols-252' | 'robust-held';
  /** Calendar rows in a window. */
  readonly window: number;
  /** Fewest rows on which a level is estimated. */
  readonly minObs: number;
  /** true: centred moments; false: raw second moments. */
  readonly intercept: boolean;
  /** Exponential half-life in calendar rows; null for equal weights. */
  readonly halfLife: number | null;
  /** `strict`: a row uses what was known at its own date; `corrected`: later corrections reach back (MODEL.md 8). */
  readonly knowledge: 'strict' | 'corrected';
  /** Source of returns (MODEL.md 1): `auto` prefers adjusted closes where both days have one. */
  readonly returns: 'auto' | 'adjusted' | 'raw';
  /** Classification schemes in order of preference; '' is a classification without a scheme. */
  readonly schemes: readonly string[];
  /** Universe whose membership masks the outputs (MODEL.md 8), such as `mc_500`; absent: no mask. Older runs have none. */
  readonly universe?: string;
}

export const OLS_252: EstimatorSettings = {
  preset: 'ols-252',
  window: 252,
  minObs: 126,
  intercept: true,
  halfLife: null,
  knowledge: 'strict',
  returns: 'auto',
  schemes: ['gics', 'yahoo', 'nasdaq', ''],
};

/** What each estimator setting is, in plain words. */
import type { EstimatorSettings } from '../../../main/contract/settings.ts';

type Key = Exclude<keyof EstimatorSettings, 'preset' | 'universe'>;

export const WORDS: Readonly<Record<Key, { readonly label: string; readonly words: string }>> = {
  window: {
    label: 'Window, trading days',
    words: 'How many days each regression looks back. Longer is steadier and slower to notice that a company has changed; 252 is a year.',
  },
  minObs: {
    label: 'Fewest rows',
    words:
      'With fewer days that have both returns, a level is not estimated: young listings then have market only, or nothing, and say so.',
  },
  halfLife: {
    label: 'Half-life, days',
    words: 'Empty: every day in the window counts the same. A number: a day that old counts half as much, so recent moves weigh more.',
  },
  intercept: {
    label: 'Intercept',
    words: 'On: a steady drift of the stock is set aside and hedge ratios explain the moves around it. Off: drift counts as exposure.',
  },
  loss: {
    label: 'Loss',
    words: 'Squares: every move counts by its square, so one wild day can pull the slope. Huber: wild days count less.',
  },
  huberC: { label: 'Huber’s c', words: 'How many typical residuals away a day is wild. Smaller calms more; only with Huber’s loss.' },
  refresh: {
    label: 'Refresh',
    words: 'Daily: new hedge ratios every day. Month-end: those of the last session of a month are held until the next: less to trade.',
  },
  chain: {
    label: 'Chain',
    words: 'Same window: each level is cleaned within the window. Realised: levels 2 and 3 explain what the held hedges really left over.',
  },
  shrink: {
    label: 'Shrink',
    words: 'Vasicek: sector and subsector slopes are drawn towards those of the industry, more where they are uncertain.',
  },
  riskShares: {
    label: 'Risk shares',
    words: 'Explained shares add up to the whole for least squares in one window; otherwise variance is removed level by level.',
  },
  knowledge: {
    label: 'Corrections',
    words: 'Strict: each day is computed with what was known on it, as a back-test must be. Corrected: later corrections reach back.',
  },
  returns: {
    label: 'Returns from',
    words: 'Automatic: adjusted closes where both days have one, else raw closes with splits and dividends of the actions file.',
  },
  schemes: {
    label: 'Classifications',
    words: 'Which classification decides the sector and subsector ETF, first choice first. (none) is a file without a scheme.',
  },
};

/** Choices of a setting that has a few, with how they read. */
export const CHOICES = {
  loss: { squares: 'squares', huber: 'Huber' },
  refresh: { daily: 'daily', 'month-end': 'month-end, held' },
  chain: { 'same-window': 'same window', realised: 'realised' },
  shrink: { none: 'none', vasicek: 'Vasicek' },
  riskShares: { explained: 'explained', removed: 'removed' },
  knowledge: { strict: 'strict', corrected: 'corrected' },
  returns: { auto: 'automatic', adjusted: 'adjusted closes only', raw: 'raw closes and actions' },
} as const;

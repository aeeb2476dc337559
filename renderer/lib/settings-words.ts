/** Estimator settings in a few words. */
import type { EstimatorSettings } from '../../main/contract/settings.ts';

export function settingsWords(settings: EstimatorSettings): string {
  const { window, minObs, halfLife, intercept, loss, huberC, refresh, chain, shrink, knowledge, returns, universe } = settings;
  return [
    `${window} days, at least ${minObs}`,
    halfLife === null ? 'equal weights' : `half-life ${halfLife} days`,
    intercept ? 'with intercept' : 'without intercept',
    ...(loss === 'huber' ? [`Huber’s loss, c ${huberC}`] : []),
    ...(refresh === 'month-end' ? ['held from month-end'] : []),
    ...(chain === 'realised' ? ['realised chain'] : []),
    ...(shrink === 'vasicek' ? ['shrunk towards the industry'] : []),
    knowledge === 'strict' ? 'each row as known on its day' : 'later corrections reach back',
    { auto: 'adjusted returns where there are', adjusted: 'adjusted returns only', raw: 'returns from raw closes' }[returns],
    ...(universe === undefined ? [] : [`in the universe ${universe}`]),
  ].join(', ');
}

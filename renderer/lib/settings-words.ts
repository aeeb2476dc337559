/** Estimator settings in a few words. */
import { plainWord, type EstimatorSettings } from '../../main/contract/settings.ts';
import { fixed } from './format.ts';

/** What sets an estimator apart from least squares of every day. */
const apart = ({ loss, huberC, refresh, chain, shrink }: EstimatorSettings): string[] => [
  ...(loss === 'huber' ? [`Huber’s loss, c ${huberC}`] : []),
  ...(refresh === 'month-end' ? ['held from month-end'] : []),
  ...(chain === 'realised' ? ['realised chain'] : []),
  ...(shrink === 'vasicek' ? ['shrunk towards the industry'] : []),
];

/** What tells presets from each other. */
export const presetWords = (settings: EstimatorSettings): string =>
  [`${settings.window} days`, ...(settings.halfLife === null ? [] : [`half-life ${settings.halfLife}`]), ...apart(settings)].join(', ');

export function settingsWords(settings: EstimatorSettings): string {
  const { window, minObs, halfLife, intercept, knowledge, returns, universe } = settings;
  return [
    `${window} days, at least ${minObs}`,
    halfLife === null ? 'equal weights' : `half-life ${halfLife} days`,
    intercept ? 'with intercept' : 'without intercept',
    ...apart(settings),
    knowledge === 'strict' ? 'each row as known on its day' : 'later corrections reach back',
    { auto: 'adjusted returns where there are', adjusted: 'adjusted returns only', raw: 'returns from raw closes' }[returns],
    ...(universe === undefined ? [] : [`in the universe ${universe}`]),
  ].join(', ');
}

/** A setting as a screen writes it. */
export const settingWord = (value: unknown): string =>
  Array.isArray(value)
    ? value.map((item) => item || '(none)').join(', ')
    : typeof value === 'number'
      ? fixed(value, Number.isInteger(value) ? 0 : 2)
      : plainWord(value);

const NAMES: Partial<Record<keyof EstimatorSettings, string>> = {
  minObs: 'fewest rows',
  halfLife: 'half-life',
  huberC: 'Huber’s c',
  riskShares: 'risk shares',
};
/** The name of a setting within a sentence. */
export const settingName = (key: keyof EstimatorSettings): string => NAMES[key] ?? key;

/** Every setting that one of the two has. */
export const settingKeys = (a: EstimatorSettings, b: EstimatorSettings): (keyof EstimatorSettings)[] =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])] as (keyof EstimatorSettings)[];

/** Most differences that are named. */
const NAMED = 3;

/** What differs between two settings, such as "window 252 → 504"; '' where nothing does. */
export function changeWords(from: EstimatorSettings, to: EstimatorSettings): string {
  const changed = settingKeys(from, to)
    .map((key) => [key, settingWord(from[key]), settingWord(to[key])] as const)
    .filter(([, before, after]) => before !== after);
  const named = changed.slice(0, NAMED).map(([key, before, after]) => `${settingName(key)} ${before} → ${after}`);
  return [...named, ...(changed.length > NAMED ? [`${changed.length - NAMED} more`] : [])].join(', ');
}

/** One settings record travels with every run and every stored number (MODEL.md 4). */
export const PRESETS = ['ols-252', 'robust-held'] as const;
export type PresetName = (typeof PRESETS)[number];

export interface EstimatorSettings {
  readonly preset: PresetName;
  /** Calendar rows in a window. */
  readonly window: number;
  /** Fewest rows on which a level is estimated. */
  readonly minObs: number;
  /** true: centred moments; false: raw second moments. */
  readonly intercept: boolean;
  /** Exponential half-life in calendar rows; null for equal weights. */
  readonly halfLife: number | null;
  readonly loss: 'squares' | 'huber';
  /** Huber's c, over 1; the scale is solved jointly with the slope. No part of `squares`. */
  readonly huberC: number;
  /** `month-end`: slopes of the last session of a month, in force until the next one. */
  readonly refresh: 'daily' | 'month-end';
  /** `realised`: levels 2 and 3 regress what the slopes in force left on past days. */
  readonly chain: 'same-window' | 'realised';
  /** `vasicek`: slopes of levels 2 and 3 are drawn towards those of the industry. */
  readonly shrink: 'none' | 'vasicek';
  /** `explained`: MODEL.md 6, adds up for least squares in one window only. `removed`: variance removed level by level. */
  readonly riskShares: 'explained' | 'removed';
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
  loss: 'squares',
  huberC: 1.1,
  refresh: 'daily',
  chain: 'same-window',
  shrink: 'none',
  riskShares: 'explained',
  knowledge: 'strict',
  returns: 'auto',
  schemes: ['gics', 'yahoo', 'nasdaq', ''],
};

export const ROBUST_HELD: EstimatorSettings = {
  ...OLS_252,
  preset: 'robust-held',
  intercept: false,
  halfLife: 63,
  loss: 'huber',
  refresh: 'month-end',
  chain: 'realised',
  riskShares: 'removed',
};

export const PRESET_SETTINGS: Readonly<Record<PresetName, EstimatorSettings>> = { 'ols-252': OLS_252, 'robust-held': ROBUST_HELD };

/** Settings as an older version stored them, with what it did not know yet. */
export const storedSettings = (stored: Partial<EstimatorSettings>): EstimatorSettings => ({ ...OLS_252, ...stored });

/** Shares of MODEL.md 6 add up to 1 for unshrunk least squares in one window; anything else removes variance level by level. */
export const sharesAddUp = ({ loss, chain, shrink }: Pick<EstimatorSettings, 'loss' | 'chain' | 'shrink'>): boolean =>
  loss === 'squares' && chain === 'same-window' && shrink === 'none';

/** A setting that is no list in a word. */
export const plainWord = (value: unknown): string =>
  value === null || value === undefined ? 'none' : typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value as string);

const settingWord = (value: unknown): string => (Array.isArray(value) ? value.join(':') : plainWord(value));

/** The settings that differ from those of their preset. */
export function changedKeys(settings: EstimatorSettings): (keyof EstimatorSettings)[] {
  const base = PRESET_SETTINGS[settings.preset];
  return (Object.keys(settings) as (keyof EstimatorSettings)[]).filter(
    (key) => key !== 'preset' && settingWord(settings[key]) !== settingWord(base[key]),
  );
}

/** How settings differ from their preset, as `key=value` of the command line; empty for the preset as it stands. */
export const changedSettings = (settings: EstimatorSettings): string[] =>
  changedKeys(settings).map((key) => `${key}=${settingWord(settings[key])}`);

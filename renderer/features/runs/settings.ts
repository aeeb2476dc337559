/** Estimator settings while they are being edited: numbers may be missing. */
import { PRESET_SETTINGS, sharesAddUp, type EstimatorSettings, type PresetName } from '../../../main/contract/settings.ts';

type Numbers = 'window' | 'minObs' | 'huberC';
export type Draft = { -readonly [K in keyof EstimatorSettings]: EstimatorSettings[K] } & Record<Numbers, number | null>;
type Loose = Omit<EstimatorSettings, Numbers> & { readonly [K in Numbers]: number | null };

const rows = (value: number | null): boolean => value !== null && Number.isInteger(value) && value >= 5 && value <= 5040;

/** Why a draft cannot run; null when it can. */
export function problemOf(draft: Loose): string | null {
  if (!rows(draft.window)) return 'The window is a whole number from 5 to 5,040.';
  if (!rows(draft.minObs)) return 'The fewest rows is a whole number from 5 to 5,040.';
  if ((draft.minObs ?? 0) > (draft.window ?? 0)) return 'The fewest rows cannot be more than the window.';
  if (draft.halfLife !== null && !(draft.halfLife >= 1 && draft.halfLife <= 10_000))
    return 'The half-life is between 1 and 10,000 rows, or empty for equal weights.';
  if (draft.loss === 'huber' && !((draft.huberC ?? 0) > 1 && (draft.huberC ?? 0) <= 10)) return 'Huber’s c is over 1 and at most 10.';
  if (draft.shrink === 'vasicek' && draft.chain !== 'realised') return 'Shrinking needs the realised chain.';
  return null;
}

/** A draft without problems as settings of a run. */
export function settingsOfDraft(draft: Loose): EstimatorSettings {
  const { huberC } = PRESET_SETTINGS[draft.preset];
  const settings = { ...draft, huberC: draft.loss === 'huber' ? draft.huberC : huberC } as EstimatorSettings;
  return sharesAddUp(settings) ? settings : { ...settings, riskShares: 'removed' };
}

export const draftOf = (preset: PresetName): Draft => ({ ...PRESET_SETTINGS[preset] });

/** The settings of the estimator alone, without those that decide which returns there are. */
export function estimatorOf(settings: EstimatorSettings): Omit<EstimatorSettings, 'knowledge' | 'returns' | 'schemes' | 'universe'> {
  const { preset, window, minObs, intercept, halfLife, loss, huberC, refresh, chain, shrink, riskShares } = settings;
  return { preset, window, minObs, intercept, halfLife, loss, huberC, refresh, chain, shrink, riskShares };
}

/** A draft in a universe; '' = everybody. */
export function withUniverse({ universe: _, ...draft }: Draft, name: string): Draft {
  return name === '' ? draft : { ...draft, universe: name };
}

/** Settings in a line: the preset and what was changed of it. */
import { changedSettings, type EstimatorSettings } from '../contract/settings.ts';

export function settingsText(settings: EstimatorSettings): string {
  const changed = changedSettings(settings).filter((pair) => !/^(window|universe)=/.test(pair));
  return changed.length ? `${settings.preset} with ${changed.join(' ')}` : settings.preset;
}

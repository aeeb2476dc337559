/** Settings from text and from patches, checked against MODEL.md's ranges. */
import * as v from 'valibot';
import { HedgerowError } from '../contract/errors.ts';
import { settingsPatch } from '../contract/schemas-settings.ts';
import { PRESET_SETTINGS, sharesAddUp, type EstimatorSettings } from '../contract/settings.ts';

const usage = (message: string): HedgerowError => new HedgerowError('usage', message, 'See "run --help" for the settings.');

/** One `key=value` of the command line as a settings patch. */
export function parseSetting(pair: string): Partial<EstimatorSettings> {
  const cut = pair.indexOf('=');
  const key = pair.slice(0, cut).trim();
  const raw = pair.slice(cut + 1).trim();
  if (cut < 1 || raw === '') throw usage(`"${pair}" is not key=value.`);
  const yes = { yes: true, true: true, no: false, false: false }[raw.toLowerCase()];
  const values: Record<string, unknown> = {
    preset: raw,
    window: Number(raw),
    minObs: Number(raw),
    intercept: yes,
    halfLife: raw === 'none' ? null : Number(raw),
    loss: raw,
    huberC: Number(raw),
    refresh: raw,
    chain: raw,
    shrink: raw,
    riskShares: raw,
    knowledge: raw,
    returns: raw,
    schemes: raw.split(':'),
  };
  if (!(key in values)) throw usage(`There is no setting "${key}"; settings are ${Object.keys(values).join(', ')}.`);
  const parsed = v.safeParse(settingsPatch, { [key]: values[key] });
  if (!parsed.success || values[key] === undefined)
    throw usage(`"${raw}" is not a value for ${key}${parsed.issues ? `: ${parsed.issues[0].message}` : ''}.`);
  return parsed.output as Partial<EstimatorSettings>;
}

/**
 * The full record of a patch over its preset. Shares that cannot add up under the rest of the settings give way to variance removed, unless
 * the patch asks for them: then it is a usage error.
 */
export function completeSettings(patch: Partial<EstimatorSettings> = {}): EstimatorSettings {
  const merged: EstimatorSettings = { ...PRESET_SETTINGS[patch.preset ?? 'ols-252'], ...patch };
  if (patch.riskShares === 'explained' && !sharesAddUp(merged))
    throw usage(
      'riskShares=explained adds up to 1 only with loss=squares, chain=same-window and shrink=none; leave riskShares out or set it to removed.',
    );
  const settings: EstimatorSettings = sharesAddUp(merged) ? merged : { ...merged, riskShares: 'removed' };
  if (settings.shrink === 'vasicek' && settings.chain !== 'realised')
    throw usage('shrink=vasicek draws the slopes of chain=realised to their peers; add chain=realised.');
  if (settings.minObs > settings.window) throw usage(`minObs (${settings.minObs}) is larger than the window (${settings.window}).`);
  return settings;
}

/** Named estimator settings of a workspace, after those that come with the program. */
import { HedgerowError } from '../../contract/errors.ts';
import type { Preset } from '../../contract/results-workbench.ts';
import { changedKeys, OLS_252, ROBUST_HELD, type EstimatorSettings } from '../../contract/settings.ts';
import { completeSettings } from '../settings.ts';
import type { Session } from '../session.ts';

const KEY = 'settingsPresets';
const MOST = 50;

const SHIPPED: readonly Preset[] = [
  { name: 'ols-252', own: false, settings: OLS_252 },
  { name: 'robust-held', own: false, settings: ROBUST_HELD },
  { name: 'one year, half-life 63', own: false, settings: { ...OLS_252, halfLife: 63 } },
  { name: 'two years', own: false, settings: { ...OLS_252, window: 504, minObs: 252 } },
  { name: 'six months', own: false, settings: { ...OLS_252, window: 126, minObs: 63 } },
];

async function own(session: Session): Promise<Preset[]> {
  const { meta } = await session.reader.call('state', null);
  const stored = meta[KEY];
  if (typeof stored !== 'object' || stored === null) return [];
  return Object.entries(stored as Record<string, EstimatorSettings>).map(([name, settings]) => ({ name, own: true, settings }));
}

export async function listPresets(session: Session): Promise<Preset[]> {
  return [...SHIPPED, ...(await own(session))];
}

/**
 * A preset, of the program or of the workspace, as a patch that further settings may be laid over: only what it changes of its base.
 * Capitals do not matter. Rejects with usage for another name.
 */
export async function presetPatch(session: Session, name: string): Promise<Partial<EstimatorSettings>> {
  const all = await listPresets(session);
  const settings = all.find((preset) => preset.name.toLowerCase() === name.toLowerCase())?.settings;
  if (!settings)
    throw new HedgerowError('usage', `There is no preset "${name}".`, `Choose one of: ${all.map((preset) => preset.name).join('; ')}.`);
  return { preset: settings.preset, ...Object.fromEntries(changedKeys(settings).map((key) => [key, settings[key]])) };
}

async function keep(session: Session, presets: readonly Preset[]): Promise<Preset[]> {
  const value = Object.fromEntries(presets.map(({ name, settings }) => [name, settings]));
  await session.writer.call('setMeta', { key: KEY, value });
  return [...SHIPPED, ...presets];
}

/** Keeps settings under a name, replacing an own preset of that name. Rejects with usage for a name of the program or bad settings. */
export async function savePreset(session: Session, name: string, patch: Partial<EstimatorSettings>): Promise<Preset[]> {
  if (SHIPPED.some((preset) => preset.name === name))
    throw new HedgerowError('usage', `"${name}" is a preset of the program.`, 'Choose another name.');
  const rest = (await own(session)).filter((preset) => preset.name !== name);
  if (rest.length >= MOST) throw new HedgerowError('usage', `There are ${MOST} presets already.`, 'Delete one first.');
  return keep(session, [...rest, { name, own: true, settings: completeSettings(patch) }]);
}

export async function deletePreset(session: Session, name: string): Promise<Preset[]> {
  const all = await own(session);
  const rest = all.filter((preset) => preset.name !== name);
  if (rest.length === all.length)
    throw new HedgerowError('not_found', `There is no own preset "${name}".`, 'The presets of the program stay.');
  return keep(session, rest);
}

/** Presets of the open workspace, as the context bar, the runs and the settings show them. */
import type { Input } from '../../main/contract/methods.ts';
import type { Preset } from '../../main/contract/results-workbench.ts';
import { call } from './api.ts';
import { makeEdit } from './edits.svelte.ts';

export const presets = $state<{ list: readonly Preset[] }>({ list: [] });

export async function loadPresets(): Promise<void> {
  presets.list = await call('presets.list', {}).catch(() => presets.list);
}

type Settings = Input<'presets.save'>['settings'];
const plain = (settings: Preset['settings']): Settings => ({ ...settings, schemes: [...settings.schemes] }) as Settings;

/** Keeps settings under a name; what an own preset of that name was comes back with an undo. */
export async function savePreset(name: string, settings: Settings): Promise<void> {
  const before = presets.list.find((preset) => preset.own && preset.name === name);
  const save = async (of: Settings): Promise<void> => {
    presets.list = await call('presets.save', { name, settings: of });
  };
  const remove = async (): Promise<void> => {
    presets.list = await call('presets.delete', { name });
  };
  await makeEdit(
    `preset ${name}`,
    () => save(settings),
    () => (before ? save(plain(before.settings)) : remove()),
  );
}

export async function deletePreset(preset: Preset): Promise<void> {
  const { name } = preset;
  await makeEdit(
    `deletion of the preset ${name}`,
    async () => void (presets.list = await call('presets.delete', { name })),
    async () => void (presets.list = await call('presets.save', { name, settings: plain(preset.settings) })),
  );
}

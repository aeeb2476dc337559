/** How this person likes the screens. Kept by the program: the address of the browser shell, and with it its own storage, changes at each start. */
import { call } from './api.ts';

const kept = $state<Record<string, string>>({});
// Nothing on a screen depends on it.
// eslint-disable-next-line svelte/prefer-svelte-reactivity
const asking = new Map<string, number>();
const listeners: (() => void)[] = [];

/** Before the first screen is shown, and when choices of other windows may have been missed; without an answer everything stays. */
export async function loadPreferences(): Promise<void> {
  const all = await call('preferences.get', {}).catch(() => ({}));
  for (const [key, value] of Object.entries(all)) hearPreference(key, value);
}

/** `listener` is called when another window chose something. */
export const onPreference = (listener: () => void): void => void listeners.push(listener);

export const preference = (key: string): string | undefined => kept[key];

export function keepPreference(key: string, value: string): void {
  kept[key] = value;
  asking.set(key, (asking.get(key) ?? 0) + 1);
  // A choice that cannot be kept still holds until the window closes.
  void call('preferences.set', { key, value })
    .catch(() => undefined)
    .finally(() => asking.set(key, asking.get(key)! - 1));
}

/** What the program keeps now. While a choice of this window is on its way there, that is the later one. */
export function hearPreference(key: string, value: string): void {
  if ((asking.get(key) ?? 0) > 0 || kept[key] === value) return;
  kept[key] = value;
  for (const listener of listeners) listener();
}

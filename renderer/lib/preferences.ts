/** How this person likes the screens. Kept by the program: the address of the browser shell, and with it its own storage, changes at each start. */
import { call } from './api.ts';

const kept: Record<string, string> = {};

/** Before the first screen is shown; without an answer everything has its default. */
export async function loadPreferences(): Promise<void> {
  Object.assign(kept, await call('preferences.get', {}).catch(() => ({})));
}

export const preference = (key: string): string | undefined => kept[key];

export function keepPreference(key: string, value: string): void {
  kept[key] = value;
  // A choice that cannot be kept still holds until the window closes.
  void call('preferences.set', { key, value }).catch(() => undefined);
}

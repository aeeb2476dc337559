/** Light, dark or the system's choice; the root element always carries the resolved one. */
import { keepPreference, preference } from './preferences.svelte.ts';

export type ThemeChoice = 'light' | 'dark' | 'system';

const KEY = 'theme';
const system = window.matchMedia('(prefers-color-scheme: dark)');

/** Of tokens, as the theme in force has them. */
// Nothing on a screen depends on it.
// eslint-disable-next-line svelte/prefer-svelte-reactivity
const colours = new Map<string, string>();

export const theme = $state<{ choice: ThemeChoice; resolved: 'light' | 'dark' }>({ choice: 'system', resolved: 'light' });

function apply(): void {
  theme.resolved = theme.choice === 'system' ? (system.matches ? 'dark' : 'light') : theme.choice;
  document.documentElement.dataset['theme'] = theme.resolved;
  colours.clear();
}

export function followSystemTheme(): void {
  system.addEventListener('change', apply);
  window.matchMedia('(prefers-contrast: more)').addEventListener('change', () => colours.clear());
  apply();
}

/** To be called once the preferences are loaded, and when another window chose some. */
export function followKeptTheme(): void {
  const kept = preference(KEY);
  theme.choice = kept === 'light' || kept === 'dark' ? kept : 'system';
  apply();
}

export function chooseTheme(choice: ThemeChoice): void {
  theme.choice = choice;
  keepPreference(KEY, choice);
  apply();
}

/** A token's colour now, for canvas drawing. Kept: a page that is asked for a style while it is being built works out all styles at once. */
export function token(name: string): string {
  let colour = colours.get(name);
  if (colour === undefined) colours.set(name, (colour = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()));
  return colour;
}
